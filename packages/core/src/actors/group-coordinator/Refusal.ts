import type { ErrorCode } from "../../model/ErrorCode.ts"

/** A request that is answered with an error; the state stays as it is. */
export class Refusal {
  readonly errorCode: ErrorCode
  readonly message: string

  constructor(errorCode: ErrorCode, message: string) {
    this.errorCode = errorCode
    this.message = message
  }
}
