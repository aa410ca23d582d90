import { assert, describe, it } from "@effect/vitest"
import { compressLz4, decompressLz4 } from "../../../../src/protocol/records/compression/Lz4.ts"
import { xxHash32 } from "../../../../src/protocol/records/compression/XxHash32.ts"
import { byteArrays, integer, pseudoBytes } from "../generators.ts"
import { reasonOf } from "../reasonOf.ts"

const restored = (bytes: Uint8Array): Uint8Array => decompressLz4(compressLz4(bytes), bytes.length)

/** A frame of these flags, block descriptor and body, with a right header checksum. */
const frame = (flags: number, descriptor: number, extra: ReadonlyArray<number>, body: ReadonlyArray<number>) => {
  const bytes = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, flags, descriptor, ...extra, 0, ...body)
  const checksumAt = 6 + extra.length
  bytes[checksumAt] = (xxHash32(bytes, 4, checksumAt) >>> 8) & 0xff
  return bytes
}

/** Literals "abcd", then a match of `offset` and length 8, then literals "efghi". */
const block = (offset: number): ReadonlyArray<number> => [
  ...[0x44, 0x61, 0x62, 0x63, 0x64, offset, 0],
  ...[0x50, 0x65, 0x66, 0x67, 0x68, 0x69]
]

const blockOfSize = (size: number, content: ReadonlyArray<number>): ReadonlyArray<number> => [size, 0, 0, 0, ...content]
const endMark = [0, 0, 0, 0]

