import type { FloorConnection, Slot } from "./FloorConnection.ts"
import type { FloorPartition } from "./FloorPartition.ts"
import type { FloorReader } from "./FloorReader.ts"
import type { FloorTopics } from "./FloorTopics.ts"
import { writeInt64, writeUvarint } from "./produce.ts"

interface FetchOf {
  readonly topic: Uint8Array
  readonly index: number
  readonly offset: number
  readonly maxBytes: number
  readonly partition: FloorPartition | undefined
}

interface Answer {
  readonly connection: FloorConnection
  readonly slot: Slot
  readonly correlationId: number
  readonly fetch: FetchOf
}

const unknownTopicOrPartition = 3
const offsetOutOfRange = 1

/** Fetch 12 without a session and of one partition, which is all the load generator asks for. */
export const fetch = (
  connection: FloorConnection,
  topics: FloorTopics,
  reader: FloorReader,
  correlationId: number
): void => {
  const slot = connection.slot()
  reader.at += 4
  const maxWaitMs = reader.int32()
  const minBytes = reader.int32()
  reader.at += 4 + 1 + 8
  if (reader.compactLength() !== 1) throw new Error("the floor serves one topic per fetch")
  const nameLength = reader.compactLength()
  const topic = reader.bytes.slice(reader.at, reader.at + nameLength)
  const found = topics.find(reader.bytes, reader.at, nameLength)
  reader.at += nameLength
  if (reader.compactLength() !== 1) throw new Error("the floor serves one partition per fetch")
  const index = reader.int32()
  reader.at += 4
  const offset = reader.int64()
  reader.at += 4 + 8
  const maxBytes = reader.int32()
  const partition = found?.partitions[index]
  const answer: Answer = { connection, slot, correlationId, fetch: { topic, index, offset, maxBytes, partition } }
  if (partition === undefined || offset > partition.highWatermark) {
    return send(answer, partition === undefined ? unknownTopicOrPartition : offsetOutOfRange, [])
  }
  if (offset < partition.highWatermark || minBytes === 0 || maxWaitMs === 0) return read(answer, partition)
  let isOpen = true
  const finish = (): void => {
    if (!isOpen) return
    isOpen = false
    clearTimeout(timer)
    read(answer, partition)
  }
  const timer = setTimeout(finish, maxWaitMs)
  partition.onAppend(offset, finish)
}

const read = (answer: Answer, partition: FloorPartition): void =>
  partition.read(answer.fetch.offset, answer.fetch.maxBytes, (chunks) => send(answer, 0, chunks))

const send = (answer: Answer, errorCode: number, chunks: ReadonlyArray<Uint8Array>): void => {
  const { topic, index, partition } = answer.fetch
  let recordBytes = 0
  for (const chunk of chunks) recordBytes += chunk.length
  const bytes = Buffer.allocUnsafe(80 + topic.length)
  let at = bytes.writeInt32BE(answer.correlationId, 4)
  bytes[at++] = 0
  at = bytes.writeInt32BE(0, at)
  at = bytes.writeInt16BE(0, at)
  at = bytes.writeInt32BE(0, at)
  bytes[at++] = 2
  at = writeUvarint(bytes, topic.length + 1, at)
  bytes.set(topic, at)
  at += topic.length
  bytes[at++] = 2
  at = bytes.writeInt32BE(index, at)
  at = bytes.writeInt16BE(errorCode, at)
  at = writeInt64(bytes, partition?.highWatermark ?? -1, at)
  at = writeInt64(bytes, partition?.highWatermark ?? -1, at)
  at = writeInt64(bytes, 0, at)
  bytes[at++] = 0
  at = bytes.writeInt32BE(-1, at)
  at = writeUvarint(bytes, recordBytes + 1, at)
  // After the records come the tags of partition, topic and response.
  bytes.writeInt32BE(at - 4 + recordBytes + endTags.length, 0)
  answer.connection.answer(answer.slot, [bytes.subarray(0, at), ...chunks, endTags])
}

const endTags = new Uint8Array(3)
