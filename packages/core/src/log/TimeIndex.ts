import { readInt64, viewOf, writeInt64 } from "./Int64.ts"

/** Bytes of an entry in the file: i64 timestamp, i32 relative offset. */
export const TIME_INDEX_ENTRY_BYTES = 12

const INITIAL_ENTRIES = 4

/**
 * The `.timeindex` of one segment in memory: the largest timestamp so far (milliseconds) and the last offset, relative
 * to the segment's base, of the batch that holds it; timestamps strictly grow. Source: TimeIndex.
 */
export class TimeIndex {
  #timestamps = new Float64Array(INITIAL_ENTRIES)
  #offsets = new Int32Array(INITIAL_ENTRIES)
  #count = 0

  get entryCount(): number {
    return this.#count
  }

  /** Bytes held in memory. */
  get memoryBytes(): number {
    return this.#timestamps.byteLength + this.#offsets.byteLength
  }

  timestampAt(entry: number): number {
    return this.#timestamps[entry]!
  }

  relativeOffsetAt(entry: number): number {
    return this.#offsets[entry]!
  }

  /** Of the last entry, -1 when there is none. */
  get lastTimestamp(): number {
    return this.#count === 0 ? -1 : this.#timestamps[this.#count - 1]!
  }

  /** Adds an entry unless its timestamp is not above the last one's. Source: TimeIndex.maybeAppend. */
  maybeAppend(timestamp: number, relativeOffset: number): void {
    if (timestamp <= this.lastTimestamp) return
    if (this.#count === this.#timestamps.length) {
      const timestamps = new Float64Array(this.#count * 2)
      timestamps.set(this.#timestamps)
      this.#timestamps = timestamps
      const offsets = new Int32Array(this.#count * 2)
      offsets.set(this.#offsets)
      this.#offsets = offsets
    }
    this.#timestamps[this.#count] = timestamp
    this.#offsets[this.#count] = relativeOffset
    this.#count++
  }

  /** Relative offset of the last entry with a timestamp at or below the given one, 0 when there is none. */
  lookup(timestamp: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#timestamps[middle]! <= timestamp) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : this.#offsets[low - 1]!
  }

  clear(): void {
    this.#count = 0
  }

  /** Entries from `from` on as they are in the file. */
  encode(from = 0): Uint8Array {
    const bytes = new Uint8Array((this.#count - from) * TIME_INDEX_ENTRY_BYTES)
    const view = viewOf(bytes)
    for (let entry = from, at = 0; entry < this.#count; entry++, at += TIME_INDEX_ENTRY_BYTES) {
      writeInt64(view, at, this.#timestamps[entry]!)
      view.setInt32(at + 8, this.#offsets[entry]!)
    }
    return bytes
  }

  /**
   * The index in a file's bytes, without the zeros of a preallocated file; undefined when entries do not grow: the index
   * must be rebuilt.
   */
  static decode(bytes: Uint8Array): TimeIndex | undefined {
    const view = viewOf(bytes)
    const index = new TimeIndex()
    const count = Math.floor(bytes.length / TIME_INDEX_ENTRY_BYTES)
    let lastOffset = -1
    for (let entry = 0; entry < count; entry++) {
      const timestamp = readInt64(view, entry * TIME_INDEX_ENTRY_BYTES)
      const relativeOffset = view.getInt32(entry * TIME_INDEX_ENTRY_BYTES + 8)
      if (entry > 0 && timestamp === 0 && relativeOffset === 0) break
      if (timestamp <= index.lastTimestamp || relativeOffset < Math.max(lastOffset, 0)) {
        // Kafka writes one entry (-1, 0) for a segment none of whose records carries a timestamp.
        if (entry === 0 && timestamp === -1) continue
        return undefined
      }
      // A preallocated file that was never written to holds only zeros.
      if (entry === 0 && timestamp === 0 && relativeOffset === 0 && bytes.every((byte) => byte === 0)) return index
      index.maybeAppend(timestamp, relativeOffset)
      lastOffset = relativeOffset
    }
    return index
  }
}
