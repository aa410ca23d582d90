import { LogLimits } from "./LogLimits.ts"

interface TailBlock {
  readonly tail: Tail
  readonly bytes: Uint8Array
  used: number
  /** Somebody was given a view of the bytes, so that they are never overwritten. */
  isShared: boolean
  /** Position in the segment's file of the block's first byte, where a batch begins. */
  readonly position: number
  older: TailBlock | undefined
  newer: TailBlock | undefined
}

/**
 * Recently appended bytes of all logs of a store, within one budget: when it is used up, the block that was begun
 * first goes, whichever log it belongs to. Bytes once handed out are never changed.
 */
export class TailCache {
  readonly limitBytes: number
  #usedBytes = 0
  /** Memory of a block that went unread, for the next one: what comes and goes with the traffic makes work for the collector. */
  #spare: Uint8Array | undefined
  #oldest: TailBlock | undefined
  #newest: TailBlock | undefined

  constructor(limitBytes: number = LogLimits.tailCacheBytes) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** A new block of this size for what is written at `position`. */
  add(tail: Tail, sizeBytes: number, position: number): TailBlock {
    const bytes = this.#take(sizeBytes)
    const block: TailBlock = { tail, bytes, used: 0, isShared: false, position, older: this.#newest, newer: undefined }
    if (this.#newest === undefined) this.#oldest = block
    else this.#newest.newer = block
    this.#newest = block
    this.#usedBytes += bytes.byteLength
    while (this.#usedBytes > this.limitBytes && this.#oldest !== block) this.#oldest!.tail.dropOldest()
    return block
  }

  remove(block: TailBlock): void {
    if (block.older === undefined) this.#oldest = block.newer
    else block.older.newer = block.newer
    if (block.newer === undefined) this.#newest = block.older
    else block.newer.older = block.older
    this.#usedBytes -= block.bytes.byteLength
    if (!block.isShared && block.bytes.length === LogLimits.tailBlockBytesMax) this.#spare = block.bytes
  }

  #take(sizeBytes: number): Uint8Array {
    const spare = this.#spare
    if (spare?.length !== sizeBytes) return new Uint8Array(sizeBytes)
    this.#spare = undefined
    return spare
  }
}

/** The end of one segment in memory: whole batches without a gap up to the last append, or nothing. */
export class Tail {
  readonly #cache: TailCache
  readonly #blocks: Array<TailBlock> = []
  #nextCapacity: number = LogLimits.tailBlockBytesMin
  /** Bytes appended since somebody read the segment. */
  #unreadBytes = 0

  constructor(cache: TailCache) {
    this.#cache = cache
  }

  /** Position of the first byte held, `Infinity` when nothing is. A batch begins there. */
  get startPosition(): number {
    return this.#blocks.length === 0 ? Infinity : this.#blocks[0]!.position
  }

  /** Somebody reads the segment, here or in its file. */
  noteRead(): void {
    this.#unreadBytes = 0
  }

  /** Copies the batch that was written at `position`, which must follow what is held. */
  append(batch: Uint8Array, position: number): void {
    const size = batch.length
    const isUnread = this.#unreadBytes > LogLimits.tailUnreadBytesMax
    this.#unreadBytes += size
    // A copy of a large batch costs the append more than it saves the one read of a reader that may never come.
    if ((isUnread && size > LogLimits.tailUnreadBatchBytesMax) || size > this.#cache.limitBytes) return this.clear()
    const last = this.#blocks[this.#blocks.length - 1]
    if (last !== undefined && last.used + size <= last.bytes.length) {
      last.bytes.set(batch, last.used)
      last.used += size
      return
    }
    const block = this.#cache.add(this, Math.max(size, this.#nextCapacity), position)
    this.#blocks.push(block)
    block.bytes.set(batch)
    block.used = size
    this.#nextCapacity = Math.min(this.#nextCapacity * 2, LogLimits.tailBlockBytesMax)
  }

  /**
   * Views of the bytes from `position` on, up to `length`, one for each block they lie in. Fewer only at the end.
   * `position`, where a batch begins, must not be below `startPosition`; then every view begins with a batch.
   */
  views(position: number, length: number): ReadonlyArray<Uint8Array> {
    const views: Array<Uint8Array> = []
    let from = position
    for (let i = this.#indexAt(position); i < this.#blocks.length && from < position + length; i++) {
      const block = this.#blocks[i]!
      const end = Math.min(position + length - block.position, block.used)
      block.isShared = true
      views.push(block.bytes.subarray(from - block.position, end))
      from = block.position + end
    }
    return views
  }

  /** The block that holds `position` and where in it; for walking headers without a copy. */
  blockAt(position: number): { readonly bytes: Uint8Array; readonly used: number; readonly position: number } {
    return this.#blocks[this.#indexAt(position)]!
  }

  #indexAt(position: number): number {
    let index = this.#blocks.length - 1
    while (index > 0 && this.#blocks[index]!.position > position) index--
    return index
  }

  dropOldest(): void {
    const block = this.#blocks.shift()
    if (block !== undefined) this.#cache.remove(block)
  }

  clear(): void {
    while (this.#blocks.length > 0) this.dropOldest()
  }
}
