import { defineConfig } from "vitest/config"

/** Time limits end a test that hangs; no test is to pass or fail by the speed of the machine. */
export const patient = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      "packages/*/vitest.config.ts",
      "examples/vitest.config.ts",
      "scripts/vitest.config.ts",
      "scripts/api/vitest.config.ts",
      "interop/vitest.npm.config.ts"
    ]
  }
})
