/**
 * EndTxn, versions 0-5. Commits or aborts a transaction (KIP-98).
 * 2: PRODUCER_FENCED (KIP-588); 3: flexible; 4: TRANSACTION_ABORTABLE (KIP-890);
 * 5: the producer's next id and epoch, bumped at every transaction (KIP-890).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 26, for all versions. */
export const EndTxn = defineApi({
  key: 26,
  name: "EndTxn",
  versions: "0-5",
  flexible: "3+",
  request: {
    transactionalId: Wire.string,
    producerId: Wire.int64,
    producerEpoch: Wire.int16,
    /** False: abort. */
    committed: Wire.boolean
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    /** -1: on error. */
    producerId: Wire.int64.in("5+").default(-1),
    producerEpoch: Wire.int16.in("5+").default(-1)
  }
})
/** A decoded EndTxn request. */
export type EndTxnRequest = RequestOf<typeof EndTxn>
/** A EndTxn request to encode. */
export type EndTxnRequestInput = RequestInputOf<typeof EndTxn>
/** A decoded EndTxn response. */
export type EndTxnResponse = ResponseOf<typeof EndTxn>
/** A EndTxn response to encode. */
export type EndTxnResponseInput = ResponseInputOf<typeof EndTxn>
