import { assert, describe, it } from "@effect/vitest"
import { CompressionError, type Decompressor, PIECE_BYTES } from "@kafka-broker/core/seams"
import { Arbitrary, Schema } from "effect"
import * as Zlib from "node:zlib"
import * as NodeCompression from "../src/NodeCompression.ts"
import {
  compressorOver,
  decompressorOver,
  type EngineKind,
  gzipEngine,
  hasPieces,
  zstdEngine
} from "../src/ZlibPieces.ts"

const integer = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

const text = Buffer.from("the quick brown fox ".repeat(60_000))

interface Variant {
  readonly kind: EngineKind
  readonly compress: (bytes: Uint8Array) => Buffer
  readonly decompress: (bytes: Uint8Array) => Buffer
}

const variants: ReadonlyArray<Variant> = [
  { kind: gzipEngine, compress: (bytes) => Zlib.gzipSync(bytes), decompress: (bytes) => Zlib.gunzipSync(bytes) },
  {
    kind: zstdEngine,
    compress: (bytes) => Zlib.zstdCompressSync(bytes),
    decompress: (bytes) => Zlib.zstdDecompressSync(bytes)
  }
]

/** Everything that a decompressor gives, or why it stopped. */
const drained = (decompressor: Decompressor): Buffer | string => {
  const parts: Array<Uint8Array> = []
  try {
    for (let piece = decompressor.next(); piece !== undefined; piece = decompressor.next()) {
      assert.isAtMost(piece.length, PIECE_BYTES)
      parts.push(piece.slice())
    }
    return Buffer.concat(parts)
  } catch (error) {
    if (error instanceof CompressionError) return error.reason
    throw error
  } finally {
    decompressor.close()
  }
}

describe("ZlibPieces", () => {
  it("this Node has what is needed of it", () => {
    for (const { kind } of variants) assert.isTrue(hasPieces(kind), kind.name)
  })

  it("restores what the documented calls compressed, several frames and large outputs included", () => {
    for (const { compress, kind } of variants) {
      for (
        const bytes of [Buffer.alloc(0), Buffer.from("a"), text, Buffer.alloc(20_000_000), Buffer.alloc(PIECE_BYTES)]
      ) {
        const restored = drained(decompressorOver(kind, compress(bytes)))
        assert.isTrue(bytes.equals(restored as Buffer), `${kind.name} ${bytes.length}`)
      }
      const twice = Buffer.concat([compress(text), compress(Buffer.from("end"))])
      assert.isTrue(Buffer.concat([text, Buffer.from("end")]).equals(drained(decompressorOver(kind, twice)) as Buffer))
    }
  })

  it.prop(
    "gives what is given at once, or calls corrupt what is refused then, whatever was damaged",
    {
      length: integer(0, 3000),
      at: integer(0, 0x7fffffff),
      bit: integer(0, 7),
      cut: integer(0, 20),
      tail: integer(0, 3)
    },
    ({ at, bit, cut, length, tail }) => {
      for (const { compress, kind } of variants) {
        const damaged = compress(text.subarray(0, length))
        if (cut > 5) damaged[at % damaged.length]! ^= 1 << bit
        const short = cut > 15 ? damaged.subarray(0, damaged.length - (cut - 15)) : damaged
        const bytes = Buffer.concat([short, Buffer.alloc(tail)])
        let expected: Buffer | string
        try {
          expected = Buffer.from(NodeCompression.codecs[kind.name].decompress(bytes, text.length))
        } catch {
          expected = "corrupt"
        }
        assert.deepStrictEqual(drained(decompressorOver(kind, bytes)), expected, kind.name)
      }
    },
    { arbitrary: { runs: 400 } }
  )

  it("refuses what is no frame, nothing at all, and countless frames of nothing", () => {
    for (const { compress, kind } of variants) {
      for (
        const bytes of [
          new Uint8Array(0),
          new Uint8Array(50).fill(3),
          Buffer.concat([compress(text), Buffer.alloc(9, 7)])
        ]
      ) {
        assert.strictEqual(drained(decompressorOver(kind, bytes)), "corrupt", `${kind.name} ${bytes.length}`)
      }
    }
    const empty = Zlib.zstdCompressSync("")
    const frames = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => empty))
    assert.deepStrictEqual(drained(decompressorOver(zstdEngine, frames(256))), Buffer.alloc(0))
    assert.strictEqual(drained(decompressorOver(zstdEngine, frames(257))), "corrupt")
  })

  it("compresses what comes in pieces to one frame, which the documented calls restore", () => {
    for (const { decompress, kind } of variants) {
      const compressor = compressorOver(kind)
      const parts: Array<Uint8Array> = []
      for (let at = 0; at < text.length; at += 7777) parts.push(compressor.write(text.subarray(at, at + 7777)))
      parts.push(compressor.end())
      assert.isTrue(text.equals(decompress(Buffer.concat(parts))), kind.name)
    }
  })

  it("an engine that lacks the members is not trusted; then everything is done at once", () => {
    const bare = { destroyed: false, on: () => undefined, close: () => undefined, reset: () => undefined }
    const engines: ReadonlyArray<() => unknown> = [
      () => ({}),
      () => bare,
      () => ({ ...bare, _writeState: Uint32Array.of(PIECE_BYTES, 0), _handle: { writeSync: () => undefined } })
    ]
    for (const create of engines) {
      assert.isFalse(hasPieces({ ...gzipEngine, createDecoder: create }))
      assert.isFalse(hasPieces({ ...gzipEngine, createEncoder: create }))
    }
  })

  it("the codecs of the broker work in pieces", () => {
    for (const name of ["gzip", "zstd"] as const) {
      const { compressor, decompressor } = NodeCompression.codecs[name]
      const { end, write } = compressor()
      const compressed = Buffer.concat([write(text), end()])
      assert.isTrue(text.equals(drained(decompressor(compressed)) as Buffer), name)
    }
  })
})
