import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FastCheck from "fast-check"
import type { CleanableRange } from "../../../src/log/compaction/cleanableOffsets.ts"
import { cleanableRange } from "../../../src/log/compaction/cleanableOffsets.ts"
import type { LastRecord } from "../../../src/log/compaction/cleanBatch.ts"
import { compactLog } from "../../../src/log/compaction/compactLog.ts"
import { SegmentedLog } from "../../../src/log/SegmentedLog.ts"
import { buildEndTransactionMarker } from "../../../src/protocol/records/ControlRecord.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { type BatchOptions, buildBatch } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import { LogFiles } from "../../../src/seams/LogFiles.ts"
import { MemoryLogFiles } from "../../../src/seams/MemoryLogFiles.ts"
import { codecs, config } from "../logTestKit.ts"

const encode = (text: string | null): Uint8Array | null => text === null ? null : new TextEncoder().encode(text)
const decode = (bytes: Uint8Array | null): string | null => bytes === null ? null : new TextDecoder().decode(bytes)
const directory = "t-0"
const retentionMs = 1_000

type KeyValue = readonly [key: string | null, value: string | null]

/** A log that begins a segment whenever a test says so. */
const openLog = Effect.gen(function*() {
  const files = yield* LogFiles
  yield* files.makeDirectory(directory)
  return yield* SegmentedLog.create({ files, directory, config: { ...config, segmentBytes: 1 } })
})

const append = (log: SegmentedLog, records: ReadonlyArray<KeyValue>, options: BatchOptions = {}) =>
  Effect.suspend(() => {
    const batch = buildBatch(
      records.map(([key, value], index) => ({
        key: encode(key),
        value: encode(value),
        headers: [{ key: "h", value: encode(value) }],
        timestamp: 100 + log.nextOffset + index
      })),
      { ...options, baseOffset: log.nextOffset, partitionLeaderEpoch: 3 }
    )
    return log.append([batch])
  })

const marker = (log: SegmentedLog, type: "Commit" | "Abort", producerId: number) =>
  Effect.suspend(() =>
    log.append([buildEndTransactionMarker({
      type,
      producerId,
      producerEpoch: 0,
      coordinatorEpoch: 1,
      timestamp: 100 + log.nextOffset,
      baseOffset: log.nextOffset,
      partitionLeaderEpoch: 3
    })])
  )

/** Ends the segment that is written to: each batch that follows begins one. */
const rangeOf = (log: SegmentedLog, firstDirtyOffset = 0): CleanableRange =>
  cleanableRange(
    {
      segments: log.segments.map((segment) => ({
        baseOffset: segment.baseOffset,
        sizeBytes: segment.sizeBytes,
        maxTimestamp: segment.maxTimestamp ?? -1,
        firstTimestamp: segment.firstTimestamp
      })),
      logStartOffset: 0,
      logEndOffset: log.nextOffset,
      lastStableOffset: log.nextOffset
    },
    { minCompactionLagMs: 0, maxCompactionLagMs: Number.MAX_SAFE_INTEGER, minCleanableDirtyRatio: 0 },
    firstDirtyOffset,
    0
  )

interface PassOptions {
  readonly nowMs?: number
  readonly firstDirtyOffset?: number
  readonly mapBytes?: number
  readonly segmentBytes?: number
  readonly lastRecords?: ReadonlyMap<number, LastRecord>
}

const compact = (log: SegmentedLog, options: PassOptions = {}) =>
  Effect.gen(function*() {
    log.config = { ...log.config, segmentBytes: options.segmentBytes ?? 1 }
    return yield* compactLog(log, {
      files: yield* LogFiles,
      codecs,
      range: rangeOf(log, options.firstDirtyOffset),
      nowMs: options.nowMs ?? 10_000,
      deleteRetentionMs: retentionMs,
      mapBytes: options.mapBytes ?? 1_000_000,
      seed: 42,
      lastRecords: () => options.lastRecords ?? new Map(),
      throttle: () => Effect.void
    })
  })

/** All batches as they lie in the log. */
const batches = (log: SegmentedLog) =>
  Effect.gen(function*() {
    const found: Array<Uint8Array> = []
    let offset = 0
    while (offset < log.nextOffset) {
      const read = yield* log.read({ offset, maxBytes: 1e6, minOneBatch: true, upperBoundOffset: Infinity })
      let at = 0
      for (let size; (size = RecordBatch.nextBatchSize(read.records, at, read.records.length)) > 0; at += size) {
        found.push(read.records.slice(at, at + size))
        offset = RecordBatch.lastOffset(read.records, at) + 1
      }
      if (at === 0) break
    }
    return found
  })

/** A record as a test looks at it; a marker has no key and no value. */
interface Seen {
  readonly offset: number
  readonly key?: string | null
  readonly value?: string | null
}

