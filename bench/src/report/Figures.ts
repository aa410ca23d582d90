import type { Percentiles, RunResult } from "../generator/Load.ts"

/** The middle value, and the lowest and highest one seen. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return {
    median: sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2,
    min: sorted[0]!,
    max: sorted[sorted.length - 1]!
  }
}

/** What all runs of one load against one system say together. */
export interface Figures {
  readonly runs: number
  readonly requestsPerSecond: Spread
  readonly recordsPerSecond: Spread
  /** 10^6 bytes of record values. */
  readonly megabytesPerSecond: Spread
  /** Of the broker alone. */
  readonly cpuSecondsPerMillionRecords: Spread
  readonly cpuSecondsPerGigabyte: Spread
  /** Cores in use. */
  readonly brokerCores: Spread
  readonly generatorCores: Spread
  readonly latencyMs?: Percentiles
  readonly rssBytes: Spread
  /** Resident bytes per connection or partition, for the loads that measure it. */
  readonly bytesEach?: Spread
}

const medianOf = (values: ReadonlyArray<number>): number => spreadOf(values).median

const latencyOf = (results: ReadonlyArray<RunResult>): Percentiles | undefined => {
  const all = results.flatMap((result) => result.latencyMs ?? [])
  if (all.length === 0) return undefined
  return {
    p50: medianOf(all.map((one) => one.p50)),
    p99: medianOf(all.map((one) => one.p99)),
    p999: medianOf(all.map((one) => one.p999)),
    max: Math.max(...all.map((one) => one.max))
  }
}

export const figuresOf = (results: ReadonlyArray<RunResult>): Figures => {
  const spread = (value: (result: RunResult) => number): Spread => spreadOf(results.map(value))
  const latencyMs = latencyOf(results)
  const each = results.flatMap((result) => result.bytesEach ?? [])
  return {
    runs: results.length,
    requestsPerSecond: spread((one) => one.requests / one.seconds),
    recordsPerSecond: spread((one) => one.records / one.seconds),
    megabytesPerSecond: spread((one) => one.bytes / one.seconds / 1e6),
    cpuSecondsPerMillionRecords: spread((one) => one.brokerCpuSeconds / one.records * 1e6),
    cpuSecondsPerGigabyte: spread((one) => one.brokerCpuSeconds / one.bytes * 1e9),
    brokerCores: spread((one) => one.brokerCpuSeconds / one.seconds),
    generatorCores: spread((one) => one.generatorCpuSeconds / one.seconds),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    rssBytes: spread((one) => one.rssBytes),
    ...(each.length === 0 ? {} : { bytesEach: spreadOf(each) })
  }
}

/** What a run moved: bytes, which answers to Fetch hold more or less of, or requests where none carry records. */
const amountOf = (result: RunResult): number => result.bytes > 0 ? result.bytes : result.requests

/** The median over neighbouring runs, which see the same noise; undefined where nothing can be compared. */
const medianRatio = (
  ours: ReadonlyArray<RunResult>,
  theirs: ReadonlyArray<RunResult>,
  figure: (result: RunResult) => number
): number | undefined => {
  const ratios = ours.flatMap((one, index) => {
    const other = theirs[index]
    const ratio = other === undefined ? NaN : figure(one) / figure(other)
    return Number.isFinite(ratio) && ratio > 0 ? ratio : []
  })
  return ratios.length === 0 ? undefined : medianOf(ratios)
}

/** Our rate over theirs. */
export const rateRatio = (ours: ReadonlyArray<RunResult>, theirs: ReadonlyArray<RunResult>): number | undefined =>
  medianRatio(ours, theirs, (one) => amountOf(one) / one.seconds)

/** How many times less broker CPU we take for the same amount; above 1 is better. */
export const cpuRatio = (ours: ReadonlyArray<RunResult>, theirs: ReadonlyArray<RunResult>): number | undefined =>
  medianRatio(ours, theirs, (one) => amountOf(one) / one.brokerCpuSeconds)
