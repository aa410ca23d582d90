/** Bytes of an entry before its key: the offset as a float64 and the key's length as an uint32. */
const ENTRY_HEADER_BYTES = 12
/** Entries begin at multiples of this, so that their offsets can be read through one aligned view. */
const ENTRY_ALIGNMENT_BYTES = 8
/** A slot of the table: the key's hash, and the number of the entry's first aligned word plus one; 0 is an empty slot. */
const SLOT_BYTES = 8
/** Part of the slots that may be taken before the table grows. */
const LOAD_FACTOR = 0.75
const FIRST_SLOTS = 1024
const FIRST_ENTRY_BYTES = 16 * 1024
/** Entries are counted in words of 32 bits less one, which this many bytes do not reach. */
const ENTRY_BYTES_MAX = 2 ** 31

/**
 * The newest offset of each key of the part of a log that is being compacted, in bounded memory. Keys are held whole:
 * two keys are never taken for one, as may happen in a map of hashes. Memory grows with what is held, up to the bound.
 * Source: SkimpyOffsetMap.
 */
export class OffsetMap {
  readonly #maxBytes: number
  readonly #seed: number
  #slots: Uint32Array
  #slotCount: number
  #entries: Uint8Array
  #offsets: Float64Array
  #lengths: Uint32Array
  #entriesEnd = 0
  #size = 0
  /** Largest offset that the map speaks for: every record at or below it has its key here, or was passed over. -1: none. */
  latestOffset = -1

  /** `maxBytes`: memory of table and keys together. `seed` makes the place of a key unknown to those who choose keys. */
  constructor(maxBytes: number, seed: number) {
    this.#maxBytes = maxBytes
    this.#seed = seed | 0
    this.#slotCount = FIRST_SLOTS
    this.#slots = new Uint32Array(this.#slotCount * 2)
    const entries = new ArrayBuffer(FIRST_ENTRY_BYTES)
    this.#entries = new Uint8Array(entries)
    this.#offsets = new Float64Array(entries)
    this.#lengths = new Uint32Array(entries)
  }

  /** Number of keys. */
  get size(): number {
    return this.#size
  }

  /** Bytes of memory held. */
  get memoryBytes(): number {
    return this.#slots.byteLength + this.#entries.byteLength
  }

  /**
   * Notes that the key `bytes[start, start + length)` stands at `offset`, which is above all offsets noted before.
   * False: there is no room for another key, and nothing was noted. The first key always has room.
   */
  put(bytes: Uint8Array, start: number, length: number, offset: number): boolean {
    const hash = this.#hash(bytes, start, length)
    let slot = this.#find(hash, bytes, start, length)
    const entry = this.#slots[slot + 1]!
    if (entry !== 0) {
      this.#offsets[entry - 1] = offset
      return true
    }
    if (this.#size + 1 > this.#slotCount * LOAD_FACTOR) {
      if (!this.#growTable()) return false
      slot = this.#find(hash, bytes, start, length)
    }
    const end = this.#entriesEnd + ENTRY_HEADER_BYTES + length
    if (end > this.#entries.length && !this.#growEntries(end)) return false
    this.#slots[slot] = hash
    this.#slots[slot + 1] = this.#entriesEnd / ENTRY_ALIGNMENT_BYTES + 1
    this.#offsets[this.#entriesEnd / 8] = offset
    this.#lengths[this.#entriesEnd / 4 + 2] = length
    this.#entries.set(bytes.subarray(start, start + length), this.#entriesEnd + ENTRY_HEADER_BYTES)
    this.#entriesEnd = Math.ceil(end / ENTRY_ALIGNMENT_BYTES) * ENTRY_ALIGNMENT_BYTES
    this.#size++
    return true
  }

  /** The newest offset noted for the key; -1 when it is not here. */
  get(bytes: Uint8Array, start: number, length: number): number {
    const entry = this.#slots[this.#find(this.#hash(bytes, start, length), bytes, start, length) + 1]!
    return entry === 0 ? -1 : this.#offsets[entry - 1]!
  }

  /** Index of the slot that has the key, or of the empty slot where it belongs. */
  #find(hash: number, bytes: Uint8Array, start: number, length: number): number {
    const mask = this.#slotCount - 1
    for (let at = hash & mask;; at = (at + 1) & mask) {
      const slot = at * 2
      const entry = this.#slots[slot + 1]!
      if (entry === 0 || (this.#slots[slot] === hash && this.#isKey(entry - 1, bytes, start, length))) return slot
    }
  }

  #isKey(word: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.#lengths[word * 2 + 2] !== length) return false
    const entries = this.#entries
    const at = word * ENTRY_ALIGNMENT_BYTES + ENTRY_HEADER_BYTES
    for (let i = 0; i < length; i++) if (entries[at + i] !== bytes[start + i]) return false
    return true
  }

  #growTable(): boolean {
    const slotCount = this.#slotCount * 2
    if (this.#size > 0 && slotCount * SLOT_BYTES + this.#entries.byteLength > this.#maxBytes) return false
    const old = this.#slots
    const slots = new Uint32Array(slotCount * 2)
    const mask = slotCount - 1
    for (let from = 0; from < old.length; from += 2) {
      const entry = old[from + 1]!
      if (entry === 0) continue
      let at = old[from]! & mask
      while (slots[at * 2 + 1] !== 0) at = (at + 1) & mask
      slots[at * 2] = old[from]!
      slots[at * 2 + 1] = entry
    }
    this.#slots = slots
    this.#slotCount = slotCount
    return true
  }

  #growEntries(neededBytes: number): boolean {
    const room = Math.min(ENTRY_BYTES_MAX, this.#maxBytes - this.#slots.byteLength)
    if (this.#size > 0 && neededBytes > room) return false
    const wanted = Math.max(neededBytes, Math.min(this.#entries.length * 2, room))
    const buffer = new ArrayBuffer(Math.ceil(wanted / ENTRY_ALIGNMENT_BYTES) * ENTRY_ALIGNMENT_BYTES)
    const entries = new Uint8Array(buffer)
    entries.set(this.#entries.subarray(0, this.#entriesEnd))
    this.#entries = entries
    this.#offsets = new Float64Array(buffer)
    this.#lengths = new Uint32Array(buffer)
    return true
  }

  /** MurmurHash3, 32 bits, unsigned. */
  #hash(bytes: Uint8Array, start: number, length: number): number {
    let hash = this.#seed
    const wordsEnd = start + (length & ~3)
    let at = start
    for (; at < wordsEnd; at += 4) {
      const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      hash ^= mixed(word)
      hash = (hash << 13) | (hash >>> 19)
      hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
    }
    let rest = 0
    for (let i = start + length - 1; i >= at; i--) rest = (rest << 8) | bytes[i]!
    if (length !== (length & ~3)) hash ^= mixed(rest)
    hash ^= length
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> 0
  }
}

const mixed = (word: number): number => {
  const multiplied = Math.imul(word, 0xcc9e2d51)
  return Math.imul((multiplied << 15) | (multiplied >>> 17), 0x1b873593)
}
