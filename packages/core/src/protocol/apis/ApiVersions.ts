/**
 * ApiVersions, versions 0-4. Which APIs and versions the broker serves (KIP-35).
 * 1: throttle time; 3: flexible, client software name and version (KIP-511), features (KIP-584);
 * 4: supported features may start at version 0 (KAFKA-17011). The response header is always version 0.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 18, for all versions. */
export const ApiVersions = defineApi({
  key: 18,
  name: "ApiVersions",
  versions: "0-4",
  flexible: "3+",
  request: {
    clientSoftwareName: Wire.string.in("3+"),
    clientSoftwareVersion: Wire.string.in("3+")
  },
  response: {
    errorCode: Wire.int16,
    apiKeys: Wire.array({
      apiKey: Wire.int16,
      minVersion: Wire.int16,
      maxVersion: Wire.int16
    }),
    throttleTimeMs: Wire.int32.in("1+").default(0),
    supportedFeatures: Wire.array({
      name: Wire.string,
      minVersion: Wire.int16,
      maxVersion: Wire.int16
    }).tag(0, "3+"),
    /** -1: unknown. */
    finalizedFeaturesEpoch: Wire.int64.default(-1).tag(1, "3+"),
    finalizedFeatures: Wire.array({
      name: Wire.string,
      maxVersionLevel: Wire.int16,
      minVersionLevel: Wire.int16
    }).tag(2, "3+"),
    /** Always false since Kafka 4. */
    zkMigrationReady: Wire.boolean.default(false).tag(3, "3+")
  }
})
/** A decoded ApiVersions request. */
export type ApiVersionsRequest = RequestOf<typeof ApiVersions>
/** A ApiVersions request to encode. */
export type ApiVersionsRequestInput = RequestInputOf<typeof ApiVersions>
/** A decoded ApiVersions response. */
export type ApiVersionsResponse = ResponseOf<typeof ApiVersions>
/** A ApiVersions response to encode. */
export type ApiVersionsResponseInput = ResponseInputOf<typeof ApiVersions>
