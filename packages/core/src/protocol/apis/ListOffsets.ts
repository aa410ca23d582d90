/**
 * ListOffsets, versions 1-11.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** ListOffsets for all versions. */
export const ListOffsets = defineApi({
  key: 2,
  name: "ListOffsets",
  versions: "1-11",
  flexible: "6+",
  request: {
    replicaId: Wire.int32,
    isolationLevel: Wire.int8.in("2+"),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        currentLeaderEpoch: Wire.int32.in("4+").default(-1),
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
export type ListOffsetsRequest = RequestOf<typeof ListOffsets>
export type ListOffsetsRequestInput = RequestInputOf<typeof ListOffsets>
export type ListOffsetsResponse = ResponseOf<typeof ListOffsets>
export type ListOffsetsResponseInput = ResponseInputOf<typeof ListOffsets>
