/**
 * WriteTxnMarkers, versions 1-2. Writes commit and abort markers, from coordinator to leaders (KIP-98).
 * 1: flexible; 2: transaction version (KIP-1228).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 27, for all versions. */
export const WriteTxnMarkers = defineApi({
  key: 27,
  name: "WriteTxnMarkers",
  versions: "1-2",
  flexible: "1+",
  request: {
    markers: Wire.array({
      producerId: Wire.int64,
      producerEpoch: Wire.int16,
      transactionResult: Wire.boolean,
      topics: Wire.array({
        name: Wire.string,
        partitionIndexes: Wire.arrayOf(Wire.int32)
      }),
      coordinatorEpoch: Wire.int32,
      transactionVersion: Wire.int8.in("2+").default(0)
    })
  },
  response: {
    markers: Wire.array({
      producerId: Wire.int64,
      topics: Wire.array({
        name: Wire.string,
        partitions: Wire.array({ partitionIndex: Wire.int32, errorCode: Wire.int16 })
      })
    })
  }
})
/** A decoded WriteTxnMarkers request. */
export type WriteTxnMarkersRequest = RequestOf<typeof WriteTxnMarkers>
/** A WriteTxnMarkers request to encode. */
export type WriteTxnMarkersRequestInput = RequestInputOf<typeof WriteTxnMarkers>
/** A decoded WriteTxnMarkers response. */
export type WriteTxnMarkersResponse = ResponseOf<typeof WriteTxnMarkers>
/** A WriteTxnMarkers response to encode. */
export type WriteTxnMarkersResponseInput = ResponseInputOf<typeof WriteTxnMarkers>
