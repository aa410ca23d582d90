import { defineProject } from "vitest/config"
import { patient } from "../../vitest.config.ts"

export default defineProject({
  test: { name: "node-server", include: ["test/**/*.test.ts"], ...patient }
})
