import { errorMessage } from "./errorMessage.ts"
import { ErrorCode } from "./ErrorCode.ts"

/** A refusal as a value: the code and the sentence shown to the client. Source: ApiError. */
export interface OperationError {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

/** A refusal; without a sentence of its own it has the code's. */
export const operationError = (code: ErrorCode, message: string | null = errorMessage(code)): OperationError => ({
  errorCode: code,
  errorMessage: message
})

/** The answer to a request whose timeout ends before the controller can begin with it. Source: KafkaEventQueue. */
export const timedOut: OperationError = operationError(ErrorCode.REQUEST_TIMED_OUT, null)
