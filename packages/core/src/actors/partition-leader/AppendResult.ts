import { ErrorCode } from "../../model/ErrorCode.ts"

/** One record of a batch that was refused. Source: ProduceResponse.RecordError. */
export interface RecordError {
  readonly batchIndex: number
  readonly batchIndexErrorMessage: string | null
}

/** How an append ended; the fields are those of a partition's Produce response. */
export interface AppendResult {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly recordErrors: ReadonlyArray<RecordError>
  readonly baseOffset: number
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
}

/** A batch that is not appended, and the answer to its producer. */
export interface Rejection {
  readonly _tag: "Reject"
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly recordErrors: ReadonlyArray<RecordError>
  /** Whether the answer carries the real log start offset; Kafka answers -1 for what fails early. */
  readonly showsLogStart: boolean
}

const none: ReadonlyArray<RecordError> = []

const rejections = new Map<ErrorCode, Rejection>()
const earlyRejections = new Map<ErrorCode, Rejection>()

/** A refusal by code alone that tells the log start offset. Source: ReplicaManager.processFailedRecord. */
export const rejected = (errorCode: ErrorCode): Rejection => {
  let rejection = rejections.get(errorCode)
  if (rejection === undefined) {
    rejection = { _tag: "Reject", errorCode, errorMessage: null, recordErrors: none, showsLogStart: true }
    rejections.set(errorCode, rejection)
  }
  return rejection
}

/** A refusal by code alone with log start offset -1. Source: LogAppendInfo.UNKNOWN_LOG_APPEND_INFO. */
export const rejectedEarly = (errorCode: ErrorCode): Rejection => {
  let rejection = earlyRejections.get(errorCode)
  if (rejection === undefined) {
    rejection = { _tag: "Reject", errorCode, errorMessage: null, recordErrors: none, showsLogStart: false }
    earlyRejections.set(errorCode, rejection)
  }
  return rejection
}

/** A refusal that names the records at fault. Source: RecordValidationException. */
export const rejectedRecords = (
  errorCode: ErrorCode,
  errorMessage: string,
  recordErrors: ReadonlyArray<RecordError>
): Rejection => ({ _tag: "Reject", errorCode, errorMessage, recordErrors, showsLogStart: true })

/** The answer to a refused append. */
export const rejectionResult = (rejection: Rejection, logStartOffset: number): AppendResult => ({
  errorCode: rejection.errorCode,
  errorMessage: rejection.errorMessage,
  recordErrors: rejection.recordErrors,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: rejection.showsLogStart ? logStartOffset : -1
})

/** The answer to an append that failed for a reason outside its bytes, such as a lost log. */
export const failedAppend = (errorCode: ErrorCode): AppendResult => rejectionResult(rejectedEarly(errorCode), -1)

/** The answer to an append that is in the log. */
export const appended = (baseOffset: number, logAppendTimeMs: number, logStartOffset: number): AppendResult => ({
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  recordErrors: none,
  baseOffset,
  logAppendTimeMs,
  logStartOffset
})

/** The answer to an append that is in the log but was not durable in time. Source: DelayedProduce. */
export const timedOut = (baseOffset: number, logAppendTimeMs: number, logStartOffset: number): AppendResult => ({
  ...appended(baseOffset, logAppendTimeMs, logStartOffset),
  errorCode: ErrorCode.REQUEST_TIMED_OUT
})
