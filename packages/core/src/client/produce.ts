import { Clock, Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import { Produce } from "../protocol/apis/Produce.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { buildBatch, type NewRecord } from "../protocol/records/RecordBatchBuilder.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { ClientLimits } from "./ClientLimits.ts"
import { KafkaError, kafkaError, withProduced } from "./KafkaError.ts"
import { partitionForKey } from "./partitionForKey.ts"
import { encodeProducerRecord, type ProducerRecord } from "./ProducerRecord.ts"
import { isTransient, retryTransient } from "./retryTransient.ts"
import { describeTopic } from "./topics.ts"

export type { ProducerHeader, ProducerRecord } from "./ProducerRecord.ts"

/** The newest version that names topics instead of ids, so a topic made again under its name is found. */
const produceVersion = 12
const produceTimeoutMs = 30_000

/** Where a record was appended. */
export interface ProducedRecord {
  readonly partition: number
  readonly offset: number
}

/** A record with its place among those of the call. */
interface Placed {
  readonly index: number
  readonly record: NewRecord
  readonly sizeBytes: number
}

/** Records of one partition that go into one batch. */
interface Batch {
  readonly records: ReadonlyArray<Placed>
  readonly sizeBytes: number
}

/** Lengths, deltas and attributes of a record take no more. Source: DefaultRecord.MAX_RECORD_OVERHEAD. */
const recordOverheadBytes = 21
const headerOverheadBytes = 10

/** Bytes of a record in a batch, at most. */
const sizeOf = ({ headers, key, value }: NewRecord): number => {
  let bytes = recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0)
  // UTF-8 has at most three bytes for each unit of a string.
  for (const header of headers ?? []) bytes += headerOverheadBytes + header.key.length * 3 + (header.value?.length ?? 0)
  return bytes
}

const batchOf = (records: ReadonlyArray<Placed>): Batch => ({
  records,
  sizeBytes: records.reduce((sum, { sizeBytes }) => sum + sizeBytes, RecordBatch.RECORD_BATCH_OVERHEAD)
})

/** Batches as full as they may be, in the order of the records; a record that is larger has one of its own. */
const batchesOf = (records: ReadonlyArray<Placed>): Array<Batch> => {
  const batches: Array<Batch> = []
  let from = 0
  let sizeBytes: number = RecordBatch.RECORD_BATCH_OVERHEAD
  for (let i = 0; i < records.length; i++) {
    if (i > from && sizeBytes + records[i]!.sizeBytes > ClientLimits.batchBytesMax) {
      batches.push(batchOf(records.slice(from, i)))
      from = i
      sizeBytes = RecordBatch.RECORD_BATCH_OVERHEAD
    }
    sizeBytes += records[i]!.sizeBytes
  }
  batches.push(batchOf(records.slice(from)))
  return batches
}

/** What became of one batch of a request. */
type Outcome = { readonly baseOffset: number } | { readonly error: KafkaError }

/**
 * Sends one batch for each partition. Partitions whose leader moves are tried again, alone; nothing is sent twice that
 * may have been appended.
 */
const send = (connection: ClientConnection, topic: string, batches: ReadonlyMap<number, Batch>) => {
  const outcomes = new Map<number, Outcome>()
  return retryTransient(Effect.gen(function*() {
    const left = [...batches].filter(([partition]) => !outcomes.has(partition))
    const response = yield* connection.request(Produce, {
      transactionalId: null,
      acks: -1,
      timeoutMs: produceTimeoutMs,
      topicData: [{
        name: topic,
        topicId: Uuid.zero,
        partitionData: left.map(([index, { records }]) => ({
          index,
          records: buildBatch(records.map(({ record }) => record))
        }))
      }]
    }, produceVersion)
    let moved: KafkaError | undefined
    for (const { partitionResponses } of response.responses) {
      for (const { baseOffset, errorCode, errorMessage, index } of partitionResponses) {
        const error = kafkaError(errorCode, errorMessage, { api: "Produce", topic, partition: index })
        if (errorCode === ErrorCode.NONE) outcomes.set(index, { baseOffset })
        else if (isTransient(error)) moved ??= error
        else outcomes.set(index, { error })
      }
    }
    if (moved !== undefined) return yield* moved
  })).pipe(
    // What is known of the other partitions is not lost with the one that gave up.
    Effect.catch((error) =>
      Effect.sync(() => {
        for (const partition of batches.keys()) if (!outcomes.has(partition)) outcomes.set(partition, { error })
      })
    ),
    Effect.as(outcomes)
  )
}

