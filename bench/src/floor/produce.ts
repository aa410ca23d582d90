import { decompressPayload } from "../../../packages/core/src/protocol/records/Compression.ts"
import * as RecordBatch from "../../../packages/core/src/protocol/records/RecordBatch.ts"
import { codecs } from "../../../packages/node-server/src/NodeCompression.ts"
import type { FloorConnection } from "./FloorConnection.ts"
import type { FloorReader } from "./FloorReader.ts"
import type { FloorTopic, FloorTopics } from "./FloorTopics.ts"
import { walkRecords } from "./walkRecords.ts"

const unknownTopicOrPartition = 3
const corruptMessage = 2
const invalidRecord = 87
const decompressedBytesMax = 64 * 1024 * 1024

const checkBatch = (batch: Uint8Array): number => {
  if (batch.length < RecordBatch.RECORD_BATCH_OVERHEAD || RecordBatch.magic(batch, 0) !== 2) return corruptMessage
  if (RecordBatch.batchSizeBytes(batch, 0) !== batch.length || !RecordBatch.isCrcValid(batch, 0)) return corruptMessage
  const count = RecordBatch.recordCount(batch, 0)
  if (RecordBatch.lastOffsetDelta(batch, 0) + 1 !== count) return invalidRecord
  const payload = RecordBatch.codecId(batch, 0) === 0
    ? RecordBatch.payload(batch, 0)
    : decompressPayload(codecs, batch, 0, decompressedBytesMax)
  return walkRecords(payload, count) ? 0 : invalidRecord
}

interface PartitionResult {
  readonly index: number
  errorCode: number
  baseOffset: number
}

interface TopicResult {
  readonly name: Uint8Array
  readonly partitions: Array<PartitionResult>
}

/** Produce 9 to 12: checks every batch, hands it to its partition and answers after the last write. */
export const produce = (
  connection: FloorConnection,
  topics: FloorTopics,
  reader: FloorReader,
  correlationId: number
): void => {
  const frame = reader.bytes
  reader.skip(reader.compactLength())
  const acks = reader.int16()
  reader.at += 4
  const slot = connection.slot()
  const results: Array<TopicResult> = []
  // One more than there are batches, so that the answer is not sent before all are handed out.
  let waiting = 1
  const done = (): void => {
    waiting--
    if (waiting === 0) connection.answer(slot, acks === 0 ? [] : [encode(correlationId, results)])
  }
  for (let topicCount = reader.compactLength(); topicCount > 0; topicCount--) {
    const nameLength = reader.compactLength()
    const topic: FloorTopic | undefined = topics.find(frame, reader.at, nameLength)
    const result: TopicResult = { name: frame.subarray(reader.at, reader.at + nameLength), partitions: [] }
    results.push(result)
    reader.at += nameLength
    for (let count = reader.compactLength(); count > 0; count--) {
      const index = reader.int32()
      const length = reader.compactLength()
      const batch = frame.subarray(reader.at, reader.at + length)
      reader.at += length
      reader.skipTags()
      const partition = topic?.partitions[index]
      const errorCode = partition === undefined ? unknownTopicOrPartition : checkBatch(batch)
      const entry: PartitionResult = { index, errorCode, baseOffset: -1 }
      result.partitions.push(entry)
      if (partition === undefined || errorCode !== 0) continue
      waiting++
      partition.append(batch, (baseOffset) => {
        entry.baseOffset = baseOffset
        done()
      })
    }
    reader.skipTags()
  }
  done()
}

const encode = (correlationId: number, results: ReadonlyArray<TopicResult>): Uint8Array => {
  let size = 16
  for (const { name, partitions } of results) size += name.length + 12 + partitions.length * 33
  const bytes = Buffer.allocUnsafe(size)
  let at = bytes.writeInt32BE(correlationId, 4)
  bytes[at++] = 0
  at = writeUvarint(bytes, results.length + 1, at)
  for (const { name, partitions } of results) {
    at = writeUvarint(bytes, name.length + 1, at)
    bytes.set(name, at)
    at = writeUvarint(bytes, partitions.length + 1, at + name.length)
    for (const { index, errorCode, baseOffset } of partitions) {
      at = bytes.writeInt32BE(index, at)
      at = bytes.writeInt16BE(errorCode, at)
      at = writeInt64(bytes, baseOffset, at)
      at = writeInt64(bytes, -1, at)
      at = writeInt64(bytes, 0, at)
      bytes[at++] = 1
      bytes[at++] = 0
      bytes[at++] = 0
    }
    bytes[at++] = 0
  }
  at = bytes.writeInt32BE(0, at)
  bytes[at++] = 0
  bytes.writeInt32BE(at - 4, 0)
  return bytes.subarray(0, at)
}

/** Writes an int64 and returns the position after it. */
export const writeInt64 = (bytes: Buffer, value: number, at: number): number => {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at)
  return bytes.writeInt32BE(value | 0, at + 4)
}

/** Writes an unsigned varint and returns the position after it. */
export const writeUvarint = (bytes: Uint8Array, value: number, at: number): number => {
  let rest = value
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}
