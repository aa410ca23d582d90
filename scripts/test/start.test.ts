import { afterAll, assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const start = fileURLToPath(new URL("../start.ts", import.meta.url))
const root = mkdtempSync(join(tmpdir(), "kafka-broker-start-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A package manager as this script sees one: a process with such a name that starts it through a shell and waits. */
const manager = join(root, "pnpm")
writeFileSync(
  manager,
  `const { spawn } = require("node:child_process")
   const child = spawn("sh", ["-c", "trap '' TERM; node=$0; \\"$node\\" \\"$@\\" & wait", process.execPath, ...process.argv.slice(2)],
     { stdio: "inherit", detached: true })
   child.on("close", (code) => process.exit(code))`
)

/** Runs the script below the manager; completes with what was printed when the last of them has ended. */
const run = (onReady: (kill: (signal: NodeJS.Signals) => void) => void) =>
  new Promise<string>((resolve) => {
    const child = spawn(process.execPath, [manager, start, "--memory", "--port", "0"], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    const onChunk = (chunk: Buffer) => {
      const wasReady = output.includes(" ready at ")
      output += chunk.toString()
      if (!wasReady && output.includes(" ready at ")) onReady((signal) => child.kill(signal))
    }
    child.stdout.on("data", onChunk)
    child.stderr.on("data", onChunk)
    // The pipes are those of the broker too: they close with it, and not with the manager.
    child.on("close", () => resolve(output))
  })

describe.skipIf(process.platform === "win32")("pnpm start", { timeout: 60_000 }, () => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it(`leaves no broker behind when its package manager is ended by ${signal}`, async () => {
      const output = await run((kill) => kill(signal))
      assert.match(output, / ready at 127\.0\.0\.1:\d+ in \d+ ms .*\n$/)
    })
  }
})
