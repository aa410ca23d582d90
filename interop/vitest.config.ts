import { defineProject } from "vitest/config"

/** Everything that needs a broker to talk to; groups that live through restarts only when asked for. */
export default defineProject({
  test: {
    name: "interop",
    globalSetup: ["src/globalSetup.ts"],
    include: process.env["INTEROP_ONLY"] === undefined ? ["test/**/*.test.ts"] : [process.env["INTEROP_ONLY"]],
    exclude: process.env["INTEROP_LIVES"] === "0" && process.env["INTEROP_ONLY"] === undefined
      ? ["test/groups/lives.test.ts"]
      : [],
    // One broker serves all suites: a failing suite is easier to read when it was alone with it.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000
  }
})
