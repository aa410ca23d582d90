import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { PartitionLog } from "../../src/log/LogStore.ts"
import { buildBatch } from "../../src/protocol/records/RecordBatchBuilder.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import { makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import { appendAll, config, openLog, readAll, withStore } from "./logTestKit.ts"

/** Each batch begins a segment. */
const rolling = { ...config, segmentBytes: 1, fileDeleteDelayMs: 60_000 }
const policy = { minCompactionLagMs: 0, maxCompactionLagMs: 1e15, minCleanableDirtyRatio: 0.5 }

const namesOf = (directory: string) =>
  Effect.flatMap(LogFiles, (files) => Effect.map(files.list(directory), (all) => all.map(({ name }) => name).sort()))

const logFilesOf = (directory: string) =>
  Effect.map(namesOf(directory), (names) => names.filter((name) => /\.log(\.|$)/.test(name)))

const put = (log: PartitionLog, key: string, value: string | null) =>
  Effect.suspend(() => {
    const bytes = (text: string | null) => text === null ? null : new TextEncoder().encode(text)
    const record = { key: bytes(key), value: bytes(value), timestamp: 1_000 }
    return log.append([buildBatch([record], { baseOffset: log.logEndOffset, partitionLeaderEpoch: 0 })])
  })

const compact = (log: PartitionLog) =>
  log.compact({ policy, deleteRetentionMs: 1_000, lastStableOffset: log.logEndOffset, nowMs: 5_000, mapBytes: 100_000 })

const volumeOf = () => MemoryLogFiles.layer(makeMemoryVolume())

describe("retention of a log in files", () => {
  it.effect("removes the segments that are too old and moves the log start, also for the next start", () => {
    const files = volumeOf()
    return Effect.gen(function*() {
      yield* withStore(
        files,
        Effect.gen(function*() {
          const log = yield* openLog({ config: rolling })
          yield* appendAll(log, [1_000, 2_000, 3_000].map((timestamp) => ({ values: ["v"], timestamp })))
          const before = log.sizeBytes
          const policy = { isDeleted: true, retentionMs: 1_000, retentionBytes: -1 }
          const goneBytes = yield* log.retain(policy, 3, 3_001)
          assert.strictEqual(log.logStartOffset, 2)
          assert.strictEqual(goneBytes, before - log.sizeBytes)
          assert.strictEqual(yield* log.retain(policy, 3, 3_001), 0)
        })
      )
      yield* withStore(
        files,
        Effect.map(openLog({ config: rolling }), (log) => assert.strictEqual(log.logStartOffset, 2))
      )
    })
  })

  it.effect("rolls the active segment when its records are too old as well: the log is empty and goes on", () =>
    withStore(
      volumeOf(),
      Effect.gen(function*() {
        const log = yield* openLog({ config: rolling })
        yield* appendAll(log, [{ values: ["v", "w"], timestamp: 1_000 }])
        yield* log.retain({ isDeleted: true, retentionMs: 0, retentionBytes: -1 }, 2, 1e9)
        assert.deepStrictEqual([log.logStartOffset, log.logEndOffset, log.sizeBytes], [2, 2, 0])
        yield* appendAll(log, [{ values: ["x"], timestamp: 1e9 }])
        assert.strictEqual(log.logEndOffset, 3)
      })
    ))

  it.effect("keeps a removed segment under its .deleted name for file.delete.delay.ms", () =>
    withStore(
      volumeOf(),
      Effect.gen(function*() {
        const log = yield* openLog({ config: rolling })
        yield* appendAll(log, [{ values: ["v"] }, { values: ["w"] }])
        yield* log.trim(1)
        assert.deepStrictEqual(yield* logFilesOf("orders-0"), [
          "00000000000000000000.log.deleted",
          "00000000000000000001.log"
        ])
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual((yield* logFilesOf("orders-0")).length, 2)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* logFilesOf("orders-0"), ["00000000000000000001.log"])
      })
    ))

  it.effect("leaves no .deleted file behind a clean stop", () => {
    const files = volumeOf()
    return Effect.gen(function*() {
      yield* withStore(
        files,
        Effect.gen(function*() {
          const log = yield* openLog({ config: rolling })
          yield* appendAll(log, [{ values: ["v"] }, { values: ["w"] }])
          yield* log.trim(1)
        })
      )
      assert.deepStrictEqual(yield* Effect.provide(logFilesOf("orders-0"), files), ["00000000000000000001.log"])
    })
  })
})

describe("compaction of a log in files", () => {
  it.effect("is due by the dirty ratio, and counts from where the last pass ended, also after a restart", () => {
    const files = volumeOf()
    return Effect.gen(function*() {
      const first = yield* withStore(
        files,
        Effect.gen(function*() {
          const log = yield* openLog({ config: rolling })
          assert.isUndefined(yield* compact(log))
          for (const value of ["1", "2", "3"]) yield* put(log, "a", value)
          const stats = yield* compact(log)
          assert.strictEqual(stats?.endOffset, 2)
          assert.isUndefined(yield* compact(log))
          return yield* readAll(log)
        })
      )
      assert.include(yield* Effect.provide(namesOf(""), files), "cleaner-offset-checkpoint")
      yield* withStore(
        files,
        Effect.gen(function*() {
          const log = yield* openLog({ config: { ...rolling, isCompacted: true } })
          assert.deepStrictEqual(yield* readAll(log), first)
          assert.isUndefined(yield* compact(log))
          yield* put(log, "a", "4")
          yield* put(log, "a", "5")
          assert.strictEqual((yield* compact(log))?.endOffset, 4)
        })
      )
    })
  })

  it.effect("goes on beside appends, and readers that had begun end well", () =>
    withStore(
      volumeOf(),
      Effect.gen(function*() {
        const log = yield* openLog({ config: rolling })
        for (let i = 0; i < 20; i++) yield* put(log, `k${i % 3}`, String(i))
        const before = yield* readAll(log)
        const appending = Effect.gen(function*() {
          for (let i = 20; i < 40; i++) {
            yield* put(log, `k${i % 3}`, String(i))
            yield* Effect.yieldNow
          }
        })
        const [stats] = yield* Effect.all([compact(log), appending, readAll(log)], { concurrency: "unbounded" })
        assert.isDefined(stats)
        assert.isBelow((yield* readAll(log)).length, before.length * 2)
        assert.strictEqual(log.logEndOffset, 40)
      })
    ))

  it.effect("that is interrupted leaves the log as it was, and nothing under .cleaned names", () =>
    withStore(
      volumeOf(),
      Effect.gen(function*() {
        const log = yield* openLog({ config: rolling })
        for (let i = 0; i < 20; i++) yield* put(log, "a", String(i))
        const before = yield* readAll(log)
        const pass = yield* Effect.forkChild(compact(log))
        yield* Effect.yieldNow
        yield* Effect.yieldNow
        yield* Effect.forEach([pass], (fiber) => Effect.sync(() => fiber.interruptUnsafe()))
        yield* Effect.exit(Effect.flatMap(Effect.void, () => Effect.yieldNow))
        assert.deepStrictEqual((yield* namesOf("orders-0")).filter((name) => name.includes("cleaned")), [])
        assert.isAtMost((yield* readAll(log)).length, before.length)
      })
    ))
})
