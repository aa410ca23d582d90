import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeDescribeProducers } from "../../src/handlers/DescribeProducers.ts"
import { buildEndTransactionMarker } from "../../src/protocol/records/ControlRecord.ts"
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

const describeTopic = Effect.fnUntraced(function*(name: string, ...partitionIndexes: Array<number>) {
  const { topics } = yield* ask(yield* makeDescribeProducers, 0, { topics: [{ name, partitionIndexes }] })
  assert.deepStrictEqual(topics.map((topic) => topic.name), [name])
  return topics[0]!.partitions.map((partition) => [
    partition.partitionIndex,
    partition.errorCode,
    partition.errorMessage,
    ...partition.activeProducers
  ])
})

const setUp = Effect.gen(function*() {
  const { become } = yield* World
  yield* become(
    topicImage("t", { partitions: [partitionImage(0), partitionImage(1), partitionImage(2, { leader: 2 })] })
  )
})

const append = Effect.fnUntraced(function*(batch: Uint8Array, origin: "Client" | "Coordinator" = "Client") {
  const { errorCode } = yield* appendTo(yield* leaderOf("t"), batch, { origin })
  assert.strictEqual(errorCode, 0)
})

describe("DescribeProducers", () => {
  it.effect("shows each idempotent producer's epoch, last sequence and last timestamp", () =>
    Effect.gen(function*() {
      yield* setUp
      yield* append(batchOf(["a", "b"], { producerId: 7, producerEpoch: 0, baseSequence: 0 }, { timestamp: 1000 }))
      yield* append(batchOf(["x"], { producerId: 8, producerEpoch: 3, baseSequence: 0 }, { timestamp: 3000 }))
      yield* append(batchOf(["c"], { producerId: 7, producerEpoch: 0, baseSequence: 2 }, { timestamp: 2000 }))
      yield* append(batchOf(["of nobody"]))
      const idle = { coordinatorEpoch: -1, currentTxnStartOffset: -1 }
      assert.deepStrictEqual(yield* describeTopic("t", 1, 0), [
        [1, 0, null],
        [
          0,
          0,
          null,
          { producerId: 7, producerEpoch: 0, lastSequence: 2, lastTimestamp: 2000, ...idle },
          { producerId: 8, producerEpoch: 3, lastSequence: 0, lastTimestamp: 3000, ...idle }
        ]
      ])
    }).pipe(Effect.provide(testBroker)))

  it.effect("shows where an open transaction begins, and after its end who ended it", () =>
    Effect.gen(function*() {
      yield* setUp
      const producer = { producerId: 7, producerEpoch: 1 }
      yield* append(batchOf(["before"]))
      yield* append(
        batchOf(["a"], { ...producer, baseSequence: 0, isTransactional: true }, { timestamp: 1000 }),
        "Coordinator"
      )
      yield* append(batchOf(["b"], { ...producer, baseSequence: 1, isTransactional: true }, { timestamp: 2000 }))
      assert.deepStrictEqual(yield* describeTopic("t", 0), [[0, 0, null, {
        ...producer,
        lastSequence: 1,
        lastTimestamp: 2000,
        coordinatorEpoch: -1,
        currentTxnStartOffset: 1
      }]])
      yield* append(
        buildEndTransactionMarker({
          type: "Abort",
          producerId: 7,
          producerEpoch: 2,
          coordinatorEpoch: 5,
          timestamp: 9000,
          baseOffset: 0
        }),
        "Coordinator"
      )
      assert.deepStrictEqual(yield* describeTopic("t", 0), [[0, 0, null, {
        producerId: 7,
        producerEpoch: 2,
        lastSequence: -1,
        lastTimestamp: 9000,
        coordinatorEpoch: 5,
        currentTxnStartOffset: -1
      }]])
    }).pipe(Effect.provide(testBroker)))

  it.effect("refuses partitions that are not, or are led elsewhere, without a sentence", () =>
    Effect.gen(function*() {
      yield* setUp
      assert.deepStrictEqual(yield* describeTopic("t", 0, 2, 3, -1), [
        [0, 0, null],
        [2, 6, null],
        [3, 3, null],
        [-1, 3, null]
      ])
    }).pipe(Effect.provide(testBroker)))

  it.effect("refuses topics that are not, or cannot be, with a sentence", () =>
    Effect.gen(function*() {
      yield* setUp
      const absent = "This server does not host this topic-partition."
      assert.deepStrictEqual(yield* describeTopic("absent", 0, 1), [[0, 3, absent], [1, 3, absent]])
      const illegal = "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, " +
        "'.', '_' and '-'"
      assert.deepStrictEqual(yield* describeTopic("a b", 0), [[0, 17, illegal]])
    }).pipe(Effect.provide(testBroker)))

  it.effect("only those who may read the topic are served, and others are not told whether it exists", () =>
    Effect.gen(function*() {
      yield* setUp
      const message = "Topic authorization failed."
      assert.deepStrictEqual(yield* describeTopic("t", 0), [[0, 29, message]])
      assert.deepStrictEqual(yield* describeTopic("u", 0), [[0, 29, message]])
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("READ TOPIC t", "READ TOPIC u")))))
})
