import { Compression, CompressionError } from "@kafka-broker/core/seams"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Schema } from "effect"
import * as Zlib from "node:zlib"
import * as NodeCompression from "../src/NodeCompression.ts"

const codecs = ["gzip", "snappy", "lz4", "zstd"] as const
const text = new TextEncoder().encode("the quick brown fox ".repeat(5000))

const integer = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

const reasonOf = (run: () => unknown): string => {
  try {
    run()
  } catch (cause) {
    if (cause instanceof CompressionError) return cause.reason
    throw cause
  }
  return "no error"
}

describe("NodeCompression", () => {
  it.effect("provides all codecs, which restore what they compressed", () =>
    Effect.gen(function*() {
      const compression = yield* Compression
      for (const codec of codecs) {
        for (const bytes of [new Uint8Array(0), Uint8Array.of(1), text]) {
          const compressed = compression[codec].compress(bytes)
          assert.deepStrictEqual(compression[codec].decompress(compressed, bytes.length), bytes, codec)
        }
      }
    }).pipe(Effect.provide(NodeCompression.layer)))

  it("never makes more than the cap, however well the input was compressed", () => {
    const zeros = new Uint8Array(8 << 20)
    for (const codec of codecs) {
      const compressed = NodeCompression.codecs[codec].compress(zeros)
      for (const cap of [0, 1, 65_536, zeros.length - 1]) {
        assert.strictEqual(reasonOf(() => NodeCompression.codecs[codec].decompress(compressed, cap)), "tooLarge", codec)
      }
      assert.strictEqual(NodeCompression.codecs[codec].decompress(compressed, zeros.length).length, zeros.length)
    }
  })

  it("decodes all zstd frames of a payload and refuses what follows them", () => {
    const { zstd } = NodeCompression.codecs
    const one = Zlib.zstdCompressSync("hello ")
    const two = Zlib.zstdCompressSync("world")
    const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3)
    const all = Buffer.concat([one, skippable, two])
    assert.strictEqual(Buffer.from(zstd.decompress(all, 11)).toString(), "hello world")
    assert.strictEqual(reasonOf(() => zstd.decompress(all, 10)), "tooLarge")
    assert.strictEqual(reasonOf(() => zstd.decompress(Buffer.concat([one, Buffer.from("junk")]), 100)), "corrupt")
    assert.strictEqual(reasonOf(() => zstd.decompress(Buffer.concat(Array(300).fill(skippable)), 100)), "corrupt")
  })

  it("decodes all gzip members of a payload, together below the cap", () => {
    const { gzip } = NodeCompression.codecs
    const all = Buffer.concat([Zlib.gzipSync("hello "), Zlib.gzipSync("world")])
    assert.strictEqual(Buffer.from(gzip.decompress(all, 11)).toString(), "hello world")
    assert.strictEqual(reasonOf(() => gzip.decompress(all, 10)), "tooLarge")
  })

  it("restores outputs whose size the stream tells in each of its ways, wrongly or not at all", () => {
    const { gzip, zstd } = NodeCompression.codecs
    const contentSizeFlag = Zlib.constants.ZSTD_c_contentSizeFlag
    for (const length of [10, 255, 256, 300, 65_535, 65_791, 65_792, 65_793, 3_000_000]) {
      const bytes = text.length >= length ? text.slice(0, length) : new Uint8Array(length).fill(7)
      for (const flag of [0, 1]) {
        const compressed = Zlib.zstdCompressSync(bytes, { params: { [contentSizeFlag]: flag } })
        assert.isTrue(Buffer.from(bytes).equals(zstd.decompress(compressed, length)), `zstd ${length} ${flag}`)
      }
      assert.isTrue(Buffer.from(bytes).equals(gzip.decompress(Zlib.gzipSync(bytes), length)), `gzip ${length}`)
      const members = Buffer.concat([Zlib.gzipSync(bytes), Zlib.gzipSync("!")])
      assert.strictEqual(gzip.decompress(members, length + 1).length, length + 1)
    }
    const forged = Zlib.gzipSync(text)
    for (const size of [0, text.length - 1, 0xffff_ffff]) {
      forged.writeUInt32LE(size, forged.length - 4)
      assert.strictEqual(reasonOf(() => gzip.decompress(forged, 1 << 20)), "corrupt")
    }
  })

  it("calls every truncation corrupt", () => {
    for (const codec of ["gzip", "zstd"] as const) {
      const compressed = NodeCompression.codecs[codec].compress(text)
      for (let end = 0; end < compressed.length; end++) {
        const cut = compressed.subarray(0, end)
        assert.strictEqual(reasonOf(() => NodeCompression.codecs[codec].decompress(cut, 1 << 20)), "corrupt", codec)
      }
    }
  })

  it.prop(
    "throws nothing but CompressionError on bytes that are no compressed data",
    { values: Arbitrary.array(integer(0, 255), { maxLength: 200 }), at: integer(0, 0x7fffffff), bit: integer(0, 7) },
    ({ at, bit, values }) => {
      const bytes = Uint8Array.from(values)
      const outcomes = ["no error", "corrupt", "tooLarge"]
      for (const codec of codecs) {
        assert.include(outcomes, reasonOf(() => NodeCompression.codecs[codec].decompress(bytes, 1 << 20)))
        const flipped = NodeCompression.codecs[codec].compress(bytes)
        flipped[at % flipped.length]! ^= 1 << bit
        assert.include(outcomes, reasonOf(() => NodeCompression.codecs[codec].decompress(flipped, 1 << 20)))
      }
    }
  )
})
