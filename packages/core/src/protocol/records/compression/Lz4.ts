/**
 * LZ4 frames as Kafka reads and writes them: independent blocks; written with blocks of 64 KiB and no checksums but
 * the header's. On reading, header and block checksums are verified, the content size is skipped, the content checksum
 * must be present but is not verified, and bytes after the end mark are ignored.
 * Source: KIP-57, `Lz4BlockInputStream`, `Lz4BlockOutputStream`, the LZ4 frame format description.
 */
import {
  type BlockDecoders,
  blockDecoders,
  DECODER_SOURCE_BYTES_MAX,
  DECODER_TARGET_BYTES_MAX,
  DECODER_TARGET_START,
  outputOf
} from "./BlockDecoders.ts"
import { CompressionError } from "./CompressionError.ts"
import { decodeLz4Block, encodeLz4Block } from "./Lz4Block.ts"
import type { OutputMemory } from "./OutputMemory.ts"
import { blockCompressor, type Compressor, concatenated, type Decompressor } from "./Pieces.ts"
import { xxHash32 } from "./XxHash32.ts"

const MAGIC = 0x184d2204
const UNCOMPRESSED_BLOCK = 0x8000_0000
const BLOCK_SIZE_BYTES = 64 * 1024
/** Version 1, independent blocks. */
const WRITTEN_FLAGS = 0x60
/** Blocks of at most 64 KiB. */
const WRITTEN_BLOCK_DESCRIPTOR = 0x40
const HEADER_SIZE_BYTES = 7
/** LZ4 cannot expand a byte to more than this. */
const MAX_EXPANSION = 255
/** What records usually expand to: the output begins at this multiple and doubles when that was too little. */
const USUAL_EXPANSION = 4

const corrupt = (detail: string): CompressionError => new CompressionError("corrupt", `lz4: ${detail}`)

const uint32LeAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

const writeUint32Le = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

const headerChecksum = (bytes: Uint8Array, start: number, end: number): number =>
  (xxHash32(bytes, start, end) >>> 8) & 0xff

interface Frame {
  readonly blocksStart: number
  readonly maxBlockSizeBytes: number
  readonly hasBlockChecksums: boolean
  readonly hasContentChecksum: boolean
}

const readHeader = (bytes: Uint8Array, ignoreHeaderChecksum: boolean): Frame => {
  if (bytes.length < HEADER_SIZE_BYTES) throw corrupt("frame header is truncated")
  if (uint32LeAt(bytes, 0) !== MAGIC) throw corrupt("not a frame")
  const flags = bytes[4]!
  if (flags >>> 6 !== 1) throw corrupt("unknown frame version")
  if ((flags & 0x20) === 0) throw corrupt("dependent blocks")
  if ((flags & 0x03) !== 0) throw corrupt("reserved frame flags are set")
  const descriptor = bytes[5]!
  const sizeCode = descriptor >>> 4
  if ((descriptor & 0x8f) !== 0 || sizeCode < 4) throw corrupt("invalid block descriptor")
  const checksumAt = (flags & 0x08) === 0 ? 6 : 14
  if (bytes.length <= checksumAt) throw corrupt("frame header is truncated")
  if (!ignoreHeaderChecksum && headerChecksum(bytes, 4, checksumAt) !== bytes[checksumAt]) {
    throw corrupt("header checksum mismatch")
  }
  return {
    blocksStart: checksumAt + 1,
    maxBlockSizeBytes: 1 << (8 + 2 * sizeCode),
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0
  }
}

/** Checks that all blocks lie inside `bytes` and returns an upper bound of their decoded size. */
const outputBound = (bytes: Uint8Array, frame: Frame): number => {
  const trailer = frame.hasBlockChecksums ? 4 : 0
  let at = frame.blocksStart
  let bound = 0
  while (true) {
    if (bytes.length - at < 4) throw corrupt("frame has no end mark")
    const word = uint32LeAt(bytes, at)
    const size = word % UNCOMPRESSED_BLOCK
    at += 4
    if (size === 0) break
    if (size > frame.maxBlockSizeBytes) throw corrupt("block exceeds the maximum of its frame")
    if (bytes.length - at < size + trailer) throw corrupt("block is truncated")
    bound += word >= UNCOMPRESSED_BLOCK ? size : Math.min(frame.maxBlockSizeBytes, size * MAX_EXPANSION)
    at += size + trailer
  }
  if (frame.hasContentChecksum && bytes.length - at < 4) throw corrupt("content checksum is missing")
  return bound
}

