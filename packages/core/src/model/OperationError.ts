import { errorMessage } from "./errorMessage.ts"
import type { ErrorCode } from "./ErrorCode.ts"

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
