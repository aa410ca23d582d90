/**
 * ListOffsets, versions 1-11. Offsets by timestamp, with special timestamps for the ends of the log.
 * 1: one offset instead of a list (KIP-79); 2: isolation level (KIP-98); 4: leader epoch (KIP-320); 6: flexible;
 * 7: offset of the largest timestamp, -3 (KIP-734); 8: local log start, -4 (KIP-405);
 * 9: last tiered offset, -5 (KIP-1005); 10: timeout (KIP-1075); 11: earliest pending upload, -6 (KIP-1023).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 2, for all versions. */
export const ListOffsets = defineApi({
  key: 2,
  name: "ListOffsets",
  versions: "1-11",
  flexible: "6+",
  request: {
    /** -1: a consumer; -2: debugging. */
    replicaId: Wire.int32,
    /** 0: read_uncommitted; 1: read_committed, where "latest" is the last stable offset. */
    isolationLevel: Wire.int8.in("2+"),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        currentLeaderEpoch: Wire.int32.in("4+").default(-1),
        /** In ms; -1: latest; -2: earliest; the others are in the list of versions. */
        timestamp: Wire.int64
      })
    }),
    timeoutMs: Wire.int32.in("10+")
  },
  response: {
    throttleTimeMs: Wire.int32.in("2+").default(0),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        errorCode: Wire.int16,
        timestamp: Wire.int64.default(-1),
        offset: Wire.int64.default(-1),
        leaderEpoch: Wire.int32.in("4+").default(-1)
      })
    })
  }
})
/** A decoded ListOffsets request. */
export type ListOffsetsRequest = RequestOf<typeof ListOffsets>
/** A ListOffsets request to encode. */
export type ListOffsetsRequestInput = RequestInputOf<typeof ListOffsets>
/** A decoded ListOffsets response. */
export type ListOffsetsResponse = ResponseOf<typeof ListOffsets>
/** A ListOffsets response to encode. */
export type ListOffsetsResponseInput = ResponseInputOf<typeof ListOffsets>
