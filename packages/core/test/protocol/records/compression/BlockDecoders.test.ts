import { assert, describe, it } from "@effect/vitest"
import {
  type BlockDecoders,
  blockDecoders,
  DECODER_SOURCE_BYTES_MAX,
  DECODER_TARGET_BYTES_MAX,
  DECODER_TARGET_START,
  makeBlockDecoders,
  type WebAssemblyHost
} from "../../../../src/protocol/records/compression/BlockDecoders.ts"
import { compressLz4, decompressLz4 } from "../../../../src/protocol/records/compression/Lz4.ts"
import { decodeLz4Block, encodeLz4Block } from "../../../../src/protocol/records/compression/Lz4Block.ts"
import { compressSnappy, decompressSnappy } from "../../../../src/protocol/records/compression/Snappy.ts"
import {
  decodeSnappyBlock,
  encodeSnappyBlock,
  snappyBlockOutputSize,
  snappyElementsStart
} from "../../../../src/protocol/records/compression/SnappyBlock.ts"
import { COPY_OVERSHOOT_BYTES } from "../../../../src/protocol/records/compression/wasmCopies.ts"
import { byteArrays, integer, pseudoBytes } from "../generators.ts"

const host = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly
const decoders = makeBlockDecoders(host) as BlockDecoders
const { memory } = decoders
const POISON = 0xa5
/** Bytes around source and target that are looked at. */
const MARGIN_BYTES = 256

/** Puts the block at the start of a memory that is full of other bytes. */
const place = (block: Uint8Array, targetEnd: number): void => {
  memory.fill(POISON, block.length, block.length + MARGIN_BYTES)
  memory.fill(POISON, DECODER_TARGET_START - MARGIN_BYTES, targetEnd + MARGIN_BYTES)
  memory.set(block, 0)
}

const assertPoisoned = (start: number, end: number): void => {
  for (let at = start; at < end; at++) if (memory[at] !== POISON) assert.fail(`a byte outside the target: ${at}`)
}

/** The output of a decoder that ends at `end`, or undefined for -1; nothing outside the target may have been written. */
const outcome = (end: number, targetEnd: number): Uint8Array | undefined => {
  assertPoisoned(DECODER_TARGET_START - MARGIN_BYTES, DECODER_TARGET_START)
  assertPoisoned(targetEnd + COPY_OVERSHOOT_BYTES, targetEnd + MARGIN_BYTES)
  if (end < 0) return undefined
  assert.isAtMost(end, targetEnd)
  return memory.slice(DECODER_TARGET_START, end)
}

const plainly = (size: number, decode: (target: Uint8Array) => number): Uint8Array | undefined => {
  const target = new Uint8Array(size)
  try {
    const end = decode(target)
    return end < 0 ? undefined : target.subarray(0, end)
  } catch {
    return undefined
  }
}

const assertLz4Agrees = (block: Uint8Array, capacity: number): Uint8Array | undefined => {
  const targetEnd = DECODER_TARGET_START + capacity
  place(block, targetEnd)
  const quick = outcome(decoders.lz4(0, block.length, DECODER_TARGET_START, targetEnd), targetEnd)
  assert.deepStrictEqual(
    quick,
    plainly(capacity, (target) => decodeLz4Block(block, 0, block.length, target, 0, capacity))
  )
  return quick
}

const assertSnappyAgrees = (block: Uint8Array): Uint8Array | undefined => {
  let size = -1
  try {
    size = snappyBlockOutputSize(block, 0, block.length)
  } catch {
    // No size, no decoder is asked.
  }
  if (size < 0 || size > 100_000) return undefined
  const targetEnd = DECODER_TARGET_START + size
  place(block, targetEnd)
  const start = snappyElementsStart(block, 0)
  const quick = outcome(decoders.snappy(start, block.length, DECODER_TARGET_START, targetEnd), targetEnd)
  assert.deepStrictEqual(quick, plainly(size, (target) => decodeSnappyBlock(block, 0, block.length, target, 0)))
  return quick
}

const lz4Block = (bytes: Uint8Array): Uint8Array => {
  const target = new Uint8Array(bytes.length + bytes.length / 128 + 64)
  return target.slice(0, encodeLz4Block(bytes, 0, bytes.length, target, 0, target.length))
}

const snappyBlock = (bytes: Uint8Array): Uint8Array => {
  const target = new Uint8Array(bytes.length * 2 + 64)
  return target.slice(0, encodeSnappyBlock(bytes, 0, bytes.length, target, 0))
}

/** Literals of that length, then a match of that distance and length, then five literals. */
const lz4Match = (literals: number, distance: number, length: number): Uint8Array => {
  const long = (value: number): ReadonlyArray<number> =>
    value < 15 ? [] : [...Array<number>(Math.floor((value - 15) / 255)).fill(255), (value - 15) % 255]
  return Uint8Array.from([
    (Math.min(literals, 15) << 4) | Math.min(length - 4, 15),
    ...long(literals),
    ...Array.from({ length: literals }, (_, index) => index + 1),
    distance & 0xff,
    distance >>> 8,
    ...long(length - 4),
    0x50,
    ...[101, 102, 103, 104, 105]
  ])
}

/** A valid block and what becomes of it when some of its bytes are replaced or its end is cut. */
const damaged = (block: Uint8Array, seed: number): Uint8Array => {
  const bytes = Uint8Array.from(block)
  const noise = pseudoBytes(seed, 16, 256)
  for (let index = 0; index < (seed & 3) + 1; index++) {
    const at = (noise[index * 3]! * 256 + noise[index * 3 + 1]!) % bytes.length
    bytes[at] = (seed & 4) === 0 ? noise[index * 3 + 2]! : bytes[at]! ^ (1 << (noise[index * 3 + 2]! & 7))
  }
  return (seed & 24) === 0 ? bytes.subarray(0, noise[15]! % bytes.length) : bytes
}

