import { defineProject } from "vitest/config"
import { patient } from "../../vitest.config.ts"

export default defineProject({
  test: { name: "testkit", include: ["test/**/*.test.ts"], ...patient }
})
