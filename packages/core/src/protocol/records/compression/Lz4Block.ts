/**
 * The LZ4 block format: sequences of a token, literals, a 16-bit little-endian match offset and the match length.
 * Source: the LZ4 block format description.
 */
import { copyLiterals, copyMatch, wordAt } from "./blockCopies.ts"
import { CompressionError } from "./CompressionError.ts"

const MIN_MATCH = 4
/** The format forbids a match to start within the last 12 bytes of a block … */
const MATCH_START_LIMIT = 12
/** … and demands that the last 5 bytes are literals. */
const LAST_LITERALS = 5
const HASH_BITS = 13
/** Doubling the step every 2^6 failed probes passes quickly over incompressible data. */
const SKIP_TRIGGER = 6

const corrupt = (detail: string): CompressionError => new CompressionError("corrupt", `lz4: ${detail}`)

/**
 * Decodes the block `source[start, end)` into `target` from `targetStart` on and returns the end of what was written.
 * Never writes at or beyond `targetEnd`: returns -1 when the block holds more. Throws `CompressionError` (corrupt).
 */
export const decodeLz4Block = (
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetStart: number,
  targetEnd: number
): number => {
  let from = start
  let to = targetStart
  while (from < end) {
    const token = source[from++]!
    let literals = token >>> 4
    if (literals === 15) {
      let byte = 255
      while (byte === 255) {
        if (from >= end) throw corrupt("literal length past the end of the block")
        byte = source[from++]!
        literals += byte
      }
    }
    if (literals > end - from) throw corrupt("literals past the end of the block")
    if (literals > targetEnd - to) return -1
    to = copyLiterals(source, from, from + literals, target, to)
    from += literals
    if (from === end) return to

    if (end - from < 2) throw corrupt("match offset past the end of the block")
    const offset = source[from]! | (source[from + 1]! << 8)
    from += 2
    if (offset === 0 || offset > to - targetStart) throw corrupt("match offset before the start of the block")
    let length = token & 15
    if (length === 15) {
      let byte = 255
      while (byte === 255) {
        if (from >= end) throw corrupt("match length past the end of the block")
        byte = source[from++]!
        length += byte
      }
    }
    length += MIN_MATCH
    if (length > targetEnd - to) return -1
    to = copyMatch(target, to, offset, length)
  }
  throw corrupt("block does not end with literals")
}

const hashTable = new Uint16Array(1 << HASH_BITS)

const hashOf = (value: number): number => Math.imul(value, 0x9e3779b1) >>> (32 - HASH_BITS)

const writeLength = (target: Uint8Array, to: number, length: number): number => {
  for (; length >= 255; length -= 255) target[to++] = 255
  target[to++] = length
  return to
}

/**
 * Encodes `source[start, end)`, at most 64 KiB, as one block into `target` from `targetStart` on and returns the end
 * of what was written, or -1 if it does not fit before `targetEnd`.
 */
export const encodeLz4Block = (
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetStart: number,
  targetEnd: number
): number => {
  hashTable.fill(0)
  const matchStartEnd = end - MATCH_START_LIMIT
  const matchEnd = end - LAST_LITERALS
  let to = targetStart
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
    let match = candidate
    while (at > anchor && match > start && source[at - 1] === source[match - 1]) {
      at--
      match--
    }
    let length = MIN_MATCH
    while (at + length < matchEnd && source[match + length] === source[at + length]) length++

    const literals = at - anchor
    const extra = length - MIN_MATCH
    if (to + literals + Math.floor(literals / 255) + Math.floor(extra / 255) + 8 > targetEnd) return -1
    const token = to++
    target[token] = (Math.min(literals, 15) << 4) | Math.min(extra, 15)
    if (literals >= 15) to = writeLength(target, to, literals - 15)
    to = copyLiterals(source, anchor, at, target, to)
    target[to++] = at - match
    target[to++] = (at - match) >>> 8
    if (extra >= 15) to = writeLength(target, to, extra - 15)
    at += length
    anchor = at
    if (at < matchStartEnd) hashTable[hashOf(wordAt(source, at - 2))] = at - 2 - start
  }
  const literals = end - anchor
  if (to + literals + Math.floor(literals / 255) + 2 > targetEnd) return -1
  target[to++] = Math.min(literals, 15) << 4
  if (literals >= 15) to = writeLength(target, to, literals - 15)
  return copyLiterals(source, anchor, end, target, to)
}
