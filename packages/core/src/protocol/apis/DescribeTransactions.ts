/**
 * DescribeTransactions, versions 0. States of transactions by transactional id (KIP-664).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 65, for all versions. */
export const DescribeTransactions = defineApi({
  key: 65,
  name: "DescribeTransactions",
  versions: "0",
  flexible: "0+",
  request: {
    transactionalIds: Wire.arrayOf(Wire.string)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    transactionStates: Wire.array({
      errorCode: Wire.int16,
      transactionalId: Wire.string,
      transactionState: Wire.string,
      transactionTimeoutMs: Wire.int32,
      transactionStartTimeMs: Wire.int64,
      producerId: Wire.int64,
      producerEpoch: Wire.int16,
      topics: Wire.array({ topic: Wire.string, partitions: Wire.arrayOf(Wire.int32) })
    })
  }
})
/** A decoded DescribeTransactions request. */
export type DescribeTransactionsRequest = RequestOf<typeof DescribeTransactions>
/** A DescribeTransactions request to encode. */
export type DescribeTransactionsRequestInput = RequestInputOf<typeof DescribeTransactions>
/** A decoded DescribeTransactions response. */
export type DescribeTransactionsResponse = ResponseOf<typeof DescribeTransactions>
/** A DescribeTransactions response to encode. */
export type DescribeTransactionsResponseInput = ResponseInputOf<typeof DescribeTransactions>
