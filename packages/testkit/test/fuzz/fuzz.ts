import { KafkaBroker } from "@kafka-broker/core"
import { NodeCompression } from "@kafka-broker/node-server"
import { Context, Effect, Layer } from "effect"
import { ApiVersions } from "../../../core/src/protocol/apis/ApiVersions.ts"
import { apiByKey } from "../../../core/src/protocol/apis/index.ts"
import type { AnyApi } from "../../../core/src/protocol/schema/defineApi.ts"
import { crc32c } from "../../../core/src/protocol/wire/Crc32c.ts"
import { Bystander, bystanderTopic } from "./Bystander.ts"
import { expectationOf } from "./expectations.ts"
import { FuzzConnection } from "./FuzzConnection.ts"
import { BrokerWatch, fuzzBrokerLayer } from "./fuzzBroker.ts"
import { type FuzzInput, makeInput } from "./makeInput.ts"
import { memoryMiB } from "./memory.ts"
import type { FuzzWorld } from "./randomRequest.ts"

/** Connections fed in one round; their inputs meet in the broker in one tick. */
const connectionCount = 32
/** Turns of the event loop within which an answer must come. */
const ticksMax = 400
/** Turns after which a request that may wait is given up, by closing its connection. */
const waitTicks = 12
/** Inputs between two clearings of the broker. */
const epochInputs = 20_000
/** Growth from the second clearing to the last one above which memory counts as leaking. */
const growthMaxMiB = 24
/**
 * Fibers that requests start for as long as the broker lives: the deadlines of fetches and of appends, the clock of the
 * group coordinator, and the leader of its one partition.
 */
const lastingFibersMax = 4
const maxRequestBytes = 104_857_600

export interface FuzzOptions {
  readonly inputs: number
  readonly seed: number
  /** Index of the first input; 0 when left out. */
  readonly from?: number
  readonly onEpoch?: (report: FuzzReport) => void
}

export interface FuzzReport {
  frames: number
  inputs: number
  answers: number
  closes: number
  /** CRC-32C over all bytes sent: the same for the same seed. */
  digest: number
  slowestRoundMs: number
  slowestRoundAt: number
  fibersBefore: number
  fibersAfter: number
  /** After every clearing: heap and resident memory. */
  readonly memory: Array<{ readonly heapMiB: number; readonly rssMiB: number }>
  readonly recordsReadBack: { count: number }
}

/** A broken promise, with the input that showed it (or was the last before it showed). */
export class FuzzFailure extends Error {
  readonly index: number
  readonly input: FuzzInput

