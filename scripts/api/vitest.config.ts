import { defineProject } from "vitest/config"

/** What the packages export; apart, as it waits for the declaration files of all of them. */
export default defineProject({
  test: { name: "api", include: ["test/**/*.test.ts"], testTimeout: 120_000 }
})
