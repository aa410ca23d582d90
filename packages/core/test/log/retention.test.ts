import { assert, describe, it } from "@effect/vitest"
import { expiredSegmentCount, type RetainedLog, retentionDueMs } from "../../src/log/retention.ts"

/** Four segments of ten offsets and 100 bytes, written at 1, 2, 3 and 4 seconds; the last one is active. */
const log: RetainedLog = {
  segments: [1, 2, 3, 4].map((second, n) => ({ baseOffset: n * 10, sizeBytes: 100, largestTimestamp: second * 1000 })),
  logStartOffset: 0,
  logEndOffset: 40,
  highWatermark: 40
}
const none = { isDeleted: true, retentionMs: -1, retentionBytes: -1 }
const byAge = (retentionMs: number, nowMs: number, change: Partial<RetainedLog> = {}) =>
  expiredSegmentCount({ ...log, ...change }, { ...none, retentionMs }, nowMs)
const bySize = (retentionBytes: number, change: Partial<RetainedLog> = {}) =>
  expiredSegmentCount({ ...log, ...change }, { ...none, retentionBytes }, 0)

describe("retention", () => {
  it("keeps everything without limits", () => assert.strictEqual(expiredSegmentCount(log, none, 1e15), 0))

  it("by age takes segments whose newest record is older than retention.ms, up to and with the active one", () => {
    assert.deepStrictEqual([2_000, 2_001, 3_001, 4_001, 5_001].map((now) => byAge(1_000, now)), [0, 1, 2, 3, 4])
  })

  it("by age stops at the first segment that is young enough, also when older ones follow", () => {
    const segments = log.segments.map((segment, n) => n === 1 ? { ...segment, largestTimestamp: 9_000 } : segment)
    assert.strictEqual(byAge(1_000, 9_999, { segments }), 1)
  })

  it("by age keeps a record from the future until its time has passed", () => {
    const segments = log.segments.map((segment) => ({ ...segment, largestTimestamp: 1e12 }))
    assert.strictEqual(byAge(1_000, 1e12 + 1_000, { segments }), 0)
    assert.strictEqual(byAge(1_000, 1e12 + 1_001, { segments }), 4)
  })

  it("by size takes a segment only when retention.bytes are left without it", () => {
    assert.deepStrictEqual([401, 400, 301, 300, 200, 1, 0].map((bytes) => bySize(bytes)), [0, 0, 0, 1, 2, 3, 4])
  })

  it("takes what lies below the log start under any policy, but never the active segment for that", () => {
    const compacted = { isDeleted: false, retentionMs: 0, retentionBytes: 0 }
    assert.strictEqual(expiredSegmentCount({ ...log, logStartOffset: 25 }, compacted, 1e15), 2)
    assert.strictEqual(expiredSegmentCount({ ...log, logStartOffset: 40 }, compacted, 1e15), 3)
  })

  it("counts what goes for one reason before it looks at the next", () => {
    const policy = { isDeleted: true, retentionMs: 1_000, retentionBytes: 300 }
    assert.strictEqual(expiredSegmentCount({ ...log, logStartOffset: 10 }, policy, 0), 1)
    assert.strictEqual(expiredSegmentCount(log, policy, 3_001), 2)
  })

  it("takes nothing at or above the high watermark", () => {
    assert.strictEqual(byAge(0, 1e15, { highWatermark: 29 }), 2)
    assert.strictEqual(bySize(0, { highWatermark: 0 }), 0)
  })

  it("leaves an empty active segment alone", () => {
    const segments = [...log.segments.slice(0, 3), { baseOffset: 40, sizeBytes: 0, largestTimestamp: 0 }]
    assert.strictEqual(byAge(0, 1e15, { segments }), 3)
  })

  it("is due when the oldest segment gets too old, and never without a limit of age", () => {
    assert.strictEqual(retentionDueMs(log.segments[0]!, { ...none, retentionMs: 1_000 }), 2_001)
    assert.strictEqual(retentionDueMs(log.segments[0]!, none), Infinity)
  })
})