  constructor(message: string, index: number, input: FuzzInput) {
    super(message)
    this.index = index
    this.input = input
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const joined = (input: FuzzInput): Uint8Array => input.length === 1 ? input[0]! : new Uint8Array(Buffer.concat(input))

const baseTopics: ReadonlyArray<{ name: string; partitions: number; configs: Readonly<Record<string, string>> }> = [
  { name: bystanderTopic, partitions: 1, configs: {} },
  { name: "fuzz-plain", partitions: 3, configs: {} },
  { name: "fuzz-compact", partitions: 3, configs: { "cleanup.policy": "compact" } },
  { name: "fuzz-lz4", partitions: 1, configs: { "compression.type": "lz4", "segment.bytes": "1048576" } },
  { name: "fuzz-stamped", partitions: 3, configs: { "message.timestamp.type": "LogAppendTime" } },
  { name: "fuzz-small", partitions: 3, configs: { "max.message.bytes": "400", "compression.type": "uncompressed" } }
]

/** One run: its broker, its connections and what was seen so far. */
class FuzzRun {
  private readonly broker: KafkaBroker["Service"]
  private readonly watch: BrokerWatch
  private readonly options: FuzzOptions
  private readonly apis: ReadonlyArray<AnyApi>
  private readonly byKey: ReadonlyMap<number, AnyApi>
  private readonly bystander: Bystander
  private connections: Array<FuzzConnection> = []
  private world: FuzzWorld = { topics: [], topicIds: [], codecs: NodeCompression.codecs }
  readonly report: FuzzReport

  constructor(broker: KafkaBroker["Service"], watch: BrokerWatch, options: FuzzOptions, apis: ReadonlyArray<AnyApi>) {
    this.broker = broker
    this.watch = watch
    this.options = options
    this.apis = apis
    this.byKey = new Map(apis.map((api) => [api.key, api]))
    this.bystander = new Bystander(broker.connect(), NodeCompression.codecs)
    this.report = {
      frames: 0,
      inputs: 0,
      answers: 0,
      closes: 0,
      digest: 0,
      slowestRoundMs: 0,
      slowestRoundAt: 0,
      fibersBefore: 0,
      fibersAfter: 0,
      memory: [],
      recordsReadBack: { count: 0 }
    }
  }

  async run(): Promise<void> {
    const from = this.options.from ?? 0
    const end = from + this.options.inputs
    await this.clear(Math.floor(from / epochInputs))
    this.report.fibersBefore = this.watch.fibers
    this.report.memory.length = 0
    let next = from
    while (next < end) {
      const epochEnd = Math.min(end, (Math.floor(next / epochInputs) + 1) * epochInputs)
      for (; next < epochEnd; next += connectionCount) {
        await this.round(next, Math.min(connectionCount, epochEnd - next))
      }
      await this.finishEpoch(epochEnd, epochEnd === end)
      this.options.onEpoch?.(this.report)
    }
    this.bystander.connection.destroy()
    this.checkMemory(end)
  }

  private async round(first: number, count: number): Promise<void> {
    const inputs: Array<FuzzInput> = []
    for (let i = 0; i < count; i++) {
      const input = makeInput(this.apis, this.world, this.options.seed, first + i)
      inputs.push(input)
      this.send(i, input)
    }
    this.bystander.next()
    const sentMs = performance.now()
    const active = this.connections.slice(0, count)
    for (let ticks = 0;; ticks++) {
      await turn()
      if (this.watch.errors.length > 0) await this.blame(this.watch.errors[0]!, first, inputs)
      if (this.isOver(active, ticks)) break
      if (ticks > ticksMax) {
        const late = active.findIndex(({ state }) => state === "Waiting")
        throw new FuzzFailure("no answer in time", first + Math.max(0, late), inputs[Math.max(0, late)]!)
      }
    }
    const tookMs = performance.now() - sentMs
    if (tookMs > this.report.slowestRoundMs) {
      this.report.slowestRoundMs = tookMs
      this.report.slowestRoundAt = first
    }
    this.judge(active, first, inputs)
  }

  private send(at: number, input: FuzzInput): void {
    let connection = this.connections[at]
    if (connection === undefined || !connection.isReusable) {
      if (connection?.isClosed === false) connection.destroy()
      connection = new FuzzConnection(this.broker.connect())
      this.connections[at] = connection
    }
    const bytes = joined(input)
    const expectation = expectationOf(bytes, this.byKey, maxRequestBytes)
    this.report.inputs++
    this.report.frames += expectation.answers.length + (expectation.end === "Open" ? 0 : 1)
    this.report.digest = (Math.imul(this.report.digest, 31) ^ crc32c(bytes, 0, bytes.length)) >>> 0
    connection.send(input, expectation)
  }

  private isOver(active: ReadonlyArray<FuzzConnection>, ticks: number): boolean {
    let waiting = this.bystander.connection.state === "Waiting"
    for (const connection of active) {
      const state = connection.state
      if (state === "MayWait" && ticks >= waitTicks) connection.destroy()
      else if (state !== "Settled") waiting = true
    }
    // A few turns more, so that what comes too much is seen as well.
    return !waiting && ticks >= 2
  }

  private judge(active: ReadonlyArray<FuzzConnection>, first: number, inputs: ReadonlyArray<FuzzInput>): void {
    for (const [i, connection] of active.entries()) {
      if (connection.problem !== undefined) throw new FuzzFailure(connection.problem, first + i, inputs[i]!)
      this.report.answers += connection.answers
      connection.answers = 0
      if (connection.isClosed) this.report.closes++
    }
    const { isClosed, problem } = this.bystander.connection
    if (problem !== undefined || isClosed) {
      throw new FuzzFailure(`the bystander was disturbed: ${problem ?? "closed"}`, first, inputs[0]!)
    }
  }

  /** Finds whose input made the broker log an error: the one whose connection was closed against expectation, if any. */
  private async blame(error: string, first: number, inputs: ReadonlyArray<FuzzInput>): Promise<never> {
    await turn()
    const at = this.connections.findIndex((connection) => connection.state === "Settled" && connection.problem)
    throw new FuzzFailure(error, first + Math.max(0, at), inputs[Math.max(0, at)]!)
  }

  /** Closes all connections, reads back what was accepted, and looks for what is left over. */
  private async finishEpoch(end: number, isLast: boolean): Promise<void> {
    for (const connection of this.connections) if (!connection.isClosed) connection.destroy()
    this.connections = []
    for (let i = 0; i < 50; i++) await turn()
    await this.readBack(end)
    await this.clear(Math.floor(end / epochInputs))
    // The bystander's and the in-process client's.
    const open = this.broker.connectionCount() - 2
    if (open > 0) throw new FuzzFailure(`${open} connections are left`, end, [])
    if (!isLast) return
    const allowed = this.report.fibersBefore + lastingFibersMax
    // What was cut off ends in its own time; deadlines are many to a fiber, so none is left for their sake.
    for (let i = 0; i < 20 && this.watch.fibers > allowed; i++) await new Promise((wake) => setTimeout(wake, 50))
    this.report.fibersAfter = this.watch.fibers
    const left = this.watch.fibers - allowed
    if (left > 0) throw new FuzzFailure(`${left} fibers are left`, end, [])
  }

  private async readBack(end: number): Promise<void> {
    for (const topic of await Effect.runPromise(this.broker.client.listTopics)) {
      try {
        const records = await Effect.runPromise(this.broker.client.records(topic))
        this.report.recordsReadBack.count += records.length
      } catch (error) {
        throw new FuzzFailure(`what ${topic} accepted cannot be read: ${String(error)}`, end, [])
      }
    }
  }

  /** Deletes all topics and makes the known ones anew, so that epochs do not depend on each other. */
  private async clear(epoch: number): Promise<void> {
    this.watch.reseed(this.options.seed, epoch)
    const topics = await Effect.runPromise(this.broker.client.listTopics)
    if (topics.length > 0) await Effect.runPromise(this.broker.client.deleteTopics(topics))
    await Effect.runPromise(this.broker.client.createTopics(baseTopics))
    this.bystander.restart()
    const known = baseTopics.slice(1).map(({ name }) => name)
    const described = await Promise.all(known.map((name) => Effect.runPromise(this.broker.client.describeTopic(name))))
    this.world = { topics: known, topicIds: described.map(({ id }) => id), codecs: NodeCompression.codecs }
    for (let i = 0; i < 20; i++) await turn()
    this.report.memory.push(memoryMiB())
  }

  private checkMemory(end: number): void {
    const [, second, ...later] = this.report.memory
    const last = later.at(-1)
    if (second === undefined || last === undefined) return
    if (last.heapMiB - second.heapMiB > growthMaxMiB) {
      throw new FuzzFailure(`memory grew from ${second.heapMiB} to ${last.heapMiB} MiB`, end, [])
    }
  }
}

const servedApis = Effect.fnUntraced(function*(broker: KafkaBroker["Service"]) {
  const { apiKeys } = yield* broker.client.request(ApiVersions, {
    clientSoftwareName: "fuzz",
    clientSoftwareVersion: "1"
  })
  return apiKeys.map(({ apiKey }) => apiByKey(apiKey)!)
})

/** Feeds hostile input to a broker in this process. Rejects with `FuzzFailure` at the first broken promise. */
export const fuzz = (options: FuzzOptions): Promise<FuzzReport> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    const watch = new BrokerWatch()
    const broker = Context.get(yield* Layer.build(fuzzBrokerLayer(watch)), KafkaBroker)
    const run = new FuzzRun(broker, watch, options, yield* servedApis(broker))
    yield* Effect.tryPromise({ try: () => run.run(), catch: (error) => error })
    return run.report
  })))
