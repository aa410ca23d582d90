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

/** Bytes of the largest output; as little stays, whatever a batch holds. The system gives pages when they are written. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

/** The undocumented part: after a write `_writeState` holds the bytes left free in the output, and unread in the input. */
interface Engine {
  readonly destroyed: boolean
  readonly on: (event: "error", listener: () => void) => unknown
  readonly reset: () => void
  readonly _writeState: Uint32Array
  readonly _handle: {
    readonly writeSync: (
      flush: number,
      input: Uint8Array,
      inputStart: number,
      inputBytes: number,
      output: Uint8Array,
      outputStart: number,
      outputBytes: number
    ) => void
  }
}

/** Decodes to at most `maxOutputBytes` and returns a view that the next call overwrites; undefined if not done here. */
export type ReusedDecoder = (bytes: Uint8Array, maxOutputBytes: number) => Uint8Array | undefined

const never: ReusedDecoder = () => undefined

let output: Uint8Array | undefined

const decoderOf = (create: () => unknown, flush: number): ReusedDecoder => {
  let engine: Engine | undefined
  return (bytes, maxOutputBytes) => {
    output ??= new Uint8Array(OUTPUT_BYTES_MAX)
    if (engine === undefined || engine.destroyed) {
      engine = create() as Engine
      // An engine that fails is thrown away; the error comes once more from the documented call.
      engine.on("error", () => undefined)
    }
    // One byte more than allowed, so that an output which fills it is known to be too large.
    const room = Math.min(maxOutputBytes + 1, output.length)
    engine.reset()
    engine._handle.writeSync(flush, bytes, 0, bytes.length, output, 0, room)
    const [free, unread] = engine._writeState
    return engine.destroyed || unread !== 0 || free === 0 ? undefined : output.subarray(0, room - free!)
  }
}

const passesSelfTest = (decode: ReusedDecoder, compress: (bytes: Uint8Array) => Uint8Array): boolean => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7) & 0x3f)
  const compressed = compress(bytes)
  const trailed = new Uint8Array(compressed.length + 4).fill(9)
  trailed.set(compressed)
  const restores = (maxOutputBytes: number): boolean => {
    const decoded = decode(compressed, maxOutputBytes)
    return decoded?.length === bytes.length && decoded.every((byte, index) => byte === bytes[index])
  }
  return restores(OUTPUT_BYTES_MAX) &&
    decode(compressed.subarray(0, compressed.length - 1), OUTPUT_BYTES_MAX) === undefined &&
    restores(bytes.length) &&
    decode(compressed, bytes.length - 1) === undefined &&
    decode(trailed, OUTPUT_BYTES_MAX) === undefined &&
    decode(new Uint8Array(50), OUTPUT_BYTES_MAX) === undefined &&
    restores(bytes.length)
}

/**
 * The decoder over what `create` gives, a stream of `node:zlib`; one that decodes nothing if it does not have what is
 * needed of it, or does not restore what `compress` made.
 */
export const reusedDecoderOf = (
  create: () => unknown,
  flush: number,
  compress: (bytes: Uint8Array) => Uint8Array
): ReusedDecoder => {
  try {
    const decode = decoderOf(create, flush)
    return passesSelfTest(decode, compress) ? decode : never
  } catch {
    return never
  }
}

let gunzip: ReusedDecoder | undefined
let zstd: ReusedDecoder | undefined

/** gunzip, several members included. */
export const gunzipReused: ReusedDecoder = (bytes, maxOutputBytes) => {
  gunzip ??= reusedDecoderOf(() => Zlib.createGunzip(), Zlib.constants.Z_FINISH, (input) => Zlib.gzipSync(input))
  return gunzip(bytes, maxOutputBytes)
}

/** One frame of zstd. The decoder keeps the window of the last frame, whose size the caller bounds. */
export const unzstdReused: ReusedDecoder = (bytes, maxOutputBytes) => {
  zstd ??= reusedDecoderOf(
    () => Zlib.createZstdDecompress(),
    Zlib.constants.ZSTD_e_end,
    (input) => Zlib.zstdCompressSync(input)
  )
  return zstd(bytes, maxOutputBytes)
}
