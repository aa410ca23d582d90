/**
 * Snappy in the two shapes Kafka clients send: xerial framing (a 16-byte header, then big-endian length and raw block,
 * repeated), as Java writes it, and one bare raw block, as librdkafka does. Written in xerial framing, 32 KiB a block.
 * Of the header only the 8 magic bytes are looked at: some writers store the two version fields little-endian.
 * Source: `SnappyInputStream` and `SnappyOutputStream` of snappy-java, the Snappy format description.
 */
import { CompressionError } from "./CompressionError.ts"
import { decodeSnappyBlock, encodeSnappyBlock, snappyBlockOutputSize } from "./SnappyBlock.ts"

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

/** Decodes xerial-framed or raw Snappy to at most `maxOutputBytes`; throws `CompressionError` (tooLarge or corrupt). */
export const decompressSnappy = (bytes: Uint8Array, maxOutputBytes: number): Uint8Array => {
  if (bytes.length < MAGIC.length || !isHeaderAt(bytes, 0)) {
    const size = snappyBlockOutputSize(bytes, 0, bytes.length)
    checkOutput(size, maxOutputBytes)
    const output = new Uint8Array(size)
    decodeSnappyBlock(bytes, 0, bytes.length, output, 0)
    return output
  }
  // The sizes of all blocks are summed up before anything is allocated.
  const output = new Uint8Array(framedOutputSize(bytes, maxOutputBytes))
  let to = 0
  for (let at = skipHeader(bytes, 0); at < bytes.length; at = skipHeader(bytes, at)) {
    const size = int32At(bytes, at)
    at += 4
    to = decodeSnappyBlock(bytes, at, at + size, output, to)
    at += size
  }
  return output
}

/** Encodes `bytes` in xerial framing. */
export const compressSnappy = (bytes: Uint8Array): Uint8Array => {
  const blockCount = Math.ceil(bytes.length / BLOCK_SIZE_BYTES)
  // A block grows by its length prefix and at most a sixth (Snappy's published bound).
  const output = new Uint8Array(HEADER_SIZE_BYTES + bytes.length + Math.ceil(bytes.length / 6) + blockCount * 40)
  output.set(MAGIC)
  output[11] = 1
  output[15] = 1
  let to = HEADER_SIZE_BYTES
  for (let start = 0; start < bytes.length; start += BLOCK_SIZE_BYTES) {
    const blockEnd = encodeSnappyBlock(bytes, start, Math.min(start + BLOCK_SIZE_BYTES, bytes.length), output, to + 4)
    const size = blockEnd - (to + 4)
    output[to] = size >>> 24
    output[to + 1] = size >>> 16
    output[to + 2] = size >>> 8
    output[to + 3] = size
    to = blockEnd
  }
  return output.slice(0, to)
}
