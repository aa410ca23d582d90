import { ErrorCode } from "../../model/ErrorCode.ts"
import { RecordCursor } from "../../protocol/records/Record.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import type { RecordError } from "./PartitionLeader.ts"
import { rejectedRecords, type Rejection } from "./Rejection.ts"
import type { BatchCheck } from "./BatchCheck.ts"

/** Errors listed in one answer. Kafka lists all; a batch of empty records could make megabytes of them. */
const recordErrorsMax = 1000

/** How Kafka prints a record in its messages. Source: DefaultRecord.toString. */
const describe = (cursor: RecordCursor): string =>
  `DefaultRecord(offset=${cursor.offset}, timestamp=${cursor.timestamp}, ` +
  `key=${Math.max(0, cursor.keyLength)} bytes, value=${Math.max(0, cursor.valueLength)} bytes)`

/** Source: LogValidator.validateTimestamp. */
const timestampError = (cursor: RecordCursor, stampedByClient: boolean, check: BatchCheck): string | undefined => {
  const { timestampType, timestampBeforeMaxMs, timestampAfterMaxMs } = check.settings
  const timestamp = cursor.timestamp
  if (timestampType === "CreateTime" && timestamp !== RecordBatch.NO_TIMESTAMP) {
    const ageMs = check.nowMs - timestamp
    return ageMs > timestampBeforeMaxMs || -ageMs > timestampAfterMaxMs
      ? `Timestamp ${timestamp} of message with offset ${cursor.offset} is out of range. The timestamp should be ` +
        `within [${check.nowMs - timestampBeforeMaxMs}, ${check.nowMs + timestampAfterMaxMs}]`
      : undefined
  }
  return stampedByClient
    ? `Invalid timestamp type in message ${describe(cursor)}. Producer should not set timestamp type to LogAppendTime.`
    : undefined
}

const summaryOf = (errorCount: number, errors: ReadonlyArray<RecordError>): string =>
  `One or more records have been rejected due to ${errorCount} record errors in total, ` +
  `and only showing the first three errors at most: [` +
  errors.slice(0, 3).map((error) =>
    `RecordError(batchIndex=${error.batchIndex}, message='${error.batchIndexErrorMessage}')`
  ).join(", ") + "]"

/**
 * Names the records that the topic does not accept, or undefined when it accepts them all. A batch is refused whole;
 * one bad timestamp makes the code of the batch INVALID_TIMESTAMP. Source: LogValidator.processRecordErrors.
 */
export const recordErrorsOf = (batch: Uint8Array, payload: Uint8Array, check: BatchCheck): Rejection | undefined => {
  const { topic, partition } = check.topicPartition
  const stampedByClient = RecordBatch.timestampType(batch, 0) === "LogAppendTime"
  const errors: Array<RecordError> = []
  let errorCount = 0
  let hasTimestampError = false
  const cursor = new RecordCursor(batch, 0, payload)
  while (cursor.next()) {
    let message: string | undefined
    if (check.settings.isCompacted && cursor.keyLength < 0) {
      message = `Compacted topic cannot accept message without key in topic partition ${topic}-${partition}`
    } else {
      message = timestampError(cursor, stampedByClient, check)
      if (message !== undefined) hasTimestampError = true
    }
    if (message === undefined) continue
    if (++errorCount <= recordErrorsMax) errors.push({ batchIndex: cursor.index, batchIndexErrorMessage: message })
  }
  if (errorCount === 0) return undefined
  return hasTimestampError
    ? rejectedRecords(
      ErrorCode.INVALID_TIMESTAMP,
      "One or more records have been rejected due to invalid timestamp",
      errors
    )
    : rejectedRecords(ErrorCode.INVALID_RECORD, summaryOf(errorCount, errors), errors)
}
