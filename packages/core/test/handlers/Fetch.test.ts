import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { makeFetch } from "../../src/handlers/Fetch.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import { Uuid } from "../../src/model/Uuid.ts"
import type { FetchRequest, FetchResponseInput } from "../../src/protocol/apis/Fetch.ts"
import * as RecordBatch from "../../src/protocol/records/RecordBatch.ts"
import {
  appendTo,
  batchOf,
  idOf,
  leaderOf,
  partitionImage,
  testLeaders,
  topicImage,
  World
} from "../actors/partition-leader/testLeaders.ts"
import { ask, denying, testBroker } from "./testHandlers.ts"

interface Wanted {
  readonly topic: string
  readonly partition?: number
  readonly offset?: number
  readonly maxBytes?: number
  readonly leaderEpoch?: number
  readonly lastFetchedEpoch?: number
}

const requestOf = (wanted: ReadonlyArray<Wanted>, options: Partial<FetchRequest> = {}): FetchRequest => ({
  clusterId: null,
  replicaId: -1,
  replicaState: { replicaId: -1, replicaEpoch: -1 },
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1_000_000,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  topics: wanted.map(({ leaderEpoch, lastFetchedEpoch, maxBytes, offset, partition, topic }) => ({
    topic,
    topicId: idOf(topic),
    partitions: [{
      partition: partition ?? 0,
      currentLeaderEpoch: leaderEpoch ?? -1,
      fetchOffset: offset ?? 0,
      lastFetchedEpoch: lastFetchedEpoch ?? -1,
      logStartOffset: -1,
      partitionMaxBytes: maxBytes ?? 1_000_000,
      replicaDirectoryId: Uuid.zero,
      highWatermark: Number.MAX_SAFE_INTEGER
    }]
  })),
  forgottenTopicsData: [],
  rackId: "",
  ...options
})

/** As sent before version 13: the ids are unknown. */
const withoutIds = (request: FetchRequest): FetchRequest => ({
  ...request,
  topics: request.topics.map((topic) => ({ ...topic, topicId: Uuid.zero }))
})

const partitionsOf = (response: FetchResponseInput) => response.responses.flatMap((topic) => topic.partitions)
const codes = (response: FetchResponseInput) => partitionsOf(response).map((partition) => partition.errorCode)
const sizes = (response: FetchResponseInput) => partitionsOf(response).map((partition) => partition.records?.length)

