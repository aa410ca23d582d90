import { assert, describe, it } from "@effect/vitest"
import { ByteReader, elementCountMax } from "../../../src/protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../../src/protocol/wire/ByteWriter.ts"
import { DecodeError } from "../../../src/protocol/wire/DecodeError.ts"

const reader = (...bytes: ReadonlyArray<number>): ByteReader => new ByteReader(new Uint8Array(bytes))
const fails = (read: () => unknown): void => assert.throws(read, DecodeError)

describe("ByteReader", () => {
  it("refuses to read past the end, also when more bytes lie behind it", () => {
    const source = new Uint8Array(32)
    const methods = {
      boolean: 1,
      int8: 1,
      int16: 2,
      uint16: 2,
      int32: 4,
      uint32: 4,
      int64: 8,
      float64: 8,
      uuid: 16,
      uvarint: 1
    } as const
    for (const [name, size] of Object.entries(methods)) {
      const method = name as keyof typeof methods
      fails(() => new ByteReader(source, 4, 4 + size - 1)[method]())
      const exact = new ByteReader(source, 4, 4 + size)
      exact[method]()
      assert.strictEqual(exact.remaining, 0)
    }
  })

  it("refuses strings and bytes longer than what remains", () => {
    fails(() => reader(0, 3, 97, 98).string())
    fails(() => reader(4, 97, 98).compactString())
    fails(() => reader(0, 0, 0, 3, 1, 2).bytes())
    fails(() => reader(0x7f, 0xff, 0xff, 0xff, 1, 2).nullableBytes())
    fails(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f, 1).compactBytes())
  })

  it("refuses strings above 32767 bytes, which Kafka has none of", () => {
    const source = new Uint8Array(0x9000).fill(97)
    source.set([0x81, 0x80, 0x02])
    fails(() => new ByteReader(source).compactString())
    source.set([0x80, 0x80, 0x02])
    assert.strictEqual(new ByteReader(source).compactString().length, 0x7fff)
  })

  it("takes negative lengths for null, only where null is allowed", () => {
    assert.isNull(reader(0xff, 0xff).nullableString())
    assert.isNull(reader(0xff, 0xff, 0xff, 0xff).nullableBytes())
    assert.strictEqual(reader(0xff, 0xff, 0xff, 0xff).nullableCount(1), -1)
    assert.isNull(reader(0).compactNullableString())
    assert.isNull(reader(0).compactNullableBytes())
    assert.strictEqual(reader(0).compactNullableCount(1), -1)
    fails(() => reader(0xff, 0xff).string())
    fails(() => reader(0xff, 0xff, 0xff, 0xff).bytes())
    fails(() => reader(0xff, 0xff, 0xff, 0xff).count(1))
    fails(() => reader(0).compactString())
    fails(() => reader(0).compactBytes())
    fails(() => reader(0).compactCount(1))
    assert.isNull(reader(0xff, 0xfe).nullableString())
    assert.isNull(reader(0xff, 0xff, 0xff, 0xfe).nullableBytes())
    assert.strictEqual(reader(0x80, 0, 0, 0).nullableCount(1), -1)
  })

  it("refuses a count that the remaining bytes cannot hold", () => {
    fails(() => reader(0x7f, 0xff, 0xff, 0xff).count(1))
    fails(() => reader(0, 0, 0, 3, 1, 2).count(1))
    fails(() => reader(0, 0, 0, 2, 1, 2, 3).count(2))
    fails(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f).compactCount(1))
    assert.strictEqual(reader(0, 0, 0, 2, 1, 2, 3, 4).count(2), 2)
  })

  it("refuses more elements in one message than the limit, over all arrays together", () => {
    const source = new Uint8Array(elementCountMax * 2 + 100)
    const writer = new ByteWriter()
    writer.int32(elementCountMax - 1)
    writer.int32(2)
    source.set(writer.finishBytes())
    const input = new ByteReader(source)
    assert.strictEqual(input.count(1), elementCountMax - 1)
    fails(() => input.count(1))
  })

  it("refuses overlong variable-length integers", () => {
    assert.strictEqual(reader(0xff, 0xff, 0xff, 0xff, 0x0f).uvarint(), 0xffff_ffff)
    fails(() => reader(0xff, 0xff, 0xff, 0xff, 0x1f).uvarint())
    fails(() => reader(0x80, 0x80, 0x80, 0x80, 0x80, 0).uvarint())
    fails(() => reader(...Array<number>(10).fill(0x80), 0).varlong())
    fails(() => reader(...Array<number>(9).fill(0xff), 2).varlong())
    fails(() => reader(0x80).varint())
  })

  it("reads signed variable-length integers as records have them", () => {
    assert.strictEqual(reader(0xff, 0xff, 0xff, 0xff, 0x0f).varint(), -0x8000_0000)
    assert.strictEqual(reader(0xfe, 0xff, 0xff, 0xff, 0x0f).varint(), 0x7fff_ffff)
    assert.strictEqual(reader(...Array<number>(9).fill(0xff), 1).varlong(), -(2 ** 63))
  })

  it("rounds 64-bit integers beyond 2^53 and keeps those below exact", () => {
    assert.strictEqual(reader(0x7f, ...Array<number>(7).fill(0xff)).int64(), 2 ** 63)
    assert.strictEqual(reader(0x80, 0, 0, 0, 0, 0, 0, 0).int64(), -(2 ** 63))
    assert.strictEqual(reader(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).int64(), Number.MAX_SAFE_INTEGER)
  })

  it("gives byte fields as views of the input", () => {
    const source = new Uint8Array([0, 0, 0, 2, 7, 8])
    const view = new ByteReader(source).bytes()
    source[4] = 9
    assert.deepStrictEqual([...view], [9, 8])
  })

  it("skips unknown tagged fields and refuses those that are too long", () => {
    const input = reader(2, 5, 3, 1, 2, 3, 9, 0, 42)
    input.skipTags()
    assert.strictEqual(input.int8(), 42)
    fails(() => reader(1, 5, 3, 1, 2).skipTags())
    fails(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0).skipTags())
  })
})
