import { ErrorCode } from "../../model/ErrorCode.ts"
import { forEachRecord, type RecordCursor } from "../../protocol/records/Record.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { type RecordError, rejectedRecords, type Rejection } from "./AppendResult.ts"
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
 * Collects the records that the topic does not accept. A batch is refused whole; one bad timestamp makes the code of the
 * batch INVALID_TIMESTAMP. Source: LogValidator.processRecordErrors.
 */
export class RecordErrors {
  private readonly check: BatchCheck
  private readonly stampedByClient: boolean
  private readonly errors: Array<RecordError> = []
  private errorCount = 0
  private hasTimestampError = false

  constructor(batch: Uint8Array, check: BatchCheck) {
    this.check = check
    this.stampedByClient = RecordBatch.timestampType(batch, 0) === "LogAppendTime"
  }

  /** Looks at the cursor's record. */
  add(cursor: RecordCursor): void {
    const { settings, topicPartition: { partition, topic } } = this.check
    let message: string | undefined
    if (settings.isCompacted && cursor.keyLength < 0) {
      message = `Compacted topic cannot accept message without key in topic partition ${topic}-${partition}`
    } else {
      message = timestampError(cursor, this.stampedByClient, this.check)
      if (message !== undefined) this.hasTimestampError = true
    }
    if (message === undefined) return
    if (++this.errorCount <= recordErrorsMax) {
      this.errors.push({ batchIndex: cursor.index, batchIndexErrorMessage: message })
    }
  }

  /** The refusal of the batch, or undefined when the topic accepts all its records. */
  get rejection(): Rejection | undefined {
    if (this.errorCount === 0) return undefined
    return this.hasTimestampError
      ? rejectedRecords(
        ErrorCode.INVALID_TIMESTAMP,
        "One or more records have been rejected due to invalid timestamp",
        this.errors
      )
      : rejectedRecords(ErrorCode.INVALID_RECORD, summaryOf(this.errorCount, this.errors), this.errors)
  }
}

/** What the topic does not accept of a batch whose records were validated before. */
export const recordErrorsOf = (batch: Uint8Array, payload: Uint8Array, check: BatchCheck): Rejection | undefined => {
  const errors = new RecordErrors(batch, check)
  forEachRecord(batch, 0, payload, (cursor) => errors.add(cursor))
  return errors.rejection
}
