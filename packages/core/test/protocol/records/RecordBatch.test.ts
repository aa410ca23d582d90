import { assert, describe, it } from "@effect/vitest"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"

const header: RecordBatch.BatchHeader = {
  baseOffset: 2 ** 40 + 7,
  sizeBytes: 64,
  partitionLeaderEpoch: 5,
  attributes: RecordBatch.TRANSACTIONAL_MASK | 3,
  lastOffsetDelta: 9,
  baseTimestamp: 1_700_000_000_123,
  maxTimestamp: -1,
  producerId: 2 ** 33 + 1,
  producerEpoch: 0x7fff,
  baseSequence: 0x7fffffff - 3,
  recordCount: 10
}

const batchAt = (at: number): Uint8Array => {
  const bytes = new Uint8Array(at + 64)
  bytes.set([1, 2, 3], at + 61)
  RecordBatch.writeHeader(bytes, at, header)
  return bytes
}

describe("RecordBatch", () => {
  it("reads back every header field, at any position", () => {
    for (const at of [0, 5]) {
      const bytes = batchAt(at)
      assert.strictEqual(RecordBatch.baseOffset(bytes, at), header.baseOffset)
      assert.strictEqual(RecordBatch.batchSizeBytes(bytes, at), 64)
      assert.strictEqual(RecordBatch.partitionLeaderEpoch(bytes, at), 5)
      assert.strictEqual(RecordBatch.magic(bytes, at), 2)
      assert.strictEqual(RecordBatch.codecId(bytes, at), 3)
      assert.strictEqual(RecordBatch.timestampType(bytes, at), "CreateTime")
      assert.isTrue(RecordBatch.isTransactional(bytes, at))
      assert.isFalse(RecordBatch.isControl(bytes, at))
      assert.isFalse(RecordBatch.hasDeleteHorizon(bytes, at))
      assert.strictEqual(RecordBatch.lastOffsetDelta(bytes, at), 9)
      assert.strictEqual(RecordBatch.lastOffset(bytes, at), header.baseOffset + 9)
      assert.strictEqual(RecordBatch.baseTimestamp(bytes, at), header.baseTimestamp)
      assert.strictEqual(RecordBatch.maxTimestamp(bytes, at), -1)
      assert.strictEqual(RecordBatch.producerId(bytes, at), header.producerId)
      assert.strictEqual(RecordBatch.producerEpoch(bytes, at), 0x7fff)
      assert.strictEqual(RecordBatch.baseSequence(bytes, at), 0x7fffffff - 3)
      assert.strictEqual(RecordBatch.recordCount(bytes, at), 10)
      assert.deepStrictEqual(RecordBatch.payload(bytes, at), Uint8Array.of(1, 2, 3))
      assert.isTrue(RecordBatch.isCrcValid(bytes, at))
    }
  })

  it("wraps the last sequence after 2^31-1 to 0", () => {
    assert.strictEqual(RecordBatch.lastSequence(batchAt(0), 0), 5)
  })

  it("keeps the CRC valid when offset and leader epoch are patched", () => {
    const bytes = batchAt(0)
    RecordBatch.setBaseOffset(bytes, 0, 2 ** 53 - 1)
    RecordBatch.setPartitionLeaderEpoch(bytes, 0, 0x7fffffff)
    assert.strictEqual(RecordBatch.baseOffset(bytes, 0), 2 ** 53 - 1)
    assert.strictEqual(RecordBatch.partitionLeaderEpoch(bytes, 0), 0x7fffffff)
    assert.isTrue(RecordBatch.isCrcValid(bytes, 0))
  })

  it("recomputes the CRC when the timestamp or its type is patched", () => {
    const bytes = batchAt(0)
    const before = RecordBatch.crc(bytes, 0)
    RecordBatch.setLogAppendTime(bytes, 0, 1_800_000_000_000)
    assert.strictEqual(RecordBatch.timestampType(bytes, 0), "LogAppendTime")
    assert.strictEqual(RecordBatch.maxTimestamp(bytes, 0), 1_800_000_000_000)
    assert.isTrue(RecordBatch.isCrcValid(bytes, 0))
    assert.notStrictEqual(RecordBatch.crc(bytes, 0), before)
    RecordBatch.setMaxTimestamp(bytes, 0, "CreateTime", -1)
    assert.strictEqual(RecordBatch.crc(bytes, 0), before)
  })

  it("finds a flipped bit anywhere under the CRC", () => {
    for (let at = 17; at < 64; at++) {
      const bytes = batchAt(0)
      bytes[at] = bytes[at]! ^ 0x10
      assert.isFalse(RecordBatch.isCrcValid(bytes, 0), `byte ${at}`)
    }
  })

  it("walks complete batches and leaves a truncated last one out", () => {
    const one = batchAt(0)
    const bytes = new Uint8Array(3 * 64)
    for (const at of [0, 64, 128]) bytes.set(one, at)
    for (let end = 0; end <= bytes.length; end++) {
      assert.strictEqual(RecordBatch.completeBatchesEnd(bytes, 0, end), Math.floor(end / 64) * 64)
    }
  })

  it("calls a length below 14 or an unknown magic corrupt", () => {
    const short = batchAt(0)
    short[11] = 13
    assert.strictEqual(RecordBatch.nextBatchSize(short, 0, 12), RecordBatch.BATCH_CORRUPT)
    const negative = batchAt(0)
    negative[8] = 0x80
    assert.strictEqual(RecordBatch.nextBatchSize(negative, 0, 64), RecordBatch.BATCH_CORRUPT)
    for (const magic of [3, 0x80, 0xff]) {
      const bytes = batchAt(0)
      bytes[16] = magic
      assert.strictEqual(RecordBatch.nextBatchSize(bytes, 0, 64), RecordBatch.BATCH_CORRUPT)
    }
  })

  it("refuses the CRC of a batch smaller than its header or longer than the bytes at hand", () => {
    const small = batchAt(0)
    small[11] = 60 - 12
    assert.isFalse(RecordBatch.isCrcValid(small, 0))
    const long = batchAt(0)
    long[10] = 1
    assert.isFalse(RecordBatch.isCrcValid(long, 0))
  })
})
