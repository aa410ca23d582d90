import type { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import type { Uuid } from "../../../packages/core/src/model/Uuid.ts"
import { Fetch } from "../../../packages/core/src/protocol/apis/Fetch.ts"
import { ListOffsets } from "../../../packages/core/src/protocol/apis/ListOffsets.ts"
import type { ProduceLoad, RunResult } from "../generator/Load.ts"
import { rssBytesOf } from "../generator/ProcessUsage.ts"
import { ask, openSocket, requestFrame } from "../generator/Wire.ts"
import { startSystem, type System } from "../systems/System.ts"
import { Generator } from "./Generator.ts"
import { stoppedBy } from "./stopSignal.ts"

/** Old segments go, so that a soak of any length fits on the disk. */
const retention = {
  "segment.bytes": String(16 * 1024 * 1024),
  "retention.bytes": String(64 * 1024 * 1024),
  "file.delete.delay.ms": "1000"
}
const checkEachMs = ["--set", "log.retention.check.interval.ms=5000"]

const topic = "soak"
const sampleMs = 1_000
const fetchesUnderWay = 32
const fetchVersion = 12
/** Share of the samples, from the begin, in which heap and code still grow to their size. */
const settlingShare = 0.25
const tenMinutesSeconds = 600
/** Growth in ten minutes, by the slope, that still counts as flat. */
const growthShareMax = 0.1

export interface SoakReport {
  readonly load: ProduceLoad
  readonly minutes: number
  /** Absent when the soak was stopped. */
  readonly result?: RunResult
  /** One a second, from the start of the load to its end. */
  readonly rssBytes: ReadonlyArray<number>
  readonly medianRssBytes: number
  readonly peakRssBytes: number
  /** Least squares over all samples but the first quarter. */
  readonly slopeBytesPerMinute: number
  /** Half the width of the slope's 95 % interval. */
  readonly slopeErrorBytesPerMinute: number
  /** Median of the last quarter over that of the second one. */
  readonly lastToSecondQuarter: number
  readonly verdict: "flat" | "not flat" | "undecided"
}

const untilServed = async (port: number): Promise<void> => {
  const socket = await openSocket(port)
  const partitions = [{ partitionIndex: 0, timestamp: -1 }]
  for (let errorCode = -1; errorCode !== 0;) {
    const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions }], timeoutMs: 1_000 }
    errorCode = (await ask(socket, ListOffsets, 5, request)).topics[0]!.partitions[0]!.errorCode
    await delay(50)
  }
  socket.destroy()
}

