/**
 * ListTransactions, versions 0-2. Transactions that this broker coordinates (KIP-664).
 * 1: filter by duration (KIP-994); 2: filter by pattern of the transactional id (KIP-1152).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 66, for all versions. */
export const ListTransactions = defineApi({
  key: 66,
  name: "ListTransactions",
  versions: "0-2",
  flexible: "0+",
  request: {
    stateFilters: Wire.arrayOf(Wire.string),
    producerIdFilters: Wire.arrayOf(Wire.int64),
    /** In ms; negative: any duration. */
    durationFilter: Wire.int64.in("1+").default(-1),
    /** A regular expression; null or empty: all. */
    transactionalIdPattern: Wire.nullableString.in("2+").default(null)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    unknownStateFilters: Wire.arrayOf(Wire.string),
    transactionStates: Wire.array({
      transactionalId: Wire.string,
      producerId: Wire.int64,
      transactionState: Wire.string
    })
  }
})
/** A decoded ListTransactions request. */
export type ListTransactionsRequest = RequestOf<typeof ListTransactions>
/** A ListTransactions request to encode. */
export type ListTransactionsRequestInput = RequestInputOf<typeof ListTransactions>
/** A decoded ListTransactions response. */
export type ListTransactionsResponse = ResponseOf<typeof ListTransactions>
/** A ListTransactions response to encode. */
export type ListTransactionsResponseInput = ResponseInputOf<typeof ListTransactions>
