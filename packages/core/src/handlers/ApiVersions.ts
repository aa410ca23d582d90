/**
 * ApiVersions 0-4 (KIP-35, KIP-511, KIP-584): what the registry serves, nothing more.
 *
 * A version that is not served is answered with version 0, error 35 and the own range only.
 * Source: KafkaApis.handleApiVersionsRequest, ApiVersionsRequest.isValid.
 */
import { Effect } from "effect"
import { type DirectHandler, directHandler } from "../actors/connection/Handler.ts"
import { understoodLevels } from "../metadata/FeatureName.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { ApiVersions } from "../protocol/apis/ApiVersions.ts"
import type { AnyApi } from "../protocol/schema/defineApi.ts"

const softwarePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** Clients before version 4 take a minimum of 0 for a mistake, so such features are not shown to them. Source: KIP-1022. */
const firstVersionWithZeroMinimum = 4

const supportedFeatures = (levels: ReadonlyArray<readonly [string, number]>, apiVersion: number) =>
  levels.flatMap(([name, level]) => {
    const { max, min } = understoodLevels.get(name) ?? { min: level, max: level }
    return min === 0 && apiVersion < firstVersionWithZeroMinimum
      ? []
      : [{ name, minVersion: min, maxVersion: Math.max(max, level) }]
  })

/** `served` is asked at each request: the registry that holds this handler is built around it. */
export const makeApiVersions = Effect.fnUntraced(function*(served: () => ReadonlyArray<AnyApi>) {
  const metadata = yield* Metadata
  const handle: DirectHandler<typeof ApiVersions>["handle"] = (request, context, reply) => {
    if (
      context.apiVersion >= 3 &&
      !(softwarePattern.test(request.clientSoftwareName) && softwarePattern.test(request.clientSoftwareVersion))
    ) {
      return reply({ errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [], throttleTimeMs: 0 })
    }
    const { clientSoftwareName: softwareName, clientSoftwareVersion: softwareVersion } = request
    if (context.apiVersion >= 3) context.connection.report({ _tag: "ClientNamed", softwareName, softwareVersion })
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
      supportedFeatures: supportedFeatures(levels, context.apiVersion)
    })
  }
  return directHandler(ApiVersions, handle, {
    authentication: "NotNeeded",
    answerUnsupported: () => ({
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys: [{
        apiKey: ApiVersions.key,
        minVersion: ApiVersions.versions.min,
        maxVersion: ApiVersions.versions.max
      }]
    })
  })
})
