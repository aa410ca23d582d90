import { assert, describe, it } from "@effect/vitest"
import { codecNames, CompressionError } from "../../../src/protocol/records/Compression.ts"
import {
  decodeRecords,
  forEachRecord,
  InvalidRecordError,
  type RecordsSummary,
  validateRecords
} from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { buildBatch } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import { integer, pseudoBytes } from "./generators.ts"
import { goldenBatch, goldenTimestamp, text } from "./goldenBatches.ts"
import { decodeOptions } from "./hostCodecs.ts"

/** A batch header that declares `count` records over this payload. */
const batchOf = (count: number, payload: ReadonlyArray<number>): Uint8Array => {
  const bytes = new Uint8Array(RecordBatch.RECORD_BATCH_OVERHEAD + payload.length)
  bytes.set(payload, RecordBatch.RECORD_BATCH_OVERHEAD)
  RecordBatch.writeHeader(bytes, 0, {
    baseOffset: 0,
    sizeBytes: bytes.length,
    partitionLeaderEpoch: -1,
    attributes: 0,
    lastOffsetDelta: Math.max(0, count - 1),
    baseTimestamp: 1000,
    maxTimestamp: 1000,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    recordCount: count
  })
  return bytes
}

const validate = (bytes: Uint8Array) => validateRecords(bytes, 0, RecordBatch.payload(bytes, 0))

const summaryOf = (bytes: Uint8Array): RecordsSummary => {
  const result = validate(bytes)
  if (result instanceof InvalidRecordError) throw result
  return result
}

const reasonOf = (bytes: Uint8Array): string => {
  const result = validate(bytes)
  return result instanceof InvalidRecordError ? `${result.reason} ${result.recordIndex}` : "valid"
}

/** size 6, attributes, timestamp delta, offset delta, null key, null value, no headers. */
const smallest = [12, 0, 0, 0, 1, 1, 0]

