/**
 * Judges a batch of an idempotent or transactional producer by what its partition knows of the producer, in Kafka's order.
 * It decides only; what an accepted batch makes of its producer is `replay` of `ProducerStates`.
 *
 * Source: UnifiedLog.analyzeAndValidateProducerState, ProducerAppendInfo.
 */
import type { ProducerEntry } from "../../log/ProducerStates.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { parseEndTransactionMarker } from "../../protocol/records/ControlRecord.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { RecordCursor } from "../../protocol/records/RecordCursor.ts"
import { rejected, type Rejection } from "./AppendResult.ts"
import { type AppendOrigin, isFromClient } from "./PartitionLeader.ts"

/** The last epoch of a producer id, used for fencing only. */
const lastEpoch = 32767

/** A batch that is in the log already: answered as if it were appended now. */
export interface Duplicate {
  readonly _tag: "Duplicate"
  readonly baseOffset: number
  readonly lastOffset: number
  /** Of the stored batch, whatever the timestamp type. */
  readonly logAppendTimeMs: number
}

const outOfOrder = rejected(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
const fenced = rejected(ErrorCode.INVALID_PRODUCER_EPOCH)
const invalidTransaction = rejected(ErrorCode.INVALID_TXN_STATE)
const coordinatorFenced = rejected(ErrorCode.TRANSACTION_COORDINATOR_FENCED)
const invalid = rejected(ErrorCode.INVALID_RECORD)

const findDuplicate = (batch: Uint8Array, producer: ProducerEntry): Duplicate | undefined => {
  if (RecordBatch.producerEpoch(batch, 0) !== producer.producerEpoch) return undefined
  const firstSequence = RecordBatch.baseSequence(batch, 0)
  const lastSequence = RecordBatch.lastSequence(batch, 0)
  for (const known of producer.batches) {
    if (known.lastSequence === lastSequence && known.firstSequence === firstSequence) {
      return {
        _tag: "Duplicate",
        baseOffset: known.firstOffset,
        lastOffset: known.lastOffset,
        logAppendTimeMs: known.timestamp
      }
    }
  }
  return undefined
}

const isInSequence = (batch: Uint8Array, producer: ProducerEntry): boolean => {
  const firstSequence = RecordBatch.baseSequence(batch, 0)
  if (RecordBatch.producerEpoch(batch, 0) !== producer.producerEpoch) return firstSequence === 0
  const last = producer.batches[producer.batches.length - 1]?.lastSequence ?? RecordBatch.NO_SEQUENCE
  return firstSequence === last + 1 || (firstSequence === 0 && last === 2 ** 31 - 1)
}

/** Source: ProducerAppendInfo.appendEndTxnMarker. */
const checkMarker = (
  batch: Uint8Array,
  origin: AppendOrigin,
  producer: ProducerEntry | undefined
): Rejection | undefined => {
  const cursor = new RecordCursor(batch, 0, RecordBatch.payload(batch, 0))
  const marker = cursor.next() ? parseEndTransactionMarker(cursor) : undefined
  if (marker === undefined) return invalid
  if (producer === undefined) return undefined
  const producerEpoch = RecordBatch.producerEpoch(batch, 0)
  if (producerEpoch < producer.producerEpoch) return fenced
  // Sent again after the next transaction began under the same epoch, a marker must not end that one.
  const isLate = origin === "BumpedMarker" && producerEpoch === producer.producerEpoch &&
    producer.transactionFirstOffset >= 0 && producerEpoch !== lastEpoch
  if (isLate) return fenced
  return marker.coordinatorEpoch < producer.coordinatorEpoch ? coordinatorFenced : undefined
}

/**
 * Undefined when the batch may be appended. A transactional batch of a client that has no open transaction on the
 * partition needs its transaction verified by the coordinator first.
 */
export const checkProducer = (
  batch: Uint8Array,
  origin: AppendOrigin,
  producer: ProducerEntry | undefined
): Duplicate | Rejection | undefined => {
  if (RecordBatch.isControl(batch, 0)) return checkMarker(batch, origin, producer)
  const isClient = isFromClient(origin)
  if (isClient && producer !== undefined) {
    const duplicate = findDuplicate(batch, producer)
    if (duplicate !== undefined) return duplicate
  }
  const isOpen = producer !== undefined && producer.transactionFirstOffset >= 0
  const isTransactional = RecordBatch.isTransactional(batch, 0)
  const producerEpoch = RecordBatch.producerEpoch(batch, 0)
  if (producer !== undefined && producerEpoch < producer.producerEpoch) return fenced
  // A transaction that is open under another epoch is not this batch's.
  if (origin === "Client" && isTransactional && !(isOpen && producerEpoch === producer.producerEpoch)) {
    return invalidTransaction
  }
  // A producer that is not known yet begins with its first sequence; before KIP-890 its state could be lost.
  if (producer === undefined) {
    return origin === "AddedClient" && RecordBatch.baseSequence(batch, 0) !== 0 ? outOfOrder : undefined
  }
  if (isClient && !isInSequence(batch, producer)) return outOfOrder
  return isOpen && !isTransactional ? invalidTransaction : undefined
}
