import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeFetch } from "../../../src/handlers/Fetch.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import type { FetchRequest } from "../../../src/protocol/apis/Fetch.ts"
import {
  appendTo,
  batchOf,
  idOf,
  leaderOf,
  partitionImage,
  topicImage,
  World
} from "../../actors/partition-leader/testLeaders.ts"
import { ask, testBroker } from "../testHandlers.ts"
import { codes, requestOf, type Wanted } from "./fetchRequests.ts"

describe("Fetch sessions", () => {
  const beginSession = Effect.fnUntraced(function*(wanted: ReadonlyArray<Wanted>) {
    const fetch = yield* makeFetch
    const first = yield* ask(fetch, 17, requestOf(wanted, { sessionEpoch: 0 }))
    const next = (epoch: number, changed: ReadonlyArray<Wanted> = [], options: Partial<FetchRequest> = {}) =>
      ask(fetch, 17, requestOf(changed, { sessionId: first.sessionId ?? 0, sessionEpoch: epoch, ...options }))
    return { fetch, first, next }
  })

  it.effect("tells only what changed, and what it tells moves to the end", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"), topicImage("u"))
      const { first, next } = yield* beginSession([{ topic: "t" }, { topic: "u" }])
      assert.isAbove(first.sessionId ?? 0, 0)
      assert.deepStrictEqual(codes(first), [0, 0])
      assert.deepStrictEqual((yield* next(1)).responses, [])
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      const second = yield* next(2)
      assert.deepStrictEqual(second.responses.map((topic) => topic.topic), ["t"])
      yield* appendTo(yield* leaderOf("u"), batchOf(["a"]))
      const third = yield* next(3)
      assert.deepStrictEqual(third.responses.map((topic) => topic.topic), ["u", "t"])
      assert.strictEqual(third.sessionId, first.sessionId)
    }).pipe(Effect.provide(testBroker)))

  it.effect("changed offsets and forgotten partitions count from then on", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"), topicImage("u"))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      yield* appendTo(yield* leaderOf("u"), batchOf(["a"]))
      const { next } = yield* beginSession([{ topic: "t" }, { topic: "u" }])
      const changed = yield* next(1, [{ topic: "t", offset: 1 }])
      assert.deepStrictEqual(changed.responses.map((topic) => topic.topic), ["u"])
      const forgottenTopicsData = [{ topic: "", topicId: idOf("u"), partitions: [0] }]
      assert.deepStrictEqual((yield* next(2, [], { forgottenTopicsData })).responses, [])
      yield* appendTo(yield* leaderOf("u"), batchOf(["b"]))
      assert.deepStrictEqual((yield* next(3)).responses, [])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a session whose last partition is forgotten is gone", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const { next } = yield* beginSession([{ topic: "t" }])
      const forgottenTopicsData = [{ topic: "", topicId: idOf("t"), partitions: [0] }]
      const last = yield* next(1, [], { forgottenTopicsData })
      assert.deepStrictEqual([last.errorCode, last.sessionId], [0, 0])
      assert.strictEqual((yield* next(2)).errorCode, ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    }).pipe(Effect.provide(testBroker)))

  it.effect("refuses unknown sessions, wrong epochs and a change to topic names", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const { fetch, first, next } = yield* beginSession([{ topic: "t" }])
      assert.strictEqual((yield* next(2)).errorCode, ErrorCode.INVALID_FETCH_SESSION_EPOCH)
      const named = requestOf([], { sessionId: first.sessionId ?? 0, sessionEpoch: 1 })
      const byName = yield* ask(fetch, 12, named)
      assert.deepStrictEqual([byName.errorCode, byName.sessionId], [ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR, 0])
      assert.strictEqual((yield* next(1)).errorCode, 0)
      const unknown = yield* ask(fetch, 17, requestOf([], { sessionId: 4711, sessionEpoch: 1 }))
      assert.strictEqual(unknown.errorCode, unknown.sessionId === 0 ? ErrorCode.FETCH_SESSION_ID_NOT_FOUND : -1)
    }).pipe(Effect.provide(testBroker)))

  it.effect("an error is told again and again, and its end too", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      const empty = topicImage("t", { partitions: [partitionImage(0, { leader: 2 })] })
      yield* become(empty)
      const { next } = yield* beginSession([{ topic: "t" }])
      assert.deepStrictEqual(codes(yield* next(1)), [6])
      assert.deepStrictEqual(codes(yield* next(2)), [6])
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 1 })] }))
      assert.deepStrictEqual(codes(yield* next(3)), [0])
      assert.deepStrictEqual(codes(yield* next(4)), [])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a full fetch with epoch -1 closes the session it names", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const { next } = yield* beginSession([{ topic: "t" }])
      assert.deepStrictEqual((yield* next(-1, [{ topic: "t" }])).sessionId, 0)
      assert.strictEqual((yield* next(1)).errorCode, ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    }).pipe(Effect.provide(testBroker)))
})
