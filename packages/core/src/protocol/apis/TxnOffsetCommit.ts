/**
 * TxnOffsetCommit, versions 0-5. Commits offsets of a group as part of a transaction (KIP-98).
 * 2: leader epoch (KIP-320); 3: flexible, member and generation (KIP-447); 4: TRANSACTION_ABORTABLE (KIP-890);
 * 5: adds the offsets to the transaction by itself (KIP-890).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 28, for all versions. */
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
/** A decoded TxnOffsetCommit request. */
export type TxnOffsetCommitRequest = RequestOf<typeof TxnOffsetCommit>
/** A TxnOffsetCommit request to encode. */
export type TxnOffsetCommitRequestInput = RequestInputOf<typeof TxnOffsetCommit>
/** A decoded TxnOffsetCommit response. */
export type TxnOffsetCommitResponse = ResponseOf<typeof TxnOffsetCommit>
/** A TxnOffsetCommit response to encode. */
export type TxnOffsetCommitResponseInput = ResponseInputOf<typeof TxnOffsetCommit>
