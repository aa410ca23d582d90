/**
 * A gunzip or zstd decoder that is used again and again, with one output. zlib's own synchronous calls make a decoder
 * and an output for each input; that takes a third of the time of a usual batch, and lies outside of the heap, where
 * it makes V8 collect all the more often.
 *
 * Node documents no way to do this. What is used here are the members that npm's own tar reader has relied on since
 * Node 4 (`_handle`, through the package minizlib). They are tried before they are trusted, and nobody depends on them:
 * whatever is not decoded here, damaged or too large or unusual, is left to zlib's documented calls.
 */
import * as Zlib from "node:zlib"
import type { ZlibEngine } from "./ZlibEngine.ts"

/** Bytes of the largest output; as little stays, whatever a batch holds. The system gives pages when they are written. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

/**
 * Decodes to at most `maxOutputBytes` and returns a view that the next call overwrites; `tooLarge` when there is more, undefined
 * if not done here.
 */
export type ReusedDecoder = (bytes: Uint8Array, maxOutputBytes: number) => Uint8Array | "tooLarge" | undefined

const never: ReusedDecoder = () => undefined

let output: Uint8Array | undefined

/** How a decoder is made and used. */
export interface DecoderKind {
  /** Gives a stream of `node:zlib`. */
  readonly create: () => unknown
  /** The flag of a write after which there is no more input. */
  readonly endFlag: number
  /** Whether an engine that has come to an end goes on with the next input; others are reset, which costs zstd 8 µs. */
  readonly goesOn: boolean
  /** Makes an input for the self test. */
  readonly compress: (bytes: Uint8Array) => Uint8Array
}

const decoderOf = ({ create, endFlag, goesOn }: DecoderKind): ReusedDecoder => {
  let engine: ZlibEngine | undefined
  let isAtEnd = false
  return (bytes, maxOutputBytes) => {
    // An engine that goes on finds nothing wrong with nothing.
    if (bytes.length === 0) return undefined
    output ??= new Uint8Array(OUTPUT_BYTES_MAX)
    if (engine === undefined || engine.destroyed) {
      engine = create() as ZlibEngine
      // An engine that fails is thrown away; the error comes once more from the documented call.
      engine.on("error", () => undefined)
    }
    // One byte more than allowed, so that an output which fills it is known to be too large.
    const room = Math.min(maxOutputBytes + 1, output.length)
    if (!goesOn || !isAtEnd) engine.reset()
    isAtEnd = false
    engine._handle.writeSync(endFlag, bytes, 0, bytes.length, output, 0, room)
    const [free, unread] = engine._writeState
    isAtEnd = !engine.destroyed && unread === 0 && free !== 0
    if (isAtEnd) return output.subarray(0, room - free!)
    return !engine.destroyed && free === 0 && room > maxOutputBytes ? "tooLarge" : undefined
  }
}

const passesSelfTest = (decode: ReusedDecoder, compress: (bytes: Uint8Array) => Uint8Array): boolean => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7) & 0x3f)
  const compressed = compress(bytes)
  const trailed = new Uint8Array(compressed.length + 4).fill(9)
  trailed.set(compressed)
  const restores = (maxOutputBytes: number): boolean => {
    const decoded = decode(compressed, maxOutputBytes)
    return decoded instanceof Uint8Array && decoded.length === bytes.length &&
      decoded.every((byte, index) => byte === bytes[index])
  }
  return restores(OUTPUT_BYTES_MAX) &&
    decode(compressed.subarray(0, compressed.length - 1), OUTPUT_BYTES_MAX) === undefined &&
    restores(bytes.length) &&
    decode(compressed, bytes.length - 1) === "tooLarge" &&
    decode(trailed, OUTPUT_BYTES_MAX) === undefined &&
    decode(new Uint8Array(50), OUTPUT_BYTES_MAX) === undefined &&
    restores(bytes.length)
}

/**
 * A decoder of the kind; one that decodes nothing if the stream does not have what is needed of it, or does not restore
 * what was compressed.
 */
export const reusedDecoderOf = (kind: DecoderKind): ReusedDecoder => {
  try {
    const decode = decoderOf(kind)
    return passesSelfTest(decode, kind.compress) ? decode : never
  } catch {
    return never
  }
}

let gunzip: ReusedDecoder | undefined
let zstd: ReusedDecoder | undefined

/** gunzip, several members included. */
export const gunzipReused: ReusedDecoder = (bytes, maxOutputBytes) => {
  gunzip ??= reusedDecoderOf({
    create: () => Zlib.createGunzip(),
    endFlag: Zlib.constants.Z_FINISH,
    goesOn: false,
    compress: (input) => Zlib.gzipSync(input)
  })
  return gunzip(bytes, maxOutputBytes)
}

/** One frame of zstd. The decoder keeps the window of the last frame, whose size the caller bounds. */
export const unzstdReused: ReusedDecoder = (bytes, maxOutputBytes) => {
  zstd ??= reusedDecoderOf({
    create: () => Zlib.createZstdDecompress(),
    endFlag: Zlib.constants.ZSTD_e_end,
    goesOn: true,
    compress: (input) => Zlib.zstdCompressSync(input)
  })
  return zstd(bytes, maxOutputBytes)
}
