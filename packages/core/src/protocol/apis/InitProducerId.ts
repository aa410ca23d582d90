/**
 * InitProducerId, versions 0-5.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** InitProducerId for all versions. */
export const InitProducerId = defineApi({
  key: 22,
  name: "InitProducerId",
  versions: "0-5",
  flexible: "2+",
  request: {
    transactionalId: Wire.nullableString,
    transactionTimeoutMs: Wire.int32,
    producerId: Wire.int64.in("3+").default(-1),
    producerEpoch: Wire.int16.in("3+").default(-1),
    enable2Pc: Wire.boolean.in("6+").default(false),
    keepPreparedTxn: Wire.boolean.in("6+").default(false)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    producerId: Wire.int64.default(-1),
    producerEpoch: Wire.int16,
    ongoingTxnProducerId: Wire.int64.in("6+").default(-1),
    ongoingTxnProducerEpoch: Wire.int16.in("6+").default(-1)
  }
})
export type InitProducerIdRequest = RequestOf<typeof InitProducerId>
export type InitProducerIdRequestInput = RequestInputOf<typeof InitProducerId>
export type InitProducerIdResponse = ResponseOf<typeof InitProducerId>
export type InitProducerIdResponseInput = ResponseInputOf<typeof InitProducerId>
