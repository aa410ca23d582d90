/**
 * The bench. `--quick` measures the broker against the floor in under 50 seconds, `--soak MINUTES` looks at its memory;
 * otherwise `--loads a,b --systems x,y --repeat n --seconds s --starts n --recoveries n --save NAME`. See README.md.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { paths } from "./Paths.ts"
import { chartOf } from "./report/chart.ts"
import { reportOf } from "./report/Report.ts"
import { tableOf } from "./report/table.ts"
import { loads, quickLoads } from "./runner/loads.ts"
import { measure } from "./runner/measure.ts"
import { soak, soakText } from "./runner/soak.ts"
import { stopSignal } from "./runner/stopSignal.ts"
import { systems } from "./systems/index.ts"

// Ending the bench ends what it has started, and what it has measured is printed and written; a second signal ends it at once.
const stopped = stopSignal()

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    loads: { type: "string" },
    systems: { type: "string" },
    repeat: { type: "string" },
    seconds: { type: "string" },
    starts: { type: "string" },
    recoveries: { type: "string" },
    soak: { type: "string" },
    save: { type: "string" }
  }
})

const listed = <A>(text: string, all: Readonly<Record<string, A>>, what: string): Record<string, A> =>
  Object.fromEntries(
    text.split(",").filter((name) => name !== "").map((name) => {
      const found = all[name]
      if (found === undefined) throw new Error(`no ${what} ${name}; there are ${Object.keys(all).join(", ")}`)
      return [name, found]
    })
  )

/** What a broker recovers from; the size of a log is what counts for one that was killed. */
const recoveryShape = { bytes: 256 * 1024 * 1024, partitions: 16 }

const runSoak = async (minutes: number): Promise<void> => {
  const name = values.loads ?? "small-64x5"
  const load = loads[name]
  if (load?.kind !== "produce") throw new Error(`${name} is no load that produces`)
  const system = systemsByName["kafka-broker"]!
  const report = await soak({ system, load, minutes, signal: stopped, onProgress: (line) => console.error(line) })
  console.log(soakText(report))
  mkdirSync(paths.results, { recursive: true })
  writeFileSync(`${paths.results}/soak.json`, `${JSON.stringify(report, null, 2)}\n`)
  console.log("written to bench/results/soak.json")
}

const systemsByName = Object.fromEntries(systems.map((system) => [system.name, system]))
if (values.soak !== undefined) {
  await runSoak(Number(values.soak))
  process.exit(stopped.aborted ? 1 : 0)
}

const isQuick = values.quick
/** Start-up and recovery belong to the whole run; one of chosen loads is to be short. */
const isWhole = !isQuick && values.loads === undefined
const defaults = isQuick
  ? {
    loads: quickLoads.join(","),
    systems: "floor,kafka-broker",
    repeat: 3,
    seconds: 0.6,
    warmUpMs: 250,
    firstWarmUpMs: 1_500
  }
  : {
    loads: Object.keys(loads).join(","),
    systems: systems.map(({ name }) => name).join(","),
    repeat: 3,
    seconds: 3,
    warmUpMs: 1_000,
    firstWarmUpMs: 3_000
  }
const report = reportOf(
  await measure({
    command: ["bench", ...process.argv.slice(2)].join(" "),
    systems: Object.values(listed(values.systems ?? defaults.systems, systemsByName, "system")),
    loads: listed(values.loads ?? defaults.loads, loads, "load"),
    repeat: Number(values.repeat ?? defaults.repeat),
    measureMs: Number(values.seconds ?? defaults.seconds) * 1_000,
    warmUpMs: defaults.warmUpMs,
    firstWarmUpMs: defaults.firstWarmUpMs,
    budgetMs: isQuick ? 38_000 : Infinity,
    starts: Math.max(1, Number(values.starts ?? (isWhole ? 5 : 1))),
    recovery: { rounds: Number(values.recoveries ?? (isWhole ? 3 : 0)), shape: recoveryShape },
    onProgress: (line) => console.error(line),
    signal: stopped
  })
)
console.log(tableOf(report))
mkdirSync(paths.results, { recursive: true })
for (const name of values.save === undefined ? ["latest"] : ["latest", values.save]) {
  writeFileSync(`${paths.results}/${name}.json`, `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(`${paths.results}/${name}.html`, chartOf(report))
}
console.log(`written to bench/results/latest.json and latest.html`)
if (stopped.aborted) process.exit(1)
