/**
 * EndTxn, versions 0-5.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** EndTxn for all versions. */
export const EndTxn = defineApi({
  key: 26,
  name: "EndTxn",
  versions: "0-5",
  flexible: "3+",
  request: {
    transactionalId: Wire.string,
    producerId: Wire.int64,
    producerEpoch: Wire.int16,
    committed: Wire.boolean
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    producerId: Wire.int64.in("5+").default(-1),
    producerEpoch: Wire.int16.in("5+").default(-1)
  }
})
export type EndTxnRequest = RequestOf<typeof EndTxn>
export type EndTxnRequestInput = RequestInputOf<typeof EndTxn>
export type EndTxnResponse = ResponseOf<typeof EndTxn>
export type EndTxnResponseInput = ResponseInputOf<typeof EndTxn>
