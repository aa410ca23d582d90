/**
 * DescribeProducers, versions 0.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** DescribeProducers for all versions. */
export const DescribeProducers = defineApi({
  key: 61,
  name: "DescribeProducers",
  versions: "0",
  flexible: "0+",
  request: {
    topics: Wire.array({
      name: Wire.string,
      partitionIndexes: Wire.arrayOf(Wire.int32)
    })
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        errorCode: Wire.int16,
        errorMessage: Wire.nullableString.default(null),
        activeProducers: Wire.array({
          producerId: Wire.int64,
          producerEpoch: Wire.int32,
          lastSequence: Wire.int32.default(-1),
          lastTimestamp: Wire.int64.default(-1),
          coordinatorEpoch: Wire.int32,
          currentTxnStartOffset: Wire.int64.default(-1)
        })
      })
    })
  }
})
export type DescribeProducersRequest = RequestOf<typeof DescribeProducers>
export type DescribeProducersRequestInput = RequestInputOf<typeof DescribeProducers>
export type DescribeProducersResponse = ResponseOf<typeof DescribeProducers>
export type DescribeProducersResponseInput = ResponseInputOf<typeof DescribeProducers>
