/**
 * Feeds a broker in this process with hostile input: `pnpm fuzz --frames N --seed S [--from I]`. The same seed gives
 * the same input. Ends with exit code 1, the input in hex and the command that repeats it, at the first broken promise.
 */
import { parseArgs } from "node:util"
import { fuzz, FuzzFailure, type FuzzReport } from "./fuzz.ts"

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" }
  }
})
const seed = Number(values.seed)
const beganMs = performance.now()
let lastPrintMs = beganMs

const line = ({ answers, closes, frames, inputs, memory }: FuzzReport): string => {
  const { heapMiB, rssMiB } = memory.at(-1)!
  const rate = Math.round(frames / (performance.now() - beganMs) * 1000)
  return `${inputs} inputs, ${frames} frames, ${answers} answers, ${closes} closes, ${rate} frames/s, ` +
    `heap ${heapMiB} MiB, rss ${rssMiB} MiB`
}

const fail = (error: unknown): void => {
  if (error instanceof FuzzFailure) {
    console.error(`FAILED at input ${error.index}: ${error.message}`)
    for (const chunk of error.input) console.error(`  ${Buffer.from(chunk).toString("hex").slice(0, 4_000)}`)
    console.error(`  repeat: pnpm fuzz --seed ${seed} --frames ${error.index + 1}`)
    console.error(`  alone:  pnpm fuzz --seed ${seed} --from ${error.index} --frames 1`)
  } else console.error(error)
  process.exit(1)
}

process.on("uncaughtException", fail)
process.on("unhandledRejection", fail)

try {
  const report = await fuzz({
    inputs: Number(values.frames),
    seed,
    from: Number(values.from),
    onEpoch: (now) => {
      if (performance.now() - lastPrintMs < 5_000) return
      lastPrintMs = performance.now()
      console.log(line(now))
    }
  })
  console.log(line(report))
  console.log(`slowest round ${report.slowestRoundMs.toFixed(1)} ms (inputs from ${report.slowestRoundAt})`)
  console.log(`fibers ${report.fibersBefore} before, ${report.fibersAfter} after`)
  console.log(`${report.recordsReadBack.count} records accepted and read back`)
  console.log(`seed ${seed}, digest ${report.digest.toString(16)}: clean`)
  process.exit(0)
} catch (error) {
  fail(error)
}
