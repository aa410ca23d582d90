/**
 * DescribeTopicPartitions, versions 0. Pages through the partitions of topics, with eligible leader replicas (KIP-966).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 75, for all versions. */
export const DescribeTopicPartitions = defineApi({
  key: 75,
  name: "DescribeTopicPartitions",
  versions: "0",
  flexible: "0+",
  request: {
    topics: Wire.array({ name: Wire.string }),
    responsePartitionLimit: Wire.int32.default(2_000),
    /** null: from the start; else the first topic and partition to describe. */
    cursor: Wire.struct({ topicName: Wire.string, partitionIndex: Wire.int32 }).nullable().default(null)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    topics: Wire.array({
      errorCode: Wire.int16,
      name: Wire.nullableString,
      topicId: Wire.uuid,
      isInternal: Wire.boolean.default(false),
      partitions: Wire.array({
        errorCode: Wire.int16,
        partitionIndex: Wire.int32,
        leaderId: Wire.int32,
        leaderEpoch: Wire.int32.default(-1),
        replicaNodes: Wire.arrayOf(Wire.int32),
        isrNodes: Wire.arrayOf(Wire.int32),
        eligibleLeaderReplicas: Wire.arrayOf(Wire.int32).nullable().default(null),
        lastKnownElr: Wire.arrayOf(Wire.int32).nullable().default(null),
        offlineReplicas: Wire.arrayOf(Wire.int32)
      }),
      topicAuthorizedOperations: Wire.int32.default(-2_147_483_648)
    }),
    /** null: nothing is left. */
    nextCursor: Wire.struct({ topicName: Wire.string, partitionIndex: Wire.int32 }).nullable().default(null)
  }
})
/** A decoded DescribeTopicPartitions request. */
export type DescribeTopicPartitionsRequest = RequestOf<typeof DescribeTopicPartitions>
/** A DescribeTopicPartitions request to encode. */
export type DescribeTopicPartitionsRequestInput = RequestInputOf<typeof DescribeTopicPartitions>
/** A decoded DescribeTopicPartitions response. */
export type DescribeTopicPartitionsResponse = ResponseOf<typeof DescribeTopicPartitions>
/** A DescribeTopicPartitions response to encode. */
export type DescribeTopicPartitionsResponseInput = ResponseInputOf<typeof DescribeTopicPartitions>
