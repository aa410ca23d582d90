/** Why a connection cannot be read any further. Kafka closes it without an answer. */
export type FrameRefusal = "FrameTooLarge" | "FrameSizeNegative" | "FrameTooShort" | "UnsupportedRequest"

/** Where frames are put. */
export interface FrameMemory {
  /** An array of this length whose content is anything. */
  readonly take: (sizeBytes: number) => Uint8Array
  /** Nobody looks at these bytes, which `take` gave, any more. */
  readonly give: (bytes: Uint8Array) => void
}

const sizePrefixBytes = 4
/** Size prefix, API key and API version: what is known of a frame before there is memory for it. */
const prefixAndKeyBytes = 8

/** A frame's memory is at most this many times what was received of it, or this many bytes. */
const growthFactor = 4
const memoryBytesMin = 4096
/** Of a larger frame the begin is kept as it came: it may wait there until there is room for all. */
const roomyBytesMax = 256 * 1024
/** What a complete frame costs beside its bytes: the array, its place in the queue. */
const frameOverheadBytes = 128

const newMemory: FrameMemory = { take: (sizeBytes) => new Uint8Array(sizeBytes), give: () => {} }

/**
 * Cuts a byte stream into frames: 4-byte big-endian size, then that many bytes. Everything is copied once out of the
 * chunks, which may be overwritten afterwards, into memory of the frame's own; that memory follows the bytes received
 * and not the size announced. Source: NetworkReceive.readFrom.
 */
export class FrameSplitter {
  private readonly maxFrameBytes: number
  private readonly accepts: (apiKey: number, apiVersion: number) => boolean
  private readonly memoryFor: (apiKey: number) => FrameMemory | undefined
  /** Begins with the size prefix and the key of the frame being received, as far as they arrived. */
  private readonly prefix = new Uint8Array(prefixAndKeyBytes)
  private prefixLength = 0
  /** The frame being received without its size prefix, as much memory as it has so far; undefined before its key is known. */
  private frame: Uint8Array | undefined
  private memory: FrameMemory = newMemory
  private frameSize = 0
  private filled = 0
  private mayExpand = false
  private complete: Array<Uint8Array> = []
  /** The first of `complete` that was not taken. */
  private next = 0
  private completeBytes = 0
  private refusal: FrameRefusal | undefined

  /**
   * `accepts` is asked as soon as key and version arrived, before the rest of the frame is awaited; `memoryFor` tells
   * where frames of an API key are put, undefined in an array of their own each.
   */
  constructor(
    maxFrameBytes: number,
    accepts: (apiKey: number, apiVersion: number) => boolean,
    memoryFor: (apiKey: number) => FrameMemory | undefined = () => undefined
  ) {
    this.maxFrameBytes = maxFrameBytes
    this.accepts = accepts
    this.memoryFor = memoryFor
  }

  /** Bytes received and not yet handed out, and what it costs to hold them. */
  get bufferedBytes(): number {
    return this.completeBytes + this.prefixLength + this.filled
  }

  /** Memory of the frame being received. */
  get partialMemoryBytes(): number {
    return this.frame?.length ?? 0
  }

  /** Size of the frame being received, without its size prefix; 0 before its key is known. */
  get beginningBytes(): number {
    return this.frame === undefined ? 0 : this.frameSize
  }

  /** API key of the frame being received. */
  get beginningApiKey(): number {
    return int16At(this.frame!, 0)
  }

  /** What is still to come of the frame being received. */
  get missingBytes(): number {
    return this.frame === undefined ? 0 : this.frameSize - this.filled
  }

  /** Takes in a chunk, which stays the caller's. What follows a refused frame is dropped. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && this.refusal === undefined) {
      at = this.frame === undefined ? this.readPrefix(chunk, at) : this.fill(this.frame, chunk, at)
    }
  }

  /** The next frame is complete, or why there will be none. */
  check(): FrameRefusal | "Complete" | "Incomplete" {
    return this.next < this.complete.length ? "Complete" : this.refusal ?? "Incomplete"
  }

  /** API key of the frame that `check` found complete. */
  peekApiKey(): number {
    return int16At(this.complete[this.next]!, 0)
  }

  /** Size of the frame that `check` found complete, without its size prefix. */
  get nextBytes(): number {
    return this.complete[this.next]!.length
  }

