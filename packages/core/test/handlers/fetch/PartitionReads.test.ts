import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { BufferPool } from "../../../src/actors/connection/BufferPool.ts"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { ResponseMemory } from "../../../src/actors/connection/ResponseMemory.ts"
import type { PartitionLeader } from "../../../src/actors/partition-leader/PartitionLeader.ts"
import { PartitionReads } from "../../../src/handlers/fetch/PartitionReads.ts"
import type { PartitionToRead } from "../../../src/handlers/fetch/readPartition.ts"
import type { PartitionLog, ReadOptions } from "../../../src/log/LogStore.ts"
import { Uuid } from "../../../src/model/Uuid.ts"

const { answersBytesMax, smallAnswersBytes } = ConnectionLimits
const mebi = 1024 * 1024

/** A partition that is read from a file, as far as the gate lets: `batchBytes` at a time. */
const onDisk = (gate: Deferred.Deferred<void>, batchBytes: number, maxMessageBytes: number): PartitionToRead => {
  const view = { logStartOffset: 0, logEndOffset: 1_000, highWatermark: 1_000, lastStableOffset: 1_000 }
  const log = {
    logStartOffset: 0,
    read: ({ allocate, maxBytes, minOneBatch }: ReadOptions) =>
      Effect.sync(() => {
        const sizeBytes = Math.max(minOneBatch ? batchBytes : 0, Math.floor(maxBytes / batchBytes) * batchBytes)
        return { records: allocate!(sizeBytes), nextOffset: 1 }
      })
  } as unknown as PartitionLog
  const leader = {
    leaderEpoch: 0,
    view,
    readableLog: undefined,
    settings: { maxMessageBytes },
    reading: (use: (of: PartitionLog, at: typeof view) => Effect.Effect<unknown>) =>
      Effect.andThen(Deferred.await(gate), use(log, view))
  } as unknown as PartitionLeader
  const of = {
    topic: "t",
    topicId: Uuid.zero,
    partition: 0,
    fetchOffset: 0,
    maxBytes: 50 * mebi,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    highWatermark: -1,
    logStartOffset: -1
  }
  return { of, leader }
}

const parameters = (memory: ResponseMemory, buffers = new BufferPool()) =>
  ({ isolation: "HighWatermark", maxBytes: 50 * mebi, buffers, memory }) as const

describe("PartitionReads", () => {
  it.effect("what a hundred reads may bring is counted before any of them ends", () =>
    Effect.gen(function*() {
      const memory = new ResponseMemory()
      const gate = yield* Deferred.make<void>()
      const partition = onDisk(gate, 900_000, mebi)
      const begun: Array<{ readonly reads: PartitionReads; readonly fiber: Fiber.Fiber<void> }> = []
      while (begun.length < 100 && memory.hasRoom(true)) {
        const reads = new PartitionReads([partition], parameters(memory))
        assert.isFalse(reads.readNow())
        begun.push({ reads, fiber: yield* Effect.forkChild(reads.read, { startImmediately: true }) })
      }
      // A connection begins no other fetch; each of these may bring one batch at least.
      assert.isBelow(begun.length, 100)
      assert.isAtMost(memory.usedBytes, answersBytesMax + smallAnswersBytes + mebi)
      yield* Deferred.succeed(gate, undefined)
      let readBytes = 0
      for (const { fiber, reads } of begun) {
        yield* Fiber.join(fiber)
        readBytes += reads.results[0]!.sizeBytes
      }
      assert.strictEqual(memory.usedBytes, readBytes)
      assert.isAtMost(readBytes, answersBytesMax + smallAnswersBytes)
      for (const { reads } of begun) reads.release()
      assert.strictEqual(memory.usedBytes, 0)
    }))

  it.effect("reads nothing when no memory is left, and says so", () =>
    Effect.gen(function*() {
      const memory = new ResponseMemory()
      memory.add(answersBytesMax + smallAnswersBytes)
      const gate = yield* Deferred.make<void>()
      yield* Deferred.succeed(gate, undefined)
      const reads = new PartitionReads([onDisk(gate, 900_000, mebi)], parameters(memory))
      yield* reads.read
      assert.deepStrictEqual([reads.isStarved, reads.isShort, reads.results[0]?.sizeBytes], [true, true, 0])
      assert.strictEqual(memory.usedBytes, answersBytesMax + smallAnswersBytes)
    }))

  it.effect("what is dropped goes back to where it was lent from, also when it is dropped while it is read", () =>
    Effect.gen(function*() {
      const memory = new ResponseMemory()
      const buffers = new BufferPool()
      const gate = yield* Deferred.make<void>()
      const reads = new PartitionReads([onDisk(gate, 900_000, mebi)], { ...parameters(memory, buffers), maxBytes: 1 })
      const fiber = yield* Effect.forkChild(reads.read, { startImmediately: true })
      assert.isAbove(memory.usedBytes, 0)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(fiber)
      reads.drop()
      assert.strictEqual(memory.usedBytes, 0)
      assert.isAtLeast(buffers.idleBytes, 900_000)
    }))
})
