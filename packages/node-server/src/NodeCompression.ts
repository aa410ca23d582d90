/**
 * gzip and zstd through `node:zlib`, completing core's codecs. Every decode is capped by zlib itself, so a small input
 * that expands without end never takes more memory than its caller allows.
 */
import {
  Compression,
  type CompressionCodec,
  type CompressionCodecs,
  CompressionError,
  type Compressor,
  type Decompressor,
  type OutputMemory,
  ownCodecs,
  wholeCodec
} from "@kafka-broker/core/seams"
import { Layer } from "effect"
import * as Zlib from "node:zlib"
import { gunzipReused, unzstdReused } from "./ReusedDecoder.ts"
import { compressorOver, decompressorOver, type EngineKind, gzipEngine, hasPieces, zstdEngine } from "./ZlibPieces.ts"

/** Producers write one zstd frame; each costs a call into zlib, so a batch made of countless empty ones is refused. */
const ZSTD_FRAMES_MAX = 256
const ZSTD_MAGIC = 0xfd2fb528
const ZSTD_HEADER_BYTES_MAX = 18
/** The window that all decoders of zstd should support (RFC 8878); a frame with more gets a decoder of its own. */
const ZSTD_REUSED_WINDOW_BYTES_MAX = 8 * 1024 * 1024

/** zlib's output grows by pieces of one size; a usual batch fits the first, and no forged hint makes countless ones. */
const CHUNK_BYTES_MIN = 1024
const CHUNK_BYTES_MAX = 1024 * 1024

/** Bytes that are decompressed at once where zlib does not do it piece by piece. */
const WHOLE_OUTPUT_BYTES_MAX = 128 * 1024 * 1024

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max)

/**
 * The size of those pieces for an output that is said to have `hintBytes`: between twice, for up to 64 KiB, and eight
 * times the input, as memory follows bytes received. One byte more than needed spares zlib a look for more.
 */
const chunkSizeOf = (compressedBytes: number, hintBytes: number): number => {
  const least = clamp(compressedBytes * 2, CHUNK_BYTES_MIN, CHUNK_BYTES_MAX / 16)
  const most = clamp(compressedBytes * 8, CHUNK_BYTES_MIN, CHUNK_BYTES_MAX)
  return clamp(hintBytes + 1, least, most)
}

const uint32LeAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

const failure = (codec: string, cause: unknown): CompressionError => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
  return code === "ERR_BUFFER_TOO_LARGE"
    ? new CompressionError("tooLarge", `${codec}: more than the allowed output`)
    : new CompressionError("corrupt", `${codec}: ${code}`)
}

/** A plain view: `Buffer` changes the meaning of `slice`. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** zlib takes no cap below 1, so an allowance of nothing is checked afterwards. */
const capped = (codec: string, bytes: Uint8Array, maxOutputBytes: number): Uint8Array => {
  if (bytes.length > maxOutputBytes) {
    throw new CompressionError("tooLarge", `${codec}: more than ${maxOutputBytes} bytes`)
  }
  return plain(bytes)
}

/** What the trailer of the last member says. Source: RFC 1952. */
const gzipSizeHint = (bytes: Uint8Array): number => bytes.length < 18 ? 0 : uint32LeAt(bytes, bytes.length - 4)

/** What a reused decoder gave, as the caller wants it. */
const inMemory = (bytes: Uint8Array | "tooLarge", memory: OutputMemory | undefined): Uint8Array => {
  if (bytes === "tooLarge") throw new CompressionError("tooLarge", "more than the allowed output")
  return memory === "shared" ? bytes : bytes.slice()
}

/** What works at once, and piece by piece if this Node can. */
const withPieces = (
  codec: Pick<CompressionCodec, "compress" | "decompress">,
  kind: EngineKind
): CompressionCodec => {
  const whole = wholeCodec(codec, WHOLE_OUTPUT_BYTES_MAX)
  return {
    ...codec,
    decompressor: (bytes): Decompressor => hasPieces(kind) ? decompressorOver(kind, bytes) : whole.decompressor(bytes),
    compressor: (): Compressor => hasPieces(kind) ? compressorOver(kind) : whole.compressor()
  }
}

/** gzip, several members one after the other included. */
const gzip = withPieces({
  compress: (bytes) => plain(Zlib.gzipSync(bytes)),
  decompress: (bytes, maxOutputBytes, memory) => {
    const reused = gunzipReused(bytes, maxOutputBytes)
    if (reused !== undefined) return inMemory(reused, memory)
    try {
      const options = {
        maxOutputLength: Math.max(1, maxOutputBytes),
        chunkSize: chunkSizeOf(bytes.length, gzipSizeHint(bytes))
      }
      return capped("gzip", Zlib.gunzipSync(bytes, options), maxOutputBytes)
    } catch (cause) {
      throw cause instanceof CompressionError ? cause : failure("gzip", cause)
    }
  }
}, gzipEngine)

