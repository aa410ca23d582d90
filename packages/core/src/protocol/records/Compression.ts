/**
 * Compression codecs of record batches. lz4 and snappy are our own; gzip and zstd come from the host, see
 * `seams/Compression`.
 */
import { CompressionError } from "./compression/CompressionError.ts"
import { compressLz4, decompressLz4, lz4Compressor, lz4Decompressor } from "./compression/Lz4.ts"
import type { OutputMemory } from "./compression/OutputMemory.ts"
import { type Compressor, type Decompressor, wholeCompressor, wholeDecompressor } from "./compression/Pieces.ts"
import { compressSnappy, decompressSnappy, snappyCompressor, snappyDecompressor } from "./compression/Snappy.ts"
import * as RecordBatch from "./RecordBatch.ts"

export { CompressionError } from "./compression/CompressionError.ts"
export type { OutputMemory } from "./compression/OutputMemory.ts"
export { type Compressor, type Decompressor, PIECE_BYTES } from "./compression/Pieces.ts"

/** One codec: synchronous, stateless, throws nothing but `CompressionError`. */
export interface CompressionCodec {
  /** The bytes in the shape Kafka's Java client writes. */
  readonly compress: (bytes: Uint8Array) => Uint8Array
  /**
   * Throws `CompressionError`: `tooLarge` rather than give more than `maxOutputBytes`, `corrupt` for all else. The
   * output is in memory of its own unless the caller allows `shared`.
   */
  readonly decompress: (bytes: Uint8Array, maxOutputBytes: number, memory?: OutputMemory) => Uint8Array
  /** For batches that hold too much to be decompressed at once. Throws `CompressionError` (corrupt). */
  readonly decompressor: (bytes: Uint8Array) => Decompressor
  /** Compresses what is too much to be compressed at once, in the same shape. */
  readonly compressor: () => Compressor
}

/** The codecs of Kafka's record formats. */
export interface CompressionCodecs {
  readonly gzip: CompressionCodec
  readonly snappy: CompressionCodec
  readonly lz4: CompressionCodec
  readonly zstd: CompressionCodec
}

/** A codec's name as in the topic config `compression.type`; its index is the id in batch attributes. */
export const codecNames = ["none", "gzip", "snappy", "lz4", "zstd"] as const

/** One of {@link codecNames}. */
export type CodecName = (typeof codecNames)[number]

/** The name of a codec id, `undefined` for the unassigned ids 5 to 7. */
export const codecNameOf = (codecId: number): CodecName | undefined => codecNames[codecId]

/** The id of a codec in batch attributes. */
export const codecIdOf = (name: CodecName): number => codecNames.indexOf(name)

/** The codecs that need nothing from the host. */
export const ownCodecs: Pick<CompressionCodecs, "snappy" | "lz4"> = {
  snappy: {
    compress: compressSnappy,
    decompress: decompressSnappy,
    decompressor: snappyDecompressor,
    compressor: snappyCompressor
  },
  lz4: {
    compress: compressLz4,
    // The fourth parameter is for magic-0 messages only and must not leak into the codec's shape.
    decompress: (bytes, maxOutputBytes, memory) => decompressLz4(bytes, maxOutputBytes, memory),
    decompressor: lz4Decompressor,
    compressor: lz4Compressor
  }
}

/**
 * A codec that knows no pieces: its decompressor and compressor do everything at once. `outputBytesMax` bounds what is
 * decompressed at once.
 */
export const wholeCodec = (
  codec: Pick<CompressionCodec, "compress" | "decompress">,
  outputBytesMax: number
): CompressionCodec => ({
  ...codec,
  decompressor: (bytes) => wholeDecompressor(() => codec.decompress(bytes, outputBytesMax)),
  compressor: () => wholeCompressor(codec.compress)
})

/** Compresses with the codec of that name; `none` returns the bytes themselves. */
export const compress = (codecs: CompressionCodecs, name: CodecName, bytes: Uint8Array): Uint8Array =>
  name === "none" ? bytes : codecs[name].compress(bytes)

/**
 * Decompresses with the codec of that id, to at most `maxOutputBytes`; id 0 returns the bytes themselves.
 * Throws `CompressionError` (tooLarge, corrupt, or unsupported for ids 5 to 7).
 */
export const decompress = (
  codecs: CompressionCodecs,
  codecId: number,
  bytes: Uint8Array,
  maxOutputBytes: number,
  memory: OutputMemory = "own"
): Uint8Array => {
  const name = codecNameOf(codecId)
  if (name === undefined) throw new CompressionError("unsupported", `unknown compression codec ${codecId}`)
  return name === "none" ? bytes : codecs[name].decompress(bytes, maxOutputBytes, memory)
}

/**
 * The records of the magic-2 batch at `at`, decompressed; a view over the batch if it is not compressed.
 * Throws `CompressionError` as {@link decompress}.
 */
export const decompressPayload = (
  codecs: CompressionCodecs,
  bytes: Uint8Array,
  at: number,
  maxOutputBytes: number
): Uint8Array => decompress(codecs, RecordBatch.codecId(bytes, at), RecordBatch.payload(bytes, at), maxOutputBytes)
