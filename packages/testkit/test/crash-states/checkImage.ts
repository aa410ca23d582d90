import { type BrokerClient, KafkaBroker } from "@kafka-broker/core"
import { ErrorCode, RecordBatch, Uuid } from "@kafka-broker/core/protocol"
import {
  DirectoryNode,
  type FileNode,
  makeMemoryVolume,
  MemoryLogFiles,
  type MemoryVolume
} from "@kafka-broker/core/seams"
import { Cause, Effect, Exit } from "effect"
import { InitProducerId } from "../../../core/src/protocol/apis/InitProducerId.ts"
import { Produce } from "../../../core/src/protocol/apis/Produce.ts"
import { crashBroker, type SaidLine } from "./crashBroker.ts"
import { copyOfTree } from "./crashImages.ts"
import { COMMITTED_GROUP, COMMITTED_TOPIC, encodeSent } from "./crashWorkload.ts"
import type { Expectation, ExpectedLog, SentBatch } from "./Expectation.ts"
import { type ServedLog, servedLog } from "./servedLogs.ts"

const INTERNAL = "__consumer_offsets"
const produceVersion = 12

/** What a broker shows after it started on an image. */
interface Recovered {
  readonly topics: ReadonlyMap<string, ReadonlyArray<ServedLog>>
  readonly committed: ReadonlyMap<number, number>
  readonly producerId: number
}

/** What came of one image. */
export interface Verdict {
  /** Broken promises; none when all is right. */
  readonly problems: ReadonlyArray<string>
  /**
   * Partitions that are not served for a gap or a bad spot before a valid batch: that may be damage to what was on stable storage,
   * so nothing of them was changed.
   */
  readonly offline: ReadonlyArray<string>
}

const recordsOf = (sent: ReadonlyArray<SentBatch>): ReadonlyArray<string> => sent.flatMap(({ values }) => values)

/**
 * Why a log is not what it may be, or undefined. All below the durable end is served. Above it a crash may have taken
 * anything, also the first segment when its name was not on stable storage yet, but no gap is served.
 */
const wrongLog = (served: ServedLog, { durableEnd, sent, starts }: ExpectedLog): string | undefined => {
  const values = recordsOf(sent)
  const [first] = starts
  if (served.end > values.length) return `it ends at ${served.end}, though ${values.length} records were sent`
  if (served.end < durableEnd) return `it ends at ${served.end}, though all below ${durableEnd} was on stable storage`
  if (!starts.includes(served.start) && durableEnd > first!) {
    return `it begins at ${served.start}, not at ${starts.join(" or ")}`
  }
  let next = served.start
  for (const { offset, value } of served.records) {
    if (offset < next) return `offset ${offset} comes again`
    if (offset > next) return `offset ${next} is missing`
    if (value !== values[offset]) return `another record at offset ${offset}`
    next = offset + 1
  }
  return next < durableEnd ? `offset ${next} is missing` : undefined
}

const wrongTopic = (
  served: ReadonlyArray<ServedLog> | undefined,
  life: ReadonlyArray<ExpectedLog> | undefined
): string | undefined => {
  if (served === undefined || life === undefined) {
    return served === life ? undefined : served === undefined ? "is missing" : "is there"
  }
  if (served.length !== life.length) return `has ${served.length} partitions, not ${life.length}`
  for (const log of served) {
    const wrong = log.errorCode === ErrorCode.NONE ? wrongLog(log, life[log.partition]!) : undefined
    if (wrong !== undefined) return `partition ${log.partition}: ${wrong}`
  }
  return undefined
}

