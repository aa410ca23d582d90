/**
 * SaslAuthenticate, versions 0-2.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** SaslAuthenticate for all versions. */
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
    sessionLifetimeMs: Wire.int64.in("1+").default(0)
  }
})
export type SaslAuthenticateRequest = RequestOf<typeof SaslAuthenticate>
export type SaslAuthenticateRequestInput = RequestInputOf<typeof SaslAuthenticate>
export type SaslAuthenticateResponse = ResponseOf<typeof SaslAuthenticate>
export type SaslAuthenticateResponseInput = ResponseInputOf<typeof SaslAuthenticate>
