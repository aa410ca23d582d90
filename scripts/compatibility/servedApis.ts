import { apis } from "@kafka-broker/core/protocol"
import { TestBroker } from "@kafka-broker/testkit"
import { Effect } from "effect"

/** An API that a running broker says it serves. */
export interface ServedApi {
  readonly key: number
  readonly min: number
  readonly max: number
}

/** Asks a broker in memory with ApiVersions, so the page says what clients are told. */
export const servedApis = Effect.gen(function*() {
  const broker = yield* TestBroker
  const request = { clientSoftwareName: "compatibility-page", clientSoftwareVersion: "1" }
  const { apiKeys } = yield* broker.request(apis.ApiVersions, request)
  return apiKeys.map(({ apiKey, maxVersion, minVersion }): ServedApi => ({
    key: apiKey,
    min: minVersion,
    max: maxVersion
  }))
}).pipe(Effect.provide(TestBroker.layer()))
