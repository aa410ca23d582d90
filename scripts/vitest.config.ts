import { defineProject } from "vitest/config"
import { patient } from "../vitest.config.ts"

/** What must be true of the repository as a whole: generated pages, examples in the documentation. */
export default defineProject({
  test: { name: "repository", include: ["test/**/*.test.ts"], ...patient }
})
