import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeOffsetForLeaderEpoch } from "../../src/handlers/OffsetForLeaderEpoch.ts"
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
import { ask, denying, testBroker } from "./testHandlers.ts"

const endOf = Effect.fnUntraced(function*(
  leaderEpoch: number,
  options: { readonly topic?: string; readonly partition?: number; readonly currentLeaderEpoch?: number } = {}
) {
  const response = yield* ask(yield* makeOffsetForLeaderEpoch, 4, {
    replicaId: -2,
    topics: [{
      topic: options.topic ?? "t",
      partitions: [{
        partition: options.partition ?? 0,
        currentLeaderEpoch: options.currentLeaderEpoch ?? -1,
        leaderEpoch
      }]
    }]
  })
  const partition = response.topics[0]!.partitions[0]!
  return [partition.errorCode, partition.leaderEpoch ?? -1, partition.endOffset ?? -1]
})

const epochs = Effect.gen(function*() {
  const { become } = yield* World
  yield* become(topicImage("t"))
  yield* appendTo(yield* leaderOf("t"), batchOf(["a", "b"]))
  yield* become(
    topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 2 }), partitionImage(1, { leader: 2 })] })
  )
  yield* appendTo(yield* leaderOf("t"), batchOf(["c"]))
})

describe("OffsetForLeaderEpoch", () => {
  it.effect("tells where an epoch ended; nothing of epochs to come", () =>
    Effect.gen(function*() {
      yield* epochs
      assert.deepStrictEqual(yield* endOf(0), [0, 0, 2])
      assert.deepStrictEqual(yield* endOf(2), [0, 2, 3])
      assert.deepStrictEqual(yield* endOf(3), [0, -1, -1])
    }).pipe(Effect.provide(testBroker)))

  it.effect("refuses other epochs, foreign leaders and partitions that are not", () =>
    Effect.gen(function*() {
      yield* epochs
      assert.deepStrictEqual((yield* endOf(0, { currentLeaderEpoch: 1 }))[0], ErrorCode.FENCED_LEADER_EPOCH)
      assert.deepStrictEqual((yield* endOf(0, { currentLeaderEpoch: 3 }))[0], ErrorCode.UNKNOWN_LEADER_EPOCH)
      assert.deepStrictEqual((yield* endOf(0, { partition: 1 }))[0], ErrorCode.NOT_LEADER_OR_FOLLOWER)
      assert.deepStrictEqual((yield* endOf(0, { topic: "u" }))[0], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }).pipe(Effect.provide(testBroker)))

  it.effect("needs the right to act for the cluster, or to describe the topic", () =>
    Effect.gen(function*() {
      yield* epochs
      assert.deepStrictEqual((yield* endOf(0))[0], ErrorCode.NONE)
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("DESCRIBE TOPIC t")))))

  it.effect("without either right it says so, also of topics that are not", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* endOf(0))[0], ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    }).pipe(Effect.provide(
      Layer.merge(testLeaders, denying("DESCRIBE TOPIC t", "CLUSTER_ACTION CLUSTER kafka-cluster"))
    )))
})
