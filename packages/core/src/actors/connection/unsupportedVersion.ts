import { ErrorCode } from "../../model/ErrorCode.ts"
import type { AnyApi } from "../../protocol/schema/defineApi.ts"

/** The answer to an ApiVersions version that is not served: version 0 with the own range only. Source: KIP-511. */
export const unsupportedVersion = (api: AnyApi) => ({
  errorCode: ErrorCode.UNSUPPORTED_VERSION,
  apiKeys: [{ apiKey: api.key, minVersion: api.versions.min, maxVersion: api.versions.max }]
})