interface ZstdFrame {
  readonly output: Uint8Array
  readonly consumedBytes: number
}

/** Bytes of the content size, and of the dictionary id before it, by the code of the frame header's descriptor. */
const contentSizeBytes = [0, 2, 4, 8]
const dictionaryIdBytes = [0, 1, 2, 4]

const isSingleSegment = (bytes: Uint8Array): boolean => (bytes[4]! & 0x20) !== 0

/**
 * The content size of the frame's header; where there is none, as producers in Java write it, what records usually
 * expand to. Source: RFC 8878.
 */
const zstdSizeHint = (bytes: Uint8Array): number => {
  const unknown = bytes.length * 4
  if (bytes.length < ZSTD_HEADER_BYTES_MAX || uint32LeAt(bytes, 0) !== ZSTD_MAGIC) return unknown
  const descriptor = bytes[4]!
  const sizeAt = 5 + (isSingleSegment(bytes) ? 0 : 1) + dictionaryIdBytes[descriptor & 3]!
  const sizeBytes = contentSizeBytes[descriptor >>> 6]!
  if (sizeBytes === 0) return isSingleSegment(bytes) ? bytes[sizeAt]! : unknown
  if (sizeBytes === 2) return (bytes[sizeAt]! | (bytes[sizeAt + 1]! << 8)) + 256
  return uint32LeAt(bytes, sizeAt) + (sizeBytes === 8 ? uint32LeAt(bytes, sizeAt + 4) * 2 ** 32 : 0)
}

/** Bytes of the window a decoder of the frame keeps; no limit for what is no frame. Source: RFC 8878, 3.1.1.1.2. */
const zstdWindowBytes = (bytes: Uint8Array): number => {
  if (bytes.length < ZSTD_HEADER_BYTES_MAX || uint32LeAt(bytes, 0) !== ZSTD_MAGIC) return Infinity
  if (isSingleSegment(bytes)) return zstdSizeHint(bytes)
  const base = 2 ** (10 + (bytes[5]! >>> 3))
  return base + (base / 8) * (bytes[5]! & 7)
}

/** The first frame of `bytes`: zlib stops at its end and says nothing of what follows. */
const decompressZstdFrame = (bytes: Uint8Array, maxOutputBytes: number): ZstdFrame => {
  const options = {
    maxOutputLength: Math.max(1, maxOutputBytes),
    chunkSize: chunkSizeOf(bytes.length, zstdSizeHint(bytes)),
    info: true
  }
  // The types do not know that `info` changes the result.
  const result = Zlib.zstdDecompressSync(bytes, options) as unknown as {
    readonly buffer: Uint8Array
    readonly engine: { readonly bytesWritten: number }
  }
  return { output: capped("zstd", result.buffer, maxOutputBytes), consumedBytes: result.engine.bytesWritten }
}

const concatenated = (parts: ReadonlyArray<Uint8Array>, sizeBytes: number): Uint8Array => {
  const output = new Uint8Array(sizeBytes)
  let to = 0
  for (const part of parts) {
    output.set(part, to)
    to += part.length
  }
  return output
}

/** zstd: all frames, whose outputs together stay below the cap; whatever is no frame after them is corrupt. */
const zstd = withPieces({
  compress: (bytes) => plain(Zlib.zstdCompressSync(bytes)),
  decompress: (bytes, maxOutputBytes, memory) => {
    const reused = zstdWindowBytes(bytes) <= ZSTD_REUSED_WINDOW_BYTES_MAX
      ? unzstdReused(bytes, maxOutputBytes)
      : undefined
    if (reused !== undefined) return inMemory(reused, memory)
    try {
      const first = decompressZstdFrame(bytes, maxOutputBytes)
      if (first.consumedBytes === bytes.length) return first.output
      const parts = [first.output]
      let sizeBytes = first.output.length
      let consumed = first.consumedBytes
      while (consumed < bytes.length) {
        if (parts.length === ZSTD_FRAMES_MAX) throw new CompressionError("corrupt", "zstd: too many frames")
        const frame = decompressZstdFrame(bytes.subarray(consumed), maxOutputBytes - sizeBytes)
        if (frame.consumedBytes === 0) throw new CompressionError("corrupt", "zstd: empty frame")
        parts.push(frame.output)
        sizeBytes += frame.output.length
        consumed += frame.consumedBytes
      }
      return concatenated(parts, sizeBytes)
    } catch (cause) {
      throw cause instanceof CompressionError ? cause : failure("zstd", cause)
    }
  }
}, zstdEngine)

/** All codecs on Node: core's lz4 and snappy, zlib's gzip (level 6) and zstd (level 3). */
export const codecs: CompressionCodecs = { ...ownCodecs, gzip, zstd }

/** Provides core's `Compression` seam on Node. */
export const layer: Layer.Layer<Compression> = Layer.succeed(Compression, codecs)
