import { assert, describe, it } from "@effect/vitest"
import {
  type CleanableLog,
  cleanableRange,
  groupSegments,
  isCleaningDue
} from "../../../src/log/compaction/cleanableOffsets.ts"

/** Five segments of ten offsets and 100 bytes, the last one active; segment n has timestamps n * 1000. */
const log: CleanableLog = {
  segments: [0, 10, 20, 30, 40].map((baseOffset, n) => ({
    baseOffset,
    sizeBytes: 100,
    maxTimestamp: n * 1000 + 999,
    firstTimestamp: n * 1000 + 1
  })),
  logStartOffset: 0,
  logEndOffset: 50,
  lastStableOffset: 50
}
const policy = { minCompactionLagMs: 0, maxCompactionLagMs: 1_000_000, minCleanableDirtyRatio: 0.5 }
const range = (change: Partial<CleanableLog>, last?: number, lags: Partial<typeof policy> = {}, nowMs = 10_000) => {
  const { firstDirtyOffset, firstUncleanableOffset } = cleanableRange(
    { ...log, ...change },
    { ...policy, ...lags },
    last,
    nowMs
  )
  return [firstDirtyOffset, firstUncleanableOffset]
}

describe("cleanableRange", () => {
  it("ends before the active segment", () => assert.deepStrictEqual(range({}), [0, 40]))
  it("begins where the last pass ended", () => assert.deepStrictEqual(range({}, 20), [20, 40]))
  it("does not pass the last stable offset", () => {
    assert.deepStrictEqual(range({ lastStableOffset: 25 }), [0, 20])
    assert.deepStrictEqual(range({ lastStableOffset: 20 }), [0, 20])
    assert.deepStrictEqual(range({ lastStableOffset: 5 }), [0, 0])
  })
  it("leaves the segments that hold a record younger than min.compaction.lag.ms, and all after them", () => {
    assert.deepStrictEqual(range({}, 0, { minCompactionLagMs: 1 }, 3_000), [0, 30])
    assert.deepStrictEqual(range({}, 0, { minCompactionLagMs: 2_001 }, 4_000), [0, 20])
  })
  it("begins anew when the last pass ended outside of the log", () => {
    assert.deepStrictEqual(range({ logStartOffset: 15 }, 10), [15, 40])
    assert.deepStrictEqual(range({}, 51), [0, 40])
    assert.isTrue(cleanableRange(log, policy, 51, 0).wasReset)
    assert.isFalse(cleanableRange(log, policy, 50, 0).wasReset)
  })
  it("is empty for a log of one segment", () => {
    const single = { ...log, segments: log.segments.slice(4) }
    assert.strictEqual(cleanableRange(single, policy, undefined, 0).cleanableBytes, 0)
  })
})

describe("isCleaningDue", () => {
  const due = (last: number, nowMs = 0, lags: Partial<typeof policy> = {}) => {
    const all = { ...policy, ...lags }
    return isCleaningDue(cleanableRange(log, all, last, nowMs), all)
  }
  it("when more of the log than min.cleanable.dirty.ratio is dirty", () => {
    assert.isTrue(due(10))
    assert.isFalse(due(20))
    assert.isFalse(due(30))
  })
  it("when a dirty record waits longer than max.compaction.lag.ms", () => {
    assert.isFalse(due(30, 13_001, { maxCompactionLagMs: 10_000 }))
    assert.isTrue(due(30, 13_002, { maxCompactionLagMs: 10_000 }))
  })
  it("never when nothing is dirty", () => assert.isFalse(due(40, 1e9, { maxCompactionLagMs: 1 })))
})

describe("groupSegments", () => {
  const bounds = { segmentBytes: 250, relativeOffsetMax: 1_000 }
  const bases = (groups: ReadonlyArray<ReadonlyArray<{ readonly baseOffset: number }>>) =>
    groups.map((group) => group.map(({ baseOffset }) => baseOffset))

  it("joins neighbours up to segment.bytes", () =>
    assert.deepStrictEqual(bases(groupSegments(log.segments, 50, bounds)), [[0, 10], [20, 30], [40]]))
  it("keeps a segment alone that is larger than segment.bytes", () =>
    assert.deepStrictEqual(bases(groupSegments(log.segments.slice(0, 2), 20, { ...bounds, segmentBytes: 50 })), [
      [0],
      [10]
    ]))
  it("does not reach further than the indexes of a segment do", () =>
    assert.deepStrictEqual(
      bases(groupSegments(log.segments, 50, { ...bounds, segmentBytes: 1e6, relativeOffsetMax: 25 })),
      [
        [0, 10],
        [20, 30],
        [40]
      ]
    ))
})
