import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeDescribeLogDirs } from "../../src/handlers/DescribeLogDirs.ts"
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

const describeDirs = Effect.fnUntraced(
  function*(topics: ReadonlyArray<{ topic: string; partitions: Array<number> }> | null) {
    return yield* ask(yield* makeDescribeLogDirs, 4, { topics })
  }
)

describe("DescribeLogDirs", () => {
  it.effect("tells sizes of all logs, or of those asked for, and of the volume", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0), partitionImage(1)] }))
      const batch = batchOf(["a"])
      yield* appendTo(yield* leaderOf("t", 0), batch.slice())
      yield* appendTo(yield* leaderOf("t", 1), batch.slice())
      const partition = (partitionIndex: number) => ({
        partitionIndex,
        partitionSize: batch.length,
        offsetLag: 0,
        isFutureKey: false
      })
      const all = yield* describeDirs(null)
      assert.deepStrictEqual(all.results, [{
        errorCode: 0,
        logDir: "/data",
        topics: [{ name: "t", partitions: [partition(0), partition(1)] }],
        totalBytes: 1000,
        usableBytes: 400
      }])
      const one = yield* describeDirs([{ topic: "t", partitions: [1, 7] }])
      assert.deepStrictEqual(one.results[0]?.topics, [{ name: "t", partitions: [partition(1)] }])
    }).pipe(Effect.provide(testBroker)))

  it.effect("lists partitions that nobody used yet, with size 0", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0), partitionImage(1, { replicas: [2] })] }))
      const { results } = yield* describeDirs(null)
      assert.deepStrictEqual(results[0]?.topics, [
        { name: "t", partitions: [{ partitionIndex: 0, partitionSize: 0, offsetLag: 0, isFutureKey: false }] }
      ])
    }).pipe(Effect.provide(testBroker)))

  it.effect("needs the right to describe the cluster", () =>
    Effect.gen(function*() {
      const response = yield* describeDirs(null)
      assert.deepStrictEqual([response.errorCode, response.results], [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, []])
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("DESCRIBE CLUSTER kafka-cluster")))))
})
