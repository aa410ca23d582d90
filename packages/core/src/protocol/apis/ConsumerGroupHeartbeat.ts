/**
 * ConsumerGroupHeartbeat, versions 0-1.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

const topicPartitions = {
  topicId: Wire.uuid,
  partitions: Wire.arrayOf(Wire.int32)
}

/** ConsumerGroupHeartbeat for all versions. */
export const ConsumerGroupHeartbeat = defineApi({
  key: 68,
  name: "ConsumerGroupHeartbeat",
  versions: "0-1",
  flexible: "0+",
  request: {
    groupId: Wire.string,
    memberId: Wire.string,
    memberEpoch: Wire.int32,
    instanceId: Wire.nullableString.default(null),
    rackId: Wire.nullableString.default(null),
    rebalanceTimeoutMs: Wire.int32.default(-1),
    subscribedTopicNames: Wire.arrayOf(Wire.string).nullable().default(null),
    subscribedTopicRegex: Wire.nullableString.in("1+").default(null),
    serverAssignor: Wire.nullableString.default(null),
    topicPartitions: Wire.array({ topicId: Wire.uuid, partitions: Wire.arrayOf(Wire.int32) }).nullable().default(null)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString.default(null),
    memberId: Wire.nullableString.default(null),
    memberEpoch: Wire.int32,
    heartbeatIntervalMs: Wire.int32,
    assignment: Wire.struct({ topicPartitions: Wire.array(topicPartitions) }).nullable().default(null)
  }
})
export type ConsumerGroupHeartbeatRequest = RequestOf<typeof ConsumerGroupHeartbeat>
export type ConsumerGroupHeartbeatRequestInput = RequestInputOf<typeof ConsumerGroupHeartbeat>
export type ConsumerGroupHeartbeatResponse = ResponseOf<typeof ConsumerGroupHeartbeat>
export type ConsumerGroupHeartbeatResponseInput = ResponseInputOf<typeof ConsumerGroupHeartbeat>
