import { ErrorCode } from "../../model/ErrorCode.ts"

/** The code for a client that may not know PRODUCER_FENCED (90): INVALID_PRODUCER_EPOCH (47) before `knownFrom`. */
export const fencedBefore = (knownFrom: number, apiVersion: number, errorCode: ErrorCode): ErrorCode =>
  errorCode === ErrorCode.PRODUCER_FENCED && apiVersion < knownFrom ? ErrorCode.INVALID_PRODUCER_EPOCH : errorCode