/** What a recovered broker shows against what a client knew at one moment of the crash. */
const compare = (
  recovered: Recovered,
  { committed, operation, producerIdsFrom, topics }: Expectation
): Array<string> => {
  const problems: Array<string> = []
  const known = new Set(topics.map(({ name }) => name))
  for (const { lives, name } of topics) {
    const wrong = lives.map((life) => wrongTopic(recovered.topics.get(name), life))
    if (!wrong.includes(undefined)) problems.push(`topic ${name} ${wrong.join(", or ")}`)
  }
  for (const name of recovered.topics.keys()) if (!known.has(name)) problems.push(`topic ${name} was never asked for`)
  for (const [partition, offsets] of committed.entries()) {
    const found = recovered.committed.get(partition)
    if (!offsets.includes(found)) problems.push(`offset ${found} is committed, not ${offsets.join(" or ")}`)
  }
  if (recovered.producerId < producerIdsFrom) problems.push(`producer id ${recovered.producerId} is given out twice`)
  return problems.map((problem) => `${problem} (crash during "${operation}")`)
}

const produce = (broker: BrokerClient, name: string, index: number, records: Uint8Array) =>
  Effect.map(
    broker.request(Produce, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name, topicId: Uuid.zero, partitionData: [{ index, records }] }]
    }, produceVersion),
    ({ responses }) => responses[0]!.partitionResponses[0]!
  )

/** The last batch of an idempotent producer that is in the log, and the next sequence after it. */
const lastOfProducer = (served: ServedLog, lives: ReadonlyArray<ReadonlyArray<ExpectedLog> | undefined>) => {
  for (const life of lives) {
    const expected = life?.[served.partition]
    if (expected === undefined || wrongLog(served, { ...expected, durableEnd: 0 }) !== undefined) continue
    return expected.sent.findLast(({ baseOffset, producer, values }) =>
      producer !== undefined && baseOffset >= served.start && baseOffset + values.length <= served.end
    )
  }
  return undefined
}

/** The lowest offset at which the log may begin. */
const firstOffsetOf = (lives: ReadonlyArray<ReadonlyArray<ExpectedLog> | undefined>, partition: number): number =>
  Math.min(...lives.flatMap((life) => life?.[partition]?.starts ?? []))

/** The state of producers agrees with the log: a repeated batch is known, a gap is refused, the next one is taken. */
const checkProducer = Effect.fnUntraced(function*(
  broker: BrokerClient,
  name: string,
  { end, partition }: ServedLog,
  last: SentBatch
) {
  const problems: Array<string> = []
  const id = last.producer!.id
  const next = last.producer!.baseSequence + last.values.length
  const repeated = yield* produce(broker, name, partition, encodeSent(last))
  if (repeated.errorCode !== ErrorCode.NONE || repeated.baseOffset !== last.baseOffset) {
    problems.push(
      `a repeated batch is answered ${repeated.errorCode} at ${repeated.baseOffset}, not at ${last.baseOffset}`
    )
  }
  const gap = yield* produce(
    broker,
    name,
    partition,
    encodeSent({ values: ["gap"], producer: { id, baseSequence: next + 1 } })
  )
  if (gap.errorCode !== ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) {
    problems.push(`a gap of sequences is answered ${gap.errorCode}`)
  }
  const after = yield* produce(
    broker,
    name,
    partition,
    encodeSent({ values: ["next"], producer: { id, baseSequence: next } })
  )
  if (after.errorCode !== ErrorCode.NONE || after.baseOffset !== end) {
    problems.push(`the next batch is answered ${after.errorCode} at ${after.baseOffset}, not at ${end}`)
  }
  return problems.map((problem) => `${name}-${partition}: ${problem}`)
})

/** The log takes appends as if there had been no crash; `onEnd` is given where it ends then. */
const goOn = Effect.fnUntraced(function*(
  broker: BrokerClient,
  name: string,
  log: ServedLog,
  lives: ReadonlyArray<ReadonlyArray<ExpectedLog> | undefined>,
  onEnd: (end: number) => void
) {
  const last = lastOfProducer(log, lives)
  const problems = last === undefined ? [] : yield* checkProducer(broker, name, log, last)
  const added = yield* produce(broker, name, log.partition, encodeSent({ values: ["after"], producer: undefined }))
  onEnd(added.baseOffset + 1)
  if (added.errorCode === ErrorCode.NONE) return problems
  return [...problems, `${name}-${log.partition}: an append is answered ${added.errorCode}`]
})

