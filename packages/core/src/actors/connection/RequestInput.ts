import { FrameSplitter } from "../../protocol/FrameSplitter.ts"
import type { ByteConnection } from "../../seams/Listener.ts"
import type { BufferPool } from "./BufferPool.ts"
import { ConnectionLimits } from "./ConnectionLimits.ts"
import type { HandlerRegistry } from "./HandlerRegistry.ts"
import type { LargeFrame, RequestMemory } from "./RequestMemory.ts"

/** What the input of a connection is told and asks; the connection itself. */
export interface RequestInputOwner {
  readonly now: () => number
  /** When bytes came last. */
  readonly lastActiveMs: number
  /** The connection is to be looked at then. */
  readonly wakeAt: (dueMs: number) => void
  /** Its large frame is read on. */
  readonly memoryFound: () => void
  readonly refuse: (why: string) => void
}

export interface RequestInputShared {
  readonly registry: HandlerRegistry
  readonly memory: RequestMemory
  readonly bufferPool: BufferPool
  readonly maxRequestBytes: number
}

/**
 * The receiving side of a connection: cuts what arrives into frames, accounts for it in the memory of all requests, and
 * stops and resumes the reading. What is accounted is given back when the request is answered, by `release`.
 */
export class RequestInput implements LargeFrame {
  readonly frames: FrameSplitter
  isPaused = false
  /** A large frame waits for room and is not read. */
  awaitsMemory = false
  private readonly bytes: ByteConnection
  private readonly shared: RequestInputShared
  private readonly owner: RequestInputOwner
  /** Received and not released, with the rest of a large frame that has its room. */
  private accountedBytes = 0
  /** The rest of a large frame that has its room. */
  private grantedBytes = 0
  /** When the frame now being received began, or was read on; 0 when none is half received. */
  private frameBeganMs = 0

  constructor(bytes: ByteConnection, shared: RequestInputShared, owner: RequestInputOwner) {
    this.bytes = bytes
    this.shared = shared
    this.owner = owner
    this.frames = new FrameSplitter(
      shared.maxRequestBytes,
      (key, version) => shared.registry.accepts(key, version),
      (key) => shared.registry.find(key)?.lendsRequests === true ? shared.bufferPool : undefined
    )
  }

  get sizeBytes(): number {
    return this.frames.beginningBytes
  }

  /** Bytes still to come of a large frame. */
  get awaitedBytes(): number {
    return this.grantedBytes > 0 ? this.grantedBytes : this.frames.missingBytes
  }

  get arrivedAtMs(): number {
    return this.owner.lastActiveMs
  }

  push(chunk: Uint8Array): void {
    this.frames.push(chunk)
    const hadRoom = Math.min(this.grantedBytes, chunk.length)
    if (hadRoom > 0) {
      this.grantedBytes -= hadRoom
      if (this.grantedBytes === 0) this.shared.memory.settle(this)
    }
    this.accountedBytes += chunk.length - hadRoom
    this.shared.memory.add(chunk.length - hadRoom)
  }

  /** Whether the frame that `frames.check` found complete is small, and no other was sent before its answer. */
  get isNextSmall(): boolean {
    return this.frames.isNextLast && this.frames.nextBytes <= ConnectionLimits.smallFrameBytesMax
  }

  /** The frame that `frames.check` found complete. */
  take(): Uint8Array {
    this.frameBeganMs = 0
    return this.frames.take()
  }

  /** So much of a large frame arrived that it is read on only with room for all of it. */
  private get needsRoom(): boolean {
    const { smallFrameBytesMax, unclaimedBytesMin } = ConnectionLimits
    if (this.grantedBytes > 0 || this.frames.beginningBytes <= smallFrameBytesMax) return false
    return this.frames.bufferedBytes > (this.shared.memory.isFull ? unclaimedBytesMin : smallFrameBytesMax)
  }

  /** Reads on, after all complete frames were taken. A large frame goes on only when `mayBegin` and when it has room. */
  readOn(mayBegin: (apiKey: number) => boolean, nowMs: number): void {
    if (this.awaitsMemory) return
    const { frames } = this
    if (frames.bufferedBytes === 0) this.frameBeganMs = 0
    else if (this.frameBeganMs === 0) this.beginFrame(nowMs)
    if (this.needsRoom) {
      if (!mayBegin(frames.beginningApiKey)) return this.pause()
      if (!this.shared.memory.claim(this, nowMs)) return this.awaitMemory(nowMs)
      this.beginLarge(nowMs)
    }
    this.resume()
  }

  granted(): void {
    this.awaitsMemory = false
    this.beginLarge(this.owner.now())
    this.owner.memoryFound()
  }

  giveUp(why: string): void {
    this.owner.refuse(why)
  }

  /** Complete frames wait for an answer: only so many are held. */
  holdFrames(): void {
    const { smallFrameBytesMax, waitingBytesMax } = ConnectionLimits
    const heldBytesMax = this.shared.memory.isFull ? smallFrameBytesMax : waitingBytesMax
    if (this.frames.bufferedBytes > heldBytesMax) this.pause()
  }

  /** Gives back what a request held, once it is answered. */
  release(bytes: number): void {
    this.accountedBytes -= bytes
    this.shared.memory.remove(bytes)
  }

  pause(): void {
    if (this.isPaused) return
    this.isPaused = true
    this.bytes.pause()
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    // The peer could not send meanwhile.
    if (this.frameBeganMs > 0) this.beginFrame(this.owner.now())
    this.bytes.resume()
  }

  /** A frame that was begun does not arrive; one that this side does not read is not late. */
  isLate(nowMs: number): boolean {
    return this.frameBeganMs > 0 && !this.isPaused && nowMs - this.frameBeganMs >= ConnectionLimits.frameDeadlineMs
  }

  /** When `isLate` may become true; Infinity when it cannot. */
  get lateAtMs(): number {
    return this.frameBeganMs > 0 && !this.isPaused ? this.frameBeganMs + ConnectionLimits.frameDeadlineMs : Infinity
  }

  /** From here on input is dropped and not left unread: behind it the end of the peer would not be seen. */
  drop(): void {
    this.frameBeganMs = 0
    this.stopWaiting()
    this.frames.discard()
    this.resume()
  }

  /** Nothing is held any more. */
  end(): void {
    this.stopWaiting()
    this.frames.discard()
    this.release(this.accountedBytes)
  }

  private beginFrame(nowMs: number): void {
    this.frameBeganMs = nowMs
    this.owner.wakeAt(nowMs + ConnectionLimits.frameDeadlineMs)
  }

  /** A large frame has its room, which the memory counts as held by this connection. */
  private beginLarge(nowMs: number): void {
    this.grantedBytes = this.frames.missingBytes
    this.accountedBytes += this.grantedBytes
    this.frames.expand()
    this.beginFrame(nowMs)
  }

  private awaitMemory(nowMs: number): void {
    this.awaitsMemory = true
    this.pause()
    this.owner.wakeAt(nowMs + ConnectionLimits.memoryCheckMs)
  }

  private stopWaiting(): void {
    this.awaitsMemory = false
    this.shared.memory.settle(this)
    const unused = this.grantedBytes
    this.grantedBytes = 0
    this.release(unused)
  }
}
