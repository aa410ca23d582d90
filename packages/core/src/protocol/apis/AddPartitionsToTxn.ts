/**
 * AddPartitionsToTxn, versions 0-5.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
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

/** AddPartitionsToTxn for all versions. */
export const AddPartitionsToTxn = defineApi({
  key: 24,
  name: "AddPartitionsToTxn",
  versions: "0-5",
  flexible: "3+",
  request: {
    transactions: Wire.array({
      transactionalId: Wire.string,
      producerId: Wire.int64,
      producerEpoch: Wire.int16,
      verifyOnly: Wire.boolean.default(false),
      topics: Wire.array(addPartitionsToTxnTopic)
    }).in("4+"),
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
export type AddPartitionsToTxnRequest = RequestOf<typeof AddPartitionsToTxn>
export type AddPartitionsToTxnRequestInput = RequestInputOf<typeof AddPartitionsToTxn>
export type AddPartitionsToTxnResponse = ResponseOf<typeof AddPartitionsToTxn>
export type AddPartitionsToTxnResponseInput = ResponseInputOf<typeof AddPartitionsToTxn>
