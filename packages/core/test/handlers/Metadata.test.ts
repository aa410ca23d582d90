import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeMetadata } from "../../src/handlers/Metadata.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { newPartition } from "../../src/metadata/MetadataRecord.ts"
import { Uuid } from "../../src/model/Uuid.ts"
import { registration, runDecision, testId } from "../actors/controller/fixtures.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

const create = (...names: ReadonlyArray<string>) =>
  Effect.flatMap(makeCreateTopics, (handler) => ask(handler, 7, topicsNamed(...names)))

const byName = (...names: ReadonlyArray<string | null>) => ({
  topics: names.map((name) => ({ name, topicId: Uuid.zero })),
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false
})

const codesOf = (response: any) => response.topics.map((t: any) => [t.name, t.errorCode])

describe("Metadata", () => {
  it.effect.each(Array.from({ length: 14 }, (_, v) => v))(
    "version %i describes a topic and its broker",
    (version) =>
      Effect.gen(function*() {
        yield* create("orders")
        const response = yield* ask(yield* makeMetadata, version, byName("orders"))
        assert.deepStrictEqual(response.brokers.map((b: any) => [b.nodeId, b.host, b.port]), [[
          1,
          "broker.test",
          19092
        ]])
        assert.deepInclude(response.topics[0], { name: "orders", errorCode: 0, isInternal: false })
        assert.deepInclude(response.topics[0].partitions[0], {
          errorCode: 0,
          partitionIndex: 0,
          leaderId: 1,
          replicaNodes: [1],
          isrNodes: [1]
        })
        if (version >= 1) assert.strictEqual(response.controllerId, 1)
        if (version >= 2) assert.strictEqual(response.clusterId, "test-cluster")
      }).pipe(Effect.provide(layerAdmin()), Effect.scoped)
  )

  it.effect("null asks for all topics; an empty list for all in version 0 and for none later", () =>
    Effect.gen(function*() {
      yield* create("a", "b")
      const handler = yield* makeMetadata
      const all = (yield* ask(handler, 9, { ...byName(), topics: null })).topics
      assert.deepStrictEqual(all.map((t: any) => t.name).sort(), ["a", "b"])
      assert.strictEqual((yield* ask(handler, 0, byName())).topics.length, 2)
      assert.strictEqual((yield* ask(handler, 1, byName())).topics.length, 0)
    }).pipe(Effect.provide(layerAdmin()), Effect.scoped))

  it.effect("answers an unknown topic with 3 and creates it behind the answer", () =>
    Effect.gen(function*() {
      const handler = yield* makeMetadata
      const request = { ...byName("new", "bad name"), allowAutoTopicCreation: true }
      assert.deepStrictEqual(codesOf(yield* ask(handler, 9, request)), [["new", 3], ["bad name", 17]])
      // Runs after what the handler asked for, as the controller works in order.
      yield* Effect.yieldNow
      yield* runDecision(() => ({ records: [], reply: undefined }))
      assert.deepStrictEqual((yield* Metadata).current().topics().map(({ name }) => name), ["new"])
      assert.deepStrictEqual(codesOf(yield* ask(handler, 9, request)), [["new", 0], ["bad name", 17]])
    }).pipe(Effect.provide(layerAdmin()), Effect.scoped))

  it.effect.each(
    [
      [true, "false"],
      [false, "true"]
    ] as const
  )(
    "creates nothing when the client says %s and the broker %s",
    ([allowAutoTopicCreation, enabled]) =>
      Effect.gen(function*() {
        const handler = yield* makeMetadata
        assert.deepStrictEqual(codesOf(yield* ask(handler, 9, { ...byName("new"), allowAutoTopicCreation })), [[
          "new",
          3
        ]])
        yield* Effect.yieldNow
        yield* runDecision(() => ({ records: [], reply: undefined }))
        assert.strictEqual((yield* Metadata).current().topicCount, 0)
      }).pipe(Effect.provide(layerAdmin({ properties: { "auto.create.topics.enable": enabled } })), Effect.scoped)
  )

  it.effect("tells the unauthorized nothing about a topic, and leaves it out of all topics", () =>
    Effect.gen(function*() {
      yield* create("secret", "open")
      const handler = yield* makeMetadata
      const named = yield* ask(handler, 12, byName("secret", "absent"))
      assert.deepStrictEqual(codesOf(named), [["secret", 29], ["absent", 3]])
      assert.strictEqual(named.topics[0].topicId, Uuid.zero)
      assert.deepStrictEqual(codesOf(yield* ask(handler, 12, { ...byName(), topics: null })), [["open", 0]])
    }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE TOPIC secret"] })), Effect.scoped))

  it.effect("does not create for those who may not", () =>
    Effect.gen(function*() {
      const request = { ...byName("new"), allowAutoTopicCreation: true }
      assert.deepStrictEqual(codesOf(yield* ask(yield* makeMetadata, 9, request)), [["new", 29]])
    }).pipe(Effect.provide(layerAdmin({ denied: ["CREATE CLUSTER *", "CREATE TOPIC *"] })), Effect.scoped))

  it.effect("finds topics by id from version 12 on; ids win over names", () =>
    Effect.gen(function*() {
      yield* create("a")
      const handler = yield* makeMetadata
      const id = (yield* Metadata).current().topic("a")!.id
      const topics = [{ name: null, topicId: id }, { name: "a", topicId: Uuid.zero }, {
        name: null,
        topicId: testId(99)
      }]
      const response = yield* ask(handler, 12, { ...byName(), topics })
      assert.deepStrictEqual(codesOf(response), [["a", 0], [null, 100]])
      const refused = yield* ask(handler, 11, { ...byName(), topics: [{ name: null, topicId: id }] })
      assert.deepStrictEqual(refused.topics.map((t: any) => [t.name, t.errorCode, t.topicId]), [["", 42, id]])
      const nameless = yield* ask(handler, 13, byName(null))
      assert.deepStrictEqual([codesOf(nameless), nameless.errorCode], [[["", -1]], -1])
    }).pipe(Effect.provide(layerAdmin()), Effect.scoped))

  it.effect("lists authorized operations when asked for", () =>
    Effect.gen(function*() {
      yield* create("a")
      const handler = yield* makeMetadata
      const request = {
        ...byName("a", "absent"),
        includeClusterAuthorizedOperations: true,
        includeTopicAuthorizedOperations: true
      }
      const response = yield* ask(handler, 9, request)
      assert.deepStrictEqual(response.topics.map((t: any) => t.topicAuthorizedOperations), [3576, 3576])
      assert.strictEqual(response.clusterAuthorizedOperations, 8096)
      const silent = yield* ask(handler, 9, byName("a"))
      assert.strictEqual(silent.topics[0].topicAuthorizedOperations, -2147483648)
    }).pipe(Effect.provide(layerAdmin()), Effect.scoped))

  it.effect("shows a partition without living leader with 5, and dead replicas as offline", () =>
    Effect.gen(function*() {
      yield* runDecision(() => ({
        records: [
          registration(2, true),
          { _tag: "Topic", name: "t", topicId: testId(1) },
          newPartition({ topicId: testId(1), partitionId: 0, replicas: [2, 1], isr: [2], directories: [] })
        ],
        reply: undefined
      }))
      const handler = yield* makeMetadata
      const shown = (yield* ask(handler, 9, byName("t"))).topics[0].partitions[0]
      assert.deepInclude(shown, {
        errorCode: 5,
        leaderId: -1,
        replicaNodes: [2, 1],
        isrNodes: [2],
        offlineReplicas: [2]
      })
      const old = (yield* ask(handler, 0, byName("t"))).topics[0].partitions[0]
      assert.deepInclude(old, { errorCode: 5, replicaNodes: [1], isrNodes: [] })
    }).pipe(Effect.provide(layerAdmin()), Effect.scoped))
})
