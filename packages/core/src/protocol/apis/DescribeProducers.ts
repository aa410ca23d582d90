/**
 * DescribeProducers, versions 0. Producer states of partitions (KIP-664).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 61, for all versions. */
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
/** A decoded DescribeProducers request. */
export type DescribeProducersRequest = RequestOf<typeof DescribeProducers>
/** A DescribeProducers request to encode. */
export type DescribeProducersRequestInput = RequestInputOf<typeof DescribeProducers>
/** A decoded DescribeProducers response. */
export type DescribeProducersResponse = ResponseOf<typeof DescribeProducers>
/** A DescribeProducers response to encode. */
export type DescribeProducersResponseInput = ResponseInputOf<typeof DescribeProducers>
