import { assert, describe, it } from "@effect/vitest"
import { crc32 } from "../../../src/protocol/records/Crc32.ts"
import {
  decodeMessageSet,
  type MessageSet,
  MessageSetError,
  type MessageSetOptions,
  upConvertMessageSet
} from "../../../src/protocol/records/MessageSet.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { integer } from "./generators.ts"
import { bytesOf, goldenBatch, goldenTimestamp, text } from "./goldenBatches.ts"
import { decodeOptions, hostCodecs } from "./hostCodecs.ts"

interface MessageFields {
  readonly offset: number
  readonly magic: number
  readonly attributes?: number
  readonly timestamp?: number
  readonly key?: Uint8Array | null
  readonly value?: Uint8Array | null
}

/** A message by the format's description. */
const message = (fields: MessageFields): Uint8Array => {
  const { key = null, value = null } = fields
  const timestampSize = fields.magic === 1 ? 8 : 0
  const bytes = new Uint8Array(26 + timestampSize + (key?.length ?? 0) + (value?.length ?? 0))
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, BigInt(fields.offset))
  view.setInt32(8, bytes.length - 12)
  view.setInt8(16, fields.magic)
  view.setInt8(17, fields.attributes ?? 0)
  if (fields.magic === 1) view.setBigInt64(18, BigInt(fields.timestamp ?? -1))
  let at = 18 + timestampSize
  for (const block of [key, value]) {
    view.setInt32(at, block?.length ?? -1)
    bytes.set(block ?? [], at + 4)
    at += 4 + (block?.length ?? 0)
  }
  view.setUint32(12, crc32(bytes, 16, bytes.length))
  return bytes
}

const join = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

const decode = (bytes: Uint8Array, options: MessageSetOptions = decodeOptions) =>
  decodeMessageSet(bytes, 0, bytes.length, options)

const setOf = (bytes: Uint8Array): MessageSet => {
  const set = decode(bytes)
  if (set instanceof MessageSetError) throw set
  return set
}

const reasonOf = (bytes: Uint8Array, options?: MessageSetOptions): string => {
  const set = decode(bytes, options)
  return set instanceof MessageSetError ? set.reason : "valid"
}

const gzipped = (fields: MessageFields, ...inner: ReadonlyArray<Uint8Array>): Uint8Array =>
  message({ ...fields, attributes: (fields.attributes ?? 0) | 1, value: hostCodecs.gzip.compress(join(...inner)) })

