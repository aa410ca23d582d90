/**
 * DeleteRecords, versions 0-2. Moves the log start offset forward (KIP-107).
 * 2: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 21, for all versions. */
export const DeleteRecords = defineApi({
  key: 21,
  name: "DeleteRecords",
  versions: "0-2",
  flexible: "2+",
  request: {
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        /** The new log start offset; -1: the high watermark. */
        offset: Wire.int64
      })
    }),
    timeoutMs: Wire.int32
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        /** The log start offset afterwards. */
        lowWatermark: Wire.int64,
        errorCode: Wire.int16
      })
    })
  }
})
/** A decoded DeleteRecords request. */
export type DeleteRecordsRequest = RequestOf<typeof DeleteRecords>
/** A DeleteRecords request to encode. */
export type DeleteRecordsRequestInput = RequestInputOf<typeof DeleteRecords>
/** A decoded DeleteRecords response. */
export type DeleteRecordsResponse = ResponseOf<typeof DeleteRecords>
/** A DeleteRecords response to encode. */
export type DeleteRecordsResponseInput = ResponseInputOf<typeof DeleteRecords>