/** A consumer that asks for megabytes at once, many times over, and then hardly reads the answers. */
const askForMuch = async (port: number): Promise<Socket> => {
  const socket = await openSocket(port)
  socket.on("error", () => undefined)
  const frame = requestFrame(Fetch, fetchVersion, {
    maxWaitMs: 500,
    minBytes: 1,
    sessionEpoch: -1,
    topics: [{
      topic,
      topicId: "AAAAAAAAAAAAAAAAAAAAAA" as Uuid,
      partitions: [{
        partition: 0,
        fetchOffset: 0,
        partitionMaxBytes: 1024 * 1024,
        replicaDirectoryId: "AAAAAAAAAAAAAAAAAAAAAA" as Uuid
      }]
    }],
    forgottenTopicsData: []
  })
  for (let index = 0; index < fetchesUnderWay; index++) socket.write(frame)
  return socket
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

/** Parts of the samples whose means the slope is drawn through: neighbouring samples are not independent, means are more so. */
const parts = 10
/** Student's t for 95 % with two parameters less than parts. */
const student = 2.306

/** Growth per sample by least squares, and half the width of its 95 % interval. */
const slopeOf = (values: ReadonlyArray<number>): { readonly slope: number; readonly error: number } => {
  const size = values.length / parts
  const means = Array.from({ length: parts }, (_, part) => {
    const some = values.slice(Math.floor(part * size), Math.floor((part + 1) * size))
    return some.reduce((sum, value) => sum + value, 0) / some.length
  })
  const middle = (parts - 1) / 2
  const mean = means.reduce((sum, value) => sum + value, 0) / parts
  let above = 0
  let below = 0
  for (const [index, value] of means.entries()) {
    above += (index - middle) * (value - mean)
    below += (index - middle) ** 2
  }
  const slope = above / below
  const squares = means.reduce((sum, value, index) => sum + (value - mean - slope * (index - middle)) ** 2, 0)
  return { slope: slope / size, error: student * Math.sqrt(squares / (parts - 2) / below) / size }
}

const verdictOf = (slope: number, error: number, mostGrowth: number): SoakReport["verdict"] => {
  if (slope + error <= mostGrowth) return "flat"
  return slope - error > mostGrowth ? "not flat" : "undecided"
}

/** The broker under one load at full rate for minutes, with a consumer that reads a byte a millisecond and one that reads nothing. */
export const soak = async (options: {
  readonly system: System
  readonly load: ProduceLoad
  readonly minutes: number
  /** Ends it early, with the samples so far. */
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}): Promise<SoakReport> => {
  const { minutes, system, onProgress } = options
  const load: ProduceLoad = { ...options.load, configs: { ...options.load.configs, ...retention } }
  await system.prepare()
  const generator = await Generator.start()
  const running = await startSystem(system, checkEachMs)
  const timers: Array<NodeJS.Timeout> = []
  const slow: Array<Socket> = []
  try {
    const warmUpMs = 3_000
    const { dataDir, pid, port } = running
    const rssBytes: Array<number> = []
    const order = { load, port, pid, topic, warmUpMs, measureMs: minutes * 60_000, dataDir }
    const ended = generator.run(order)
    const attach = async (): Promise<void> => {
      await untilServed(port)
      await delay(1_000)
      const reading = await askForMuch(port)
      // Node reads ahead of `read` by its buffer only; the rest stays with the broker.
      reading.on("readable", () => undefined)
      timers.push(setInterval(() => void reading.read(1), 1))
      const paused = await askForMuch(port)
      paused.pause()
      slow.push(reading, paused)
      timers.push(setInterval(() => {
        rssBytes.push(rssBytesOf(pid))
        if (rssBytes.length % 10 === 0) {
          onProgress(`${rssBytes.length} s: ${Math.round(rssBytes.at(-1)! / 2 ** 20)} MiB`)
        }
      }, sampleMs))
    }
    const whole = Promise.all([ended, attach()])
    whole.catch(() => undefined)
    const result = await Promise.race([
      whole.then(([first]) => first),
      stoppedBy(options.signal).catch(() => undefined)
    ])
    if (slow.some((socket) => socket.destroyed)) onProgress("a slow consumer's connection was closed by the broker")
    const settled = rssBytes.slice(Math.floor(rssBytes.length * settlingShare))
    const quarter = Math.floor(rssBytes.length / 4)
    const { error, slope } = slopeOf(settled)
    const perMinute = 60_000 / sampleMs
    const medianRssBytes = median(settled)
    return {
      load,
      minutes,
      ...(result === undefined ? {} : { result }),
      rssBytes,
      medianRssBytes,
      peakRssBytes: Math.max(...rssBytes),
      slopeBytesPerMinute: slope * perMinute,
      slopeErrorBytesPerMinute: error * perMinute,
      lastToSecondQuarter: median(rssBytes.slice(-quarter)) / median(rssBytes.slice(quarter, 2 * quarter)),
      verdict: verdictOf(slope, error, growthShareMax * medianRssBytes / (tenMinutesSeconds * 1_000 / sampleMs))
    }
  } finally {
    for (const timer of timers) clearInterval(timer)
    for (const socket of slow) socket.destroy()
    generator.stop()
    await running.stop()
  }
}

/** The verdict as lines of text. */
export const soakText = (report: SoakReport): string => {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
  const { result } = report
  const rate = result === undefined
    ? `stopped after ${report.rssBytes.length} s`
    : `${Math.round(result.requests / result.seconds)} requests/s, p99 ${result.latencyMs?.p99.toFixed(1)} ms`
  return [
    `soak of ${report.minutes} minutes: ${rate}`,
    `RSS median ${mebibytes(report.medianRssBytes)} MiB, peak ${mebibytes(report.peakRssBytes)} MiB, ` +
    `slope ${mebibytes(report.slopeBytesPerMinute)} ±${
      mebibytes(report.slopeErrorBytesPerMinute)
    } MiB/min, last quarter ${report.lastToSecondQuarter.toFixed(3)} of the second`,
    `verdict: ${report.verdict} (flat: at most ${growthShareMax * 100} % in ten minutes by the slope)`
  ].join("\n")
}
