/** Why a connection cannot be read any further. Kafka closes it without an answer. */
export type FrameRefusal = "FrameTooLarge" | "FrameSizeNegative" | "FrameTooShort" | "UnsupportedRequest"

/** Size prefix, API key and API version: what is known of a frame before its body is buffered. */
const prefixAndKeyBytes = 8
const sizePrefixBytes = 4

/** Chunks kept as they came; beyond them small ones are copied together, as each costs far more memory than its bytes. */
const looseChunksMax = 16
/** A chunk below this size is small. */
const smallChunkBytes = 4096
/** Small chunks are gathered in pieces of this size. */
const gatheredBytes = 16 * 1024

/**
 * Cuts a byte stream into frames: 4-byte big-endian size, then that many bytes. A frame that lies within one chunk is a
 * view of it; one that spans chunks is copied together once, when it is complete, so memory follows the bytes received
 * and never the size announced. Source: NetworkReceive.readFrom.
 */
export class FrameSplitter {
  private chunks: Array<Uint8Array> = []
  /** Bytes of the first chunk already handed out. */
  private head = 0
  /** Where small chunks are gathered; the last of `chunks` is a view of its filled part while more may be added. */
  private gathered: Uint8Array = new Uint8Array(0)
  private available = 0
  /** Size of the frame at the front, once its prefix was read and accepted; -1 before. */
  private frameSize = -1
  private readonly maxFrameBytes: number
  private readonly accepts: (apiKey: number, apiVersion: number) => boolean

  /** `accepts` is asked as soon as key and version arrived, before the rest of the frame is awaited. */
  constructor(maxFrameBytes: number, accepts: (apiKey: number, apiVersion: number) => boolean) {
    this.maxFrameBytes = maxFrameBytes
    this.accepts = accepts
  }

  /** Bytes received and not yet handed out. */
  get bufferedBytes(): number {
    return this.available
  }

  /** Pieces of memory they lie in. */
  get chunkCount(): number {
    return this.chunks.length
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.available += chunk.length
    if (this.chunks.length < looseChunksMax || chunk.length >= smallChunkBytes) this.chunks.push(chunk)
    else this.gather(chunk)
  }

  /** Bytes already handed out as views are not touched: what is added lies behind them. */
  private gather(chunk: Uint8Array): void {
    const last = this.chunks[this.chunks.length - 1]!
    let filled = last.buffer === this.gathered.buffer ? last.length : gatheredBytes
    if (filled + chunk.length <= gatheredBytes) this.chunks.pop()
    else {
      this.gathered = new Uint8Array(gatheredBytes)
      filled = 0
    }
    this.gathered.set(chunk, filled)
    this.chunks.push(this.gathered.subarray(0, filled + chunk.length))
  }

  /** The next frame is complete. Settles refusals too, so call it before `take`. */
  check(): FrameRefusal | "Complete" | "Incomplete" {
    if (this.frameSize < 0) {
      if (this.available < sizePrefixBytes) return "Incomplete"
      const size = this.int32At(0)
      if (size < 0) return "FrameSizeNegative"
      if (size > this.maxFrameBytes) return "FrameTooLarge"
      if (size < prefixAndKeyBytes - sizePrefixBytes) return "FrameTooShort"
      if (this.available < prefixAndKeyBytes) return "Incomplete"
      if (!this.accepts(this.int16At(4), this.int16At(6))) return "UnsupportedRequest"
      this.frameSize = size
    }
    return this.available >= sizePrefixBytes + this.frameSize ? "Complete" : "Incomplete"
  }

  /** API key of the frame that `check` found complete. */
  peekApiKey(): number {
    return this.int16At(sizePrefixBytes)
  }

  /**
   * Hands out the frame that `check` found complete, without its size prefix. One that spans chunks is put together in
   * memory from `memory`, whose content is overwritten.
   */
  take(memory?: { readonly take: (sizeBytes: number) => Uint8Array }): Uint8Array {
    const size = this.frameSize
    this.frameSize = -1
    this.skip(sizePrefixBytes)
    const first = this.chunks[0]!
    if (first.length - this.head >= size) {
      const frame = first.subarray(this.head, this.head + size)
      this.skip(size)
      return frame
    }
    const frame = memory === undefined ? new Uint8Array(size) : memory.take(size)
    let filled = 0
    while (filled < size) {
      const chunk = this.chunks[0]!
      const take = Math.min(size - filled, chunk.length - this.head)
      frame.set(chunk.subarray(this.head, this.head + take), filled)
      filled += take
      this.skip(take)
    }
    return frame
  }

  private skip(count: number): void {
    this.available -= count
    this.head += count
    while (this.chunks.length > 0 && this.head >= this.chunks[0]!.length) {
      this.head -= this.chunks[0]!.length
      if (this.chunks.length === 1) this.chunks = []
      else this.chunks.shift()
    }
  }

  private byteAt(index: number): number {
    let at = this.head + index
    for (const chunk of this.chunks) {
      if (at < chunk.length) return chunk[at]!
      at -= chunk.length
    }
    return 0
  }

  private int16At(index: number): number {
    return ((this.byteAt(index) << 8) | this.byteAt(index + 1)) << 16 >> 16
  }

  private int32At(index: number): number {
    return (this.byteAt(index) << 24) | (this.byteAt(index + 1) << 16) | (this.byteAt(index + 2) << 8) |
      this.byteAt(index + 3)
  }
}
