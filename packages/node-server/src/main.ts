#!/usr/bin/env node
import { refusedNodeVersion } from "./nodeVersion.ts"
import { holdStopSignals } from "./stopSignals.ts"

const refusal = refusedNodeVersion(process.versions.node)
if (refusal !== undefined) {
  process.stderr.write(`${refusal}\n`)
  process.exit(1)
}
const release = holdStopSignals()
// Both are loaded only now: an old Node.js lacks what they import, and the second comes from the cache that the first opens.
const { useCompileCache } = await import("./compileCache.ts")
useCompileCache()
const { runCommandLine } = await import("./cli/runCommandLine.ts")
runCommandLine(process.argv.slice(2))
release()
