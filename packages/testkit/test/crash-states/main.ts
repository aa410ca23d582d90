/**
 * Recovers the states that a crash can leave of a fixed workload: `pnpm crash-states [--one-of N] [--image I]`. Ends with
 * `I images, C recovered, F failed` and exit code 1 when a promise is broken.
 */
import { Effect } from "effect"
import { parseArgs } from "node:util"
import { checkImage } from "./checkImage.ts"
import { crashStates, recordCrashStates } from "./crashStates.ts"

const { values } = parseArgs({
  options: { "one-of": { type: "string", default: "1" }, image: { type: "string" } }
})

const one = Number(values.image)
if (values.image !== undefined) {
  const { states } = await Effect.runPromise(recordCrashStates)
  const { expectations, image } = states[one]!
  console.dir([...expectations], { depth: 8 })
  console.log(await Effect.runPromise(checkImage(image.root, [...expectations], { startsAgain: true })))
  process.exit(0)
}
const beganMs = performance.now()
let lastPrintMs = beganMs
const report = await Effect.runPromise(crashStates(Number(values["one-of"]), (checked, images) => {
  if (performance.now() - lastPrintMs < 5_000) return
  lastPrintMs = performance.now()
  console.log(`${checked} of ${images} images recovered`)
}))
for (const problem of report.problems.slice(0, 40)) console.error(problem)
const failed = new Set(report.problems.map((problem) => problem.slice(0, problem.indexOf(":")))).size
for (const partition of new Set(report.offline)) console.log(`offline: ${partition}`)
console.log(`${report.offline.length} partitions offline for a gap or a bad spot before a valid batch`)
console.log(`${report.moments} moments, ${Math.round(performance.now() - beganMs)} ms`)
console.log(`${report.images} images, ${report.checked} recovered, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