/** The next batch of each partition, as many as one request may hold; the first of them in any case. */
const nextRound = (queues: ReadonlyMap<number, ReadonlyArray<Batch>>, maxBytes: number): Map<number, Batch> => {
  const round = new Map<number, Batch>()
  let bytes = 0
  for (const [partition, [batch]] of queues) {
    if (batch === undefined || (round.size > 0 && bytes + batch.sizeBytes > maxBytes)) continue
    round.set(partition, batch)
    bytes += batch.sizeBytes
  }
  return round
}

/** A record that was appended, with its place among those of the call; nothing for one that was not. */
const atIndex = (record: ProducedRecord | undefined, index: number) =>
  record === undefined ? [] : [{ index, ...record }]

/**
 * Appends records with acks=all, in batches as a producer makes them; one that the broker finds too large is cut in halves
 * until single records are left. Source: Sender.completeBatch, ProducerBatch.split.
 */
export const makeProduce = (connection: ClientConnection, maxRequestBytes: number) => {
  let turn = 0
  const maxBytes = Math.min(ClientLimits.requestBytesMax, maxRequestBytes - ClientLimits.requestOverheadBytes)

  const place = (partition: number | undefined, key: Uint8Array | null, partitionCount: number): number =>
    partition ?? (key === null ? turn++ % partitionCount : partitionForKey(key, partitionCount))

  const appendAll = Effect.fnUntraced(function*(
    topic: string,
    byPartition: ReadonlyMap<number, ReadonlyArray<Placed>>
  ): Effect.fn.Return<ReadonlyArray<ProducedRecord>, KafkaError> {
    const queues = new Map(Array.from(byPartition, ([partition, records]) => [partition, batchesOf(records)]))
    const results: Array<ProducedRecord> = []
    while (true) {
      const round = nextRound(queues, maxBytes)
      if (round.size === 0) return results
      let failed: KafkaError | undefined
      for (const [partition, outcome] of yield* send(connection, topic, round)) {
        const queue = queues.get(partition)!
        const { records } = queue.shift()!
        if ("baseOffset" in outcome) {
          records.forEach(({ index }, i) => {
            results[index] = { partition, offset: outcome.baseOffset + i }
          })
        } else if (outcome.error.code === ErrorCode.MESSAGE_TOO_LARGE && records.length > 1) {
          const middle = records.length >> 1
          queue.unshift(batchOf(records.slice(0, middle)), batchOf(records.slice(middle)))
        } else failed ??= outcome.error
      }
      if (failed !== undefined) return yield* withProduced(failed, results.flatMap(atIndex))
    }
  })

  return Effect.fnUntraced(function*(
    topic: string,
    records: ReadonlyArray<ProducerRecord>
  ): Effect.fn.Return<ReadonlyArray<ProducedRecord>, KafkaError> {
    if (records.length === 0) return []
    const now = yield* Clock.currentTimeMillis
    const encoded: Array<NewRecord> = []
    for (const [index, record] of records.entries()) {
      const one = encodeProducerRecord(record, index, { topic, now })
      if (one instanceof KafkaError) return yield* one
      encoded.push(one)
    }
    const partitionCount = (yield* describeTopic(connection, topic)).partitions.length
    const byPartition = new Map<number, Array<Placed>>()
    for (const [index, record] of encoded.entries()) {
      const partition = place(records[index]!.partition, record.key ?? null, partitionCount)
      const placed = { index, record, sizeBytes: sizeOf(record) }
      const others = byPartition.get(partition)
      if (others === undefined) byPartition.set(partition, [placed])
      else others.push(placed)
    }
    return yield* appendAll(topic, byPartition)
  })
}
