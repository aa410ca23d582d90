import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import packageJson from "../package.json" with { type: "json" }
import { refusedNodeVersion } from "../src/nodeVersion.ts"

describe("refusedNodeVersion", { timeout: 60_000 }, () => {
  it("takes what package.json promises, and says of older ones what is needed", () => {
    const [major, minor] = packageJson.engines.node.replace(">=", "").split(".").map(Number)
    assert.isUndefined(refusedNodeVersion(`${major}.${minor}.0`))
    assert.isUndefined(refusedNodeVersion(`${major! + 1}.0.0`))
    for (const old of [`${major}.${minor! - 1}.9`, `${major! - 1}.99.0`, "v18.20.1"]) {
      assert.match(
        refusedNodeVersion(old)!,
        /^kafka-broker: this is Node\.js v?\d+\.\d+\.\d+; it needs 22\.15 or newer/
      )
    }
  })

  it("is asked before anything else of the binary is loaded", () => {
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
    const pretend = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.0.0' })"
    const { status, stderr } = spawnSync(process.execPath, ["--import", pretend, main, "version"], { encoding: "utf8" })
    assert.strictEqual(
      stderr,
      "kafka-broker: this is Node.js 20.0.0; it needs 22.15 or newer (see https://nodejs.org)\n"
    )
    assert.strictEqual(status, 1)
  })
})
