/** Kills a working broker again and again: `pnpm crash --cycles N --seed S`. Ends with exit code 1 at the first loss. */
import { parseArgs } from "node:util"
import { crash } from "./crash.ts"

const { values } = parseArgs({
  options: { cycles: { type: "string", default: "50" }, seed: { type: "string", default: "1" } }
})
const seed = Number(values.seed)
try {
  const report = await crash({
    cycles: Number(values.cycles),
    seed,
    onCycle: ({ cycles }) => {
      if (cycles % 10 === 0) console.log(`${cycles} cycles`)
    }
  })
  console.log(
    `${report.cycles} kills, ${report.acknowledged} records kept, slowest start ${Math.round(report.startMsMax)} ms`
  )
  console.log(`damage: ${[...report.damages].map(([kind, count]) => `${kind} ${count}`).join(", ")}`)
} catch (error) {
  console.error(`FAILED with seed ${seed}: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
