/**
 * AddOffsetsToTxn, versions 0-4.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** AddOffsetsToTxn for all versions. */
export const AddOffsetsToTxn = defineApi({
  key: 25,
  name: "AddOffsetsToTxn",
  versions: "0-4",
  flexible: "3+",
  request: {
    transactionalId: Wire.string,
    producerId: Wire.int64,
    producerEpoch: Wire.int16,
    groupId: Wire.string
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16
  }
})
export type AddOffsetsToTxnRequest = RequestOf<typeof AddOffsetsToTxn>
export type AddOffsetsToTxnRequestInput = RequestInputOf<typeof AddOffsetsToTxn>
export type AddOffsetsToTxnResponse = ResponseOf<typeof AddOffsetsToTxn>
export type AddOffsetsToTxnResponseInput = ResponseInputOf<typeof AddOffsetsToTxn>
