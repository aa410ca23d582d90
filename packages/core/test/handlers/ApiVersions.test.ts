import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeApiVersions } from "../../src/handlers/ApiVersions.ts"
import { apis } from "../../src/protocol/apis/index.ts"
import { runDecision } from "../actors/controller/fixtures.ts"
import { ask, layerAdmin } from "./adminFixtures.ts"

const client = { clientSoftwareName: "a-client", clientSoftwareVersion: "1.0" }
const served = [apis.Produce, apis.ApiVersions]

const features = (levels: Readonly<Record<string, number>>) =>
  runDecision(() => ({
    records: Object.entries(levels).map(([name, featureLevel]) => ({
      _tag: "FeatureLevel" as const,
      name,
      featureLevel
    })),
    reply: undefined
  }))

describe("ApiVersions", () => {
  it.effect.each([0, 1, 2, 3, 4])(
    "version %i names what is served and nothing else",
    (version) =>
      Effect.gen(function*() {
        const response = yield* ask(yield* makeApiVersions(() => served), version, client)
        assert.strictEqual(response.errorCode, 0)
        assert.deepStrictEqual(response.apiKeys, [
          { apiKey: 0, minVersion: 0, maxVersion: 13 },
          { apiKey: 18, minVersion: 0, maxVersion: 4 }
        ])
      }).pipe(Effect.provide(layerAdmin()))
  )

  it.effect("refuses a client software name or version that is not well formed", () =>
    Effect.gen(function*() {
      const handler = yield* makeApiVersions(() => served)
      for (const bad of [{ clientSoftwareName: "" }, { clientSoftwareVersion: "-1" }, { clientSoftwareName: "a b" }]) {
        const response = yield* ask(handler, 3, { ...client, ...bad })
        assert.deepInclude(response, { errorCode: 42, apiKeys: [] })
      }
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("shows finalized levels, and the levels that could be", () =>
    Effect.gen(function*() {
      yield* features({
        "metadata.version": 25,
        "eligible.leader.replicas.version": 1,
        "group.version": 1,
        "other.version": 2
      })
      const handler = yield* makeApiVersions(() => served)
      const newest = yield* ask(handler, 4, client)
      const level = (name: string, max: number) => ({ name, maxVersionLevel: max, minVersionLevel: max })
      assert.sameDeepMembers(newest.finalizedFeatures, [
        level("metadata.version", 25),
        level("eligible.leader.replicas.version", 1),
        level("group.version", 1),
        level("other.version", 2)
      ])
      const supported = [
        { name: "metadata.version", minVersion: 7, maxVersion: 30 },
        { name: "other.version", minVersion: 2, maxVersion: 2 }
      ]
      const fromZero = ["eligible.leader.replicas.version", "group.version"]
        .map((name) => ({ name, minVersion: 0, maxVersion: 1 }))
      assert.sameDeepMembers(newest.supportedFeatures, [...supported, ...fromZero])
      assert.sameDeepMembers((yield* ask(handler, 3, client)).supportedFeatures, supported)
    }).pipe(Effect.provide(layerAdmin())))
})
