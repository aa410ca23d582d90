import { defineProject } from "vitest/config"
import { patient } from "../../vitest.config.ts"

// Core has no state of its own between tests, so its modules are loaded once for a worker and not once for a file.
export default defineProject({
  test: { name: "core", include: ["test/**/*.test.ts"], ...patient, isolate: false }
})
