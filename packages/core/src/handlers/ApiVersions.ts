/**
 * ApiVersions 0-4 (KIP-35, KIP-511, KIP-584): what the registry serves, nothing more.
 *
 * An unsupported version never reaches this handler: the connection answers it with version 0 and error 35.
 * Source: KafkaApis.handleApiVersionsRequest, ApiVersionsRequest.isValid.
 */
import { Effect } from "effect"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { ApiVersions } from "../protocol/apis/ApiVersions.ts"
import type { AnyApi } from "../protocol/schema/defineApi.ts"
import { directHandler } from "./Handler.ts"

const softwarePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** `served` is asked at each request: the registry that holds this handler is built around it. */
export const makeApiVersions = Effect.fnUntraced(function*(served: () => ReadonlyArray<AnyApi>) {
  const metadata = yield* Metadata
  return directHandler(ApiVersions, (request, context, reply) => {
    if (
      context.apiVersion >= 3 &&
      !(softwarePattern.test(request.clientSoftwareName) && softwarePattern.test(request.clientSoftwareVersion))
    ) {
      return reply({ errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [], throttleTimeMs: 0 })
    }
    const image = metadata.current()
    const levels = [...image.features].filter(([, level]) => level > 0)
    reply({
      errorCode: ErrorCode.NONE,
      apiKeys: served().map((api) => ({
        apiKey: api.key,
        minVersion: api.versions.min,
        maxVersion: api.versions.max
      })),
      throttleTimeMs: 0,
      finalizedFeaturesEpoch: image.endOffset,
      finalizedFeatures: levels.map(([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
      supportedFeatures: levels.map(([name, level]) => ({ name, minVersion: level, maxVersion: level }))
    })
  })
})
