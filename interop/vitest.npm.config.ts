import { defineProject } from "vitest/config"

/** The clients that come from npm: they need nothing but the repository, so they belong to the root test command. */
export default defineProject({
  test: {
    name: "interop-npm",
    globalSetup: ["src/globalSetup.ts"],
    include: ["test/npm/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
})