const records = (log: SegmentedLog) =>
  Effect.map(batches(log), (all) =>
    all.flatMap((batch): ReadonlyArray<Seen> => {
      assert.isTrue(RecordBatch.isCrcValid(batch, 0))
      if (RecordBatch.isControl(batch, 0)) {
        return RecordBatch.recordCount(batch, 0) === 0
          ? []
          : [{ offset: RecordBatch.baseOffset(batch, 0) }]
      }
      return decodeRecords(batch, 0, { codecs, maxOutputBytes: 1e6 }).map((record) => {
        assert.strictEqual(record.timestamp, 100 + record.offset)
        assert.deepStrictEqual(record.headers.map(({ value }) => decode(value)), [decode(record.value)])
        return { offset: record.offset, key: decode(record.key), value: decode(record.value) }
      })
    }))

const inMemory = <A, E>(use: Effect.Effect<A, E, LogFiles>) => Effect.provide(use, MemoryLogFiles.layer())

describe("compactLog", () => {
  it.effect("keeps the newest record of each key where it is, with its timestamp and headers", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      yield* append(log, [["a", "1"], ["b", "1"]])
      yield* append(log, [["a", "2"], ["c", "1"], ["a", "3"]])
      yield* append(log, [["d", "active"]])
      const stats = yield* compact(log)
      assert.strictEqual(stats?.endOffset, 5)
      assert.deepStrictEqual(yield* records(log), [
        { offset: 1, key: "b", value: "1" },
        { offset: 3, key: "c", value: "1" },
        { offset: 4, key: "a", value: "3" },
        { offset: 5, key: "d", value: "active" }
      ])
    })))

  it.effect("drops records without a key below the end of the pass, and touches nothing of the active segment", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      yield* append(log, [[null, "x"], ["a", "1"]])
      yield* append(log, [[null, "y"], ["a", "2"]])
      yield* compact(log)
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [1, 2, 3])
    })))

  it.effect("keeps a tombstone for delete.retention.ms after the pass that first saw it, then drops it", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      yield* append(log, [["a", "1"], ["b", "1"]])
      yield* append(log, [["a", null], ["c", "1"]])
      yield* append(log, [["d", "active"]])
      yield* compact(log, { nowMs: 10_000 })
      const [, second] = yield* batches(log)
      assert.isTrue(RecordBatch.hasDeleteHorizon(second!, 0))
      assert.strictEqual(RecordBatch.baseTimestamp(second!, 0), 10_000 + retentionMs)
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [1, 2, 3, 4])
      yield* compact(log, { nowMs: 10_000 + retentionMs - 1 })
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [1, 2, 3, 4])
      yield* compact(log, { nowMs: 10_000 + retentionMs })
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [1, 3, 4])
    })))

  it.effect("keeps the batch with a producer's last sequence, without records when none is the newest", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      yield* append(log, [["a", "1"]], { producerId: 7, producerEpoch: 2, baseSequence: 0 })
      yield* append(log, [["a", "2"], ["a", "3"]], { producerId: 7, producerEpoch: 2, baseSequence: 1 })
      yield* append(log, [["a", "4"]])
      yield* append(log, [["b", "active"]])
      yield* compact(log, { lastRecords: new Map([[7, { lastDataOffset: 2, producerEpoch: 2 }]]) })
      const [empty] = yield* batches(log)
      assert.strictEqual(RecordBatch.recordCount(empty!, 0), 0)
      assert.strictEqual(RecordBatch.baseOffset(empty!, 0), 1)
      assert.strictEqual(RecordBatch.lastOffset(empty!, 0), 2)
      assert.strictEqual(RecordBatch.lastSequence(empty!, 0), 2)
      assert.strictEqual(RecordBatch.producerEpoch(empty!, 0), 2)
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [3, 4])
    })))

  it.effect("drops aborted records at once, their marker and its index entry only when no record of theirs was left", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      yield* append(log, [["a", "1"]])
      yield* append(log, [["a", "aborted"]], {
        producerId: 7,
        producerEpoch: 0,
        baseSequence: 0,
        isTransactional: true
      })
      yield* marker(log, "Abort", 7)
      const index = { producerId: 7, firstOffset: 1, lastOffset: 2, lastStableOffset: 3 }
      yield* log.active.addAborted(index)
      yield* append(log, [["b", "active"]])
      yield* compact(log, { nowMs: 10_000 })
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [0, 2, 3])
      const held = (log: SegmentedLog) =>
        Effect.map(Effect.forEach(log.segments, (it) => it.abortedTransactions), (all) => all.flat())
      assert.deepStrictEqual(yield* held(log), [index])
      // The marker has no data before it now: it gets its horizon, and goes when that has passed.
      yield* compact(log, { nowMs: 20_000 })
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [0, 2, 3])
      assert.deepStrictEqual(yield* held(log), [])
      yield* compact(log, { nowMs: 20_000 + retentionMs })
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [0, 3])
    })))

  it.effect("keeps a commit marker while a record of its transaction stays, also in another segment", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      yield* append(log, [["a", "1"]], { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true })
      yield* marker(log, "Commit", 7)
      yield* append(log, [["b", "active"]])
      for (const nowMs of [10_000, 20_000, 30_000]) yield* compact(log, { nowMs })
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [0, 1, 2])
      yield* append(log, [["a", "2"]])
      yield* append(log, [["c", "active"]])
      for (const nowMs of [40_000, 50_000, 60_000]) yield* compact(log, { nowMs })
      assert.deepStrictEqual((yield* records(log)).map(({ offset }) => offset), [2, 3, 4])
    })))

  it.effect("joins small segments into one as far as segment.bytes goes", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      for (let i = 0; i < 20; i++) yield* append(log, [[`k${i}`, "1"]])
      assert.strictEqual(log.segments.length, 20)
      yield* compact(log, { segmentBytes: 1_000_000 })
      assert.deepStrictEqual(log.segments.map(({ baseOffset }) => baseOffset), [0, 19])
      assert.strictEqual((yield* records(log)).length, 20)
      assert.strictEqual(log.sizeBytes, log.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
    })))

  it.effect("comes to the same end by whole passes when memory holds few keys", () =>
    inMemory(Effect.gen(function*() {
      const log = yield* openLog
      for (let i = 0; i < 3_000; i++) yield* append(log, [[`key-${i % 1500}`, String(i)]])
      yield* append(log, [["active", "1"]])
      let dirty = 0
      let passes = 0
      while (dirty < 3_000) {
        const stats = yield* compact(log, { firstDirtyOffset: dirty, mapBytes: 25_000, segmentBytes: 10_000 })
        assert.isAbove(stats!.endOffset, dirty)
        dirty = stats!.endOffset
        passes++
      }
      assert.isAbove(passes, 1)
      assert.deepStrictEqual(
        (yield* records(log)).map(({ offset }) => offset),
        Array.from({ length: 1_501 }, (_, i) => 1_500 + i)
      )
    })))

  it.effect("leaves no .cleaned, .swap or .deleted file, and a log that opens again as it was", () =>
    inMemory(Effect.gen(function*() {
      const files = yield* LogFiles
      const log = yield* openLog
      for (let i = 0; i < 6; i++) yield* append(log, [["a", String(i)]])
      yield* compact(log, { segmentBytes: 1_000_000 })
      const before = yield* batches(log)
      yield* log.close
      const names = (yield* files.list(directory)).map(({ name }) => name)
      assert.deepStrictEqual(names.filter((name) => /cleaned|swap|deleted/.test(name)), [])
      const again = yield* SegmentedLog.open({ files, directory, config })
      yield* again.loadEnd
      assert.deepStrictEqual(yield* batches(again), before)
    })))

  it("leaves what a map of the records would hold, for any history and any codec", () =>
    FastCheck.assert(FastCheck.asyncProperty(
      FastCheck.array(
        FastCheck.tuple(
          FastCheck.constantFrom("none" as const, "lz4" as const, "snappy" as const),
          FastCheck.array(
            FastCheck.tuple(FastCheck.constantFrom("a", "b", "c", "d", "e"), FastCheck.constantFrom("x", "yy", null)),
            { minLength: 1, maxLength: 6 }
          )
        ),
        { minLength: 2, maxLength: 15 }
      ),
      FastCheck.integer({ min: 1, max: 400 }),
      (history, segmentBytes) =>
        Effect.runPromise(inMemory(Effect.gen(function*() {
          const log = yield* openLog
          const newest = new Map<string, { offset: number; value: string | null }>()
          for (const [index, [codec, batch]] of history.entries()) {
            if (index < history.length - 1) {
              batch.forEach(([key, value], i) => newest.set(key, { offset: log.nextOffset + i, value }))
            }
            yield* append(log, batch, { compression: { codec, codecs } })
          }
          const activeBase = log.active.baseOffset
          yield* compact(log, { segmentBytes, nowMs: 10_000 })
          yield* compact(log, { segmentBytes, nowMs: 30_000 })
          const kept = (yield* records(log)).filter(({ offset }) => offset < activeBase)
          const expected = Array.from(newest, ([key, { offset, value }]) => ({ offset, key, value }))
            .filter(({ value }) => value !== null).sort((x, y) => x.offset - y.offset)
          assert.deepStrictEqual(kept, expected)
        })))
    )))
})
