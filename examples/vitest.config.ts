import { defineProject } from "vitest/config"
import { patient } from "../vitest.config.ts"

export default defineProject({
  test: { name: "examples", include: ["{test,readme}/**/*.test.ts"], ...patient }
})
