import { defineCoordinatorRecord } from "../schema/defineCoordinatorRecord.ts"
import { Wire } from "../schema/Wire.ts"

/** State of a transaction. `transactionStatus` is Kafka's TransactionState id. 1: flexible; tags from KIP-890. */
export const TransactionLog = defineCoordinatorRecord({
  type: 0,
  name: "TransactionLog",
  key: { transactionalId: Wire.string },
  versions: "0-1",
  flexible: "1+",
  value: {
    producerId: Wire.int64,
    previousProducerId: Wire.int64.default(-1).tag(0, "1+"),
    nextProducerId: Wire.int64.default(-1).tag(1, "1+"),
    producerEpoch: Wire.int16,
    nextProducerEpoch: Wire.int16.default(-1).tag(3, "1+"),
    transactionTimeoutMs: Wire.int32,
    transactionStatus: Wire.int8,
    transactionPartitions: Wire.array({ topic: Wire.string, partitionIds: Wire.arrayOf(Wire.int32) }).nullable(),
    transactionLastUpdateTimestampMs: Wire.int64,
    transactionStartTimestampMs: Wire.int64,
    clientTransactionVersion: Wire.int16.default(0).tag(2, "1+")
  }
})
