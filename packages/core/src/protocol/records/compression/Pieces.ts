/**
 * Codecs that work piece by piece, so that neither all of a batch's records lie in memory at once nor all of the work is
 * done at once. A batch of a few thousand bytes may hold a hundred million.
 */

/** About as many bytes a piece has; what a codec makes of one block at a time may be more, up to 4 MiB. */
export const PIECE_BYTES = 256 * 1024

/** Decompresses one input. */
export interface Decompressor {
  /**
   * The next bytes, in memory that the next call of any codec overwrites; maybe none of them. `undefined` at the end.
   * Throws `CompressionError` (corrupt), and then is at its end.
   */
  readonly next: () => Uint8Array | undefined
  /** Gives back what the decompressor holds; also in the middle. */
  readonly close: () => void
}

/** Compresses one input. */
export interface Compressor {
  /** Takes the next bytes, and returns what is finished of the output, in memory of its own. */
  readonly write: (bytes: Uint8Array) => Uint8Array
  /** The rest of the output. */
  readonly end: () => Uint8Array
  /** Gives back what the compressor holds; also in the middle. */
  readonly close: () => void
}

/**
 * Gives the memory of `bytes` back now, where the host can (Node 22), and not when the collector comes: nothing may use it
 * any more, in whole or in part.
 */
export const freeMemory = (bytes: Uint8Array): void => {
  const buffer = bytes.buffer as { readonly transfer?: (newLength: number) => unknown }
  buffer.transfer?.(0)
}

const nothing = (): void => undefined

/** The decompressor of a codec that knows no pieces: everything is decompressed before the first is given. */
export const wholeDecompressor = (decompress: () => Uint8Array): Decompressor => {
  let output: Uint8Array | undefined
  let at = 0
  return {
    next: () => {
      output ??= decompress()
      if (at >= output.length) return undefined
      const piece = output.subarray(at, at + PIECE_BYTES)
      at += piece.length
      return piece
    },
    close: nothing
  }
}

/** The bytes one after the other, in memory of their own. */
export const concatenated = (parts: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  let sizeBytes = 0
  for (const part of parts) sizeBytes += part.length
  const output = new Uint8Array(sizeBytes)
  let to = 0
  for (const part of parts) {
    output.set(part, to)
    to += part.length
  }
  return output
}

/**
 * A compressor that cuts its input into blocks of one size: `encode` makes the output of whole blocks, whose memory it
 * owns. `start` precedes the first block and `finish` follows the last one.
 */
export const blockCompressor = (options: {
  readonly blockBytes: number
  readonly encode: (bytes: Uint8Array) => Uint8Array
  readonly start: Uint8Array
  readonly finish: Uint8Array
}): Compressor => {
  const { blockBytes, encode, finish, start } = options
  let rest: Uint8Array = new Uint8Array(0)
  let isStarted = false
  const encoded = (bytes: Uint8Array): Array<Uint8Array> => {
    const output = isStarted ? [encode(bytes)] : [start, encode(bytes)]
    isStarted = true
    return output
  }
  return {
    write: (bytes) => {
      const all = rest.length === 0 ? bytes : concatenated([rest, bytes])
      const wholeBytes = all.length - all.length % blockBytes
      rest = all.slice(wholeBytes)
      return concatenated(encoded(all.subarray(0, wholeBytes)))
    },
    end: () => concatenated([...encoded(rest), finish]),
    close: nothing
  }
}

/** The compressor of a codec that knows no pieces: everything is compressed at the end. */
export const wholeCompressor = (compress: (bytes: Uint8Array) => Uint8Array): Compressor => {
  const parts: Array<Uint8Array> = []
  return {
    write: (bytes) => {
      parts.push(bytes.slice())
      return new Uint8Array(0)
    },
    end: () => compress(concatenated(parts)),
    close: nothing
  }
}
