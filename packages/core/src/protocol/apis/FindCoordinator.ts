/**
 * FindCoordinator, versions 0-6. The broker that coordinates a group or transaction.
 * 1: key type (KIP-98); 3: flexible; 4: several keys at once (KIP-699); 5: TRANSACTION_ABORTABLE (KIP-890);
 * 6: share groups (KIP-932).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 10, for all versions. */
export const FindCoordinator = defineApi({
  key: 10,
  name: "FindCoordinator",
  versions: "0-6",
  flexible: "3+",
  request: {
    /** Before version 4. */
    key: Wire.string.in("0-3"),
    /** 0: group; 1: transaction; 2: share group. */
    keyType: Wire.int8.in("1+").default(0),
    /** From version 4. */
    coordinatorKeys: Wire.arrayOf(Wire.string).in("4+")
  },
  response: {
    throttleTimeMs: Wire.int32.in("1+").default(0),
    errorCode: Wire.int16.in("0-3"),
    errorMessage: Wire.nullableString.in("1-3"),
    nodeId: Wire.int32.in("0-3"),
    host: Wire.string.in("0-3"),
    port: Wire.int32.in("0-3"),
    coordinators: Wire.array({
      key: Wire.string,
      nodeId: Wire.int32,
      host: Wire.string,
      port: Wire.int32,
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString
    }).in("4+")
  }
})
/** A decoded FindCoordinator request. */
export type FindCoordinatorRequest = RequestOf<typeof FindCoordinator>
/** A FindCoordinator request to encode. */
export type FindCoordinatorRequestInput = RequestInputOf<typeof FindCoordinator>
/** A decoded FindCoordinator response. */
export type FindCoordinatorResponse = ResponseOf<typeof FindCoordinator>
/** A FindCoordinator response to encode. */
export type FindCoordinatorResponseInput = ResponseInputOf<typeof FindCoordinator>
