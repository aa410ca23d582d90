/**
 * OffsetForLeaderEpoch, versions 2-4. Where a leader epoch ends, to find diverging logs (KIP-101).
 * 2: current leader epoch, throttle time (KIP-320); 3: replica id (KIP-392); 4: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 23, for all versions. */
export const OffsetForLeaderEpoch = defineApi({
  key: 23,
  name: "OffsetForLeaderEpoch",
  versions: "2-4",
  flexible: "4+",
  request: {
    /** -1: a consumer; -2: debugging. */
    replicaId: Wire.int32.in("3+").default(-2),
    topics: Wire.array({
      topic: Wire.string,
      partitions: Wire.array({
        partition: Wire.int32,
        /** -1: do not check. */
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
        /** -1: unknown epoch. */
        endOffset: Wire.int64.default(-1)
      })
    })
  }
})
/** A decoded OffsetForLeaderEpoch request. */
export type OffsetForLeaderEpochRequest = RequestOf<typeof OffsetForLeaderEpoch>
/** A OffsetForLeaderEpoch request to encode. */
export type OffsetForLeaderEpochRequestInput = RequestInputOf<typeof OffsetForLeaderEpoch>
/** A decoded OffsetForLeaderEpoch response. */
export type OffsetForLeaderEpochResponse = ResponseOf<typeof OffsetForLeaderEpoch>
/** A OffsetForLeaderEpoch response to encode. */
export type OffsetForLeaderEpochResponseInput = ResponseInputOf<typeof OffsetForLeaderEpoch>