/** Directories of partitions are those of the metadata. */
const checkNames = Effect.fnUntraced(function*(broker: BrokerClient, volume: MemoryVolume) {
  const problems: Array<string> = []
  for (const [directory, node] of volume.root.entries) {
    if (!(node instanceof DirectoryNode) || directory.includes(".") || directory === "__cluster_metadata-0") continue
    const dash = directory.lastIndexOf("-")
    const [name, partition] = [directory.slice(0, dash), Number(directory.slice(dash + 1))]
    const topic = yield* Effect.orElseSucceed(broker.describeTopic(name), () => undefined)
    const metadata = volume.files.get(`${directory}/partition.metadata`)
    const text = metadata === undefined ? "" : new TextDecoder().decode(metadata.bytes.subarray(0, metadata.sizeBytes))
    if (topic === undefined) problems.push(`${directory} is there without its topic`)
    else if (partition >= topic.partitions.length) problems.push(`${directory} is beyond the topic's partitions`)
    else if (text.includes("topic_id") && !text.includes(topic.id)) problems.push(`${directory} has another topic's id`)
  }
  return problems
})

const look = Effect.fnUntraced(function*(broker: BrokerClient) {
  const topics = new Map<string, ReadonlyArray<ServedLog>>()
  for (const name of yield* broker.listTopics) {
    if (name === INTERNAL) continue
    const { partitions } = yield* broker.describeTopic(name)
    topics.set(name, yield* Effect.forEach(partitions, ({ partition }) => servedLog(broker, name, partition)))
  }
  const committed = new Map<number, number>()
  for (const { offset, partition, topic } of yield* broker.committed(COMMITTED_GROUP)) {
    if (topic === COMMITTED_TOPIC) committed.set(partition, offset)
  }
  const { producerId } = yield* broker.request(InitProducerId, { transactionalId: null, transactionTimeoutMs: 1000 })
  return { topics, committed, producerId }
})

/** Offsets of a batch, both included. */
interface Span {
  readonly first: number
  readonly last: number
}

/** The batches of a partition that are whole, wherever in its segments they lie. */
const wholeBatches = (directory: DirectoryNode): ReadonlyArray<Span> => {
  const whole: Array<Span> = []
  for (const [name, node] of directory.entries) {
    if (!name.endsWith(".log") || node instanceof DirectoryNode) continue
    const bytes = contentOf(node)
    for (let at = 0; at + RecordBatch.RECORD_BATCH_OVERHEAD <= bytes.length; at++) {
      if (RecordBatch.magic(bytes, at) !== 2) continue
      const size = RecordBatch.batchSizeBytes(bytes, at)
      if (size < RecordBatch.RECORD_BATCH_OVERHEAD || at + size > bytes.length) continue
      const batch = bytes.subarray(at, at + size)
      if (!RecordBatch.isCrcValid(batch, 0)) continue
      whole.push({ first: RecordBatch.baseOffset(batch, 0), last: RecordBatch.lastOffset(batch, 0) })
    }
  }
  return whole.toSorted((one, other) => one.first - other.first)
}

/** Whether batches of a partition are gone before others that are whole, or before a later segment. */
const hasGap = (directory: DirectoryNode, from: number): boolean => {
  const segments = [...directory.entries.keys()].filter((name) => name.endsWith(".log")).map((name) => {
    const base = Number.parseInt(name, 10)
    return { first: base, last: base - 1 }
  })
  let next = from
  for (
    const { first, last } of [...wholeBatches(directory), ...segments].toSorted((one, other) =>
      one.first - other.first || one.last - other.last
    )
  ) {
    if (first > next) return true
    next = Math.max(next, last + 1)
  }
  return false
}

