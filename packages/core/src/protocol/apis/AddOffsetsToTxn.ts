/**
 * AddOffsetsToTxn, versions 0-4. Adds a group's offsets partition to an ongoing transaction (KIP-98).
 * 2: PRODUCER_FENCED (KIP-588); 3: flexible; 4: TRANSACTION_ABORTABLE (KIP-890).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 25, for all versions. */
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
/** A decoded AddOffsetsToTxn request. */
export type AddOffsetsToTxnRequest = RequestOf<typeof AddOffsetsToTxn>
/** A AddOffsetsToTxn request to encode. */
export type AddOffsetsToTxnRequestInput = RequestInputOf<typeof AddOffsetsToTxn>
/** A decoded AddOffsetsToTxn response. */
export type AddOffsetsToTxnResponse = ResponseOf<typeof AddOffsetsToTxn>
/** A AddOffsetsToTxn response to encode. */
export type AddOffsetsToTxnResponseInput = ResponseInputOf<typeof AddOffsetsToTxn>
