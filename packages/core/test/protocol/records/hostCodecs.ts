import * as Zlib from "node:zlib"
import {
  type CompressionCodec,
  type CompressionCodecs,
  CompressionError,
  ownCodecs,
  wholeCodec
} from "../../../src/protocol/records/Compression.ts"

const codec = (
  compress: (bytes: Uint8Array) => Uint8Array,
  decompress: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array
): CompressionCodec =>
  wholeCodec({
    compress: (bytes) => new Uint8Array(compress(bytes)),
    decompress: (bytes, maxOutputBytes) => {
      try {
        return new Uint8Array(decompress(bytes, { maxOutputLength: Math.max(1, maxOutputBytes) }))
      } catch (cause) {
        const isTooLarge = cause instanceof RangeError
        throw new CompressionError(isTooLarge ? "tooLarge" : "corrupt", String(cause))
      }
    }
  }, 256 * 1024 * 1024)

/** All codecs for core's tests; the host's real ones are tested with it. */
export const hostCodecs: CompressionCodecs = {
  ...ownCodecs,
  gzip: codec(Zlib.gzipSync, Zlib.gunzipSync),
  zstd: codec(Zlib.zstdCompressSync, Zlib.zstdDecompressSync)
}

/** Options of the decoders under test: all codecs and room for 1 MiB. */
export const decodeOptions = { codecs: hostCodecs, maxOutputBytes: 1 << 20 }
