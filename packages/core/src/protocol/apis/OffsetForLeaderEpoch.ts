/**
 * OffsetForLeaderEpoch, versions 2-4.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** OffsetForLeaderEpoch for all versions. */
export const OffsetForLeaderEpoch = defineApi({
  key: 23,
  name: "OffsetForLeaderEpoch",
  versions: "2-4",
  flexible: "4+",
  request: {
    replicaId: Wire.int32.in("3+").default(-2),
    topics: Wire.array({
      topic: Wire.string,
      partitions: Wire.array({
        partition: Wire.int32,
        currentLeaderEpoch: Wire.int32.default(-1),
        leaderEpoch: Wire.int32
      })
    })
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    topics: Wire.array({
      topic: Wire.string,
      partitions: Wire.array({
        errorCode: Wire.int16,
        partition: Wire.int32,
        leaderEpoch: Wire.int32.default(-1),
        endOffset: Wire.int64.default(-1)
      })
    })
  }
})
export type OffsetForLeaderEpochRequest = RequestOf<typeof OffsetForLeaderEpoch>
export type OffsetForLeaderEpochRequestInput = RequestInputOf<typeof OffsetForLeaderEpoch>
export type OffsetForLeaderEpochResponse = ResponseOf<typeof OffsetForLeaderEpoch>
export type OffsetForLeaderEpochResponseInput = ResponseInputOf<typeof OffsetForLeaderEpoch>
