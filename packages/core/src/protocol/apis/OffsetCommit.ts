/**
 * OffsetCommit, versions 2-10. Commits offsets of a group.
 * 2: retention time; 3: throttle time; 5: retention is the broker's alone (KIP-211); 6: leader epoch (KIP-320);
 * 7: group.instance.id (KIP-345); 8: flexible; 9: new consumer protocol (KIP-848); 10: topic ids (KIP-848).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 8, for all versions. */
export const OffsetCommit = defineApi({
  key: 8,
  name: "OffsetCommit",
  versions: "2-10",
  flexible: "8+",
  request: {
    groupId: Wire.string,
    /** -1 with an empty memberId: a commit from outside the group. */
    generationIdOrMemberEpoch: Wire.int32.default(-1),
    memberId: Wire.string,
    groupInstanceId: Wire.nullableString.in("7+").default(null),
    /** -1: the broker's setting. */
    retentionTimeMs: Wire.int64.in("2-4").default(-1),
    topics: Wire.array({
      name: Wire.string.in("0-9"),
      topicId: Wire.uuid.in("10+"),
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        committedOffset: Wire.int64,
        /** -1: unknown. */
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
/** A decoded OffsetCommit request. */
export type OffsetCommitRequest = RequestOf<typeof OffsetCommit>
/** A OffsetCommit request to encode. */
export type OffsetCommitRequestInput = RequestInputOf<typeof OffsetCommit>
/** A decoded OffsetCommit response. */
export type OffsetCommitResponse = ResponseOf<typeof OffsetCommit>
/** A OffsetCommit response to encode. */
export type OffsetCommitResponseInput = ResponseInputOf<typeof OffsetCommit>
