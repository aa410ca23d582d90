import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeDeleteRecords } from "../../src/handlers/DeleteRecords.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import {
  appendTo,
  batchOf,
  leaderOf,
  partitionImage,
  testLeaders,
  topicImage,
  World
} from "../actors/partition-leader/testLeaders.ts"
import { ask, denying } from "./testHandlers.ts"

const broker = Layer.merge(testLeaders, denying("DELETE TOPIC secret"))

const remove = Effect.fnUntraced(function*(topic: string, offset: number, partitionIndex = 0) {
  const response = yield* ask(yield* makeDeleteRecords, 2, {
    topics: [{ name: topic, partitions: [{ partitionIndex, offset }] }],
    timeoutMs: 1000
  })
  const { errorCode, lowWatermark } = response.topics[0]!.partitions[0]!
  return [errorCode, lowWatermark]
})

describe("DeleteRecords", () => {
  it.effect("raises the log start offset, never lowers it", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a", "b", "c"]))
      assert.deepStrictEqual(yield* remove("t", 2), [0, 2])
      assert.strictEqual(leader.view?.logStartOffset, 2)
      assert.deepStrictEqual(yield* remove("t", 1), [0, 2])
      assert.deepStrictEqual(yield* remove("t", -1), [0, 3])
      assert.strictEqual((yield* appendTo(leader, batchOf(["d"]))).logStartOffset, 3)
    }).pipe(Effect.provide(broker)))

  it.effect("topics without partitions are left out of the answer", () =>
    Effect.gen(function*() {
      const request = { topics: [{ name: "t", partitions: [] }], timeoutMs: 1000 }
      assert.deepStrictEqual((yield* ask(yield* makeDeleteRecords, 2, request)).topics, [])
    }).pipe(Effect.provide(broker)))

  it.effect("refuses what it must not delete", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(
        topicImage("t", { partitions: [partitionImage(0), partitionImage(1, { leader: 2 })] }),
        topicImage("compacted", { configs: { "cleanup.policy": "compact" } }),
        topicImage("__consumer_offsets"),
        topicImage("secret")
      )
      assert.deepStrictEqual(yield* remove("t", 1), [ErrorCode.OFFSET_OUT_OF_RANGE, -1])
      assert.deepStrictEqual(yield* remove("t", -2), [ErrorCode.OFFSET_OUT_OF_RANGE, -1])
      assert.deepStrictEqual(yield* remove("t", 0, 1), [ErrorCode.NOT_LEADER_OR_FOLLOWER, -1])
      assert.deepStrictEqual(yield* remove("t", 0, 2), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1])
      assert.deepStrictEqual(yield* remove("compacted", 0), [ErrorCode.POLICY_VIOLATION, -1])
      assert.deepStrictEqual(yield* remove("__consumer_offsets", 0), [ErrorCode.INVALID_TOPIC_EXCEPTION, -1])
      assert.deepStrictEqual(yield* remove("secret", 0), [ErrorCode.TOPIC_AUTHORIZATION_FAILED, -1])
    }).pipe(Effect.provide(broker)))
})
