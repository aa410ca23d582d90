import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeDescribeTopicPartitions } from "../../src/handlers/DescribeTopicPartitions.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

const setUp = Effect.gen(function*() {
  yield* ask(yield* makeCreateTopics, 7, topicsNamed(["b", 3], ["a", 2], ["c", 1]))
  return yield* makeDescribeTopicPartitions
})

const request = (names: ReadonlyArray<string>, limit = 2000, cursor: readonly [string, number] | null = null) => ({
  topics: names.map((name) => ({ name })),
  responsePartitionLimit: limit,
  cursor: cursor === null ? null : { topicName: cursor[0], partitionIndex: cursor[1] }
})

const shown = (response: any) => [
  response.topics.map((t: any) => [t.name, t.errorCode, t.partitions.map((p: any) => p.partitionIndex)]),
  response.nextCursor === null ? null : [response.nextCursor.topicName, response.nextCursor.partitionIndex]
]

describe("DescribeTopicPartitions", () => {
  it.effect("describes all topics in order", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 0, request([]))
      assert.deepStrictEqual(shown(response), [[["a", 0, [0, 1]], ["b", 0, [0, 1, 2]], ["c", 0, [0]]], null])
      assert.strictEqual(response.topics[0].topicAuthorizedOperations, 3576)
      assert.deepInclude(response.topics[0].partitions[0], {
        leaderId: 1,
        leaderEpoch: 0,
        replicaNodes: [1],
        isrNodes: [1],
        eligibleLeaderReplicas: [],
        lastKnownElr: [],
        offlineReplicas: []
      })
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("describes named topics once and in order; unknown ones with 3, impossible ones with 17", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 0, request(["c", "a b", "a", "none", "a"]))
      assert.deepStrictEqual(shown(response), [
        [["a", 0, [0, 1]], ["a b", 17, []], ["c", 0, [0]], ["none", 3, []]],
        null
      ])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("stops at the limit and tells where to go on, until all is said", () =>
    Effect.gen(function*() {
      const handler = yield* setUp
      assert.deepStrictEqual(shown(yield* ask(handler, 0, request([], 3))), [[["a", 0, [0, 1]], ["b", 0, [0]]], [
        "b",
        1
      ]])
      assert.deepStrictEqual(shown(yield* ask(handler, 0, request([], 2, ["b", 1]))), [[["b", 0, [1, 2]]], ["c", 0]])
      assert.deepStrictEqual(shown(yield* ask(handler, 0, request([], 2, ["c", 0]))), [[["c", 0, [0]]], null])
      assert.deepStrictEqual(shown(yield* ask(handler, 0, request([], -5))), [[["a", 0, [0]]], ["a", 1]])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("refuses a cursor that does not fit the request", () =>
    Effect.gen(function*() {
      const handler = yield* setUp
      assert.deepStrictEqual(shown(yield* ask(handler, 0, request(["a"], 9, ["b", 0]))), [[["a", 42, []]], null])
      assert.deepStrictEqual(shown(yield* ask(handler, 0, request(["a"], 9, ["a", -1]))), [[["a", 42, []]], null])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("answers 29 for a named topic that may not be described and leaves it out of all topics", () =>
    Effect.gen(function*() {
      const handler = yield* setUp
      assert.deepStrictEqual(shown(yield* ask(handler, 0, request(["b", "c"]))), [[["c", 0, [0]], ["b", 29, []]], null])
      const all = shown(yield* ask(handler, 0, request([])))
      assert.deepStrictEqual(all, [[["a", 0, [0, 1]], ["c", 0, [0]]], null])
    }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE TOPIC b"] }))))
})
