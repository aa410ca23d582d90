import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeDescribeCluster } from "../../src/handlers/DescribeCluster.ts"
import { registration, runDecision } from "../actors/controller/fixtures.ts"
import { ask, layerAdmin } from "./adminFixtures.ts"

const request = (endpointType = 1) => ({
  includeClusterAuthorizedOperations: false,
  endpointType,
  includeFencedBrokers: false
})

describe("DescribeCluster", () => {
  it.effect.each([0, 1, 2])("version %i shows the brokers that clients can reach", (version) =>
    Effect.gen(function*() {
      yield* runDecision(() => ({ records: [registration(2, true)], reply: undefined }))
      const handler = yield* makeDescribeCluster
      const response = yield* ask(handler, version, request())
      assert.deepInclude(response, {
        errorCode: 0,
        clusterId: "test-cluster",
        controllerId: 1,
        clusterAuthorizedOperations: -2147483648
      })
      const local = { brokerId: 1, host: "broker.test", port: 19092, rack: null, isFenced: false }
      assert.deepStrictEqual(response.brokers, [local])
      if (version < 2) return
      const all = yield* ask(handler, 2, { ...request(), includeFencedBrokers: true })
      assert.deepStrictEqual(all.brokers.map((b: any) => [b.brokerId, b.isFenced]), [[1, false], [2, true]])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("refuses to describe controllers and what it does not know", () =>
    Effect.gen(function*() {
      const handler = yield* makeDescribeCluster
      const controllers =
        "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
      const empty = { clusterId: "", controllerId: -1, brokers: [] }
      const first = yield* ask(handler, 1, request(2))
      assert.deepInclude(first, { errorCode: 114, errorMessage: controllers, endpointType: 1, ...empty })
      const second = yield* ask(handler, 1, request(7))
      assert.deepInclude(second, { errorCode: 115, errorMessage: "Unsupported endpoint type 7", ...empty })
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("lists authorized operations when asked for: none without DESCRIBE", () =>
    Effect.gen(function*() {
      const handler = yield* makeDescribeCluster
      const response = yield* ask(handler, 1, { ...request(), includeClusterAuthorizedOperations: true })
      assert.strictEqual(response.clusterAuthorizedOperations, 8096)
    }).pipe(
      Effect.provide(layerAdmin()),
      Effect.andThen(
        Effect.gen(function*() {
          const handler = yield* makeDescribeCluster
          const response = yield* ask(handler, 1, { ...request(), includeClusterAuthorizedOperations: true })
          assert.strictEqual(response.clusterAuthorizedOperations, 0)
        }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE CLUSTER *"] })))
      )
    ))
})
