import { defineProject } from "vitest/config"

export default defineProject({
  test: { name: "examples", include: ["{test,readme}/**/*.test.ts"] }
})
