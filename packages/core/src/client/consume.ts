import { Effect, Option, Stream } from "effect"
import type { Scope } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import { Fetch } from "../protocol/apis/Fetch.ts"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import { decodeRecords } from "../protocol/records/Record.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { describeTopic, listOffsets, offsets } from "./admin.ts"
import type { ConsumedRecord, ConsumeOptions } from "./BrokerClient.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { kafkaError, type KafkaError } from "./KafkaError.ts"

/** The newest version that names topics instead of ids. */
const fetchVersion = 12
/** Kafka's consumer defaults, in bytes. */
const fetchBytesMax = 50 * 1024 * 1024
const partitionBytesMax = 1024 * 1024
/** A decompressed batch the consumer accepts, in bytes. */
const decompressedBytesMax = 128 * 1024 * 1024
const defaultWaitMs = 500

/** Next offset to read, by partition. */
type Positions = ReadonlyMap<number, number>

const start = Effect.fnUntraced(function*(
  connection: ClientConnection,
  topic: string,
  options: ConsumeOptions
): Effect.fn.Return<Positions, KafkaError> {
  const partitions = options.partitions ??
    (yield* describeTopic(connection, topic)).partitions.map(({ partition }) => partition)
  const offsets = yield* listOffsets(connection, topic, partitions, options.from ?? "earliest")
  return new Map(partitions.map((partition, i) => [partition, offsets[i]!]))
})

/** Records at or above `offset` in the fetched bytes, and the offset to go on from; a truncated last batch waits. */
const decode = (
  codecs: CompressionCodecs,
  topic: string,
  partition: number,
  bytes: Uint8Array,
  offset: number
): { readonly records: Array<ConsumedRecord>; readonly next: number } => {
  const records: Array<ConsumedRecord> = []
  const end = RecordBatch.completeBatchesEnd(bytes, 0, bytes.length)
  let next = offset
  for (let at = 0; at < end; at += RecordBatch.batchSizeBytes(bytes, at)) {
    next = RecordBatch.lastOffset(bytes, at) + 1
    if (RecordBatch.isControl(bytes, at)) continue
    for (const record of decodeRecords(bytes, at, { codecs, maxOutputBytes: decompressedBytesMax })) {
      if (record.offset >= offset) records.push({ ...record, topic, partition })
    }
  }
  return { records, next }
}

const poll = Effect.fnUntraced(function*(
  connection: ClientConnection,
  codecs: CompressionCodecs,
  topic: string,
  positions: Positions,
  maxWaitMs: number
): Effect.fn.Return<readonly [ReadonlyArray<ConsumedRecord>, Option.Option<Positions>], KafkaError> {
  const response = yield* connection.request(Fetch, {
    maxWaitMs,
    minBytes: 1,
    maxBytes: fetchBytesMax,
    isolationLevel: 0,
    topics: [{
      topic,
      topicId: Uuid.zero,
      partitions: [...positions].map(([partition, fetchOffset]) => ({
        partition,
        fetchOffset,
        partitionMaxBytes: partitionBytesMax
      }))
    }],
    forgottenTopicsData: []
  }, fetchVersion)
  if (response.errorCode !== ErrorCode.NONE) return yield* kafkaError(response.errorCode)
  const records: Array<ConsumedRecord> = []
  const advanced = new Map(positions)
  for (const { partitions } of response.responses) {
    for (const { partitionIndex, errorCode, records: bytes } of partitions) {
      if (errorCode !== ErrorCode.NONE) return yield* kafkaError(errorCode)
      if (bytes === null || bytes.length === 0) continue
      const decoded = decode(codecs, topic, partitionIndex, bytes, positions.get(partitionIndex)!)
      for (const record of decoded.records) records.push(record)
      advanced.set(partitionIndex, decoded.next)
    }
  }
  return [records, Option.some<Positions>(advanced)]
})

/** All records of a topic that are below its high watermarks now, by partition and offset. */
export const readAll = Effect.fnUntraced(function*(
  connection: ClientConnection,
  codecs: CompressionCodecs,
  topic: string
): Effect.fn.Return<ReadonlyArray<ConsumedRecord>, KafkaError> {
  const ends = new Map((yield* offsets(connection, topic)).map(({ partition, latest }) => [partition, latest]))
  let positions = yield* start(connection, topic, {})
  const records: Array<ConsumedRecord> = []
  while (true) {
    const open = new Map([...positions].filter(([partition, position]) => position < ends.get(partition)!))
    if (open.size === 0) break
    const [read, next] = yield* poll(connection, codecs, topic, open, 0)
    for (const record of read) records.push(record)
    positions = Option.getOrThrow(next)
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
})

/** Endless stream over a connection of its own, closed with the stream. */
export const consume = (
  connect: Effect.Effect<ClientConnection, never, Scope.Scope>,
  codecs: CompressionCodecs,
  topic: string,
  options: ConsumeOptions
): Stream.Stream<ConsumedRecord, KafkaError> =>
  Stream.unwrap(Effect.gen(function*() {
    const connection = yield* connect
    const positions = yield* start(connection, topic, options)
    return Stream.paginate(
      positions,
      (from) => poll(connection, codecs, topic, from, options.maxWaitMs ?? defaultWaitMs)
    )
  }))
