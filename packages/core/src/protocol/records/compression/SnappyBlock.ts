/**
 * The raw Snappy block format: the decoded size as a varint, then literals and copies.
 * Source: the Snappy format description.
 */
import { copyLiterals, copyMatch, wordAt } from "./blockCopies.ts"
import { CompressionError } from "./CompressionError.ts"

/** The densest element, a two-byte-offset copy, makes 64 bytes of 3. */
const MAX_EXPANSION = 22
const HASH_BITS = 13
const MIN_MATCH = 4
const SKIP_TRIGGER = 5

const corrupt = (detail: string): CompressionError => new CompressionError("corrupt", `snappy: ${detail}`)

/**
 * The decoded size in bytes that the block `bytes[start, end)` declares; throws `CompressionError` (corrupt) if it is
 * no varint or more than the block could possibly hold.
 */
export const snappyBlockOutputSize = (bytes: Uint8Array, start: number, end: number): number => {
  let size = 0
  for (let index = 0; index < 5; index++) {
    if (start + index >= end) throw corrupt("block size is truncated")
    const byte = bytes[start + index]!
    size += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) {
      if (size > (end - start) * MAX_EXPANSION) throw corrupt("block declares more than it can hold")
      return size
    }
  }
  throw corrupt("block size is not a varint")
}

/** Where the elements of a block begin whose size {@link snappyBlockOutputSize} has read. */
export const snappyElementsStart = (bytes: Uint8Array, start: number): number => {
  let at = start
  while (bytes[at++]! >= 0x80);
  return at
}

/** A block that is being decoded: where the next element is, and where its output goes. */
export interface BlockProgress {
  from: number
  to: number
}

/**
 * Decodes elements of a block that ends at `end`, until its output passes `pauseAt` or the block ends. The output begins at
 * `targetStart` and has room until `targetEnd`. Throws `CompressionError` (corrupt).
 */
export const decodeSnappyElements = (
  source: Uint8Array,
  end: number,
  target: Uint8Array,
  bounds: { readonly targetStart: number; readonly targetEnd: number; readonly pauseAt: number },
  progress: BlockProgress
): void => {
  const { pauseAt, targetEnd, targetStart } = bounds
  let { from, to } = progress
  while (from < end && to <= pauseAt) {
    const tag = source[from++]!
    const kind = tag & 3
    if (kind === 0) {
      let literals = (tag >>> 2) + 1
      if (literals > 60) {
        const extra = literals - 60
        if (extra > end - from) throw corrupt("literal length past the end of the block")
        literals = 1
        for (let index = 0; index < extra; index++) literals += source[from++]! * 2 ** (8 * index)
      }
      if (literals > end - from) throw corrupt("literals past the end of the block")
      if (literals > targetEnd - to) throw corrupt("block holds more than it declares")
      to = copyLiterals(source, from, from + literals, target, to)
      from += literals
      continue
    }
    let length = (tag >>> 2) + 1
    let offset: number
    if (kind === 1) {
      if (from >= end) throw corrupt("copy past the end of the block")
      length = ((tag >>> 2) & 7) + 4
      offset = ((tag >>> 5) << 8) | source[from++]!
    } else if (kind === 2) {
      if (end - from < 2) throw corrupt("copy past the end of the block")
      offset = source[from]! | (source[from + 1]! << 8)
      from += 2
    } else {
      if (end - from < 4) throw corrupt("copy past the end of the block")
      offset = source[from]! + source[from + 1]! * 0x100 + source[from + 2]! * 0x1_0000 + source[from + 3]! * 0x100_0000
      from += 4
    }
    if (offset === 0 || offset > to - targetStart) throw corrupt("copy from before the start of the block")
    if (length > targetEnd - to) throw corrupt("block holds more than it declares")
    to = copyMatch(target, to, offset, length)
  }
  progress.from = from
  progress.to = to
  if (from >= end && to !== targetEnd) throw corrupt("block holds less than it declares")
}

/**
 * Decodes the block `source[start, end)` into `target` from `targetStart` on and returns the end of what was written.
 * There must be room for {@link snappyBlockOutputSize} bytes, of which exactly that many are written. Throws
 * `CompressionError` (corrupt).
 */
export const decodeSnappyBlock = (
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetStart: number
): number => {
  const targetEnd = targetStart + snappyBlockOutputSize(source, start, end)
  const progress = { from: snappyElementsStart(source, start), to: targetStart }
  decodeSnappyElements(source, end, target, { targetStart, targetEnd, pauseAt: targetEnd }, progress)
  return targetEnd
}

const hashTable = new Uint16Array(1 << HASH_BITS)

const hashOf = (value: number): number => Math.imul(value, 0x1e35a7bd) >>> (32 - HASH_BITS)

const writeLiterals = (source: Uint8Array, from: number, end: number, target: Uint8Array, to: number): number => {
  const literals = end - from
  if (literals === 0) return to
  const code = literals - 1
  if (code < 60) {
    target[to++] = code << 2
  } else if (code < 0x100) {
    target[to++] = 60 << 2
    target[to++] = code
  } else {
    target[to++] = 61 << 2
    target[to++] = code
    target[to++] = code >>> 8
  }
  return copyLiterals(source, from, end, target, to)
}

const writeCopy = (target: Uint8Array, to: number, offset: number, length: number): number => {
  // A remainder below 4 has no short form, so the last but one copy leaves at least that much.
  while (length >= 68) {
    target[to++] = (63 << 2) | 2
    target[to++] = offset
    target[to++] = offset >>> 8
    length -= 64
  }
  if (length > 64) {
    target[to++] = (59 << 2) | 2
    target[to++] = offset
    target[to++] = offset >>> 8
    length -= 60
  }
  if (length <= 11 && offset < 2048) {
    target[to++] = ((offset >>> 8) << 5) | ((length - 4) << 2) | 1
    target[to++] = offset
  } else {
    target[to++] = ((length - 1) << 2) | 2
    target[to++] = offset
    target[to++] = offset >>> 8
  }
  return to
}

/**
 * Encodes `source[start, end)`, at most 64 KiB, into `target` from `targetStart` on and returns the end of what was
 * written: at most 32 bytes and a sixth more than the input, for which there must be room.
 */
export const encodeSnappyBlock = (
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetStart: number
): number => {
  hashTable.fill(0)
  let to = targetStart
  let size = end - start
  for (; size >= 0x80; size >>>= 7) target[to++] = (size & 0x7f) | 0x80
  target[to++] = size
  const matchStartEnd = end - 15
  let anchor = start
  let at = start + 1
  let misses = 1 << SKIP_TRIGGER
  while (at < matchStartEnd) {
    const word = wordAt(source, at)
    const slot = hashOf(word)
    const candidate = start + hashTable[slot]!
    hashTable[slot] = at - start
    if (wordAt(source, candidate) !== word) {
      at += misses++ >>> SKIP_TRIGGER
      continue
    }
    misses = 1 << SKIP_TRIGGER
    let length = MIN_MATCH
    while (at + length < end && source[candidate + length] === source[at + length]) length++
    to = writeLiterals(source, anchor, at, target, to)
    to = writeCopy(target, to, at - candidate, length)
    at += length
    anchor = at
    if (at < matchStartEnd) hashTable[hashOf(wordAt(source, at - 1))] = at - 1 - start
  }
  return writeLiterals(source, anchor, end, target, to)
}
