import { Context } from "effect"
import { ConnectionLimits } from "./ConnectionLimits.ts"

/** The size of the buffer lent: the next quarter of a power of two, so that like sizes share. */
const capacityOf = (sizeBytes: number): number => {
  const quarter = 2 ** (29 - Math.clz32(sizeBytes - 1))
  return Math.ceil(sizeBytes / quarter) * quarter
}

/** Gives the memory back without the garbage collector; who still looks at it sees nothing. */
const free = (buffer: ArrayBuffer): void => {
  buffer.transfer(0)
}

/**
 * Buffers for large Produce frames, used again once their request is answered, and for what Fetch reads from files, used
 * again once the answer is written: memory outside the heap that comes and goes at the rate of the traffic makes the
 * garbage collector run as often. The borrower of a buffer gives it back when its bytes are not read any more, or drops
 * it: then the collector has it, as any other array. What comes back and is not kept is freed at once: an idle process
 * collects nothing, so it would hold the memory of its last burst.
 */
export class BufferPool {
  private readonly idle = new Map<number, Array<ArrayBuffer>>()
  private readonly lent = new WeakSet<ArrayBufferLike>()
  private idleSizeBytes = 0
  private slab = new Uint8Array(0)
  private slabUsed = 0
  private wasUsed = false

  /** Bytes held and not lent. */
  get idleBytes(): number {
    return this.idleSizeBytes
  }

  /** An array of this length whose content is anything. */
  take(sizeBytes: number): Uint8Array {
    if (sizeBytes < ConnectionLimits.pooledBytesMin) return this.cut(sizeBytes)
    if (sizeBytes > ConnectionLimits.pooledBytesMax) {
      const bytes = new Uint8Array(sizeBytes)
      this.lent.add(bytes.buffer)
      return bytes
    }
    this.wasUsed = true
    const capacity = capacityOf(sizeBytes)
    let buffer = this.idle.get(capacity)?.pop()
    if (buffer === undefined) buffer = new ArrayBuffer(capacity)
    else this.idleSizeBytes -= capacity
    this.lent.add(buffer)
    return new Uint8Array(buffer, 0, sizeBytes)
  }

  /** Takes back what `take` has lent; arrays from elsewhere, and those given back before, are left alone. */
  give(bytes: Uint8Array): void {
    if (bytes.length < ConnectionLimits.pooledBytesMin) return
    const buffer = bytes.buffer as ArrayBuffer
    if (!this.lent.delete(buffer)) return
    this.released(buffer)
    const isKept = buffer.byteLength <= ConnectionLimits.pooledBytesMax &&
      this.idleSizeBytes + buffer.byteLength <= ConnectionLimits.idlePooledBytesMax
    if (!isKept) return free(buffer)
    this.idleSizeBytes += buffer.byteLength
    const others = this.idle.get(buffer.byteLength)
    if (others === undefined) this.idle.set(buffer.byteLength, [buffer])
    else others.push(buffer)
  }

  /** Small arrays are cut from slabs: each allocation outside of the heap costs more than a small frame. */
  private cut(sizeBytes: number): Uint8Array {
    if (this.slabUsed + sizeBytes > this.slab.length) {
      this.slab = new Uint8Array(ConnectionLimits.slabBytes)
      this.slabUsed = 0
    }
    const bytes = this.slab.subarray(this.slabUsed, this.slabUsed + sizeBytes)
    this.slabUsed += sizeBytes
    return bytes
  }

  /** What is to be called once the chunks are written, or undefined when none of them can be lent. */
  giveOnceWritten(chunks: ReadonlyArray<Uint8Array>): (() => void) | undefined {
    for (let i = 0; i < chunks.length; i++) {
      if (chunks[i]!.length >= ConnectionLimits.pooledBytesMin) return () => chunks.forEach((chunk) => this.give(chunk))
    }
    return undefined
  }

  /** Called with every buffer that comes back; tests overwrite it to show that nobody reads it any more. */
  protected released(_buffer: ArrayBuffer): void {}

  /** Lets go of everything when nothing was taken since the last call. */
  trim(): void {
    if (!this.wasUsed) {
      for (const buffers of this.idle.values()) buffers.forEach(free)
      this.idle.clear()
      this.idleSizeBytes = 0
    }
    this.wasUsed = false
  }
}

/** Where large frames are put together and files are read to; one for all brokers of a process unless another is given. */
export const SharedBufferPool = Context.Reference<BufferPool>("@kafka-broker/core/actors/connection/SharedBufferPool", {
  defaultValue: () => new BufferPool()
})
