import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import * as Zlib from "node:zlib"
import * as NodeCompression from "../src/NodeCompression.ts"
import { gunzipReused, type ReusedDecoder, reusedDecoderOf, unzstdReused } from "../src/ReusedDecoder.ts"

const MIB = 1024 * 1024
const text = new TextEncoder().encode("the quick brown fox ".repeat(5000))

const integer = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

type Bytes = (bytes: Uint8Array) => Buffer

const variants: ReadonlyArray<readonly [string, ReusedDecoder, Bytes, Bytes]> = [
  ["gzip", gunzipReused, (bytes) => Zlib.gzipSync(bytes), (bytes) => Zlib.gunzipSync(bytes)],
  ["zstd", unzstdReused, (bytes) => Zlib.zstdCompressSync(bytes), (bytes) => Zlib.zstdDecompressSync(bytes)]
]

const documented = (decode: Bytes, bytes: Uint8Array): Buffer | undefined => {
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}

describe("ReusedDecoder", () => {
  it("restores one input after the other, also after damaged and too large ones", () => {
    for (const [name, decode, compress] of variants) {
      for (const length of [0, 1, 100, 70_000, 90_000, 300]) {
        const bytes = text.subarray(0, length)
        const compressed = compress(bytes)
        const decoded = decode(compressed, length)
        assert.isTrue(decoded instanceof Uint8Array && Buffer.from(bytes).equals(decoded), `${name} ${length}`)
        assert.isUndefined(decode(new Uint8Array(0), MIB))
        if (length === 0) continue
        assert.strictEqual(decode(compressed, length - 1), "tooLarge")
        const restored = () => decode(compressed, length)?.length === length
        for (const end of [1, 4, 7, compressed.length - 1]) {
          assert.isTrue(restored())
          assert.isUndefined(decode(compressed.subarray(0, end), MIB), `${name} ${length} cut to ${end}`)
        }
        assert.isUndefined(decode(new Uint8Array(compressed.length).fill(3), MIB))
      }
    }
  })

  it.prop(
    "decodes nothing that zlib's documented call refuses, and nothing differently, whatever was damaged",
    { length: integer(1, 3000), at: integer(0, 0x7fffffff), bit: integer(0, 7), cut: integer(0, 20) },
    ({ at, bit, cut, length }) => {
      for (const [name, decode, compress, decodeDocumented] of variants) {
        const damaged = compress(text.subarray(0, length))
        damaged[at % damaged.length]! ^= 1 << bit
        const bytes = cut < 5 ? damaged.subarray(0, damaged.length - cut) : damaged
        const decoded = decode(bytes, MIB)
        if (!(decoded instanceof Uint8Array)) continue
        assert.isTrue(documented(decodeDocumented, bytes)?.equals(decoded), name)
      }
    },
    { arbitrary: { runs: 300 } }
  )

  it("shows nothing of what was in the shared output before, and leaves an own output alone", () => {
    for (const codec of ["gzip", "zstd"] as const) {
      const { compress, decompress } = NodeCompression.codecs[codec]
      const memory = new Uint8Array(decompress(compress(text), MIB, "shared").buffer)
      for (const length of [90_000, 20, 40_000]) {
        const bytes = text.slice(0, length)
        const compressed = compress(bytes)
        memory.fill(0xa5)
        const shared = decompress(compressed, length, "shared")
        assert.strictEqual(shared.buffer, memory.buffer)
        assert.isTrue(Buffer.from(bytes).equals(shared))
        const own = decompress(compressed, length)
        memory.fill(0xa5)
        assert.notStrictEqual(own.buffer, memory.buffer)
        assert.isTrue(Buffer.from(bytes).equals(own))
      }
    }
  })

  it("leaves an output that does not fit, and a frame with a large window, to decoders of their own", () => {
    const large = new Uint8Array(4 * MIB + 1)
    const fitting = large.subarray(2)
    for (const [name, decode, compress] of variants) {
      assert.isUndefined(decode(compress(large), large.length), name)
      assert.strictEqual(decode(compress(fitting), large.length)?.length, fitting.length, name)
    }
    const { zstd } = NodeCompression.codecs
    const memory = zstd.decompress(zstd.compress(text), MIB, "shared").buffer
    for (const [windowLog, isReused] of [[23, true], [24, false]] as const) {
      const params = { [Zlib.constants.ZSTD_c_windowLog]: windowLog, [Zlib.constants.ZSTD_c_contentSizeFlag]: 0 }
      // Without a known size the frame announces the window it was asked for.
      const frame = Zlib.zstdCompressSync(text, { params })
      frame[5] = (windowLog - 10) << 3
      const output = zstd.decompress(frame, MIB, "shared")
      assert.strictEqual(output.buffer === memory, isReused, `${windowLog}`)
      assert.isTrue(Buffer.from(text).equals(output))
    }
  })

  it("decodes nothing on a zlib that lacks the members or does something else with them", () => {
    const compressed = Zlib.gzipSync(text)
    const decoderOver = (create: () => unknown) =>
      reusedDecoderOf({
        create,
        endFlag: Zlib.constants.Z_FINISH,
        goesOn: false,
        compress: (bytes) => Zlib.gzipSync(bytes)
      })
    const bare = () => ({ destroyed: false, on: () => undefined, reset: () => undefined })
    const engines: ReadonlyArray<() => unknown> = [
      () => ({}),
      bare,
      () => ({ ...bare(), _writeState: new Uint32Array(2), _handle: { writeSync: () => undefined } }),
      () => ({ ...bare(), _writeState: Uint32Array.of(9, 0), _handle: { writeSync: () => undefined } }),
      () => Zlib.createInflate()
    ]
    for (const create of engines) assert.isUndefined(decoderOver(create)(compressed, MIB))
    assert.isDefined(decoderOver(() => Zlib.createGunzip())(compressed, MIB))
  })
})
