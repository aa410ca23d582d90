import { Clock, Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import { Produce } from "../protocol/apis/Produce.ts"
import type { RecordHeader } from "../protocol/records/Record.ts"
import { buildBatch } from "../protocol/records/RecordBatchBuilder.ts"
import { encodeUtf8 } from "../protocol/wire/Utf8.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { type KafkaError, kafkaError } from "./KafkaError.ts"
import { partitionForKey } from "./partitionForKey.ts"
import { isTransient, retryTransient } from "./retryTransient.ts"
import { describeTopic } from "./topics.ts"

/** The newest version that names topics instead of ids, so a topic made again under its name is found. */
const produceVersion = 12
const produceTimeoutMs = 30_000

/** A record to append. */
export interface ProducerRecord {
  /** Text is UTF-8. */
  readonly key?: string | Uint8Array | null
  readonly value?: string | Uint8Array | null
  readonly headers?: ReadonlyArray<RecordHeader>
  /** By key, else spread in turn, when left out. */
  readonly partition?: number
  /** Milliseconds since the epoch; the clock's time when left out. */
  readonly timestamp?: number
}

/** Where a record was appended. */
export interface ProducedRecord {
  readonly partition: number
  readonly offset: number
}

const toBytes = (value: string | Uint8Array | null | undefined): Uint8Array | null =>
  typeof value === "string" ? encodeUtf8(value) : value ?? null

/**
 * Appends one batch per partition; base offsets by partition. Partitions whose leader moves are tried again, alone; any
 * other error fails the whole, what was appended stays. Nothing is sent twice that may have been appended.
 */
const append = Effect.fnUntraced(function*(
  connection: ClientConnection,
  topic: string,
  batches: ReadonlyMap<number, Uint8Array>
): Effect.fn.Return<ReadonlyMap<number, number>, KafkaError> {
  const left = new Map(batches)
  const baseOffsets = new Map<number, number>()
  yield* retryTransient(Effect.gen(function*() {
    const response = yield* connection.request(Produce, {
      transactionalId: null,
      acks: -1,
      timeoutMs: produceTimeoutMs,
      topicData: [{
        name: topic,
        topicId: Uuid.zero,
        partitionData: [...left].map(([index, records]) => ({ index, records }))
      }]
    }, produceVersion)
    const failed: Array<KafkaError> = []
    for (const { partitionResponses } of response.responses) {
      for (const { baseOffset, errorCode, errorMessage, index } of partitionResponses) {
        if (errorCode === ErrorCode.NONE) {
          left.delete(index)
          baseOffsets.set(index, baseOffset)
        } else failed.push(kafkaError(errorCode, errorMessage))
      }
    }
    const failure = failed.find((error) => !isTransient(error)) ?? failed[0]
    if (failure !== undefined) return yield* failure
  }))
  return baseOffsets
})

/** Appends records, one batch per partition, with acks=all. */
export const makeProduce = (connection: ClientConnection) => {
  let turn = 0

  const place = (record: ProducerRecord, key: Uint8Array | null, partitionCount: number): number =>
    record.partition ?? (key === null ? turn++ % partitionCount : partitionForKey(key, partitionCount))

  return Effect.fnUntraced(function*(
    topic: string,
    records: ReadonlyArray<ProducerRecord>
  ): Effect.fn.Return<ReadonlyArray<ProducedRecord>, KafkaError> {
    if (records.length === 0) return []
    const partitionCount = (yield* describeTopic(connection, topic)).partitions.length
    const now = yield* Clock.currentTimeMillis
    const byPartition = new Map<number, Array<number>>()
    const placed = records.map((record, index) => {
      const key = toBytes(record.key)
      const partition = place(record, key, partitionCount)
      const indexes = byPartition.get(partition)
      if (indexes === undefined) byPartition.set(partition, [index])
      else indexes.push(index)
      const timestamp = record.timestamp ?? now
      return { key, value: toBytes(record.value), headers: record.headers ?? [], timestamp }
    })
    const batches = new Map([...byPartition].map(([partition, indexes]) => [
      partition,
      buildBatch(indexes.map((i) => placed[i]!))
    ]))
    const baseOffsets = yield* append(connection, topic, batches)
    const results: Array<ProducedRecord> = []
    for (const [partition, indexes] of byPartition) {
      indexes.forEach((index, i) => {
        results[index] = { partition, offset: baseOffsets.get(partition)! + i }
      })
    }
    return results
  })
}
