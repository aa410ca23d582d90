import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { PartitionLeaderLimits } from "../../../src/actors/partition-leader/PartitionLeaderLimits.ts"
import { PartitionLeaders, type PartitionView } from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { appendTo, batchOf, idOf, leaderOf, partitionImage, testLeaders, topicImage, World } from "./testLeaders.ts"

const beIdle = Effect.gen(function*() {
  yield* TestClock.adjust(PartitionLeaderLimits.idleRestMs + PartitionLeaderLimits.restSweepMs)
})

describe("PartitionActor", () => {
  it.effect("appends in the order of the calls, all of one tick in one write", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const results = yield* Effect.all(
        [appendTo(leader, batchOf(["a", "b"])), appendTo(leader, batchOf(["c"])), appendTo(leader, batchOf(["d"]))],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(results.map((result) => result.baseOffset), [0, 2, 3])
      assert.deepStrictEqual(logs.writes, [3])
      assert.deepStrictEqual(
        logs.log("t", 0).batches.map((batch) => RecordBatch.baseOffset(batch, 0)),
        [0, 2, 3]
      )
    }).pipe(Effect.provide(testLeaders)))

  it.effect("stamps the leader epoch and leaves the checksum valid", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 7 })] }))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      const stored = logs.log("t", 0).batches[0]!
      assert.strictEqual(RecordBatch.partitionLeaderEpoch(stored, 0), 7)
      assert.isTrue(RecordBatch.isCrcValid(stored, 0))
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a partition that nobody uses opens no log", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0), partitionImage(1)] }))
      const leader = yield* leaderOf("t", 1)
      assert.isUndefined(leader.view)
      yield* appendTo(yield* leaderOf("t", 0), batchOf(["a"]))
      assert.deepStrictEqual(Array.from(logs.openLogs.keys()), ["t-0"])
    }).pipe(Effect.provide(testLeaders)))

  it.effect("an idle partition closes its log and goes on where it ended when it is used again", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      yield* beIdle
      assert.strictEqual(logs.openLogs.size, 0)
      assert.isUndefined(leader.view)
      assert.strictEqual((yield* appendTo(leader, batchOf(["b"]))).baseOffset, 1)
      assert.strictEqual(logs.opens.length, 2)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a partition in use does not rest", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      yield* TestClock.adjust(PartitionLeaderLimits.idleRestMs - 1)
      yield* appendTo(leader, batchOf(["b"]))
      yield* TestClock.adjust(PartitionLeaderLimits.restSweepMs * 2)
      assert.strictEqual(logs.openLogs.size, 1)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a read under way keeps the log open", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      const read = yield* Effect.forkChild(leader.reading(() => Effect.never))
      yield* beIdle
      assert.strictEqual(logs.openLogs.size, 1)
      yield* Fiber.interrupt(read)
      yield* beIdle
      assert.strictEqual(logs.openLogs.size, 0)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a failed write answers 56 to it and to everything after it, until the partition is led anew", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      logs.appendFailure = "Storage"
      const failed = yield* Effect.all([appendTo(leader, batchOf(["b"])), appendTo(leader, batchOf(["c"]))], {
        concurrency: "unbounded"
      })
      logs.appendFailure = undefined
      const later = yield* appendTo(leader, batchOf(["d"]))
      for (const result of [...failed, later]) {
        assert.strictEqual(result.errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
        assert.strictEqual(result.baseOffset, -1)
        assert.strictEqual(result.logStartOffset, -1)
      }
      const read = yield* Effect.exit(leader.reading(() => Effect.void))
      assert.deepStrictEqual(read, Exit.fail(ErrorCode.KAFKA_STORAGE_ERROR))
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 1 })] }))
      assert.strictEqual((yield* appendTo(leader, batchOf(["e"]))).baseOffset, 1)
      assert.strictEqual(logs.opens.at(-1)?.leaderEpoch, 1)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a log with a newer leader answers 6", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      logs.openFailure = "Fenced"
      const result = yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      assert.strictEqual(result.errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a damaged log takes its own partition offline only", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0), partitionImage(1)] }))
      logs.openFailure = "Damaged"
      const damaged = yield* appendTo(yield* leaderOf("t", 0), batchOf(["a"]))
      logs.openFailure = undefined
      const sound = yield* appendTo(yield* leaderOf("t", 1), batchOf(["a"]))
      assert.strictEqual(damaged.errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
      assert.strictEqual(sound.errorCode, ErrorCode.NONE)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a repeat of a batch of the same write is answered like the batch, also when the write fails", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const batch = () => batchOf(["a", "b"], { producerId: 5, producerEpoch: 0, baseSequence: 0 })
      const twice = yield* Effect.all([appendTo(leader, batch()), appendTo(leader, batch())], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(twice.map((result) => [result.errorCode, result.baseOffset]), [[0, 0], [0, 0]])
      assert.strictEqual(logs.log("t", 0).logEndOffset, 2)
      logs.appendFailure = "Storage"
      const next = () => batchOf(["c"], { producerId: 5, producerEpoch: 0, baseSequence: 2 })
      const failed = yield* Effect.all(
        [appendTo(leader, next()), appendTo(leader, next()), appendTo(leader, batch())],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(failed.map((result) => result.errorCode), [56, 56, 0])
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a mailbox above its bound refuses with a retriable code and keeps what it took", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const codes: Array<number> = []
      const batch = batchOf(["a"])
      for (let i = 0; i < PartitionLeaderLimits.mailboxEntriesMax + 3; i++) {
        leader.append(
          batch.slice(),
          { acks: 1, timeoutMs: 1000, origin: "Client" },
          (result) => codes.push(result.errorCode)
        )
      }
      assert.deepStrictEqual(codes, [19, 19, 19])
      assert.strictEqual((yield* appendTo(leader, batch)).errorCode, ErrorCode.NOT_ENOUGH_REPLICAS)
      yield* Effect.promise(() => Promise.resolve())
      assert.strictEqual(logs.log("t", 0).logEndOffset, PartitionLeaderLimits.mailboxEntriesMax)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("acks=all needs min.insync.replicas of the replicas there are; acks=1 does not", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(
        topicImage("under", {
          partitions: [partitionImage(0, { replicas: [1, 2, 3], isr: [1] })],
          configs: { "min.insync.replicas": "2" }
        }),
        topicImage("single", { configs: { "min.insync.replicas": "2" } })
      )
      const under = yield* leaderOf("under")
      assert.strictEqual((yield* appendTo(under, batchOf(["a"]), { acks: -1 })).errorCode, 19)
      assert.strictEqual((yield* appendTo(under, batchOf(["a"]), { acks: 1 })).errorCode, 0)
      assert.strictEqual((yield* appendTo(yield* leaderOf("single"), batchOf(["a"]), { acks: -1 })).errorCode, 0)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("work on the log runs after the appends queued before it", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const [, end] = yield* Effect.all(
        [appendTo(leader, batchOf(["a", "b"])), leader.withLog((log) => Effect.succeed(log.logEndOffset))],
        { concurrency: "unbounded" }
      )
      assert.strictEqual(end, 2)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("watchers hear of appends and of the end of the leadership", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const heard: Array<[PartitionView["highWatermark"] | undefined, number]> = []
      const watcher = {
        onViewChange: (_: unknown, view: PartitionView | undefined, addedBytes: number) => {
          heard.push([view?.highWatermark, addedBytes])
        }
      }
      leader.watch(watcher)
      const batch = batchOf(["a"])
      yield* appendTo(leader, batch)
      yield* Effect.yieldNow
      yield* become()
      leader.unwatch(watcher)
      assert.deepStrictEqual(heard, [[1, batch.length], [undefined, 0]])
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a producer silent for producer.id.expiration.ms may begin anywhere again", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const at = (baseSequence: number) =>
        appendTo(leader, batchOf(["a"], { producerId: 5, producerEpoch: 0, baseSequence }))
      yield* at(0)
      yield* TestClock.adjust("23 hours")
      assert.strictEqual((yield* at(9)).errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
      yield* TestClock.adjust("2 hours")
      assert.strictEqual((yield* at(9)).errorCode, ErrorCode.NONE)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("the last stable offset stops at the first open transaction", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      yield* appendTo(
        leader,
        batchOf(["b"], { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
        { origin: "Coordinator" }
      )
      assert.strictEqual(leader.view?.highWatermark, 2)
      assert.strictEqual(leader.view?.lastStableOffset, 1)
    }).pipe(Effect.provide(testLeaders)))
})

describe("PartitionLeaders", () => {
  it.effect("a deleted topic's logs are removed without being closed, and it is not led any more", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0), partitionImage(1)] }))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      yield* become()
      assert.isUndefined((yield* PartitionLeaders).find("t", 0))
      assert.strictEqual(logs.openLogs.size, 0)
      assert.deepStrictEqual([...logs.removed].sort(), ["t-0", "t-1"])
      assert.deepStrictEqual(logs.closed, [])
      assert.strictEqual((yield* appendTo(leader, batchOf(["b"]))).errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a topic made again under its old name begins empty", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      yield* become(topicImage("t", { id: idOf("other") }))
      const leader = yield* leaderOf("t")
      assert.strictEqual(leader.topicId, idOf("other"))
      assert.strictEqual((yield* appendTo(leader, batchOf(["b"]))).baseOffset, 0)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("new partitions are led, those of other brokers are not", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      yield* become(
        topicImage("t", { partitions: [partitionImage(0), partitionImage(1), partitionImage(2, { leader: 2 })] })
      )
      const leaders = yield* PartitionLeaders
      assert.isDefined(leaders.find("t", 1))
      assert.isUndefined(leaders.find("t", 2))
    }).pipe(Effect.provide(testLeaders)))

  it.effect("a leadership that moves away refuses with 6 and keeps the log", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leader: 2, leaderEpoch: 1 })] }))
      assert.strictEqual((yield* appendTo(leader, batchOf(["b"]))).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
      assert.deepStrictEqual(logs.removed, [])
      yield* Effect.yieldNow
      assert.strictEqual(logs.openLogs.size, 0)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("changed configs count from the next append, also in an open log", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      yield* appendTo(leader, batchOf(["a"]))
      yield* become(topicImage("t", { configs: { "max.message.bytes": "70", "segment.ms": "5" } }))
      assert.strictEqual(logs.openLogs.get("t-0")?.config.segmentMs, 5)
      const result = yield* appendTo(leader, batchOf(["a long enough value"]))
      assert.strictEqual(result.errorCode, ErrorCode.MESSAGE_TOO_LARGE)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("closing the leaders answers what is queued and closes every log", () =>
    Effect.gen(function*() {
      const codes: Array<number> = []
      const logs = yield* Effect.gen(function*() {
        const world = yield* World
        yield* world.become(topicImage("t"))
        const leader = yield* leaderOf("t")
        yield* appendTo(leader, batchOf(["a"]))
        leader.append(
          batchOf(["b"]),
          { acks: 1, timeoutMs: 1000, origin: "Client" },
          (result) => codes.push(result.errorCode)
        )
        return world.logs
      }).pipe(Effect.provide(testLeaders))
      assert.deepStrictEqual(codes, [0])
      assert.strictEqual(logs.openLogs.size, 0)
    }))
})
