import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

const codesOf = (response: any) => response.topics.map((t: any) => [t.name, t.errorCode, t.errorMessage])

describe("CreateTopics", () => {
  it.effect.each([0, 1, 2, 3, 4, 5, 6, 7])(
    "version %i creates a topic that exists when the answer comes",
    (version) =>
      Effect.gen(function*() {
        const handler = yield* makeCreateTopics
        const response = yield* ask(handler, version, topicsNamed(["orders", 3]))
        const topic = (yield* Metadata).current().topic("orders")
        assert.strictEqual(topic?.partitions.length, 3)
        assert.deepStrictEqual(
          codesOf(response),
          [["orders", 0, null]].map(([n, c]) => [n, c, response.topics[0].errorMessage])
        )
        assert.strictEqual(response.throttleTimeMs, 0)
        if (version >= 5) assert.strictEqual(response.topics[0].numPartitions, 3)
        if (version >= 7) assert.strictEqual(response.topics[0].topicId, topic?.id)
      }).pipe(Effect.provide(layerAdmin()))
  )

  it.effect("answers repeated names, the metadata topic and unauthorized names behind all others", () =>
    Effect.gen(function*() {
      const handler = yield* makeCreateTopics
      const request = topicsNamed("twice", "__cluster_metadata", "secret", "twice", "fine")
      assert.deepStrictEqual(codesOf(yield* ask(handler, 7, request)), [
        ["fine", 0, null],
        ["twice", 42, "Duplicate topic name."],
        ["__cluster_metadata", 42, "Creation of internal topic __cluster_metadata is prohibited."],
        ["secret", 29, "Authorization failed."]
      ])
      assert.strictEqual((yield* Metadata).current().topicCount, 1)
    }).pipe(Effect.provide(layerAdmin({ denied: ["CREATE CLUSTER *", "CREATE TOPIC secret"] }))))

  it.effect("lets a principal with CREATE on the cluster create any topic", () =>
    Effect.gen(function*() {
      const handler = yield* makeCreateTopics
      assert.deepStrictEqual(codesOf(yield* ask(handler, 7, topicsNamed("a"))), [["a", 0, null]])
    }).pipe(Effect.provide(layerAdmin({ denied: ["CREATE TOPIC *"] }))))

  it.effect("hides configs without DESCRIBE_CONFIGS", () =>
    Effect.gen(function*() {
      const handler = yield* makeCreateTopics
      const response = yield* ask(handler, 7, topicsNamed("a"))
      assert.deepInclude(response.topics[0], { errorCode: 0, topicConfigErrorCode: 29, numPartitions: -1, configs: [] })
    }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE_CONFIGS TOPIC *"] }))))

  it.effect("only validates when asked to", () =>
    Effect.gen(function*() {
      const handler = yield* makeCreateTopics
      const response = yield* ask(handler, 7, { ...topicsNamed("a"), validateOnly: true })
      assert.strictEqual(response.topics[0].errorCode, 0)
      assert.strictEqual((yield* Metadata).current().topicCount, 0)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("refuses every topic of a request that is too large", () =>
    Effect.gen(function*() {
      const handler = yield* makeCreateTopics
      const message = "Excessively large number of partitions per request."
      assert.deepStrictEqual(codesOf(yield* ask(handler, 7, topicsNamed(["a", 20_000], "b"))), [
        ["a", 44, message],
        ["b", 44, message]
      ])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a request that gives no time is refused, and creates nothing", () =>
    Effect.gen(function*() {
      const handler = yield* makeCreateTopics
      for (const timeoutMs of [0, -1]) {
        const response = yield* ask(handler, 7, { ...topicsNamed("a", "b"), timeoutMs })
        assert.deepStrictEqual(codesOf(response), [["a", 7, null], ["b", 7, null]])
      }
      assert.strictEqual((yield* Metadata).current().topicCount, 0)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("answers an empty request with no topics", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* ask(yield* makeCreateTopics, 7, { topics: [] })).topics, [])
    }).pipe(Effect.provide(layerAdmin())))
})
