import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { ResponseMemory, SharedResponseMemory } from "../../../src/actors/connection/ResponseMemory.ts"
import { makeFetch } from "../../../src/handlers/Fetch.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { appendTo, batchOf, leaderOf, topicImage, World } from "../../actors/partition-leader/testLeaders.ts"
import { ask, testBroker } from "../testHandlers.ts"
import { codes, requestOf, sizes } from "./fetchRequests.ts"

const watcherCount = (leader: unknown): number => (leader as { readonly watchers?: Set<unknown> }).watchers?.size ?? 0

describe("a waiting Fetch", () => {
  it.effect("is answered when enough was appended, not before", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const batch = batchOf(["a"])
      const fetch = yield* makeFetch
      const request = requestOf([{ topic: "t" }], { maxWaitMs: 10_000, minBytes: batch.length * 2 })
      const waiting = yield* Effect.forkChild(ask(fetch, 17, request), { startImmediately: true })
      yield* appendTo(leader, batch.slice())
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe())
      yield* appendTo(leader, batch.slice())
      assert.deepStrictEqual(sizes(yield* Fiber.join(waiting)), [batch.length * 2])
    }).pipe(Effect.provide(testBroker)))

  it.effect("is answered with what there is when the time is up, not before", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const batch = batchOf(["a"])
      yield* appendTo(yield* leaderOf("t"), batch)
      const fetch = yield* makeFetch
      const request = requestOf([{ topic: "t" }], { maxWaitMs: 500, minBytes: 10_000 })
      const waiting = yield* Effect.forkChild(ask(fetch, 17, request), { startImmediately: true })
      yield* TestClock.adjust(499)
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(sizes(yield* Fiber.join(waiting)), [batch.length])
    }).pipe(Effect.provide(testBroker)))

  it.effect("an append to any of its partitions wakes it, and the others keep nothing of it", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"), topicImage("u"))
      const fetch = yield* makeFetch
      const request = requestOf([{ topic: "t" }, { topic: "u" }], { maxWaitMs: 10_000 })
      const waiting = yield* Effect.forkChild(ask(fetch, 17, request), { startImmediately: true })
      const batch = batchOf(["a"])
      yield* appendTo(yield* leaderOf("u"), batch)
      assert.deepStrictEqual(sizes(yield* Fiber.join(waiting)), [0, batch.length])
      assert.deepStrictEqual([watcherCount(yield* leaderOf("t")), watcherCount(yield* leaderOf("u"))], [0, 0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("comes short and at once when too much waits to be sent, and leaves nothing counted", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      const topics = ["t", "u", "v"]
      yield* become(...topics.map((topic) => topicImage(topic)))
      const batch = batchOf(["x".repeat(100_000)])
      for (const topic of topics) for (let i = 0; i < 2; i++) yield* appendTo(yield* leaderOf(topic), batch.slice())
      const memory = yield* SharedResponseMemory
      const fetch = yield* makeFetch
      const request = requestOf(topics.map((topic) => ({ topic })), { maxWaitMs: 10_000, minBytes: 6 * batch.length })
      assert.deepStrictEqual(sizes(yield* ask(fetch, 17, request)), topics.map(() => 2 * batch.length))
      assert.strictEqual(memory.usedBytes, 0)
      memory.add(ConnectionLimits.unsentBytesMax)
      assert.deepStrictEqual(sizes(yield* ask(fetch, 17, request)), [2 * batch.length, 0, 0])
      assert.strictEqual(memory.usedBytes, ConnectionLimits.unsentBytesMax)
    }).pipe(Effect.provideService(SharedResponseMemory, new ResponseMemory()), Effect.provide(testBroker)))

  it.effect("a connection that closes leaves nothing behind", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const fetch = yield* makeFetch
      const request = requestOf([{ topic: "t" }], { maxWaitMs: 10_000 })
      const waiting = yield* Effect.forkChild(ask(fetch, 17, request), { startImmediately: true })
      yield* Effect.yieldNow
      const leader = yield* leaderOf("t")
      assert.strictEqual(watcherCount(leader), 1)
      yield* Fiber.interrupt(waiting)
      assert.strictEqual(watcherCount(leader), 0)
    }).pipe(Effect.provide(testBroker)))

  it.effect("a deleted topic ends the wait", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const request = requestOf([{ topic: "t" }], { maxWaitMs: 10_000 })
      const waiting = yield* Effect.forkChild(ask(yield* makeFetch, 17, request), { startImmediately: true })
      yield* Effect.yieldNow
      yield* become()
      assert.deepStrictEqual(codes(yield* Fiber.join(waiting)), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a log that fails ends the wait", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const request = requestOf([{ topic: "t" }], { maxWaitMs: 10_000 })
      const waiting = yield* Effect.forkChild(ask(yield* makeFetch, 17, request), { startImmediately: true })
      yield* Effect.yieldNow
      logs.appendFailure = "Storage"
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      assert.deepStrictEqual(codes(yield* Fiber.join(waiting)), [ErrorCode.KAFKA_STORAGE_ERROR])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a partition refused before the read does not end the wait of another", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const request = requestOf([{ topic: "nowhere" }, { topic: "t" }], { maxWaitMs: 100 })
      const waiting = yield* Effect.forkChild(ask(yield* makeFetch, 17, request), { startImmediately: true })
      yield* TestClock.adjust(99)
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(codes(yield* Fiber.join(waiting)), [0, ErrorCode.UNKNOWN_TOPIC_ID])
    }).pipe(Effect.provide(testBroker)))
})
