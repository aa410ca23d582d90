import os from "node:os"
import type { Load, RunResult } from "../generator/Load.ts"
import type { Recovery, RecoveryShape } from "../runner/recovery.ts"
import { cpuRatio, type Figures, figuresOf, rateRatio } from "./Figures.ts"

/** What was measured about a system besides the loads. */
export interface SystemFacts {
  /** From the start of the process to the first answered ApiVersions; the median of all starts. */
  readonly startMs: number
  readonly startsMs: ReadonlyArray<number>
  readonly idleRssBytes: number
  readonly peakRssBytes: number
}

/** All raw results of a bench run. */
export interface Measured {
  readonly command: string
  readonly startedAt: string
  /** How long all of it took. */
  readonly seconds: number
  readonly systems: Readonly<Record<string, SystemFacts>>
  readonly loads: Readonly<Record<string, Load>>
  /** By load and system, in the order of the repetitions. */
  readonly runs: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<RunResult>>>>>
  /** Of the systems that keep their log, in the order of the rounds. */
  readonly recovery?: {
    readonly shape: RecoveryShape
    readonly bySystem: Readonly<Record<string, ReadonlyArray<Recovery>>>
  }
  /** What did not run, and why. */
  readonly left: ReadonlyArray<string>
}

const ourName = "kafka-broker"
const floorName = "floor"
const kafkaName = "apache-kafka"

export interface Report extends Measured {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string; readonly system: string }
  readonly figures: Readonly<Record<string, Readonly<Record<string, Figures>>>>
  /** Our rate over the floor's, by load. */
  readonly ratiosToFloor: Readonly<Record<string, number>>
  /** Our rate over Apache Kafka's, by load. */
  readonly ratiosToKafka: Readonly<Record<string, number>>
  /** Apache Kafka's broker CPU per request over ours, by load. */
  readonly cpuRatiosToKafka: Readonly<Record<string, number>>
  /** The floor's broker CPU per request over ours, by load. */
  readonly cpuRatiosToFloor: Readonly<Record<string, number>>
}

const round = (value: number): number => Math.round(value * 1000) / 1000

/** Loads at a fixed rate have no rate to compare. */
const isThroughput = (load: Load | undefined): boolean =>
  load?.kind === "produce" || load?.kind === "fetch" || load?.kind === "fanout" || load?.kind === "heartbeat" ||
  load?.kind === "client"

const ratios = (
  measured: Measured,
  other: string,
  ratio: (ours: ReadonlyArray<RunResult>, theirs: ReadonlyArray<RunResult>) => number | undefined
): Record<string, number> => {
  const result: Record<string, number> = {}
  for (const [load, bySystem] of Object.entries(measured.runs)) {
    const value = isThroughput(measured.loads[load])
      ? ratio(bySystem[ourName] ?? [], bySystem[other] ?? [])
      : undefined
    if (value !== undefined) result[load] = round(value)
  }
  return result
}

export const reportOf = (measured: Measured): Report => ({
  ...measured,
  machine: {
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    node: process.version,
    system: `${os.type()} ${os.release()}`
  },
  figures: Object.fromEntries(
    Object.entries(measured.runs).map(([load, bySystem]) => [
      load,
      Object.fromEntries(
        Object.entries(bySystem).filter(([, runs]) => runs.length > 0).map(([name, runs]) => [name, figuresOf(runs)])
      )
    ])
  ),
  ratiosToFloor: ratios(measured, floorName, rateRatio),
  ratiosToKafka: ratios(measured, kafkaName, rateRatio),
  cpuRatiosToKafka: ratios(measured, kafkaName, cpuRatio),
  cpuRatiosToFloor: ratios(measured, floorName, cpuRatio)
})
