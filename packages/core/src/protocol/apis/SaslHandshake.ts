/**
 * SaslHandshake, versions 0-1. Chooses a SASL mechanism (KIP-43). Never flexible.
 * 0: the exchange follows as bare frames; 1: it follows in SaslAuthenticate (KIP-152).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 17, for all versions. */
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
/** A decoded SaslHandshake request. */
export type SaslHandshakeRequest = RequestOf<typeof SaslHandshake>
/** A SaslHandshake request to encode. */
export type SaslHandshakeRequestInput = RequestInputOf<typeof SaslHandshake>
/** A decoded SaslHandshake response. */
export type SaslHandshakeResponse = ResponseOf<typeof SaslHandshake>
/** A SaslHandshake response to encode. */
export type SaslHandshakeResponseInput = ResponseInputOf<typeof SaslHandshake>
