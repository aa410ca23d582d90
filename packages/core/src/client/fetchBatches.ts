import { Array as Arr, Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import type { TopicPartition } from "../model/TopicPartition.ts"
import { Uuid } from "../model/Uuid.ts"
import { Fetch } from "../protocol/apis/Fetch.ts"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import { decodeRecords } from "../protocol/records/Record.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import type { ConsumedRecord } from "./ConsumedRecord.ts"
import { type KafkaError, kafkaError, type Where } from "./KafkaError.ts"
import { listOffsets } from "./partitionOffsets.ts"
import { retryTransient } from "./retryTransient.ts"

/** The newest version that names topics instead of ids. */
const fetchVersion = 12
/** Kafka's consumer defaults, in bytes. */
const fetchBytesMax = 50 * 1024 * 1024
const partitionBytesMax = 1024 * 1024
/** A decompressed batch the consumer accepts, in bytes; only one is held at a time. */
const decompressedBytesMax = 128 * 1024 * 1024

/** Where a consumer stands in one partition. Moved only by decoding what was fetched for it. */
export interface Position extends TopicPartition {
  /** Of the next record to hand out. */
  offset: number
  /** The consumer reads this partition no more: what was fetched of it is dropped. */
  released: boolean
}

/** Where to start without an offset, or after retention took the records away. */
export type ResetPolicy = "earliest" | "latest"

/** The records of one batch of the position's partition, in offset order. */
export interface FetchedBatch<P extends Position> {
  readonly position: P
  readonly records: Arr.NonEmptyReadonlyArray<ConsumedRecord>
}

interface FetchedPartition<P extends Position> {
  readonly position: P
  readonly bytes: Uint8Array
  /** Where the next batch begins; a truncated last batch is left out. */
  at: number
  readonly end: number
}

/**
 * What fetches brought, as bytes; decoded one batch at a time when asked for, so that a slow reader holds one
 * decompressed batch and at most one fetch.
 */
export class FetchedBatches<P extends Position> {
  private partitions: Array<FetchedPartition<P>> = []
  private readonly codecs: CompressionCodecs

  constructor(codecs: CompressionCodecs) {
    this.codecs = codecs
  }

  push(position: P, bytes: Uint8Array): void {
    const end = RecordBatch.completeBatchesEnd(bytes, 0, bytes.length)
    if (end > 0) this.partitions.push({ position, bytes, at: 0, end })
  }

  /** Where the next batch is from. */
  next(): Where {
    const position = this.partitions[0]?.position
    if (position === undefined) return {}
    const { offset, partition, topic } = position
    return { api: "Fetch", topic, partition, offset }
  }

  /** Records of the next batch that has any, undefined when nothing is left. Throws on a batch that cannot be read. */
  nextUnsafe(): FetchedBatch<P> | undefined {
    for (let first = this.partitions[0]; first !== undefined; first = this.partitions[0]) {
      const { at, bytes, end, position } = first
      if (at >= end || position.released) {
        this.partitions.shift()
        continue
      }
      first.at += RecordBatch.batchSizeBytes(bytes, at)
      const from = position.offset
      const records: Array<ConsumedRecord> = []
      if (!RecordBatch.isControl(bytes, at)) {
        for (
          const record of decodeRecords(bytes, at, { codecs: this.codecs, maxOutputBytes: decompressedBytesMax })
        ) {
          if (record.offset < from) continue
          records.push({ ...record, topic: position.topic, partition: position.partition })
        }
      }
      position.offset = Math.max(from, RecordBatch.lastOffset(bytes, at) + 1)
      if (Arr.isArrayNonEmpty(records)) return { position, records }
    }
    return undefined
  }
}

/** The next batch; fails with `CORRUPT_MESSAGE` when it cannot be read. */
export const nextBatch = <P extends Position>(batches: FetchedBatches<P>) =>
  Effect.try({
    try: () => batches.nextUnsafe(),
    catch: (error) =>
      kafkaError(ErrorCode.CORRUPT_MESSAGE, error instanceof Error ? error.message : null, batches.next())
  })

const byTopic = <P extends Position>(
  positions: ReadonlyArray<P>
): ReadonlyMap<string, ReadonlyMap<number, P>> => {
  const topics = new Map<string, Map<number, P>>()
  for (const position of positions) {
    const partitions = topics.get(position.topic)
    if (partitions === undefined) topics.set(position.topic, new Map([[position.partition, position]]))
    else partitions.set(position.partition, position)
  }
  return topics
}

/** Moves a position whose records are gone to where the policy says. Source: auto.offset.reset. */
const reset = Effect.fnUntraced(function*(connection: ClientConnection, position: Position, from: ResetPolicy) {
  const [offset] = yield* listOffsets(connection, position.topic, [position.partition], from)
  position.offset = offset!
})

/**
 * One Fetch for all positions, which waits `maxWaitMs` for a first byte; what it brings is pushed into `batches`.
 * Leaders that move are asked again; a position whose records are gone moves to where `from` says.
 */
export const fetchInto = <P extends Position>(
  connection: ClientConnection,
  batches: FetchedBatches<P>,
  positions: ReadonlyArray<P>,
  options: { readonly maxWaitMs: number; readonly from: ResetPolicy }
): Effect.Effect<void, KafkaError> =>
  retryTransient(Effect.gen(function*() {
    const wanted = byTopic(positions)
    const response = yield* connection.request(Fetch, {
      maxWaitMs: options.maxWaitMs,
      minBytes: 1,
      maxBytes: fetchBytesMax,
      isolationLevel: 0,
      topics: [...wanted].map(([topic, partitions]) => ({
        topic,
        topicId: Uuid.zero,
        partitions: [...partitions.values()].map(({ offset, partition }) => ({
          partition,
          fetchOffset: offset,
          partitionMaxBytes: partitionBytesMax
        }))
      })),
      forgottenTopicsData: []
    }, fetchVersion)
    if (response.errorCode !== ErrorCode.NONE) return yield* kafkaError(response.errorCode, null, { api: "Fetch" })
    let failed: KafkaError | undefined
    let brought = false
    for (const { partitions, topic } of response.responses) {
      for (const { errorCode, partitionIndex, records } of partitions) {
        const position = wanted.get(topic)?.get(partitionIndex)
        if (position === undefined) continue
        if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
          yield* reset(connection, position, options.from)
        } else if (errorCode !== ErrorCode.NONE) {
          const { offset } = position
          failed ??= kafkaError(errorCode, null, { api: "Fetch", topic, partition: partitionIndex, offset })
        } else if (records !== null && records.length > 0) {
          brought = true
          batches.push(position, records)
        }
      }
    }
    // What the other partitions brought comes first: the error is met again by the next fetch.
    if (failed !== undefined && !brought) return yield* failed
  }))
