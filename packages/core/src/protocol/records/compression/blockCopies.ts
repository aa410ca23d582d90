/** Steps that the block formats of LZ4 and Snappy share. The caller has checked that all bytes are there. */

/** From this many bytes on, the engine's own copy beats a loop. */
const bulkCopyBytes = 48

/** The four bytes from `at`, little-endian; only good to be compared and hashed, as the sign is arbitrary. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

/** Copies `source[from, end)` to `target[to, …)` and returns the end of what was written. */
export const copyLiterals = (source: Uint8Array, from: number, end: number, target: Uint8Array, to: number): number => {
  if (end - from >= bulkCopyBytes) {
    target.set(source.subarray(from, end), to)
    return to + end - from
  }
  while (from < end) target[to++] = source[from++]!
  return to
}

/** Repeats the `length` bytes that begin `offset` before `to`, and returns the end of what was written. */
export const copyMatch = (target: Uint8Array, to: number, offset: number, length: number): number => {
  const matchEnd = to + length
  let match = to - offset
  if (length >= bulkCopyBytes) {
    if (offset >= length) {
      target.copyWithin(to, match, match + length)
      return matchEnd
    }
    if (offset === 1) {
      target.fill(target[match]!, to, matchEnd)
      return matchEnd
    }
  }
  // Byte by byte in ascending order: a match may overlap what it produces.
  while (to < matchEnd) target[to++] = target[match++]!
  return to
}
