import { ConnectionLimits } from "./ConnectionLimits.ts"

/** A frame too large to be read before there is room for all of it. */
export interface LargeFrame {
  /** Bytes of all of it. */
  readonly sizeBytes: number
  /** Bytes still to come; the same from the claim until it is granted. */
  readonly awaitedBytes: number
  /** When bytes of it came last. */
  readonly arrivedAtMs: number
  /** There is room: the frame may be read. */
  readonly granted: () => void
  /** Others wait and this frame does not come: its connection is to be closed. */
  readonly giveUp: (why: string) => void
}

/**
 * The bytes of requests that all connections of a broker hold: received and not yet answered. A small frame is always
 * read. A large one is read only once all of it has room, so that each frame begun can come to its end: frames that hold
 * the memory in part and wait for each other would never be given up. Among those that wait the smallest comes first,
 * and one that was granted more than its share must go on arriving, at `largeFrameBytesPerMs` at least, while others wait.
 * Source: `queued.max.request.bytes`, SimpleMemoryPool.
 */
export class RequestMemory {
  private heldBytes = 0
  private readonly maxBytes: number
  /** Smallest first; of one size in the order in which they came. */
  private readonly waiting: Array<LargeFrame> = []
  /** Frames that have their room and are being read, and since when. */
  private readonly grants = new Map<LargeFrame, number>()
  /** Of the last look at the clock, at most `memoryCheckMs` ago while any frame waits: a grant made by a release begins then. */
  private nowMs = 0
  private lookedAtMs = -Infinity

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get usedBytes(): number {
    return this.heldBytes
  }

  /** Connections keep little beside what they work on. */
  get isFull(): boolean {
    return this.heldBytes >= this.maxBytes
  }

  add(bytes: number): void {
    this.heldBytes += bytes
  }

  remove(bytes: number): void {
    this.heldBytes -= bytes
    if (this.waiting.length > 0) this.grantWaiting()
  }

  /** True when the frame has its room, which is counted as used at once; else `granted` is called later. */
  claim(frame: LargeFrame, nowMs: number): boolean {
    this.nowMs = nowMs
    if (this.hasRoomFor(frame.awaitedBytes)) {
      this.grant(frame)
      return true
    }
    const at = this.waiting.findIndex((other) => other.awaitedBytes > frame.awaitedBytes)
    this.waiting.splice(at < 0 ? this.waiting.length : at, 0, frame)
    return false
  }

  /** The frame arrived, or its connection ended. What it did not use of its room is the caller's to give back. */
  settle(frame: LargeFrame): void {
    if (this.grants.delete(frame)) return
    const at = this.waiting.indexOf(frame)
    if (at >= 0) this.waiting.splice(at, 1)
  }

  /** Gives up the frames that hold more than a share of the memory and do not arrive, while others wait. */
  giveUpLate(nowMs: number): void {
    // Many may wait, and each of them asks.
    if (nowMs >= this.lookedAtMs && nowMs - this.lookedAtMs < ConnectionLimits.memoryLookMs) return
    this.lookedAtMs = nowMs
    this.nowMs = nowMs
    const shareBytes = this.maxBytes / (this.grants.size + this.waiting.length)
    for (const [frame, sinceMs] of [...this.grants]) {
      if (this.waiting.length === 0) return
      const { sizeBytes } = frame
      const heldMs = nowMs - sinceMs
      if (sizeBytes <= shareBytes || heldMs < ConnectionLimits.largeFrameGraceMs) continue
      const arrivedBytes = sizeBytes - frame.awaitedBytes
      const isStill = nowMs - frame.arrivedAtMs >= ConnectionLimits.largeFrameGraceMs
      if (isStill || arrivedBytes < heldMs * ConnectionLimits.largeFrameBytesPerMs) {
        frame.giveUp(
          `${arrivedBytes} of ${sizeBytes} bytes of a request came in ${heldMs} ms, and others wait for memory`
        )
      }
    }
  }

  private hasRoomFor(bytes: number): boolean {
    // A frame larger than all of the memory must be alone.
    return this.heldBytes + bytes <= this.maxBytes || (bytes > this.maxBytes && this.grants.size === 0)
  }

  private grant(frame: LargeFrame): void {
    this.grants.set(frame, this.nowMs)
    this.heldBytes += frame.awaitedBytes
  }

  private grantWaiting(): void {
    for (let next = this.waiting[0]; next !== undefined && this.hasRoomFor(next.awaitedBytes); next = this.waiting[0]) {
      this.waiting.shift()
      this.grant(next)
      next.granted()
    }
  }
}