describe("MessageSet", () => {
  it("reads what Kafka's classes wrote, in both magics and every codec", () => {
    for (const magic of [0, 1] as const) {
      for (const codec of ["none", "gzip", "snappy", "lz4"] as const) {
        const set = setOf(goldenBatch(`v${magic}-${codec}`))
        assert.strictEqual(set.magic, magic)
        assert.strictEqual(set.codec, codec)
        const t = magic === 0 ? [-1, -1, -1] : [goldenTimestamp, goldenTimestamp - 40, goldenTimestamp]
        assert.deepStrictEqual(
          set.records.map(({ key, offset, timestamp, value }) => [offset, timestamp, text(key), text(value)]),
          [[100, t[0], "key", "value"], [101, t[1], null, "no key"], [102, t[2], "tombstone", null]],
          `magic ${magic}, ${codec}`
        )
      }
    }
  })

  it("gives all records of a stamped wrapper its append time", () => {
    const set = setOf(goldenBatch("v1-gzip-log-append-time"))
    assert.strictEqual(set.logAppendTimeMs, goldenTimestamp + 5000)
    assert.deepStrictEqual(set.records.map(({ timestamp }) => timestamp), Array(2).fill(goldenTimestamp + 5000))
    const bytes = goldenBatch("v1-gzip-log-append-time")
    const batch = upConvertMessageSet(bytes, 0, bytes.length, decodeOptions)
    assert.instanceOf(batch, Uint8Array)
    assert.strictEqual(RecordBatch.timestampType(batch as Uint8Array, 0), "LogAppendTime")
    assert.strictEqual(RecordBatch.maxTimestamp(batch as Uint8Array, 0), goldenTimestamp + 5000)
  })

  it("converts to one magic-2 batch of the same codec, records and timestamps, counted from offset 0", () => {
    for (const magic of [0, 1] as const) {
      for (const codec of ["none", "gzip", "snappy", "lz4"] as const) {
        const bytes = join(new Uint8Array(3), goldenBatch(`v${magic}-${codec}`), Uint8Array.of(9, 9))
        const batch = upConvertMessageSet(bytes, 3, bytes.length - 2, decodeOptions) as Uint8Array
        assert.instanceOf(batch, Uint8Array)
        assert.isTrue(RecordBatch.isCrcValid(batch, 0))
        assert.strictEqual(RecordBatch.nextBatchSize(batch, 0, batch.length), batch.length)
        assert.strictEqual(RecordBatch.baseOffset(batch, 0), 0)
        assert.strictEqual(RecordBatch.producerId(batch, 0), -1)
        assert.strictEqual(RecordBatch.codecId(batch, 0), ["none", "gzip", "snappy", "lz4"].indexOf(codec))
        const expected = setOf(goldenBatch(`v${magic}-${codec}`)).records
        const records = decodeRecords(batch, 0, decodeOptions)
        assert.deepStrictEqual(records, expected.map((record, index) => ({ ...record, offset: index })))
        assert.strictEqual(RecordBatch.maxTimestamp(batch, 0), magic === 0 ? -1 : goldenTimestamp)
      }
    }
  })

  it("leaves out a truncated last message, and has nothing to convert without a complete one", () => {
    const one = message({ offset: 0, magic: 1, timestamp: 5, value: bytesOf("a") })
    for (let end = 0; end < one.length; end++) {
      const set = setOf(join(one, one.subarray(0, end)))
      assert.strictEqual(set.records.length, 1)
      assert.isUndefined(upConvertMessageSet(one, 0, end, decodeOptions))
    }
  })

  it("takes inner offsets of magic 1 as relative, unless the wrapper has offset 0, and of magic 0 as they are", () => {
    const inner = (magic: number) => [0, 3].map((offset) => message({ offset, magic, value: bytesOf("x") }))
    const offsets = (bytes: Uint8Array) => setOf(bytes).records.map(({ offset }) => offset)
    assert.deepStrictEqual(offsets(gzipped({ offset: 13, magic: 1 }, ...inner(1))), [10, 13])
    assert.deepStrictEqual(offsets(gzipped({ offset: 13, magic: 0 }, ...inner(0))), [0, 3])
    assert.deepStrictEqual(offsets(gzipped({ offset: 0, magic: 1 }, ...inner(1))), [0, 3])
    assert.strictEqual(reasonOf(gzipped({ offset: 2, magic: 1 }, ...inner(1))), "invalid")
  })

  it("ignores the LZ4 header checksum in magic 0 only", () => {
    const inner = (magic: number) => hostCodecs.lz4.compress(message({ offset: 0, magic, value: bytesOf("x") }))
    for (const [magic, expected] of [[0, "valid"], [1, "corrupt"]] as const) {
      const value = inner(magic)
      value[6]! ^= 0xff
      assert.strictEqual(reasonOf(message({ offset: 0, magic, attributes: 3, value })), expected)
    }
  })

  it("refuses what Kafka refuses", () => {
    const plain = message({ offset: 0, magic: 1, value: bytesOf("x") })
    const other = message({ offset: 0, magic: 0, value: bytesOf("x") })
    assert.strictEqual(reasonOf(join(plain, other)), "invalid")
    assert.strictEqual(reasonOf(join(plain, gzipped({ offset: 0, magic: 1 }, plain))), "invalid")
    assert.strictEqual(reasonOf(gzipped({ offset: 0, magic: 1 }, gzipped({ offset: 0, magic: 1 }, plain))), "invalid")
    assert.strictEqual(reasonOf(gzipped({ offset: 0, magic: 1 }, other)), "invalid")
    assert.strictEqual(reasonOf(gzipped({ offset: 0, magic: 1 })), "invalid")
    assert.strictEqual(reasonOf(message({ offset: 0, magic: 1, attributes: 1 })), "invalid")
    for (const codec of [4, 5, 7]) {
      const unsupported = message({ offset: 0, magic: 1, attributes: codec, value: bytesOf("x") })
      assert.strictEqual(reasonOf(unsupported), "unsupportedCompression")
    }
    const bomb = gzipped({ offset: 0, magic: 1 }, message({ offset: 0, magic: 1, value: new Uint8Array(100_000) }))
    assert.strictEqual(reasonOf(bomb, { codecs: hostCodecs, maxOutputBytes: 50_000 }), "tooLarge")
    assert.strictEqual(reasonOf(bomb), "valid")
  })

  it("finds damage by the CRC, in plain and in inner messages", () => {
    const one = message({ offset: 0, magic: 1, timestamp: 5, key: bytesOf("k"), value: bytesOf("v") })
    for (let at = 12; at < one.length; at++) {
      const damaged = one.slice()
      damaged[at]! ^= 4
      assert.strictEqual(reasonOf(damaged), "corrupt", `byte ${at}`)
      assert.strictEqual(reasonOf(gzipped({ offset: 0, magic: 1 }, damaged)), "corrupt", `inner byte ${at}`)
    }
  })

  it("checks every length even under a right CRC", () => {
    const withLength = (at: number, value: number): Uint8Array => {
      const bytes = message({ offset: 0, magic: 0, key: bytesOf("key"), value: bytesOf("value") })
      new DataView(bytes.buffer).setInt32(at, value)
      new DataView(bytes.buffer).setUint32(12, crc32(bytes, 16, bytes.length))
      return bytes
    }
    const wrong = { 8: [13, -1], 18: [4, 8, 0x7fffffff, -1], 25: [4, 6, -1] }
    for (const [at, values] of Object.entries(wrong)) {
      for (const value of values) {
        assert.strictEqual(reasonOf(withLength(Number(at), value)), "corrupt", `${value} at ${at}`)
      }
    }
    const short = message({ offset: 0, magic: 0 })
    short[16] = 1
    new DataView(short.buffer).setUint32(12, crc32(short, 16, short.length))
    assert.strictEqual(reasonOf(short), "corrupt")
  })

  it.prop(
    "returns and never throws when bits are flipped, even where the CRC was made right again",
    { at: integer(0, 10_000), bit: integer(0, 7), which: integer(0, 7) },
    ({ at, bit, which }) => {
      const names = ["v0-none", "v0-gzip", "v0-snappy", "v0-lz4", "v1-none", "v1-gzip", "v1-snappy", "v1-lz4"] as const
      const bytes = goldenBatch(names[which]!)
      bytes[at % bytes.length]! ^= 1 << bit
      const size = RecordBatch.batchSizeBytes(bytes, 0)
      if (size > 16 && size <= bytes.length) new DataView(bytes.buffer).setUint32(12, crc32(bytes, 16, size))
      assert.include(["valid", "corrupt", "invalid", "unsupportedCompression", "tooLarge"], reasonOf(bytes))
    }
  )
})
