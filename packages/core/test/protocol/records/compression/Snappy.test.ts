import { assert, describe, it } from "@effect/vitest"
import { compressSnappy, decompressSnappy } from "../../../../src/protocol/records/compression/Snappy.ts"
import { byteArrays, integer, pseudoBytes } from "../generators.ts"
import { reasonOf } from "../reasonOf.ts"

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const ascii = (value: string): ReadonlyArray<number> => [...new TextEncoder().encode(value)]
const header = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1]
/** "abcdabcdabcd" as a literal of 4 and a copy of 8 from 4 back. */
const raw = [12, 3 << 2, ...ascii("abcd"), (4 << 2) | 1, 4]

describe("Snappy", () => {
  it.prop("restores what it compressed", { bytes: byteArrays(3000) }, ({ bytes }) => {
    assert.deepStrictEqual(decompressSnappy(compressSnappy(bytes), bytes.length), bytes)
  })

  it("restores inputs around and above the block size, and makes repetitive ones smaller", () => {
    for (const distinct of [1, 2, 7, 20, 256]) {
      for (const length of [14, 15, 16, 17, 32_767, 32_768, 32_769, 200_000]) {
        const bytes = pseudoBytes(length, length, distinct)
        const compressed = compressSnappy(bytes)
        assert.deepStrictEqual(decompressSnappy(compressed, length), bytes, `${length} bytes, ${distinct} distinct`)
        if (distinct < 3 && length > 100) assert.isBelow(compressed.length, length / 2)
      }
    }
  })

  it("reads one raw block, and framed blocks whatever their header's version fields", () => {
    assert.strictEqual(text(decompressSnappy(Uint8Array.from(raw), 12)), "abcdabcdabcd")
    const framed = [0, 0, 0, raw.length, ...raw]
    const littleEndian = [...header.slice(0, 8), 1, 0, 0, 0, 1, 0, 0, 0]
    for (const head of [header, littleEndian]) {
      const stream = Uint8Array.from([...head, ...framed, ...framed])
      assert.strictEqual(text(decompressSnappy(stream, 24)), "abcdabcdabcd".repeat(2))
    }
    const streams = Uint8Array.from([...header, ...framed, ...header, ...framed])
    assert.strictEqual(text(decompressSnappy(streams, 24)), "abcdabcdabcd".repeat(2))
  })

  it("reads every form of literal and copy", () => {
    const literal = ascii("0123456789".repeat(30))
    const long = (tag: number, ...length: ReadonlyArray<number>) => [0xac, 0x02, tag << 2, ...length, ...literal]
    for (const form of [long(61, 0x2b, 1), long(62, 0x2b, 1, 0), long(63, 0x2b, 1, 0, 0)]) {
      assert.strictEqual(text(decompressSnappy(Uint8Array.from(form), 300)), "0123456789".repeat(30))
    }
    const copy2 = [12, 3 << 2, ...ascii("abcd"), (7 << 2) | 2, 4, 0]
    const copy4 = [12, 3 << 2, ...ascii("abcd"), (7 << 2) | 3, 4, 0, 0, 0]
    for (const form of [copy2, copy4]) {
      assert.strictEqual(text(decompressSnappy(Uint8Array.from(form), 12)), "abcdabcdabcd")
    }
  })

  it("refuses a declared size it cannot hold before allocating it", () => {
    const hostile = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0x61)
    assert.strictEqual(reasonOf(() => decompressSnappy(hostile, 2 ** 40)), "corrupt")
    assert.strictEqual(reasonOf(() => decompressSnappy(Uint8Array.from(raw), 11)), "tooLarge")
    const framed = Uint8Array.from([...header, 0, 0, 0, raw.length, ...raw, 0, 0, 0, raw.length, ...raw])
    assert.strictEqual(reasonOf(() => decompressSnappy(framed, 23)), "tooLarge")
    const bomb = compressSnappy(new Uint8Array(2 << 20))
    assert.strictEqual(reasonOf(() => decompressSnappy(bomb, (2 << 20) - 1)), "tooLarge")
  })

  it("refuses malformed blocks and frames", () => {
    const refused: ReadonlyArray<ReadonlyArray<number>> = [
      [],
      [0x80],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
      [11, ...raw.slice(1)],
      [13, ...raw.slice(1)],
      [12, 3 << 2, ...ascii("abcd"), (4 << 2) | 1, 5],
      [12, 3 << 2, ...ascii("abcd"), (4 << 2) | 1, 0],
      [12, 3 << 2, ...ascii("abcd"), (4 << 2) | 1],
      [12, 63 << 2, 1, 0],
      [...header.slice(0, 12)],
      [...header, 0, 0, 0],
      [...header, 0, 0, 0, 0],
      [...header, 0xff, 0xff, 0xff, 0xff, ...raw],
      [...header, 0, 0, 0, raw.length + 1, ...raw]
    ]
    for (const bytes of refused) {
      assert.strictEqual(reasonOf(() => decompressSnappy(Uint8Array.from(bytes), 1000)), "corrupt", bytes.join())
    }
  })

  it("calls every truncation inside a block corrupt", () => {
    const compressed = compressSnappy(pseudoBytes(3, 2000, 7))
    for (let end = 0; end < compressed.length; end++) {
      // The bare header is a stream without blocks.
      const expected = end === 16 ? "no error" : "corrupt"
      assert.strictEqual(reasonOf(() => decompressSnappy(compressed.subarray(0, end), 4000)), expected, `${end}`)
    }
  })

  it.prop(
    "throws nothing but CompressionError, and stays below the cap, when bits are flipped",
    { bytes: byteArrays(600), at: integer(0, 0x7fffffff), bit: integer(0, 7) },
    ({ at, bit, bytes }) => {
      const compressed = compressSnappy(bytes)
      compressed[at % compressed.length]! ^= 1 << bit
      assert.include(
        ["corrupt", "tooLarge", "no error"],
        reasonOf(() => assert.isAtMost(decompressSnappy(compressed, 2000).length, 2000))
      )
    }
  )
})
