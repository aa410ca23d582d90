/**
 * ConsumerGroupDescribe, versions 0-1. Describes groups of the new consumer protocol (KIP-848).
 * 1: member type, classic or consumer (KIP-1099).
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
  topicName: Wire.string,
  partitions: Wire.arrayOf(Wire.int32)
}

const assignment = {
  topicPartitions: Wire.array(topicPartitions)
}

/** API 69, for all versions. */
export const ConsumerGroupDescribe = defineApi({
  key: 69,
  name: "ConsumerGroupDescribe",
  versions: "0-1",
  flexible: "0+",
  request: {
    groupIds: Wire.arrayOf(Wire.string),
    includeAuthorizedOperations: Wire.boolean
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    groups: Wire.array({
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString.default(null),
      groupId: Wire.string,
      groupState: Wire.string,
      groupEpoch: Wire.int32,
      assignmentEpoch: Wire.int32,
      assignorName: Wire.string,
      members: Wire.array({
        memberId: Wire.string,
        instanceId: Wire.nullableString.default(null),
        rackId: Wire.nullableString.default(null),
        memberEpoch: Wire.int32,
        clientId: Wire.string,
        clientHost: Wire.string,
        subscribedTopicNames: Wire.arrayOf(Wire.string),
        subscribedTopicRegex: Wire.nullableString.default(null),
        assignment: Wire.struct(assignment),
        targetAssignment: Wire.struct(assignment),
        memberType: Wire.int8.in("1+").default(-1)
      }),
      authorizedOperations: Wire.int32.default(-2_147_483_648)
    })
  }
})
/** A decoded ConsumerGroupDescribe request. */
export type ConsumerGroupDescribeRequest = RequestOf<typeof ConsumerGroupDescribe>
/** A ConsumerGroupDescribe request to encode. */
export type ConsumerGroupDescribeRequestInput = RequestInputOf<typeof ConsumerGroupDescribe>
/** A decoded ConsumerGroupDescribe response. */
export type ConsumerGroupDescribeResponse = ResponseOf<typeof ConsumerGroupDescribe>
/** A ConsumerGroupDescribe response to encode. */
export type ConsumerGroupDescribeResponseInput = ResponseInputOf<typeof ConsumerGroupDescribe>
