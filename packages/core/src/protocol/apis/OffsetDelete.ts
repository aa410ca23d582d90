/**
 * OffsetDelete, versions 0.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** OffsetDelete for all versions. */
export const OffsetDelete = defineApi({
  key: 47,
  name: "OffsetDelete",
  versions: "0",
  flexible: "none",
  request: {
    groupId: Wire.string,
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({ partitionIndex: Wire.int32 })
    })
  },
  response: {
    errorCode: Wire.int16,
    throttleTimeMs: Wire.int32.default(0),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({ partitionIndex: Wire.int32, errorCode: Wire.int16 })
    })
  }
})
export type OffsetDeleteRequest = RequestOf<typeof OffsetDelete>
export type OffsetDeleteRequestInput = RequestInputOf<typeof OffsetDelete>
export type OffsetDeleteResponse = ResponseOf<typeof OffsetDelete>
export type OffsetDeleteResponseInput = ResponseInputOf<typeof OffsetDelete>
