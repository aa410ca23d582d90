/**
 * ConsumerGroupHeartbeat, versions 0-1. Membership and assignment of the new consumer protocol (KIP-848).
 * 1: subscription by regular expression (KIP-848); the member chooses its id itself (KIP-1082).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

const topicPartitions = {
  topicId: Wire.uuid,
  partitions: Wire.arrayOf(Wire.int32)
}

/** API 68, for all versions. */
export const ConsumerGroupHeartbeat = defineApi({
  key: 68,
  name: "ConsumerGroupHeartbeat",
  versions: "0-1",
  flexible: "0+",
  request: {
    groupId: Wire.string,
    memberId: Wire.string,
    /** 0: joins; -1: leaves; -2: leaves for now, as a static member. */
    memberEpoch: Wire.int32,
    instanceId: Wire.nullableString.default(null),
    rackId: Wire.nullableString.default(null),
    /** -1: as in the last heartbeat. */
    rebalanceTimeoutMs: Wire.int32.default(-1),
    /** null: as in the last heartbeat. */
    subscribedTopicNames: Wire.arrayOf(Wire.string).nullable().default(null),
    /** null: as in the last heartbeat. */
    subscribedTopicRegex: Wire.nullableString.in("1+").default(null),
    /** null: as in the last heartbeat. */
    serverAssignor: Wire.nullableString.default(null),
    /** What the member owns; null: as in the last heartbeat. */
    topicPartitions: Wire.array({ topicId: Wire.uuid, partitions: Wire.arrayOf(Wire.int32) }).nullable().default(null)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString.default(null),
    memberId: Wire.nullableString.default(null),
    memberEpoch: Wire.int32,
    heartbeatIntervalMs: Wire.int32,
    /** null: as in the last response. */
    assignment: Wire.struct({ topicPartitions: Wire.array(topicPartitions) }).nullable().default(null)
  }
})
/** A decoded ConsumerGroupHeartbeat request. */
export type ConsumerGroupHeartbeatRequest = RequestOf<typeof ConsumerGroupHeartbeat>
/** A ConsumerGroupHeartbeat request to encode. */
export type ConsumerGroupHeartbeatRequestInput = RequestInputOf<typeof ConsumerGroupHeartbeat>
/** A decoded ConsumerGroupHeartbeat response. */
export type ConsumerGroupHeartbeatResponse = ResponseOf<typeof ConsumerGroupHeartbeat>
/** A ConsumerGroupHeartbeat response to encode. */
export type ConsumerGroupHeartbeatResponseInput = ResponseInputOf<typeof ConsumerGroupHeartbeat>
