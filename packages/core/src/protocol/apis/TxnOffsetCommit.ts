/**
 * TxnOffsetCommit, versions 0-5.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** TxnOffsetCommit for all versions. */
export const TxnOffsetCommit = defineApi({
  key: 28,
  name: "TxnOffsetCommit",
  versions: "0-5",
  flexible: "3+",
  request: {
    transactionalId: Wire.string,
    groupId: Wire.string,
    producerId: Wire.int64,
    producerEpoch: Wire.int16,
    generationId: Wire.int32.in("3+").default(-1),
    memberId: Wire.string.in("3+").default(""),
    groupInstanceId: Wire.nullableString.in("3+").default(null),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        committedOffset: Wire.int64,
        committedLeaderEpoch: Wire.int32.in("2+").default(-1),
        committedMetadata: Wire.nullableString
      })
    })
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({ partitionIndex: Wire.int32, errorCode: Wire.int16 })
    })
  }
})
export type TxnOffsetCommitRequest = RequestOf<typeof TxnOffsetCommit>
export type TxnOffsetCommitRequestInput = RequestInputOf<typeof TxnOffsetCommit>
export type TxnOffsetCommitResponse = ResponseOf<typeof TxnOffsetCommit>
export type TxnOffsetCommitResponseInput = ResponseInputOf<typeof TxnOffsetCommit>
