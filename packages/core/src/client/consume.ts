import { Clock, Effect, Stream } from "effect"
import type { Scope } from "effect"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { ClientLimits } from "./ClientLimits.ts"
import type { ConsumedRecord } from "./ConsumedRecord.ts"
import { FetchedBatches, fetchInto, nextBatch, type Position } from "./fetchBatches.ts"
import type { KafkaError } from "./KafkaError.ts"
import { listOffsets, partitionOffsets } from "./partitionOffsets.ts"
import { describeTopic } from "./topics.ts"

/** Which records of a topic are consumed without a group. */
export interface ConsumeOptions {
  /** `earliest` when left out. */
  readonly from?: "earliest" | "latest"
  /** All partitions when left out, those that are added later too, from their first record on. */
  readonly partitions?: ReadonlyArray<number>
  /** Longest wait of one poll for new records, and so for new partitions; 30 s when left out. */
  readonly maxWaitMs?: number
}

/** Data ends the wait at once, so a long one costs nothing; well below `connections.max.idle.ms`. */
export const defaultWaitMs = 30_000

const start = Effect.fnUntraced(function*(
  connection: ClientConnection,
  topic: string,
  options: ConsumeOptions
): Effect.fn.Return<ReadonlyArray<Position>, KafkaError> {
  const partitions = options.partitions ??
    (yield* describeTopic(connection, topic)).partitions.map(({ partition }) => partition)
  const offsets = yield* listOffsets(connection, topic, partitions, options.from ?? "earliest")
  return partitions.map((partition, i) => ({ topic, partition, offset: offsets[i]!, released: false }))
})

/** All records of a topic that are below its high watermarks now, by partition and offset. */
export const readAll = Effect.fnUntraced(function*(
  connection: ClientConnection,
  codecs: CompressionCodecs,
  topic: string
): Effect.fn.Return<ReadonlyArray<ConsumedRecord>, KafkaError> {
  const ends = new Map((yield* partitionOffsets(connection, topic)).map(({ partition, latest }) => [partition, latest]))
  const positions = yield* start(connection, topic, {})
  const batches = new FetchedBatches<Position>(codecs)
  const records: Array<ConsumedRecord> = []
  while (true) {
    const open = positions.filter(({ offset, partition }) => offset < ends.get(partition)!)
    if (open.length === 0) break
    yield* fetchInto(connection, batches, open, { maxWaitMs: 0, from: "earliest" })
    for (let batch = yield* nextBatch(batches); batch !== undefined; batch = yield* nextBatch(batches)) {
      const end = ends.get(batch.position.partition)!
      for (const record of batch.records) if (record.offset < end) records.push(record)
    }
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
})

/** The order in which partitions are asked for moves on, as a full response leaves the last ones out. */
export const rotated = <A>(values: ReadonlyArray<A>, turn: number): ReadonlyArray<A> => {
  const from = values.length === 0 ? 0 : turn % values.length
  return [...values.slice(from), ...values.slice(0, from)]
}

/** Endless stream over a connection of its own, closed with the stream; fetches only when asked for records. */
export const consume = (
  connect: Effect.Effect<ClientConnection, never, Scope.Scope>,
  codecs: CompressionCodecs,
  topic: string,
  options: ConsumeOptions
): Stream.Stream<ConsumedRecord, KafkaError> =>
  Stream.unwrap(Effect.gen(function*() {
    const connection = yield* connect
    const positions = [...(yield* start(connection, topic, options))]
    const batches = new FetchedBatches<Position>(codecs)
    const fetchOptions = { maxWaitMs: options.maxWaitMs ?? defaultWaitMs, from: options.from ?? "earliest" }
    let turn = 0
    let lookedAtMs = yield* Clock.currentTimeMillis
    let isIdle = false

    /** Adds the partitions that the topic has by now; nobody can have read anything of them. */
    const follow = Effect.gen(function*() {
      const nowMs = yield* Clock.currentTimeMillis
      if (options.partitions !== undefined || (!isIdle && nowMs - lookedAtMs < ClientLimits.partitionLookMs)) return
      lookedAtMs = nowMs
      const known = new Set(positions.map(({ partition }) => partition))
      const { partitions } = yield* describeTopic(connection, topic)
      const added = partitions.map(({ partition }) => partition).filter((partition) => !known.has(partition))
      if (added.length === 0) return
      const offsets = yield* listOffsets(connection, topic, added, "earliest")
      for (const [i, partition] of added.entries()) {
        positions.push({ topic, partition, offset: offsets[i]!, released: false })
      }
    })

    return Stream.fromPull(Effect.succeed(Effect.gen(function*() {
      while (true) {
        const batch = yield* nextBatch(batches)
        if (batch !== undefined) {
          isIdle = false
          return batch.records
        }
        yield* follow
        isIdle = true
        yield* fetchInto(connection, batches, rotated(positions, turn++), fetchOptions)
      }
    })))
  }))
