import { assert, describe, it } from "@effect/vitest"
import { Uuid } from "../../../src/model/Uuid.ts"
import { ByteReader } from "../../../src/protocol/wire/ByteReader.ts"
import { ByteWriter, copySizeMax } from "../../../src/protocol/wire/ByteWriter.ts"
import { EncodeError } from "../../../src/protocol/wire/EncodeError.ts"

const join = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(chunks))
const prefixOf = (chunks: ReadonlyArray<Uint8Array>): number => new ByteReader(join(chunks)).int32()

describe("ByteWriter", () => {
  it("passes large byte fields on without copying them, in order", () => {
    const large = new Uint8Array(copySizeMax + 1).fill(7)
    const writer = new ByteWriter()
    writer.beginFrame()
    writer.int8(1)
    writer.bytes(large)
    writer.int8(2)
    writer.endFrame()
    const chunks = writer.finish()
    assert.strictEqual(chunks.length, 3)
    assert.strictEqual(chunks[1], large)
    assert.strictEqual(prefixOf(chunks), 1 + 4 + large.length + 1)
  })

  it("copies small byte fields", () => {
    const writer = new ByteWriter()
    writer.bytes(new Uint8Array(copySizeMax))
    assert.strictEqual(writer.finish().length, 1)
  })

  it("never writes to chunks that it has handed out", () => {
    const writer = new ByteWriter(16)
    const handedOut: Array<readonly [number, Uint8Array]> = []
    for (let i = 0; i < 100; i++) {
      writer.beginFrame()
      writer.int32(i)
      writer.string("x".repeat(i))
      writer.endFrame()
      handedOut.push([i, writer.finishBytes()])
    }
    for (const [i, bytes] of handedOut) {
      const reader = new ByteReader(bytes)
      assert.deepStrictEqual([reader.int32(), reader.int32(), reader.string()], [4 + 2 + i, i, "x".repeat(i)])
    }
  })

  it("patches the size of a frame whose start was moved to a larger slab, or closed into a chunk before", () => {
    const moved = new ByteWriter(8)
    moved.beginFrame()
    for (let i = 0; i < 50_000; i++) moved.int32(i)
    moved.endFrame()
    assert.strictEqual(prefixOf(moved.finish()), 200_000)
    const closed = new ByteWriter(16)
    closed.beginFrame()
    closed.raw(new Uint8Array(5000))
    for (let i = 0; i < 50_000; i++) closed.int32(i)
    closed.endFrame()
    const chunks = closed.finish()
    assert.strictEqual(prefixOf(chunks), 205_000)
    const end = new ByteReader(join(chunks), 205_000)
    assert.strictEqual(end.int32(), 49_999)
  })

  it("writes several frames before they are handed out", () => {
    const writer = new ByteWriter(16)
    for (const text of ["first", "second"]) {
      writer.beginFrame()
      writer.string(text)
      writer.raw(new Uint8Array(5000))
      writer.endFrame()
    }
    const reader = new ByteReader(writer.finishBytes())
    for (const text of ["first", "second"]) {
      assert.strictEqual(reader.int32(), text.length + 2 + 5000)
      assert.strictEqual(reader.string(), text)
      reader.skip(5000)
    }
    assert.strictEqual(reader.remaining, 0)
  })

  it("hands out bytes to keep that hold no more memory than they need", () => {
    const writer = new ByteWriter()
    writer.int32(7)
    assert.strictEqual(writer.finishBytes().buffer.byteLength, 4)
  })

  it("does not hold the memory of a large message after it", () => {
    const writer = new ByteWriter()
    for (let i = 0; i < 100_000; i++) writer.int32(i)
    assert.isAbove(writer.finish()[0]!.buffer.byteLength, 400_000)
    writer.int32(7)
    assert.isAtMost(writer.finish()[0]!.buffer.byteLength, 65_536)
  })

  it("drops what was half written when it is reset", () => {
    const writer = new ByteWriter()
    writer.beginFrame()
    writer.beginTag(1)
    writer.raw(new Uint8Array(10))
    writer.reset()
    writer.raw(new Uint8Array(5000))
    assert.strictEqual(writer.size, 5000)
    assert.strictEqual(writer.finish().length, 1)
  })

  it("inserts the size before a tagged field, also when it takes several bytes", () => {
    for (const size of [0, 1, 127, 128, 20_000]) {
      const writer = new ByteWriter(16)
      const mark = writer.beginTag(300)
      writer.raw(new Uint8Array(size).fill(5))
      writer.endTag(mark)
      writer.int8(9)
      const reader = new ByteReader(writer.finishBytes())
      assert.strictEqual(reader.uvarint(), 300)
      const end = reader.tagEnd()
      assert.strictEqual(end - reader.position, size)
      assert.isTrue(reader.source.subarray(reader.position, end).every((byte) => byte === 5))
      reader.position = end
      assert.strictEqual(reader.int8(), 9)
    }
  })

  it("keeps 64-bit integers within their range, so that a rounded Long.MAX_VALUE stays one", () => {
    const writer = new ByteWriter()
    for (const value of [2 ** 63, 2 ** 70, -(2 ** 63), -(2 ** 70)]) writer.int64(value)
    const hex = Buffer.from(writer.finishBytes()).toString("hex")
    assert.strictEqual(hex, "7fffffffffffffff".repeat(2) + "8000000000000000".repeat(2))
  })

  it("writes variable-length integers as the reader reads them", () => {
    const writer = new ByteWriter()
    const values = [0, 1, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)]
    const wide = [...values, 2 ** 53, -(2 ** 53), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    values.forEach((value) => writer.varint(value))
    wide.forEach((value) => writer.varlong(value))
    const reader = new ByteReader(writer.finishBytes())
    assert.deepStrictEqual(values.map(() => reader.varint()), values)
    assert.deepStrictEqual(wide.map(() => reader.varlong()), wide)
  })

  it("refuses strings above 32767 bytes and ids that are none", () => {
    const writer = new ByteWriter()
    assert.throws(() => writer.string("é".repeat(16_384)), EncodeError)
    assert.throws(() => writer.compactString("x".repeat(32_768)), EncodeError)
    assert.throws(() => writer.uuid("not an id" as Uuid), EncodeError)
  })
})
