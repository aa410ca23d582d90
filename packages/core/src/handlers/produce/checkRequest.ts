import { ErrorCode } from "../../model/ErrorCode.ts"
import type { ProduceRequest } from "../../protocol/apis/Produce.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"

const isMagic2 = (records: Uint8Array): boolean =>
  records.length >= RecordBatch.RECORD_BATCH_OVERHEAD && RecordBatch.magic(records, 0) === RecordBatch.CURRENT_MAGIC

/** Why no partition of a request is looked at. */
export interface RequestRefusal {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

/** Kafka's words for a batch header that no format allows. Source: ByteBufferLogInputStream.nextBatchSize. */
const corrupt = (records: Uint8Array): RequestRefusal => {
  const lengthBytes = RecordBatch.batchSizeBytes(records, 0) - RecordBatch.LOG_OVERHEAD
  return {
    errorCode: ErrorCode.CORRUPT_MESSAGE,
    errorMessage: lengthBytes < RecordBatch.MIN_RECORD_LENGTH
      ? `Record size ${lengthBytes} is less than the minimum record overhead (${RecordBatch.MIN_RECORD_LENGTH})`
      : `Invalid magic found in record: ${RecordBatch.magic(records, 0)}`
  }
}

/**
 * What refuses a Produce request as a whole before any partition is looked at: a first batch whose header no format
 * allows (2), or transactional records without the right to use the transactional id (53). Undefined: none of it.
 * Source: RequestUtils.hasTransactionalRecords, KafkaApis.handleProduceRequest.
 */
export const checkRequest = (
  request: ProduceRequest,
  mayUseTransactionalId: (transactionalId: string) => boolean
): RequestRefusal | undefined => {
  let isTransactional = false
  for (const topic of request.topicData) {
    for (const { records } of topic.partitionData) {
      if (records === null) continue
      if (RecordBatch.nextBatchSize(records, 0, records.length) === RecordBatch.BATCH_CORRUPT) {
        return corrupt(records)
      }
      if (isMagic2(records) && RecordBatch.isTransactional(records, 0)) isTransactional = true
    }
  }
  const id = request.transactionalId
  return isTransactional && (id === null || !mayUseTransactionalId(id))
    ? { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, errorMessage: null }
    : undefined
}

/** Whether the transactional batches come from more than one producer. Source: ReplicaManager.handleProduceAppend. */
export const hasSeveralProducers = (batches: ReadonlyArray<Uint8Array | undefined>): boolean => {
  let first: Uint8Array | undefined
  for (const batch of batches) {
    if (batch === undefined || !isMagic2(batch) || !RecordBatch.isTransactional(batch, 0)) continue
    first ??= batch
    if (
      RecordBatch.producerId(batch, 0) !== RecordBatch.producerId(first, 0) ||
      RecordBatch.producerEpoch(batch, 0) !== RecordBatch.producerEpoch(first, 0)
    ) return true
  }
  return false
}
