import { type Figures, type Spread, spreadOf } from "./Figures.ts"
import type { Report } from "./Report.ts"

const digits = (value: number): string => {
  if (!Number.isFinite(value)) return "-"
  if (value >= 1000) return Math.round(value).toLocaleString("en")
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

const withSpread = ({ median, min, max }: Spread): string => {
  const percent = median === 0 ? 0 : Math.round((max - min) / 2 / median * 100)
  return `${digits(median)} ±${percent}%`
}

const mebibytes = (bytes: number): string => `${digits(bytes / 1024 / 1024)}`

/** Lays rows out in columns; all but the first two are aligned to the right. */
const layOut = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row.map((cell, column) => column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join("  ")
      .trimEnd()
  ).join("\n")
}

const row = (load: string, system: string, figures: Figures, report: Report): ReadonlyArray<string> => {
  const latency = figures.latencyMs
  const isOurs = system === "kafka-broker"
  const ratio = (from: Readonly<Record<string, number>>): string =>
    isOurs && from[load] !== undefined ? from[load].toFixed(2) : ""
  return [
    load,
    system,
    figures.bytesEach === undefined ? withSpread(figures.requestsPerSecond) : "",
    figures.bytesEach === undefined ? digits(figures.megabytesPerSecond.median) : "",
    digits(figures.cpuSecondsPerMillionRecords.median),
    digits(figures.cpuSecondsPerGigabyte.median),
    digits(figures.brokerCores.median),
    digits(figures.generatorCores.median),
    latency === undefined ? "" : `${digits(latency.p50)}/${digits(latency.p99)}/${digits(latency.p999)}`,
    figures.bytesEach === undefined
      ? mebibytes(figures.rssBytes.median)
      : `${digits(figures.bytesEach.median / 1024)} KiB each`,
    ratio(report.ratiosToFloor),
    ratio(report.cpuRatiosToFloor),
    ratio(report.ratiosToKafka),
    ratio(report.cpuRatiosToKafka)
  ]
}

const recoveryText = ({ recovery }: Report): string => {
  if (recovery === undefined) return ""
  const { bySystem, shape } = recovery
  const head = [`${mebibytes(shape.bytes)} MiB in ${shape.partitions} partitions after SIGKILL`, ""]
  const rows = Object.entries(bySystem).map(([name, runs]) => [
    name,
    "",
    withSpread(spreadOf(runs.map(({ answerMs }) => answerMs))),
    withSpread(spreadOf(runs.map(({ produceMs }) => produceMs))),
    withSpread(spreadOf(runs.map(({ allPartitionsMs }) => allPartitionsMs)))
  ])
  return `\n${layOut([[...head, "first answer ms", "first produce ms", "all partitions ms"], ...rows])}\n`
}

/** The report as text. */
export const tableOf = (report: Report): string => {
  const head = [
    "load",
    "system",
    "requests/s",
    "MB/s",
    "CPU s/M records",
    "CPU s/GB",
    "cores",
    "generator",
    "p50/p99/p99.9 ms",
    "RSS MiB",
    "rate:floor",
    "CPU:floor",
    "rate:Kafka",
    "CPU:Kafka"
  ]
  const rows = Object.entries(report.figures).flatMap(([load, bySystem]) =>
    Object.entries(bySystem).map(([system, figures]) => row(load, system, figures, report))
  )
  const facts = [
    ["system", "", "start to first answer ms", "starts", "idle RSS MiB", "peak RSS MiB"],
    ...Object.entries(report.systems).map(([name, one]) => [
      name,
      "",
      digits(one.startMs),
      String(one.startsMs.length),
      mebibytes(one.idleRssBytes),
      mebibytes(one.peakRssBytes)
    ])
  ]
  const left = report.left.map((line) => `not measured: ${line}\n`).join("")
  return `${layOut([head, ...rows])}\n\n${layOut(facts)}\n${recoveryText(report)}\ntook ${report.seconds} s\n${
    left === "" ? "" : `\n${left}`
  }`
}
