/**
 * Snappy in the two shapes Kafka clients send: xerial framing (a 16-byte header, then big-endian length and raw block,
 * repeated), as Java writes it, and one bare raw block, as librdkafka does. Written in xerial framing, 32 KiB a block.
 * Of the header only the 8 magic bytes are looked at: some writers store the two version fields little-endian.
 * Source: `SnappyInputStream` and `SnappyOutputStream` of snappy-java, the Snappy format description.
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
import type { OutputMemory } from "./OutputMemory.ts"
import { blockCompressor, type Compressor, concatenated, type Decompressor, freeMemory, PIECE_BYTES } from "./Pieces.ts"
import {
  decodeSnappyBlock,
  decodeSnappyElements,
  encodeSnappyBlock,
  snappyBlockOutputSize,
  snappyElementsStart
} from "./SnappyBlock.ts"

const MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00)
const HEADER_SIZE_BYTES = 16
const BLOCK_SIZE_BYTES = 32 * 1024

const corrupt = (detail: string): CompressionError => new CompressionError("corrupt", `snappy: ${detail}`)

const isHeaderAt = (bytes: Uint8Array, at: number): boolean => {
  for (let index = 0; index < MAGIC.length; index++) if (bytes[at + index] !== MAGIC[index]) return false
  return true
}

const int32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

/** Position of the next block's length field: streams may have been concatenated with their headers. */
const skipHeader = (bytes: Uint8Array, at: number): number => {
  if (bytes.length - at < MAGIC.length || !isHeaderAt(bytes, at)) return at
  if (bytes.length - at < HEADER_SIZE_BYTES) throw corrupt("stream header is truncated")
  return at + HEADER_SIZE_BYTES
}

const checkOutput = (sizeBytes: number, maxOutputBytes: number): void => {
  if (sizeBytes > maxOutputBytes) throw new CompressionError("tooLarge", `snappy: more than ${maxOutputBytes} bytes`)
}

const framedOutputSize = (bytes: Uint8Array, maxOutputBytes: number): number => {
  let total = 0
  for (let at = skipHeader(bytes, 0); at < bytes.length; at = skipHeader(bytes, at)) {
    if (bytes.length - at < 4) throw corrupt("block length is truncated")
    const size = int32At(bytes, at)
    at += 4
    if (size <= 0 || size > bytes.length - at) throw corrupt("block length past the end of the stream")
    total += snappyBlockOutputSize(bytes, at, at + size)
    checkOutput(total, maxOutputBytes)
    at += size
  }
  return total
}

/** Calls `decode` for every raw block of the stream, the sizes of which have been checked. */
const forEachBlock = (bytes: Uint8Array, isFramed: boolean, decode: (start: number, end: number) => void): void => {
  if (!isFramed) return decode(0, bytes.length)
  for (let at = skipHeader(bytes, 0); at < bytes.length; at = skipHeader(bytes, at)) {
    const end = at + 4 + int32At(bytes, at)
    decode(at + 4, end)
    at = end
  }
}

/**
 * Decodes all blocks in the memory of the decoders and returns the end of the output there; -1 if that memory is too
 * small, or if there is anything to refuse, which is left to the plain decoder.
 */
const decodeQuickly = (decoders: BlockDecoders, bytes: Uint8Array, isFramed: boolean, sizeBytes: number): number => {
  if (bytes.length > DECODER_SOURCE_BYTES_MAX || sizeBytes > DECODER_TARGET_BYTES_MAX) return -1
  decoders.memory.set(bytes, 0)
  let to = DECODER_TARGET_START
  forEachBlock(bytes, isFramed, (start, end) => {
    if (to < 0) return
    const targetEnd = to + snappyBlockOutputSize(bytes, start, end)
    to = decoders.snappy(snappyElementsStart(bytes, start), end, to, targetEnd)
  })
  return to
}

