/**
 * What acks=all costs: requests per second at 64 connections with 5 in flight, on 1, 4 and 16 partitions.
 *
 * - `sync`: the broker as it comes, group commit;
 * - `page-cache`: the broker with Kafka's own promise;
 * - `floor-sync`: the floor with one sync per group, no Effect;
 * - `floor-sync-each`: the floor with a write and a sync per request.
 *
 * `node bench/src/durability.ts [--repeat n] [--seconds s] [--partitions 1,4,16]`. See docs/durability.md.
 */
import { parseArgs } from "node:util"
import type { Load } from "./generator/Load.ts"
import { paths } from "./Paths.ts"
import { figuresOf } from "./report/Figures.ts"
import { measure } from "./runner/measure.ts"
import { stopSignal } from "./runner/stopSignal.ts"
import { nodeSystem } from "./systems/nodeSystems.ts"

const { values } = parseArgs({
  options: {
    repeat: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    partitions: { type: "string", default: "1,4,16" }
  }
})

const pageCache = ["start", "--set", "kafka.broker.acks.all.durability=page-cache"]
const systems = [
  nodeSystem("sync", paths.broker, ["start"]),
  nodeSystem("page-cache", paths.broker, pageCache),
  nodeSystem("floor-sync", paths.floor, ["--durability", "sync"]),
  nodeSystem("floor-sync-each", paths.floor, ["--durability", "sync-each"])
]
const loadOf = (partitions: number): Load => ({
  kind: "produce",
  connections: 64,
  inFlight: 5,
  partitions,
  recordBytes: 100,
  recordsPerBatch: 1,
  acks: -1
})
const loads = Object.fromEntries(values.partitions.split(",").map((text) => [`${text}p`, loadOf(Number(text))]))

const measured = await measure({
  command: ["durability", ...process.argv.slice(2)].join(" "),
  systems,
  loads,
  repeat: Number(values.repeat),
  measureMs: Number(values.seconds) * 1_000,
  warmUpMs: 500,
  firstWarmUpMs: 1_500,
  signal: stopSignal(),
  onProgress: (line) => console.error(line)
})

for (const [load, bySystem] of Object.entries(measured.runs)) {
  const rates = Object.fromEntries(
    Object.entries(bySystem).map(([system, results]) => [system, figuresOf(results)])
  )
  for (const [system, { cpuSecondsPerMillionRecords, latencyMs, requestsPerSecond }] of Object.entries(rates)) {
    const latency = latencyMs === undefined
      ? ""
      : `, p50 ${latencyMs.p50.toFixed(2)} ms, p99 ${latencyMs.p99.toFixed(2)} ms`
    console.log(
      `${load.padEnd(4)} ${system.padEnd(16)} ${
        Math.round(requestsPerSecond.median).toString().padStart(8)
      } requests/s` +
        `, ${cpuSecondsPerMillionRecords.median.toFixed(2)} CPU s/M records${latency}`
    )
  }
  const rate = (system: string): number => rates[system]?.requestsPerSecond.median ?? NaN
  console.log(
    `${load.padEnd(4)} sync is ${(rate("sync") / rate("floor-sync-each")).toFixed(1)} times a sync per request, ` +
      `${(rate("sync") / rate("page-cache")).toFixed(2)} of page-cache, ${
        (rate("sync") / rate("floor-sync")).toFixed(2)
      } of the floor`
  )
}
for (const line of measured.left) console.log(`left out: ${line}`)
