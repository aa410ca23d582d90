/**
 * OffsetDelete, versions 0. Deletes committed offsets of a group (KIP-496). Never flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 47, for all versions. */
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
/** A decoded OffsetDelete request. */
export type OffsetDeleteRequest = RequestOf<typeof OffsetDelete>
/** A OffsetDelete request to encode. */
export type OffsetDeleteRequestInput = RequestInputOf<typeof OffsetDelete>
/** A decoded OffsetDelete response. */
export type OffsetDeleteResponse = ResponseOf<typeof OffsetDelete>
/** A OffsetDelete response to encode. */
export type OffsetDeleteResponseInput = ResponseInputOf<typeof OffsetDelete>
