/**
 * The embedded consumer protocol: what consumers put into the opaque bytes of JoinGroup and SyncGroup. Versions 0-3.
 * 1: owned partitions (KIP-429); 2: generation (KIP-792); 3: rack (KIP-881).
 */
import { type InputOf, Message, type ValueOf } from "../schema/Message.ts"
import { noVersions } from "../schema/VersionRange.ts"
import { Wire } from "../schema/Wire.ts"
import { ByteReader } from "../wire/ByteReader.ts"
import { ByteWriter } from "../wire/ByteWriter.ts"
import { failDecode } from "../wire/DecodeError.ts"

const versions = { min: 0, max: 3 }

/** What a member subscribes to: the metadata of its protocol in JoinGroup. */
export const ConsumerProtocolSubscription = new Message({
  name: "ConsumerProtocolSubscription",
  versions,
  flexibleVersions: noVersions,
  fields: {
    topics: Wire.arrayOf(Wire.string),
    userData: Wire.nullableBytes.default(null),
    ownedPartitions: Wire.array({ topic: Wire.string, partitions: Wire.arrayOf(Wire.int32) }).in("1+"),
    generationId: Wire.int32.in("2+").default(-1),
    rackId: Wire.nullableString.in("3+").default(null)
  }
})

/** What a member is assigned: its bytes in SyncGroup. */
export const ConsumerProtocolAssignment = new Message({
  name: "ConsumerProtocolAssignment",
  versions,
  flexibleVersions: noVersions,
  fields: {
    assignedPartitions: Wire.array({ topic: Wire.string, partitions: Wire.arrayOf(Wire.int32) }),
    userData: Wire.nullableBytes.default(null)
  }
})

/** A decoded subscription. */
export type ConsumerSubscription = ValueOf<typeof ConsumerProtocolSubscription>
/** A decoded assignment. */
export type ConsumerAssignment = ValueOf<typeof ConsumerProtocolAssignment>

/** Versions newer than ours are read as ours: by contract they only add at the end. Source: ConsumerProtocol. */
const readVersion = (reader: ByteReader): number => {
  const version = reader.int16()
  return version < 0 ? failDecode(`consumer protocol version ${version}`) : Math.min(version, versions.max)
}

/** Reads a subscription with its version prefix. Throws `DecodeError`. */
export const decodeConsumerSubscription = (bytes: Uint8Array): ConsumerSubscription => {
  const reader = new ByteReader(bytes)
  return ConsumerProtocolSubscription.decode(reader, readVersion(reader))
}

/** Reads an assignment with its version prefix. Throws `DecodeError`. */
export const decodeConsumerAssignment = (bytes: Uint8Array): ConsumerAssignment => {
  const reader = new ByteReader(bytes)
  return ConsumerProtocolAssignment.decode(reader, readVersion(reader))
}

const writer = new ByteWriter()

/** A subscription with its version prefix (default: the newest version). */
export const encodeConsumerSubscription = (
  subscription: InputOf<typeof ConsumerProtocolSubscription>,
  version = versions.max
): Uint8Array => {
  writer.reset()
  writer.int16(version)
  ConsumerProtocolSubscription.encode(writer, version, subscription)
  return writer.finishBytes()
}

/** An assignment with its version prefix (default: the newest version). */
export const encodeConsumerAssignment = (
  assignment: InputOf<typeof ConsumerProtocolAssignment>,
  version = versions.max
): Uint8Array => {
  writer.reset()
  writer.int16(version)
  ConsumerProtocolAssignment.encode(writer, version, assignment)
  return writer.finishBytes()
}
