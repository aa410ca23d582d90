/**
 * WriteTxnMarkers, versions 1-2.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** WriteTxnMarkers for all versions. */
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
export type WriteTxnMarkersRequest = RequestOf<typeof WriteTxnMarkers>
export type WriteTxnMarkersRequestInput = RequestInputOf<typeof WriteTxnMarkers>
export type WriteTxnMarkersResponse = ResponseOf<typeof WriteTxnMarkers>
export type WriteTxnMarkersResponseInput = ResponseInputOf<typeof WriteTxnMarkers>
