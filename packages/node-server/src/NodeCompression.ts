/**
 * gzip and zstd through `node:zlib`, completing core's codecs. Every decode is capped by zlib itself, so a small input
 * that expands without end never takes more memory than its caller allows.
 */
import {
  Compression,
  type CompressionCodec,
  type CompressionCodecs,
  CompressionError,
  ownCodecs
} from "@kafka-broker/core/seams"
import { Layer } from "effect"
import * as Zlib from "node:zlib"

/** Producers write one zstd frame; each costs a call into zlib, so a batch made of countless empty ones is refused. */
const ZSTD_FRAMES_MAX = 256

/** zlib grows its output by pieces of this size; its default of 16 KiB makes many of a usual batch. */
const CHUNK_SIZE_BYTES = 64 * 1024

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

/** gzip, several members one after the other included. */
const gzip: CompressionCodec = {
  compress: (bytes) => plain(Zlib.gzipSync(bytes)),
  decompress: (bytes, maxOutputBytes) => {
    try {
      const options = { maxOutputLength: Math.max(1, maxOutputBytes), chunkSize: CHUNK_SIZE_BYTES }
      return capped("gzip", Zlib.gunzipSync(bytes, options), maxOutputBytes)
    } catch (cause) {
      throw cause instanceof CompressionError ? cause : failure("gzip", cause)
    }
  }
}

interface ZstdFrame {
  readonly output: Uint8Array
  readonly consumedBytes: number
}

/** The first frame of `bytes`: zlib stops at its end and says nothing of what follows. */
const decompressZstdFrame = (bytes: Uint8Array, maxOutputBytes: number): ZstdFrame => {
  const options = { maxOutputLength: Math.max(1, maxOutputBytes), chunkSize: CHUNK_SIZE_BYTES, info: true }
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
const zstd: CompressionCodec = {
  compress: (bytes) => plain(Zlib.zstdCompressSync(bytes)),
  decompress: (bytes, maxOutputBytes) => {
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
}

/** All codecs on Node: core's lz4 and snappy, zlib's gzip (level 6) and zstd (level 3). */
export const codecs: CompressionCodecs = { ...ownCodecs, gzip, zstd }

/** Provides core's `Compression` seam on Node. */
export const layer: Layer.Layer<Compression> = Layer.succeed(Compression, codecs)