/** Decodes xerial-framed or raw Snappy to at most `maxOutputBytes`; throws `CompressionError` (tooLarge or corrupt). */
export const decompressSnappy = (
  bytes: Uint8Array,
  maxOutputBytes: number,
  memory: OutputMemory = "own"
): Uint8Array => {
  const isFramed = bytes.length >= MAGIC.length && isHeaderAt(bytes, 0)
  // The sizes of all blocks are summed up before anything is decoded.
  const sizeBytes = isFramed ? framedOutputSize(bytes, maxOutputBytes) : snappyBlockOutputSize(bytes, 0, bytes.length)
  checkOutput(sizeBytes, maxOutputBytes)
  const decoders = blockDecoders()
  if (decoders !== undefined) {
    const end = decodeQuickly(decoders, bytes, isFramed, sizeBytes)
    if (end >= 0) return outputOf(decoders, end, memory)
  }
  const output = new Uint8Array(sizeBytes)
  let to = 0
  forEachBlock(bytes, isFramed, (start, end) => {
    to = decodeSnappyBlock(bytes, start, end, output, to)
  })
  return output
}

/** The pieces of one raw block, each decoded when it is asked for; the block's output stays until its end. */
const blockPieces = function*(bytes: Uint8Array, start: number, end: number): Generator<Uint8Array, void> {
  const sizeBytes = snappyBlockOutputSize(bytes, start, end)
  const decoders = blockDecoders()
  if (decoders !== undefined && end - start <= DECODER_SOURCE_BYTES_MAX && sizeBytes <= DECODER_TARGET_BYTES_MAX) {
    decoders.memory.set(bytes.subarray(start, end), 0)
    const to = DECODER_TARGET_START
    const elements = snappyElementsStart(bytes, start) - start
    const written = decoders.snappy(elements, end - start, to, to + sizeBytes)
    if (written >= 0) return yield outputOf(decoders, written, "shared")
  }
  const output = new Uint8Array(sizeBytes)
  const progress = { from: snappyElementsStart(bytes, start), to: 0 }
  try {
    do {
      const pieceStart = progress.to
      const bounds = { targetStart: 0, targetEnd: sizeBytes, pauseAt: pieceStart + PIECE_BYTES }
      decodeSnappyElements(bytes, end, output, bounds, progress)
      yield output.subarray(pieceStart, progress.to)
    } while (progress.from < end)
  } finally {
    freeMemory(output)
  }
}

const pieces = function*(bytes: Uint8Array, isFramed: boolean): Generator<Uint8Array, void> {
  if (!isFramed) return yield* blockPieces(bytes, 0, bytes.length)
  for (let at = skipHeader(bytes, 0); at < bytes.length; at = skipHeader(bytes, at)) {
    if (bytes.length - at < 4) throw corrupt("block length is truncated")
    const size = int32At(bytes, at)
    at += 4
    if (size <= 0 || size > bytes.length - at) throw corrupt("block length past the end of the stream")
    yield* blockPieces(bytes, at, at + size)
    at += size
  }
}

/** Decodes xerial-framed or raw Snappy piece by piece. */
export const snappyDecompressor = (bytes: Uint8Array): Decompressor => {
  const decoded = pieces(bytes, bytes.length >= MAGIC.length && isHeaderAt(bytes, 0))
  return { next: () => decoded.next().value ?? undefined, close: () => void decoded.return() }
}

const streamHeader = (): Uint8Array => {
  const header = new Uint8Array(HEADER_SIZE_BYTES)
  header.set(MAGIC)
  header[11] = 1
  header[15] = 1
  return header
}

const encodeBlocks = (bytes: Uint8Array): Uint8Array => {
  const blockCount = Math.ceil(bytes.length / BLOCK_SIZE_BYTES)
  // A block grows by its length prefix and at most a sixth (Snappy's published bound).
  const output = new Uint8Array(bytes.length + Math.ceil(bytes.length / 6) + blockCount * 40)
  let to = 0
  for (let start = 0; start < bytes.length; start += BLOCK_SIZE_BYTES) {
    const blockEnd = encodeSnappyBlock(bytes, start, Math.min(start + BLOCK_SIZE_BYTES, bytes.length), output, to + 4)
    const size = blockEnd - (to + 4)
    output[to] = size >>> 24
    output[to + 1] = size >>> 16
    output[to + 2] = size >>> 8
    output[to + 3] = size
    to = blockEnd
  }
  return output.subarray(0, to)
}

/** Encodes in xerial framing as the bytes come. */
export const snappyCompressor = (): Compressor =>
  blockCompressor({
    blockBytes: BLOCK_SIZE_BYTES,
    encode: encodeBlocks,
    start: streamHeader(),
    finish: new Uint8Array(0)
  })

/** Encodes `bytes` in xerial framing. */
export const compressSnappy = (bytes: Uint8Array): Uint8Array => concatenated([streamHeader(), encodeBlocks(bytes)])