describe("Fetch: reading", () => {
  it.effect("returns the stored bytes with the offsets of the partition", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a", "b"]))
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t", offset: 1 }]))
      assert.deepStrictEqual(response.responses, [{
        topic: "t",
        topicId: idOf("t"),
        partitions: [{
          partitionIndex: 0,
          errorCode: 0,
          highWatermark: 2,
          lastStableOffset: 2,
          logStartOffset: 0,
          abortedTransactions: null,
          records: logs.log("t", 0).batches[0]!
        }]
      }])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a partition nobody used yet is opened to be read", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t" }]))
      assert.deepStrictEqual(partitionsOf(response)[0]?.highWatermark, 0)
      assert.deepStrictEqual(codes(response), [0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("the first batch comes whole, whatever the limits; the next only within them", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"), topicImage("u"))
      const batch = batchOf(["a"])
      yield* appendTo(yield* leaderOf("t"), batch.slice())
      yield* appendTo(yield* leaderOf("u"), batch.slice())
      const fetch = yield* makeFetch
      const both = [{ topic: "t", maxBytes: 1 }, { topic: "u", maxBytes: 1 }]
      assert.deepStrictEqual(sizes(yield* ask(fetch, 17, requestOf(both))), [batch.length, 0])
      const limited = requestOf([{ topic: "t" }, { topic: "u" }], { maxBytes: 1 })
      assert.deepStrictEqual(sizes(yield* ask(fetch, 17, limited)), [batch.length, 0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("each partition has its own code; those found before the read come last", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(
        topicImage("t", {
          partitions: [partitionImage(0, { leaderEpoch: 4 }), partitionImage(1, { leader: 2, leaderEpoch: 4 })]
        }),
        topicImage("secret")
      )
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      const request = requestOf([
        { topic: "secret" },
        { topic: "nowhere" },
        { topic: "t", partition: 5 },
        { topic: "t", partition: 1 },
        { topic: "t", leaderEpoch: 3 }
      ])
      const fetch = yield* makeFetch
      const response = yield* ask(fetch, 17, request)
      assert.deepStrictEqual(codes(response), [6, 74, 29, 100, 3])
      const failed = partitionsOf(response)[0]!
      assert.deepStrictEqual([failed.highWatermark, failed.logStartOffset, failed.records?.length], [-1, -1, 0])
      assert.deepStrictEqual(failed.currentLeader, { leaderId: 2, leaderEpoch: 4 })
      assert.deepStrictEqual(response.nodeEndpoints?.map((node) => node.nodeId), [2, 1])
      const wrongOffsets = [{ offset: 2 }, { offset: -1 }, { leaderEpoch: 5 }]
      for (const [i, wanted] of wrongOffsets.entries()) {
        const response = yield* ask(fetch, 17, requestOf([{ topic: "t", ...wanted }]))
        assert.deepStrictEqual(codes(response), [[1, 1, 75][i]])
      }
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("READ TOPIC secret")))))

  it.effect("a log that is offline answers 56, old clients 6", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      logs.openFailure = "Storage"
      const fetch = yield* makeFetch
      assert.deepStrictEqual(codes(yield* ask(fetch, 17, requestOf([{ topic: "t" }]))), [56])
      assert.deepStrictEqual(codes(yield* ask(fetch, 5, withoutIds(requestOf([{ topic: "t" }])))), [6])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a reader whose log went another way is told where it parted", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a", "b"]))
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 2 })] }))
      yield* appendTo(yield* leaderOf("t"), batchOf(["c", "d"]))
      const request = requestOf([{ topic: "t", offset: 3, lastFetchedEpoch: 0 }], { maxWaitMs: 10_000 })
      const response = yield* ask(yield* makeFetch, 17, request)
      assert.deepStrictEqual(partitionsOf(response)[0]?.divergingEpoch, { epoch: 0, endOffset: 2 })
      assert.deepStrictEqual(sizes(response), [0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("committed readers stop at the last stable offset", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const plain = batchOf(["a"])
      yield* appendTo(leader, plain)
      yield* appendTo(
        leader,
        batchOf(["b"], { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
        { origin: "Coordinator" }
      )
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t" }], { isolationLevel: 1 }))
      const partition = partitionsOf(response)[0]!
      assert.deepStrictEqual(
        [partition.records?.length, partition.lastStableOffset, partition.highWatermark, partition.abortedTransactions],
        [plain.length, 1, 2, []]
      )
    }).pipe(Effect.provide(testBroker)))

  it.effect("a replica id is believed only of those who may act for the cluster", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const fetch = yield* makeFetch
      const asReplica = requestOf([{ topic: "t" }], { replicaState: { replicaId: 3, replicaEpoch: 0 } })
      assert.deepStrictEqual(codes(yield* ask(fetch, 17, asReplica)), [ErrorCode.TOPIC_AUTHORIZATION_FAILED])
      const old = withoutIds(requestOf([{ topic: "t" }], { replicaId: 3 }))
      assert.deepStrictEqual(codes(yield* ask(fetch, 12, old)), [ErrorCode.TOPIC_AUTHORIZATION_FAILED])
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("CLUSTER_ACTION CLUSTER kafka-cluster")))))

  it.effect("topics stored in zstd are refused to clients that do not know it", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { configs: { "compression.type": "zstd" } }))
      const fetch = yield* makeFetch
      assert.deepStrictEqual(codes(yield* ask(fetch, 9, withoutIds(requestOf([{ topic: "t" }])))), [76])
      assert.deepStrictEqual(codes(yield* ask(fetch, 10, withoutIds(requestOf([{ topic: "t" }])))), [0])
    }).pipe(Effect.provide(testBroker)))
})

describe("Fetch: waiting", () => {
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

const watcherCount = (leader: unknown): number => (leader as { readonly watchers?: Set<unknown> }).watchers?.size ?? 0

describe("Fetch: sessions", () => {
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

  it.effect("what is read keeps a valid checksum", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { configs: { "message.timestamp.type": "LogAppendTime" } }))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t" }]))
      assert.isTrue(RecordBatch.isCrcValid(partitionsOf(response)[0]!.records as Uint8Array, 0))
    }).pipe(Effect.provide(testBroker)))
})
