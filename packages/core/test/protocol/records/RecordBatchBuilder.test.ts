import { assert, describe, it } from "@effect/vitest"
import { Arbitrary } from "effect"
import { codecNames } from "../../../src/protocol/records/Compression.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { type BatchOptions, buildBatch, RecordBatchBuilder } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import { byteArrays, integer } from "./generators.ts"
import { bytesOf, goldenBatch, goldenTimestamp } from "./goldenBatches.ts"
import { decodeOptions, hostCodecs } from "./hostCodecs.ts"

const threeRecords = [
  {
    timestamp: goldenTimestamp,
    key: bytesOf("key"),
    value: bytesOf("value"),
    headers: [
      { key: "h1", value: bytesOf("v1") },
      { key: "hü", value: null },
      { key: "", value: new Uint8Array(0) }
    ]
  },
  { timestamp: goldenTimestamp - 40, value: bytesOf("no key") },
  { timestamp: goldenTimestamp + 1e12, key: bytesOf("tombstone"), value: null }
]

const nullable = (bytes: Uint8Array): Uint8Array | null => bytes.length % 5 === 0 ? null : bytes

const records = Arbitrary.array(
  Arbitrary.map(
    Arbitrary.all({
      timestamp: integer(-1, Number.MAX_SAFE_INTEGER),
      gap: integer(1, 1000),
      key: byteArrays(20),
      value: byteArrays(300),
      headers: integer(0, 3)
    }),
    ({ gap, headers, key, timestamp, value }) => ({
      timestamp,
      gap,
      key: nullable(key),
      value: nullable(value),
      headers: Array.from({ length: headers }, (_, index) => ({ key: `ключ${index}`, value: nullable(key) }))
    })
  ),
  { minLength: 1, maxLength: 12 }
)

describe("RecordBatchBuilder", () => {
  it("builds the same bytes as Kafka's client", () => {
    const common: BatchOptions = { baseOffset: 100, partitionLeaderEpoch: 7 }
    assert.deepStrictEqual(buildBatch(threeRecords, common), goldenBatch("v2-none"))
    assert.deepStrictEqual(
      buildBatch(threeRecords, { ...common, logAppendTimeMs: goldenTimestamp + 5000 }),
      goldenBatch("v2-log-append-time")
    )
    assert.deepStrictEqual(
      buildBatch(threeRecords, {
        producerId: 2 ** 40,
        producerEpoch: 3,
        baseSequence: 0x7ffffffe,
        isTransactional: true
      }),
      goldenBatch("v2-transactional")
    )
  })

  it.prop("decodes to the records it was given, in every codec", { records, codec: integer(0, 4) }, (generated) => {
    const codec = codecNames[generated.codec]!
    let offset = 2 ** 45
    const given = generated.records.map(({ gap, ...record }) => ({ ...record, offset: offset += gap, attributes: 0 }))
    const bytes = buildBatch(given, { baseOffset: 2 ** 45, compression: { codec, codecs: hostCodecs } })
    assert.isTrue(RecordBatch.isCrcValid(bytes, 0))
    assert.strictEqual(RecordBatch.codecId(bytes, 0), generated.codec)
    assert.strictEqual(RecordBatch.lastOffset(bytes, 0), offset)
    assert.strictEqual(RecordBatch.maxTimestamp(bytes, 0), Math.max(...given.map(({ timestamp }) => timestamp)))
    assert.deepStrictEqual(decodeRecords(bytes, 0, decodeOptions), given)
  })

  it("covers offsets beyond its records and carries a delete horizon, as the cleaner needs", () => {
    const bytes = buildBatch([{ timestamp: 2000, offset: 12 }], {
      baseOffset: 10,
      lastOffset: 19,
      deleteHorizonMs: 5000
    })
    assert.strictEqual(RecordBatch.lastOffsetDelta(bytes, 0), 9)
    assert.isTrue(RecordBatch.hasDeleteHorizon(bytes, 0))
    assert.strictEqual(RecordBatch.baseTimestamp(bytes, 0), 5000)
    assert.deepStrictEqual(decodeRecords(bytes, 0).map(({ offset, timestamp }) => [offset, timestamp]), [[12, 2000]])
    const empty = buildBatch([], { baseOffset: 10, lastOffset: 19 })
    assert.strictEqual(empty.length, RecordBatch.RECORD_BATCH_OVERHEAD)
    assert.strictEqual(RecordBatch.lastOffset(empty, 0), 19)
    assert.deepStrictEqual(decodeRecords(empty, 0), [])
  })

  it("refuses an offset that is not above the last one", () => {
    const builder = new RecordBatchBuilder({ baseOffset: 5 }).append({ timestamp: 0, offset: 7 })
    assert.throws(() => builder.append({ timestamp: 0, offset: 7 }), RangeError)
    assert.throws(() => new RecordBatchBuilder({ baseOffset: 5 }).append({ timestamp: 0, offset: 4 }), RangeError)
    assert.strictEqual(builder.recordCount, 1)
    assert.strictEqual(builder.uncompressedSizeBytes, builder.build().length)
  })
})