describe("Record", () => {
  it("reads what Kafka's client wrote, in every codec", () => {
    for (const codec of codecNames) {
      const bytes = goldenBatch(`v2-${codec}`)
      assert.isTrue(RecordBatch.isCrcValid(bytes, 0))
      assert.strictEqual(RecordBatch.nextBatchSize(bytes, 0, bytes.length), bytes.length)
      assert.strictEqual(RecordBatch.maxTimestamp(bytes, 0), goldenTimestamp + 1e12)
      const records = decodeRecords(bytes, 0, decodeOptions)
      assert.deepStrictEqual(records.map(({ offset, timestamp }) => [offset, timestamp - goldenTimestamp]), [
        [100, 0],
        [101, -40],
        [102, 1e12]
      ], codec)
      assert.deepStrictEqual(records.map(({ key, value }) => [text(key), text(value)]), [
        ["key", "value"],
        [null, "no key"],
        ["tombstone", null]
      ])
      assert.deepStrictEqual(records[0]!.headers.map(({ key, value }) => [key, text(value)]), [
        ["h1", "v1"],
        ["hü", null],
        ["", ""]
      ])
    }
  })

  it("reads large batches of Kafka's client, in every codec", () => {
    for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
      const bytes = goldenBatch(`v2-large-${codec}`)
      const records = decodeRecords(bytes, 0, decodeOptions)
      assert.strictEqual(records.length, 900)
      for (let index = 0; index < records.length; index++) {
        assert.strictEqual(records[index]!.timestamp, goldenTimestamp + index)
        assert.include(text(records[index]!.value), `{"index":${index},"name":"record number ${index}"`)
      }
    }
  })

  it("gives every record the append time of a batch stamped with it", () => {
    const bytes = goldenBatch("v2-log-append-time")
    assert.strictEqual(RecordBatch.timestampType(bytes, 0), "LogAppendTime")
    const timestamps = decodeRecords(bytes, 0).map(({ timestamp }) => timestamp)
    assert.deepStrictEqual(timestamps, Array(3).fill(goldenTimestamp + 5000))
    assert.strictEqual(summaryOf(bytes).maxTimestamp, goldenTimestamp + 5000)
  })

  it("summarises a batch: largest timestamp and where, null keys, offsets, and each timestamp", () => {
    const bytes = goldenBatch("v2-none")
    const heard: Array<readonly [number, number]> = []
    const summary = validateRecords(bytes, 0, RecordBatch.payload(bytes, 0), (index, timestamp) => {
      heard.push([index, timestamp - goldenTimestamp])
    })
    assert.deepStrictEqual(summary, {
      recordCount: 3,
      maxTimestamp: goldenTimestamp + 1e12,
      nullKeyIndexes: [1],
      hasSequentialOffsets: true
    })
    assert.deepStrictEqual(heard, [[0, 0], [1, -40], [2, 1e12]])
    const gaps = buildBatch([{ timestamp: 5, offset: 1 }, { timestamp: 5, offset: 7 }])
    assert.deepStrictEqual(validate(gaps), {
      recordCount: 2,
      maxTimestamp: 5,
      nullKeyIndexes: [0, 1],
      hasSequentialOffsets: false
    })
  })

  it("negative timestamps count as none", () => {
    assert.deepInclude(validate(buildBatch([{ timestamp: -5, offset: 0 }])), { maxTimestamp: -1 })
  })

  it("tells what is wrong with malformed records, and with which", () => {
    const invalid: ReadonlyArray<readonly [string, number, ReadonlyArray<number>]> = [
      ["valid", 1, smallest],
      ["valid", 2, [...smallest, ...smallest]],
      ["valid", 0, []],
      ["count 0", -1, []],
      ["count 2", 3, [...smallest, ...smallest]],
      ["leftover 1", 1, [...smallest, 0]],
      ["leftover 0", 0, [0]],
      ["varint 0", 1, [0x80]],
      ["varint 0", 1, [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
      ["size 0", 1, [11, ...smallest.slice(1)]],
      ["size 0", 1, [10, 0, 0, 0, 1, 1]],
      ["size 0", 1, [14, ...smallest.slice(1)]],
      ["size 0", 1, [14, ...smallest.slice(1), 0]],
      ["varint 0", 1, [12, 0, 0, 0, 1, 1, 0x80]],
      ["varint 0", 1, [24, 0, ...Array(10).fill(0x80), 0]],
      ["varint 0", 1, [12, 0, 0, 0, 2, 1, 0]],
      ["size 0", 1, [12, 0, 0, 0, 0xfe, 0xff, 0x7f]],
      ["headers 0", 1, [12, 0, 0, 0, 1, 1, 1]],
      ["headers 0", 1, [12, 0, 0, 0, 1, 1, 2]],
      ["headers 0", 1, [16, 0, 0, 0, 1, 1, 2, 1, 1]],
      ["headers 1", 2, [...smallest, 20, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]],
      ["size 0", 1, [16, 0, 0, 0, 1, 1, 2, 0, 2]],
      ["valid", 1, [16, 0, 0, 0, 1, 1, 2, 0, 1]],
      ["valid", 1, [16, 0, 0, 0, 1, 1, 2, 0, 0]]
    ]
    for (const [expected, count, payload] of invalid) {
      assert.strictEqual(reasonOf(batchOf(count, payload)), expected, `${count}: ${payload.join()}`)
    }
  })

  it("reads any length below -1 as null", () => {
    const [record] = decodeRecords(batchOf(1, [12, 0, 0, 0, 9, 5, 0]), 0)
    assert.isNull(record!.key)
    assert.isNull(record!.value)
  })

  it("never reports a valid batch when the payload is cut, and stops at the first malformed record", () => {
    const whole = RecordBatch.payload(goldenBatch("v2-none"), 0)
    for (let end = 0; end < whole.length; end++) {
      let seen = 0
      const error = forEachRecord(goldenBatch("v2-none"), 0, whole.subarray(0, end), () => seen++)
      assert.instanceOf(error, InvalidRecordError)
      assert.strictEqual(error?.recordIndex, seen)
    }
  })

  it.prop(
    "returns and never throws, whatever the payload holds",
    { seed: integer(0, 0x7fffffff), length: integer(0, 300), count: integer(-2, 50), at: integer(0, 60) },
    ({ at, count, length, seed }) => {
      const random = batchOf(count, [...pseudoBytes(seed, length, 256)])
      const result = validate(random)
      assert.isTrue(result instanceof InvalidRecordError || result.recordCount === count)
      const flipped = goldenBatch("v2-none")
      const records = RecordBatch.payload(flipped, 0)
      records[at % records.length]! ^= seed & 0xff
      assert.isDefined(validate(flipped))
    }
  )

  it("throws typed errors from the convenient decoder", () => {
    assert.throws(() => decodeRecords(batchOf(2, smallest), 0), InvalidRecordError)
    assert.throws(() => decodeRecords(goldenBatch("v2-lz4"), 0), CompressionError)
    const unassigned = goldenBatch("v2-none")
    unassigned[22] = 5
    assert.throws(() => decodeRecords(unassigned, 0, decodeOptions), CompressionError)
  })
})
