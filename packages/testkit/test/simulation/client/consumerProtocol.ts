import { ByteReader, ByteWriter } from "@kafka-broker/core/protocol"

/** What a classic member says it wants. Source: ConsumerProtocolSubscription version 0. */
export const encodeSubscription = (topics: ReadonlyArray<string>): Uint8Array => {
  const writer = new ByteWriter()
  writer.int16(0)
  writer.int32(topics.length)
  for (const topic of topics) writer.string(topic)
  writer.int32(-1)
  return writer.finishBytes()
}

/** What the leader gives to a member: topics with their partitions. Source: ConsumerProtocolAssignment version 0. */
export type ClassicAssignment = ReadonlyMap<string, ReadonlyArray<number>>

export const encodeAssignment = (assignment: ClassicAssignment): Uint8Array => {
  const writer = new ByteWriter()
  writer.int16(0)
  writer.int32(assignment.size)
  for (const [topic, partitions] of assignment) {
    writer.string(topic)
    writer.int32(partitions.length)
    for (const partition of partitions) writer.int32(partition)
  }
  writer.int32(-1)
  return writer.finishBytes()
}

export const decodeAssignment = (bytes: Uint8Array): ClassicAssignment => {
  const assignment = new Map<string, Array<number>>()
  if (bytes.length === 0) return assignment
  const reader = new ByteReader(bytes)
  reader.int16()
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string()
    const partitions: Array<number> = []
    for (let count = reader.int32(); count > 0; count--) partitions.push(reader.int32())
    assignment.set(topic, partitions)
  }
  return assignment
}
