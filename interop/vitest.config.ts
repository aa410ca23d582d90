import { defineProject } from "vitest/config"

/** Everything that needs a broker to talk to; group consumers only when asked for. */
export default defineProject({
  test: {
    name: "interop",
    globalSetup: ["src/globalSetup.ts"],
    include: process.env["INTEROP_ONLY"] === undefined ? ["test/**/*.test.ts"] : [process.env["INTEROP_ONLY"]],
    exclude: process.env["INTEROP_GROUPS"] === "0" ? ["test/groups/**"] : [],
    // One broker serves all suites: a failing suite is easier to read when it was alone with it.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000
  }
})