  /** Whether nothing was received behind that frame. */
  get isNextLast(): boolean {
    return this.next === this.complete.length - 1 && this.frame === undefined
  }

  /** The caller has room for all of the frame being received: when it goes on, it gets all of its memory at once. */
  expand(): void {
    this.mayExpand = true
  }

  /** Hands out the frame that `check` found complete, without its size prefix. */
  take(): Uint8Array {
    const frame = this.complete[this.next]!
    this.completeBytes -= frame.length + frameOverheadBytes
    this.next++
    if (this.next === this.complete.length) {
      this.complete = []
      this.next = 0
    }
    return frame
  }

  /** Gives back the memory of all that was not taken; nothing may follow. */
  discard(): void {
    if (this.frame !== undefined) this.memory.give(this.frame)
    for (let i = this.next; i < this.complete.length; i++) {
      this.memoryFor(int16At(this.complete[i]!, 0))?.give(this.complete[i]!)
    }
    this.frame = undefined
    this.filled = 0
    this.complete = []
    this.next = 0
    this.completeBytes = 0
  }

  /** Reads on until size and key are known; returns where it stopped. */
  private readPrefix(chunk: Uint8Array, from: number): number {
    let at = from
    while (at < chunk.length) {
      this.prefix[this.prefixLength++] = chunk[at++]!
      if (this.prefixLength === sizePrefixBytes) {
        this.refusal = this.judgeSize(int32At(this.prefix, 0))
        if (this.refusal !== undefined) return at
      }
      if (this.prefixLength === prefixAndKeyBytes) {
        this.begin(chunk.length - at)
        return at
      }
    }
    return at
  }

  private judgeSize(size: number): FrameRefusal | undefined {
    if (size < 0) return "FrameSizeNegative"
    if (size > this.maxFrameBytes) return "FrameTooLarge"
    if (size < prefixAndKeyBytes - sizePrefixBytes) return "FrameTooShort"
    this.frameSize = size
    return undefined
  }

  private begin(availableBytes: number): void {
    const apiKey = int16At(this.prefix, sizePrefixBytes)
    if (!this.accepts(apiKey, int16At(this.prefix, sizePrefixBytes + 2))) {
      this.refusal = "UnsupportedRequest"
      return
    }
    this.prefixLength = 0
    this.memory = this.memoryFor(apiKey) ?? newMemory
    const roomyBytes = this.frameSize > roomyBytesMax ? availableBytes + 4 : growthFactor * availableBytes
    const frame = this.memory.take(Math.min(this.frameSize, Math.max(memoryBytesMin, roomyBytes)))
    for (let i = sizePrefixBytes; i < prefixAndKeyBytes; i++) frame[i - sizePrefixBytes] = this.prefix[i]!
    this.filled = prefixAndKeyBytes - sizePrefixBytes
    this.frame = frame
    if (this.filled === this.frameSize) this.end(frame)
  }

  /** Copies what belongs to the frame; returns where it stopped. */
  private fill(frame: Uint8Array, chunk: Uint8Array, from: number): number {
    const count = Math.min(this.frameSize - this.filled, chunk.length - from)
    const roomy = this.filled + count > frame.length ? this.grow(frame, this.filled + count) : frame
    roomy.set(from === 0 && count === chunk.length ? chunk : chunk.subarray(from, from + count), this.filled)
    this.filled += count
    if (this.filled === this.frameSize) this.end(roomy)
    return from + count
  }

  private grow(frame: Uint8Array, neededBytes: number): Uint8Array {
    const grownBytes = this.mayExpand ? this.frameSize : Math.max(neededBytes, growthFactor * frame.length)
    const roomy = this.memory.take(Math.min(this.frameSize, grownBytes))
    roomy.set(frame.subarray(0, this.filled))
    this.memory.give(frame)
    this.frame = roomy
    return roomy
  }

  private end(frame: Uint8Array): void {
    this.complete.push(frame)
    this.completeBytes += frame.length + frameOverheadBytes
    this.frame = undefined
    this.filled = 0
    this.mayExpand = false
  }
}

const int16At = (bytes: Uint8Array, at: number): number => ((bytes[at]! << 8) | bytes[at + 1]!) << 16 >> 16

const int32At = (bytes: Uint8Array, at: number): number =>
  (int16At(bytes, at) << 16) | (int16At(bytes, at + 2) & 0xffff)
