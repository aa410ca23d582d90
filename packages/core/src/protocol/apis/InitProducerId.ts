/**
 * InitProducerId, versions 0-5. Gives a producer its id and epoch (KIP-98).
 * 2: flexible; 3: bump of a known id and epoch (KIP-360); 4: PRODUCER_FENCED (KIP-588);
 * 5: TRANSACTION_ABORTABLE (KIP-890). Version 6 (two-phase commit, KIP-939) is not stable in Kafka 4.3.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 22, for all versions. */
export const InitProducerId = defineApi({
  key: 22,
  name: "InitProducerId",
  versions: "0-5",
  flexible: "2+",
  request: {
    /** null: idempotent only. */
    transactionalId: Wire.nullableString,
    transactionTimeoutMs: Wire.int32,
    /** -1: none yet. */
    producerId: Wire.int64.in("3+").default(-1),
    /** -1: none yet. */
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
/** A decoded InitProducerId request. */
export type InitProducerIdRequest = RequestOf<typeof InitProducerId>
/** A InitProducerId request to encode. */
export type InitProducerIdRequestInput = RequestInputOf<typeof InitProducerId>
/** A decoded InitProducerId response. */
export type InitProducerIdResponse = ResponseOf<typeof InitProducerId>
/** A InitProducerId response to encode. */
export type InitProducerIdResponseInput = ResponseInputOf<typeof InitProducerId>
