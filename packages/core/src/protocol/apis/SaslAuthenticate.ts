/**
 * SaslAuthenticate, versions 0-2. One step of a SASL exchange (KIP-152).
 * 1: session lifetime (KIP-368); 2: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 36, for all versions. */
export const SaslAuthenticate = defineApi({
  key: 36,
  name: "SaslAuthenticate",
  versions: "0-2",
  flexible: "2+",
  request: {
    authBytes: Wire.bytes
  },
  response: {
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString,
    authBytes: Wire.bytes,
    /** 0: the session does not expire. */
    sessionLifetimeMs: Wire.int64.in("1+").default(0)
  }
})
/** A decoded SaslAuthenticate request. */
export type SaslAuthenticateRequest = RequestOf<typeof SaslAuthenticate>
/** A SaslAuthenticate request to encode. */
export type SaslAuthenticateRequestInput = RequestInputOf<typeof SaslAuthenticate>
/** A decoded SaslAuthenticate response. */
export type SaslAuthenticateResponse = ResponseOf<typeof SaslAuthenticate>
/** A SaslAuthenticate response to encode. */
export type SaslAuthenticateResponseInput = ResponseInputOf<typeof SaslAuthenticate>
