/**
 * AddPartitionsToTxn, versions 0-5. Adds partitions to a transaction, or only verifies that they are in it (KIP-890).
 * 2: PRODUCER_FENCED (KIP-588); 3: flexible; 4: several transactions at once and verifyOnly, sent by brokers only;
 * 5: TRANSACTION_ABORTABLE (KIP-890).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

const addPartitionsToTxnTopic = {
  name: Wire.string,
  partitions: Wire.arrayOf(Wire.int32)
}

const addPartitionsToTxnPartitionResult = {
  partitionIndex: Wire.int32,
  partitionErrorCode: Wire.int16
}

const addPartitionsToTxnTopicResult = {
  name: Wire.string,
  resultsByPartition: Wire.array(addPartitionsToTxnPartitionResult)
}

/** API 24, for all versions. */
export const AddPartitionsToTxn = defineApi({
  key: 24,
  name: "AddPartitionsToTxn",
  versions: "0-5",
  flexible: "3+",
  request: {
    /** From version 4, by brokers. */
    transactions: Wire.array({
      transactionalId: Wire.string,
      producerId: Wire.int64,
      producerEpoch: Wire.int16,
      verifyOnly: Wire.boolean.default(false),
      topics: Wire.array(addPartitionsToTxnTopic)
    }).in("4+"),
    /** To version 3, by clients. */
    v3AndBelowTransactionalId: Wire.string.in("0-3"),
    v3AndBelowProducerId: Wire.int64.in("0-3"),
    v3AndBelowProducerEpoch: Wire.int16.in("0-3"),
    v3AndBelowTopics: Wire.array(addPartitionsToTxnTopic).in("0-3")
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16.in("4+"),
    resultsByTransaction: Wire.array({
      transactionalId: Wire.string,
      topicResults: Wire.array(addPartitionsToTxnTopicResult)
    }).in("4+"),
    resultsByTopicV3AndBelow: Wire.array(addPartitionsToTxnTopicResult).in("0-3")
  }
})
/** A decoded AddPartitionsToTxn request. */
export type AddPartitionsToTxnRequest = RequestOf<typeof AddPartitionsToTxn>
/** A AddPartitionsToTxn request to encode. */
export type AddPartitionsToTxnRequestInput = RequestInputOf<typeof AddPartitionsToTxn>
/** A decoded AddPartitionsToTxn response. */
export type AddPartitionsToTxnResponse = ResponseOf<typeof AddPartitionsToTxn>
/** A AddPartitionsToTxn response to encode. */
export type AddPartitionsToTxnResponseInput = ResponseInputOf<typeof AddPartitionsToTxn>
