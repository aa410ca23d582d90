/**
 * OffsetCommit, versions 2-10.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** OffsetCommit for all versions. */
export const OffsetCommit = defineApi({
  key: 8,
  name: "OffsetCommit",
  versions: "2-10",
  flexible: "8+",
  request: {
    groupId: Wire.string,
    generationIdOrMemberEpoch: Wire.int32.default(-1),
    memberId: Wire.string,
    groupInstanceId: Wire.nullableString.in("7+").default(null),
    retentionTimeMs: Wire.int64.in("2-4").default(-1),
    topics: Wire.array({
      name: Wire.string.in("0-9"),
      topicId: Wire.uuid.in("10+"),
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        committedOffset: Wire.int64,
        committedLeaderEpoch: Wire.int32.in("6+").default(-1),
        committedMetadata: Wire.nullableString
      })
    })
  },
  response: {
    throttleTimeMs: Wire.int32.in("3+").default(0),
    topics: Wire.array({
      name: Wire.string.in("0-9"),
      topicId: Wire.uuid.in("10+"),
      partitions: Wire.array({ partitionIndex: Wire.int32, errorCode: Wire.int16 })
    })
  }
})
export type OffsetCommitRequest = RequestOf<typeof OffsetCommit>
export type OffsetCommitRequestInput = RequestInputOf<typeof OffsetCommit>
export type OffsetCommitResponse = ResponseOf<typeof OffsetCommit>
export type OffsetCommitResponseInput = ResponseInputOf<typeof OffsetCommit>