const grown = (output: Uint8Array, used: number, capacity: number): Uint8Array<ArrayBuffer> => {
  const larger = new Uint8Array(capacity)
  larger.set(output.subarray(0, used))
  return larger
}

const decodeBlocks = (bytes: Uint8Array, frame: Frame, bound: number, maxOutputBytes: number): Uint8Array => {
  const cap = Math.min(bound, maxOutputBytes)
  let output = new Uint8Array(Math.min(cap, bytes.length * USUAL_EXPANSION))
  let at = frame.blocksStart
  let to = 0
  while (true) {
    const word = uint32LeAt(bytes, at)
    const size = word % UNCOMPRESSED_BLOCK
    at += 4
    if (size === 0) return output.subarray(0, to)
    if (frame.hasBlockChecksums && xxHash32(bytes, at, at + size) !== uint32LeAt(bytes, at + size)) {
      throw corrupt("block checksum mismatch")
    }
    const isRaw = word >= UNCOMPRESSED_BLOCK
    while (true) {
      const blockEnd = Math.min(output.length, to + frame.maxBlockSizeBytes)
      const written = isRaw
        ? (size > blockEnd - to ? -1 : to + size)
        : decodeLz4Block(bytes, at, at + size, output, to, blockEnd)
      if (written >= 0) {
        if (isRaw) output.set(bytes.subarray(at, at + size), to)
        to = written
        break
      }
      if (blockEnd < output.length) throw corrupt("block exceeds the maximum of its frame")
      if (output.length === cap) {
        if (cap === maxOutputBytes) throw new CompressionError("tooLarge", `lz4: more than ${maxOutputBytes} bytes`)
        throw corrupt("block exceeds the maximum of its frame")
      }
      output = grown(output, to, Math.min(cap, output.length * 2))
    }
    at += size + (frame.hasBlockChecksums ? 4 : 0)
  }
}

/**
 * Decodes all blocks in the memory of the decoders, to at most `cap` bytes, and returns the end of the output there; -1
 * if that memory is too small, or if there is anything to refuse, which is left to {@link decodeBlocks}.
 */
const decodeBlocksQuickly = (decoders: BlockDecoders, bytes: Uint8Array, frame: Frame, cap: number): number => {
  if (bytes.length > DECODER_SOURCE_BYTES_MAX) return -1
  decoders.memory.set(bytes, 0)
  const outputEnd = DECODER_TARGET_START + Math.min(cap, DECODER_TARGET_BYTES_MAX)
  let at = frame.blocksStart
  let to = DECODER_TARGET_START
  while (true) {
    const word = uint32LeAt(bytes, at)
    const size = word % UNCOMPRESSED_BLOCK
    at += 4
    if (size === 0) return to
    if (frame.hasBlockChecksums && xxHash32(bytes, at, at + size) !== uint32LeAt(bytes, at + size)) return -1
    if (word < UNCOMPRESSED_BLOCK) {
      to = decoders.lz4(at, at + size, to, Math.min(outputEnd, to + frame.maxBlockSizeBytes))
      if (to < 0) return -1
    } else {
      if (size > outputEnd - to) return -1
      decoders.memory.copyWithin(to, at, at + size)
      to += size
    }
    at += size + (frame.hasBlockChecksums ? 4 : 0)
  }
}

/**
 * Decodes one LZ4 frame to at most `maxOutputBytes` bytes; throws `CompressionError` (tooLarge or corrupt).
 * `ignoreHeaderChecksum` is for magic-0 messages, whose producers computed it over the wrong bytes (KAFKA-3160).
 */
export const decompressLz4 = (
  bytes: Uint8Array,
  maxOutputBytes: number,
  memory: OutputMemory = "own",
  ignoreHeaderChecksum = false
): Uint8Array => {
  const frame = readHeader(bytes, ignoreHeaderChecksum)
  const bound = outputBound(bytes, frame)
  const decoders = blockDecoders()
  if (decoders !== undefined) {
    const end = decodeBlocksQuickly(decoders, bytes, frame, Math.min(bound, maxOutputBytes))
    if (end >= 0) return outputOf(decoders, end, memory)
  }
  return decodeBlocks(bytes, frame, bound, maxOutputBytes)
}