/** Why a partition should have been served, or undefined. */
const wronglyOffline = (
  directory: string,
  image: DirectoryNode,
  volume: MemoryVolume,
  from: number
): string | undefined => {
  const before = image.entries.get(directory)
  if (!(before instanceof DirectoryNode)) return "is offline without a directory"
  if (!hasGap(before, from)) return "is offline, though no batch is gone before another"
  const now = volume.directories.get(directory)
  const left = now === undefined ? 0 : wholeBatches(now).length
  return left < wholeBatches(before).length ? "is offline, and whole batches of it were deleted" : undefined
}

const contentOf = ({ bytes, sizeBytes }: FileNode): Uint8Array => bytes.subarray(0, sizeBytes)

/** Starts a broker on the volume, and stops it cleanly. */
const withBroker = <A, E>(
  volume: MemoryVolume,
  said: Array<SaidLine>,
  use: (broker: BrokerClient) => Effect.Effect<A, E>
) =>
  Effect.exit(Effect.scoped(
    Effect.provide(
      Effect.flatMap(KafkaBroker, ({ client }) => use(client)),
      crashBroker(MemoryLogFiles.layer(volume), said),
      { local: true }
    )
  ))

/**
 * Starts a broker on an image, and tells what of it is not as every one of the expectations says. With `startsAgain` it is
 * stopped cleanly and must show the same once more.
 */
export const checkImage = Effect.fnUntraced(function*(
  root: DirectoryNode,
  expectations: ReadonlyArray<Expectation>,
  options: { readonly startsAgain: boolean }
): Effect.fn.Return<Verdict> {
  const volume = makeMemoryVolume()
  volume.root = copyOfTree(root)
  const said: Array<SaidLine> = []
  const problems: Array<string> = []
  const offline: Array<string> = []
  const ends = new Map<string, number>()
  const first = yield* withBroker(
    volume,
    said,
    Effect.fnUntraced(function*(broker) {
      const recovered = yield* look(broker)
      for (const expectation of expectations) problems.push(...compare(recovered, expectation))
      problems.push(...yield* checkNames(broker, volume))
      for (const [name, logs] of recovered.topics) {
        const lives = expectations.flatMap(({ topics }) => topics.find((topic) => topic.name === name)?.lives ?? [])
        for (const log of logs) {
          const directory = `${name}-${log.partition}`
          if (log.errorCode === ErrorCode.NONE) {
            problems.push(...yield* goOn(broker, name, log, lives, (end) => ends.set(directory, end)))
          } else {
            const wrong = wronglyOffline(directory, root, volume, firstOffsetOf(lives, log.partition))
            if (wrong === undefined) offline.push(directory)
            else problems.push(`${directory} ${wrong}`)
          }
        }
      }
    })
  )
  if (Exit.isFailure(first)) return { problems: [`the start failed: ${Cause.pretty(first.cause)}`], offline }
  for (const { level, text } of said) {
    if (level !== "Warn" && !offline.some((directory) => text.includes(directory))) problems.push(`${level}: ${text}`)
  }
  if (!options.startsAgain) return { problems, offline }
  const second = yield* withBroker(
    volume,
    [],
    Effect.fnUntraced(function*(broker) {
      const recovered = yield* look(broker)
      for (const [name, logs] of recovered.topics) {
        for (const { end, errorCode, partition } of logs) {
          const expected = ends.get(`${name}-${partition}`)
          if (errorCode === ErrorCode.NONE && end !== expected) {
            problems.push(`${name}-${partition} ends at ${end} after the next start, not at ${expected}`)
          }
          if (errorCode !== ErrorCode.NONE && expected !== undefined) {
            problems.push(`${name}-${partition} is answered ${errorCode} after the next start`)
          }
        }
      }
    })
  )
  if (Exit.isFailure(second)) problems.push(`the next start failed: ${Cause.pretty(second.cause)}`)
  return { problems, offline }
})