describe("BlockDecoders", () => {
  it.prop(
    "decode, and refuse, what the plain decoders do, whatever was damaged",
    { bytes: byteArrays(3000), seed: integer(0, 0x7fffffff) },
    ({ bytes, seed }) => {
      assert.deepStrictEqual(assertLz4Agrees(lz4Block(bytes), bytes.length), bytes)
      assertLz4Agrees(damaged(lz4Block(bytes), seed), bytes.length + (seed % 100))
      assert.deepStrictEqual(assertSnappyAgrees(snappyBlock(bytes)), bytes)
      assertSnappyAgrees(damaged(snappyBlock(bytes), seed))
    },
    { arbitrary: { runs: 400 } }
  )

  it("repeat a match of every short distance and length, to its exact end", () => {
    for (let distance = 1; distance <= 40; distance++) {
      for (let length = 4; length <= 70; length++) {
        const block = lz4Match(40, distance, length)
        const size = 40 + length + 5
        assert.strictEqual(assertLz4Agrees(block, size)?.length, size, `${distance}, ${length}`)
        assert.isUndefined(assertLz4Agrees(block, size - 1))
      }
    }
    for (const literals of [0, 1, 14, 15, 16, 17, 269, 270, 271, 5000]) {
      for (const length of [4, 18, 19, 20, 273, 274, 275, 5000]) {
        assertLz4Agrees(lz4Match(literals, Math.max(1, literals >>> 1), length), 20_000)
      }
    }
  })

  it("read every length of a snappy literal, the impossible ones too", () => {
    const text = Array.from({ length: 300 }, (_, index) => index & 0xff)
    for (let extra = 1; extra <= 4; extra++) {
      const length = extra === 1 ? 200 : 300
      const lengthBytes = [(length - 1) & 0xff, (length - 1) >>> 8, 0, 0].slice(0, extra)
      const sizeBytes = [0x80 | (length & 0x7f), length >>> 7]
      const block = Uint8Array.from([...sizeBytes, (59 + extra) << 2, ...lengthBytes, ...text.slice(0, length)])
      assert.strictEqual(assertSnappyAgrees(block)?.length, length)
      for (const byte of [0x7f, 0x80, 0xfe, 0xff]) {
        const hostile = Uint8Array.from(block)
        hostile[2 + extra] = byte
        assert.isUndefined(assertSnappyAgrees(hostile))
        assert.isUndefined(assertSnappyAgrees(hostile.fill(0xff, 3, 3 + extra)))
      }
    }
  })

  it("show nothing of what was in the shared memory before, and leave an own output alone", () => {
    const shared = (blockDecoders() as BlockDecoders).memory
    const codecs = [[compressLz4, decompressLz4], [compressSnappy, decompressSnappy]] as const
    for (const [compress, decompress] of codecs) {
      for (const [distinct, length] of [[1, 90_000], [3, 100], [7, 70_000], [256, 40_000]] as const) {
        const bytes = pseudoBytes(length, length, distinct)
        const compressed = compress(bytes)
        shared.fill(POISON)
        const view = decompress(compressed, length, "shared")
        assert.strictEqual(view.buffer, shared.buffer)
        assert.deepStrictEqual(Uint8Array.from(view), bytes)
        shared.fill(POISON)
        const own = decompress(compressed, length)
        shared.fill(POISON)
        assert.notStrictEqual(own.buffer, shared.buffer)
        assert.deepStrictEqual(own, bytes)
      }
    }
  })

  it("leave what is too large for their memory to the plain decoders", () => {
    const shared = (blockDecoders() as BlockDecoders).memory
    const zeros = new Uint8Array(DECODER_TARGET_BYTES_MAX + 1)
    const noise = pseudoBytes(9, DECODER_SOURCE_BYTES_MAX + 1, 256)
    for (const bytes of [zeros, noise]) {
      const outputs = [
        decompressLz4(compressLz4(bytes), bytes.length, "shared"),
        decompressSnappy(compressSnappy(bytes), bytes.length, "shared")
      ]
      for (const output of outputs) {
        assert.notStrictEqual(output.buffer, shared.buffer)
        assert.strictEqual(output.length, bytes.length)
        assert.isTrue(output.every((byte, index) => byte === bytes[index]))
      }
    }
    const exact = zeros.subarray(1)
    for (
      const output of [
        decompressLz4(compressLz4(exact), exact.length, "shared"),
        decompressSnappy(compressSnappy(exact), exact.length, "shared")
      ]
    ) {
      assert.strictEqual(output.buffer, shared.buffer)
      assert.strictEqual(output.length, exact.length)
    }
  })

  it("are absent where the host has no WebAssembly, not all of it, or no memory", () => {
    class NoMemory {
      readonly buffer = new ArrayBuffer(0)
      constructor() {
        throw new RangeError("out of memory")
      }
    }
    class NoModule {
      constructor() {
        throw new Error("16-byte values are not known")
      }
    }
    assert.isUndefined(makeBlockDecoders(undefined))
    assert.isUndefined(makeBlockDecoders({ ...host, Memory: NoMemory, Module: host.Module, Instance: host.Instance }))
    assert.isUndefined(makeBlockDecoders({ Memory: host.Memory, Module: NoModule, Instance: host.Instance }))
  })
})
