/**
 * gzip and zstd piece by piece and at once: zlib's documented calls do either all of an input, or one piece in a thread of
 * the pool. As `ReusedDecoder` does, this uses members that Node does not document, and tries them before it trusts them;
 * without them everything is decompressed at once.
 */
import { CompressionError, type Compressor, type Decompressor, PIECE_BYTES } from "@kafka-broker/core/seams"
import * as Zlib from "node:zlib"
import type { ZlibEngine } from "./ZlibEngine.ts"

/** The codec of an engine. */
export interface EngineKind {
  readonly name: "gzip" | "zstd"
  readonly createDecoder: () => unknown
  readonly createEncoder: () => unknown
  /** The flag of a write after which more input comes. */
  readonly goOnFlag: number
  /** The flag of a write after which no more input comes. */
  readonly endFlag: number
  /** Frames in one input; each costs a call, so an input made of countless empty ones is refused. */
  readonly framesMax: number
  /** Whether zeros may follow the last frame. */
  readonly allowsPadding: boolean
}

/** gzip, several members included. */
export const gzipEngine: EngineKind = {
  name: "gzip",
  createDecoder: () => Zlib.createGunzip(),
  createEncoder: () => Zlib.createGzip(),
  goOnFlag: Zlib.constants.Z_NO_FLUSH,
  endFlag: Zlib.constants.Z_FINISH,
  framesMax: Infinity,
  allowsPadding: true
}

/** zstd, several frames included. */
export const zstdEngine: EngineKind = {
  name: "zstd",
  createDecoder: () => Zlib.createZstdDecompress(),
  createEncoder: () => Zlib.createZstdCompress(),
  goOnFlag: Zlib.constants.ZSTD_e_continue,
  endFlag: Zlib.constants.ZSTD_e_end,
  framesMax: 256,
  allowsPadding: false
}

const silent = (engine: ZlibEngine): ZlibEngine => {
  engine.on("error", () => undefined)
  return engine
}

const close = (engine: ZlibEngine | undefined): void => {
  if (engine !== undefined && !engine.destroyed) engine.close()
}

/** Every piece is written into the same memory, there since the first. */
let pieces: Uint8Array | undefined

const pieceMemory = (): Uint8Array => pieces ??= new Uint8Array(PIECE_BYTES)

/** A decompressor over an engine that may be made: the documented calls are asked first, by {@link hasPieces}. */
export const decompressorOver = (kind: EngineKind, input: Uint8Array): Decompressor => {
  let engine: ZlibEngine | undefined = silent(kind.createDecoder() as ZlibEngine)
  let at = 0
  let frames = 1
  const end = (): void => {
    close(engine)
    engine = undefined
  }
  const fail = (detail: string): never => {
    end()
    throw new CompressionError("corrupt", `${kind.name}: ${detail}`)
  }
  return {
    next: () => {
      if (engine === undefined) return undefined
      if (input.length === 0) fail("no bytes")
      const output = pieceMemory()
      engine._handle.writeSync(kind.endFlag, input, at, input.length - at, output, 0, output.length)
      if (engine.destroyed) return fail("damaged")
      const free = engine._writeState[0]!
      const unread = engine._writeState[1]!
      const read = input.length - at - unread
      at = input.length - unread
      const piece = output.subarray(0, output.length - free)
      if (free === 0) return piece
      if (unread === 0) end()
      else if (read === 0 && piece.length === 0) {
        if (!kind.allowsPadding || input.subarray(at).some((byte) => byte !== 0)) return fail("no frame")
        end()
      } else if (++frames > kind.framesMax) return fail("too many frames")
      return piece
    },
    close: end
  }
}

/** A compressor over an engine. */
export const compressorOver = (kind: EngineKind): Compressor => {
  const engine = silent(kind.createEncoder() as ZlibEngine)
  const write = (flag: number, input: Uint8Array): Uint8Array => {
    const parts: Array<Uint8Array> = []
    const output = pieceMemory()
    let at = 0
    while (true) {
      engine._handle.writeSync(flag, input, at, input.length - at, output, 0, output.length)
      if (engine.destroyed) throw new CompressionError("corrupt", `${kind.name}: the encoder failed`)
      const free = engine._writeState[0]!
      at = input.length - engine._writeState[1]!
      if (free < output.length) parts.push(output.slice(0, output.length - free))
      if (free > 0 && at === input.length) break
    }
    return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts))
  }
  return {
    write: (bytes) => write(kind.goOnFlag, bytes),
    end: () => {
      const rest = write(kind.endFlag, new Uint8Array(0))
      close(engine)
      return rest
    },
    close: () => close(engine)
  }
}

const decompressed = (kind: EngineKind, input: Uint8Array): Buffer | undefined => {
  const parts: Array<Uint8Array> = []
  const decompressor = decompressorOver(kind, input)
  try {
    for (let piece = decompressor.next(); piece !== undefined; piece = decompressor.next()) {
      if (parts.push(piece.slice()) > 16) return undefined
    }
    return Buffer.concat(parts)
  } catch {
    return undefined
  } finally {
    decompressor.close()
  }
}

const passesSelfTest = (kind: EngineKind): boolean => {
  try {
    const bytes = Buffer.from(Uint8Array.from({ length: 2 * PIECE_BYTES + 7 }, (_, index) => index >>> 8))
    const compressor = compressorOver(kind)
    const compressed = Buffer.concat([
      compressor.write(bytes.subarray(0, 1000)),
      compressor.write(bytes.subarray(1000)),
      compressor.end()
    ])
    const restored = (input: Uint8Array, expected: Uint8Array): boolean =>
      decompressed(kind, input)?.equals(expected) === true
    return restored(compressed, bytes) &&
      restored(Buffer.concat([compressed, compressed]), Buffer.concat([bytes, bytes])) &&
      decompressed(kind, compressed.subarray(0, compressed.length - 1)) === undefined &&
      decompressed(kind, new Uint8Array(50).fill(3)) === undefined
  } catch {
    return false
  }
}

const tested = new Map<EngineKind, boolean>()

/** Whether this Node has what is needed of it. */
export const hasPieces = (kind: EngineKind): boolean => {
  let passes = tested.get(kind)
  if (passes === undefined) {
    passes = passesSelfTest(kind)
    tested.set(kind, passes)
  }
  return passes
}
