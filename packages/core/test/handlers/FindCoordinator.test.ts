import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeFindCoordinator } from "../../src/handlers/FindCoordinator.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { ask, layerAdmin } from "./adminFixtures.ts"

const request = (key: string, keyType = 0) => ({ key, keyType, coordinatorKeys: [key] })

/** The one answer in either form. */
const answerOf = (response: any, version: number) => {
  const { errorCode, errorMessage, host, nodeId, port } = version < 4 ? response : response.coordinators[0]
  return [errorCode, nodeId, host, port, errorMessage]
}

describe("FindCoordinator", () => {
  it.effect.each([0, 1, 2, 3, 4, 5, 6])(
    "version %i answers 15 where there is no coordinator",
    (version) =>
      Effect.gen(function*() {
        const response = yield* ask(yield* makeFindCoordinator, version, request("g"))
        const [code, ...node] = answerOf(response, version)
        assert.deepStrictEqual([code, ...node.slice(0, 3)], [15, -1, "", -1])
        if (version >= 4) assert.strictEqual(node[3], "")
        else if (version >= 1) assert.strictEqual(node[3], "The coordinator is not available.")
      }).pipe(Effect.provide(layerAdmin()))
  )

  it.effect.each([[3, "NONE"], [4, ""]] as const)(
    "version %i finds the leader of the group's partition",
    ([version, text]) =>
      Effect.gen(function*() {
        const response = yield* ask(yield* makeFindCoordinator, version, request("g"))
        assert.deepStrictEqual(answerOf(response, version), [0, 1, "broker.test", 19092, text])
        const topic = (yield* Metadata).current().topic("__consumer_offsets")
        assert.strictEqual(topic?.partitions.length, 50)
        assert.deepStrictEqual(Object.fromEntries(topic!.configs), {
          "cleanup.policy": "compact",
          "compression.type": "producer",
          "segment.bytes": "104857600"
        })
      }).pipe(Effect.provide(layerAdmin({ coordinators: ["GROUP"] })))
  )

  it.effect("answers every key of a batch for itself", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* makeFindCoordinator, 4, { key: "", keyType: 0, coordinatorKeys: ["a", "b"] })
      assert.deepStrictEqual(response.coordinators.map((c: any) => [c.key, c.errorCode]), [["a", 30], ["b", 0]])
    }).pipe(Effect.provide(layerAdmin({ coordinators: ["GROUP"], denied: ["DESCRIBE GROUP a"] }))))

  it.effect("answers 53 for a transactional id that may not be described", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* makeFindCoordinator, 4, request("t", 1))
      assert.strictEqual(response.coordinators[0].errorCode, 53)
    }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE TRANSACTIONAL_ID *"] }))))

  it.effect.each([1, 3, 4, 6])(
    "version %i refuses transactions for good where they are not served",
    (version) =>
      Effect.gen(function*() {
        const response = yield* ask(yield* makeFindCoordinator, version, request("t", 1))
        const text = "This broker does not serve transactions."
        assert.deepStrictEqual(answerOf(response, version), [35, -1, "", -1, text])
      }).pipe(Effect.provide(layerAdmin({ coordinators: ["GROUP"] })))
  )

  it.effect("refuses share groups and key types nobody knows", () =>
    Effect.gen(function*() {
      const handler = yield* makeFindCoordinator
      assert.strictEqual((yield* ask(handler, 6, request("g:x:0", 2))).coordinators[0].errorCode, 42)
      assert.strictEqual((yield* ask(handler, 3, request("g", 9))).errorCode, 42)
      const unknown = (yield* ask(handler, 4, request("g", 9))).coordinators[0]
      assert.match(unknown.errorMessage, /^This most likely occurs because of a request being malformed/)
    }).pipe(Effect.provide(layerAdmin())))
})
