import { defineProject } from "vitest/config"

/** What must be true of the repository as a whole: generated pages, examples in the documentation. */
export default defineProject({
  test: { name: "repository", include: ["test/**/*.test.ts"] }
})