describe("Lz4", () => {
  it("writes the header Java's reader wants: independent 64 KiB blocks, nothing else", () => {
    const empty = compressLz4(new Uint8Array(0))
    assert.deepStrictEqual(empty, Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0))
    assert.strictEqual(decompressLz4(empty, 0).length, 0)
  })

  it.prop("restores what it compressed", { bytes: byteArrays(3000) }, ({ bytes }) => {
    assert.deepStrictEqual(restored(bytes), bytes)
  })

  it("restores inputs around and above the block size, and makes repetitive ones smaller", () => {
    for (const distinct of [1, 2, 7, 20, 256]) {
      for (const length of [11, 12, 13, 14, 65_535, 65_536, 65_537, 300_000]) {
        const bytes = pseudoBytes(length, length, distinct)
        const compressed = compressLz4(bytes)
        assert.deepStrictEqual(decompressLz4(compressed, length), bytes, `${length} bytes, ${distinct} distinct`)
        if (distinct < 3 && length > 100) assert.isBelow(compressed.length, length * 0.6)
        if (distinct === 256) assert.isAtMost(compressed.length, length + 11 + 4 * Math.ceil(length / 65_536))
      }
    }
  })

  it("decodes overlapping matches and skips a content size", () => {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
    const body = [...blockOfSize(13, block(4)), ...endMark]
    assert.strictEqual(text(decompressLz4(frame(0x60, 0x40, [], body), 100)), "abcdabcdabcdefghi")
    assert.strictEqual(text(decompressLz4(frame(0x68, 0x40, [9, 9, 9, 9, 9, 9, 9, 9], body), 100)), "abcdabcdabcdefghi")
    const one = [...blockOfSize(13, block(1)), ...endMark]
    assert.strictEqual(text(decompressLz4(frame(0x60, 0x70, [], one), 100)), "abcdddddddddefghi")
  })

  it("refuses frames Kafka's reader refuses", () => {
    const body = [...blockOfSize(13, block(4)), ...endMark]
    const refused: ReadonlyArray<readonly [string, Uint8Array]> = [
      ["dependent blocks", frame(0x40, 0x40, [], body)],
      ["version 0", frame(0x20, 0x40, [], body)],
      ["dictionary id", frame(0x61, 0x40, [], body)],
      ["reserved bit", frame(0x62, 0x40, [], body)],
      ["block size code 3", frame(0x60, 0x30, [], body)],
      ["reserved descriptor bits", frame(0x60, 0x41, [], body)],
      ["reserved descriptor high bit", frame(0x60, 0xc0, [], body)],
      ["no end mark", frame(0x60, 0x40, [], blockOfSize(13, block(4)))],
      ["missing content checksum", frame(0x64, 0x40, [], body)],
      ["match before the start", frame(0x60, 0x40, [], [...blockOfSize(13, block(5)), ...endMark])],
      ["match offset 0", frame(0x60, 0x40, [], [...blockOfSize(13, block(0)), ...endMark])],
      ["block ends with a match", frame(0x60, 0x40, [], [...blockOfSize(7, block(4).slice(0, 7)), ...endMark])],
      ["block above the frame's maximum", frame(0x60, 0x40, [], [1, 0, 1, 0, ...Array(65_537).fill(0), ...endMark])]
    ]
    for (const [name, bytes] of refused) {
      assert.strictEqual(reasonOf(() => decompressLz4(bytes, 1 << 20)), "corrupt", name)
    }
    const wrongChecksum = frame(0x60, 0x40, [], body)
    wrongChecksum[6]! ^= 1
    assert.strictEqual(reasonOf(() => decompressLz4(wrongChecksum, 100)), "corrupt")
    assert.strictEqual(decompressLz4(wrongChecksum, 100, "own", true).length, 17)
  })

  it("verifies block checksums, not the content checksum, and ignores what follows the end mark", () => {
    const content = Uint8Array.from(block(4))
    const hash = xxHash32(content, 0, content.length)
    const sum = [hash & 0xff, (hash >>> 8) & 0xff, (hash >>> 16) & 0xff, hash >>> 24]
    const good = frame(0x74, 0x40, [], [...blockOfSize(13, block(4)), ...sum, ...endMark, 1, 2, 3, 4, 5])
    assert.strictEqual(decompressLz4(good, 17).length, 17)
    const bad = frame(0x74, 0x40, [], [...blockOfSize(13, block(4)), 0, ...sum.slice(1), ...endMark, 1, 2, 3, 4])
    assert.strictEqual(reasonOf(() => decompressLz4(bad, 17)), "corrupt")
  })

  it("never makes more than the cap, and never a block larger than the frame says", () => {
    const bomb = compressLz4(new Uint8Array(2 << 20))
    for (const cap of [0, 1, 65_535, 65_536, 300_000, (2 << 20) - 1]) {
      assert.strictEqual(reasonOf(() => decompressLz4(bomb, cap)), "tooLarge", `${cap}`)
    }
    assert.strictEqual(decompressLz4(bomb, 2 << 20).length, 2 << 20)
    // One literal, then a match of 66,000 bytes: more than the 64 KiB a block of this frame may hold.
    const match = [0x1f, 0x61, 1, 0, ...Array(258).fill(255), 5, 0x50, 1, 2, 3, 4, 5]
    const long = frame(0x60, 0x40, [], [match.length & 0xff, match.length >>> 8, 0, 0, ...match, ...endMark])
    assert.strictEqual(reasonOf(() => decompressLz4(long, 1 << 20)), "corrupt")
    assert.strictEqual(reasonOf(() => decompressLz4(long, 1000)), "tooLarge")
  })

  it("calls every truncation corrupt", () => {
    const compressed = compressLz4(pseudoBytes(3, 2000, 7))
    for (let end = 0; end < compressed.length; end++) {
      assert.strictEqual(reasonOf(() => decompressLz4(compressed.subarray(0, end), 4000)), "corrupt", `${end}`)
    }
  })

  it.prop(
    "throws nothing but CompressionError, and stays below the cap, when bits are flipped",
    { bytes: byteArrays(600), at: integer(0, 0x7fffffff), bit: integer(0, 7) },
    ({ at, bit, bytes }) => {
      const compressed = compressLz4(bytes)
      compressed[at % compressed.length]! ^= 1 << bit
      assert.include(
        ["corrupt", "tooLarge", "no error"],
        reasonOf(() => assert.isAtMost(decompressLz4(compressed, 2000, "own", true).length, 2000))
      )
    }
  )
})
