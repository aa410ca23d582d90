import { viewOf } from "./Int64.ts"

/** Bytes of an entry in the file: i32 relative offset, i32 position. */
export const OFFSET_INDEX_ENTRY_BYTES = 8

const INITIAL_ENTRIES = 8

/**
 * The `.index` of one segment in memory: pairs of a batch's last offset relative to the segment's base and the batch's
 * position in the file, both growing. Source: OffsetIndex.
 */
export class OffsetIndex {
  #pairs: Int32Array
  #count = 0

  constructor() {
    this.#pairs = new Int32Array(INITIAL_ENTRIES * 2)
  }

  get entryCount(): number {
    return this.#count
  }

  /** Bytes held in memory. */
  get memoryBytes(): number {
    return this.#pairs.byteLength
  }

  relativeOffsetAt(entry: number): number {
    return this.#pairs[entry * 2]!
  }

  positionAt(entry: number): number {
    return this.#pairs[entry * 2 + 1]!
  }

  append(relativeOffset: number, position: number): void {
    if (this.#count * 2 === this.#pairs.length) {
      const grown = new Int32Array(this.#pairs.length * 2)
      grown.set(this.#pairs)
      this.#pairs = grown
    }
    this.#pairs[this.#count * 2] = relativeOffset
    this.#pairs[this.#count * 2 + 1] = position
    this.#count++
  }

  /** Position of the last entry whose offset is at or below `relativeOffset`, 0 when there is none. */
  lookup(relativeOffset: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#pairs[middle * 2]! <= relativeOffset) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : this.#pairs[low * 2 - 1]!
  }

  clear(): void {
    this.#count = 0
  }

  /** Entries from `from` on as they are in the file. */
  encode(from = 0): Uint8Array {
    const bytes = new Uint8Array((this.#count - from) * OFFSET_INDEX_ENTRY_BYTES)
    const view = viewOf(bytes)
    for (let i = from * 2, at = 0; i < this.#count * 2; i++, at += 4) view.setInt32(at, this.#pairs[i]!)
    return bytes
  }

  /**
   * The index in a file's bytes. The zeros after the entries of an index that Kafka preallocated and did not trim are
   * left out. Undefined when entries do not grow or point at or beyond `logSizeBytes`: the index must be rebuilt.
   */
  static decode(bytes: Uint8Array, logSizeBytes: number): OffsetIndex | undefined {
    const view = viewOf(bytes)
    const index = new OffsetIndex()
    const count = Math.floor(bytes.length / OFFSET_INDEX_ENTRY_BYTES)
    index.#pairs = new Int32Array(Math.max(count, INITIAL_ENTRIES) * 2)
    let lastOffset = -1
    // The first entry is never for position 0, so a zero position can only be padding.
    let lastPosition = 0
    for (let entry = 0; entry < count; entry++) {
      const relativeOffset = view.getInt32(entry * OFFSET_INDEX_ENTRY_BYTES)
      const position = view.getInt32(entry * OFFSET_INDEX_ENTRY_BYTES + 4)
      if (relativeOffset === 0 && position === 0) break
      if (relativeOffset <= lastOffset || position <= lastPosition || position >= logSizeBytes) return undefined
      index.append(relativeOffset, position)
      lastOffset = relativeOffset
      lastPosition = position
    }
    if (index.#count < count) index.#pairs = index.#pairs.slice(0, Math.max(index.#count, INITIAL_ENTRIES) * 2)
    return index
  }
}
