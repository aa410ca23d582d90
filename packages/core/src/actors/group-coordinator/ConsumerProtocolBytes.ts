import {
  type ConsumerAssignment,
  ConsumerProtocolSubscription,
  type ConsumerSubscription,
  decodeConsumerAssignment,
  decodeConsumerSubscription
} from "../../protocol/apis/ConsumerProtocol.ts"
import { ByteReader } from "../../protocol/wire/ByteReader.ts"
import { DecodeError } from "../../protocol/wire/DecodeError.ts"

/** The bytes come from clients of all makers: malformed ones are an answer, not a failure. */
const attempt = <A>(decode: () => A): A | undefined => {
  try {
    return decode()
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/**
 * The topics of a subscription of any version, undefined when it cannot be read. Only what version 0 has is read: some
 * clients send a newer version number with an older body. Source: ClassicGroup.computeSubscribedTopics.
 */
export const subscriptionTopics = (bytes: Uint8Array): ReadonlyArray<string> | undefined =>
  attempt(() => {
    const reader = new ByteReader(bytes)
    reader.int16()
    return ConsumerProtocolSubscription.decode(reader, 0).topics
  })

/** A whole subscription; undefined when malformed. */
export const readSubscription = (bytes: Uint8Array): ConsumerSubscription | undefined =>
  attempt(() => decodeConsumerSubscription(bytes))

/** An assignment; one of no bytes assigns nothing, undefined when malformed. */
export const readAssignment = (bytes: Uint8Array): ConsumerAssignment | undefined =>
  bytes.length === 0 ? { assignedPartitions: [], userData: null } : attempt(() => decodeConsumerAssignment(bytes))

/** The version a client wrote its subscription in, within 0-3: its assignment is written in the same one. */
export const subscriptionVersion = (bytes: Uint8Array): number => {
  const version = attempt(() => new ByteReader(bytes).int16()) ?? 0
  return Math.min(Math.max(version, 0), 3)
}