/** Decodes one block in the memory of the decoders; undefined where the plain decoder must do it, or judge it. */
const decodeBlockQuickly = (bytes: Uint8Array, at: number, size: number, frame: Frame): Uint8Array | undefined => {
  const decoders = blockDecoders()
  if (decoders === undefined || size > DECODER_SOURCE_BYTES_MAX) return undefined
  decoders.memory.set(bytes.subarray(at, at + size), 0)
  const end = decoders.lz4(0, size, DECODER_TARGET_START, DECODER_TARGET_START + frame.maxBlockSizeBytes)
  return end < 0 ? undefined : outputOf(decoders, end, "shared")
}

/** Decodes one LZ4 frame block by block; throws `CompressionError` (corrupt) at once when the blocks do not fit together. */
export const lz4Decompressor = (bytes: Uint8Array): Decompressor => {
  const frame = readHeader(bytes, false)
  outputBound(bytes, frame)
  let at = frame.blocksStart
  let output: Uint8Array | undefined
  return {
    next: () => {
      const word = uint32LeAt(bytes, at)
      const size = word % UNCOMPRESSED_BLOCK
      if (size === 0) return undefined
      const start = at + 4
      at = start + size + (frame.hasBlockChecksums ? 4 : 0)
      if (frame.hasBlockChecksums && xxHash32(bytes, start, start + size) !== uint32LeAt(bytes, start + size)) {
        throw corrupt("block checksum mismatch")
      }
      if (word >= UNCOMPRESSED_BLOCK) return bytes.subarray(start, start + size)
      const decoded = decodeBlockQuickly(bytes, start, size, frame)
      if (decoded !== undefined) return decoded
      output ??= new Uint8Array(frame.maxBlockSizeBytes)
      const end = decodeLz4Block(bytes, start, start + size, output, 0, output.length)
      if (end < 0) throw corrupt("block exceeds the maximum of its frame")
      return output.subarray(0, end)
    },
    close: () => undefined
  }
}

const frameHeader = (): Uint8Array => {
  const header = new Uint8Array(HEADER_SIZE_BYTES)
  writeUint32Le(header, 0, MAGIC)
  header[4] = WRITTEN_FLAGS
  header[5] = WRITTEN_BLOCK_DESCRIPTOR
  header[6] = headerChecksum(header, 4, 6)
  return header
}

/** Encodes the blocks of a frame; one that would not shrink is stored as it is. */
const encodeBlocks = (bytes: Uint8Array): Uint8Array => {
  const blockCount = Math.ceil(bytes.length / BLOCK_SIZE_BYTES)
  const output = new Uint8Array(bytes.length + 4 * blockCount)
  let to = 0
  for (let start = 0; start < bytes.length; start += BLOCK_SIZE_BYTES) {
    const end = Math.min(start + BLOCK_SIZE_BYTES, bytes.length)
    const size = end - start
    const encodedEnd = encodeLz4Block(bytes, start, end, output, to + 4, to + 4 + size)
    if (encodedEnd < 0 || encodedEnd - (to + 4) >= size) {
      writeUint32Le(output, to, size + UNCOMPRESSED_BLOCK)
      output.set(bytes.subarray(start, end), to + 4)
      to += 4 + size
    } else {
      writeUint32Le(output, to, encodedEnd - (to + 4))
      to = encodedEnd
    }
  }
  return output.subarray(0, to)
}

const endMark = new Uint8Array(4)

/** Encodes one LZ4 frame as its bytes come. */
export const lz4Compressor = (): Compressor =>
  blockCompressor({ blockBytes: BLOCK_SIZE_BYTES, encode: encodeBlocks, start: frameHeader(), finish: endMark })

/** Encodes `bytes` as one LZ4 frame. */
export const compressLz4 = (bytes: Uint8Array): Uint8Array =>
  concatenated([frameHeader(), encodeBlocks(bytes), endMark])
