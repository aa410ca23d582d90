/**
 * SaslHandshake, versions 0-1.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** SaslHandshake for all versions. */
export const SaslHandshake = defineApi({
  key: 17,
  name: "SaslHandshake",
  versions: "0-1",
  flexible: "none",
  request: {
    mechanism: Wire.string
  },
  response: {
    errorCode: Wire.int16,
    mechanisms: Wire.arrayOf(Wire.string)
  }
})
export type SaslHandshakeRequest = RequestOf<typeof SaslHandshake>
export type SaslHandshakeRequestInput = RequestInputOf<typeof SaslHandshake>
export type SaslHandshakeResponse = ResponseOf<typeof SaslHandshake>
export type SaslHandshakeResponseInput = ResponseInputOf<typeof SaslHandshake>
