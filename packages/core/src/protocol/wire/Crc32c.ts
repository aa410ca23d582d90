/**
 * CRC-32C (Castagnoli), the checksum of magic-2 record batches.
 *
 * Slicing-by-8 over precomputed tables. A native implementation may be installed; it is used only for long inputs,
 * where it outweighs the cost of the call.
 */

/** Computes CRC-32C of `bytes[start, end)`; the result is an unsigned 32-bit integer. */
export type Crc32cFunction = (bytes: Uint8Array, start: number, end: number) => number

/** Inputs shorter than this many bytes never go to an installed native implementation. */
export const NATIVE_THRESHOLD_BYTES = 512

const POLYNOMIAL_REFLECTED = 0x82f63b78

const makeTables = (): Int32Array => {
  const tables = new Int32Array(8 * 256)
  for (let value = 0; value < 256; value++) {
    let crc = value
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL_REFLECTED : crc >>> 1
    }
    tables[value] = crc
  }
  for (let index = 256; index < tables.length; index++) {
    const previous = tables[index - 256]!
    tables[index] = tables[previous & 0xff]! ^ (previous >>> 8)
  }
  return tables
}

const T = makeTables()

/** CRC-32C in TypeScript, whatever native implementation is installed. Unsigned. */
export const crc32cPortable: Crc32cFunction = (bytes, start, end) => {
  let crc = -1
  let at = start
  const wordsEnd = end - 7
  while (at < wordsEnd) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc = T[1792 + (low & 0xff)]! ^
      T[1536 + ((low >>> 8) & 0xff)]! ^
      T[1280 + ((low >>> 16) & 0xff)]! ^
      T[1024 + (low >>> 24)]! ^
      T[768 + bytes[at + 4]!]! ^
      T[512 + bytes[at + 5]!]! ^
      T[256 + bytes[at + 6]!]! ^
      T[bytes[at + 7]!]!
    at += 8
  }
  while (at < end) {
    crc = T[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
    at++
  }
  return ~crc >>> 0
}

let native: Crc32cFunction | undefined

/**
 * CRC-32C of `bytes[start, end)` as an unsigned 32-bit integer. The range must lie inside `bytes`.
 * Source: RFC 3720 appendix B.4, `org.apache.kafka.common.utils.Crc32C`.
 */
export const crc32c: Crc32cFunction = (bytes, start, end) =>
  native !== undefined && end - start >= NATIVE_THRESHOLD_BYTES
    ? native(bytes, start, end)
    : crc32cPortable(bytes, start, end)

const passesSelfTest = (candidate: Crc32cFunction): boolean => {
  try {
    const digits = Uint8Array.from("123456789", (digit) => digit.charCodeAt(0))
    if (candidate(digits, 0, digits.length) !== 0xe3069283) return false
    const long = new Uint8Array(4099)
    for (let index = 0; index < long.length; index++) long[index] = (index * 131 + (index >>> 3)) & 0xff
    // Odd bounds catch an implementation that ignores start or end, or that loses an unaligned tail.
    return candidate(long, 3, 4096) === crc32cPortable(long, 3, 4096) &&
      candidate(long, 0, long.length) === crc32cPortable(long, 0, long.length)
  } catch {
    return false
  }
}

/**
 * Installs a native CRC-32C for inputs of {@link NATIVE_THRESHOLD_BYTES} or more; `undefined` removes it.
 * Returns whether the implementation in use is now the given one: one that fails the known-answer test, or throws in
 * it, is refused and the previous one stays.
 */
export const useCrc32c = (candidate: Crc32cFunction | undefined): boolean => {
  if (candidate !== undefined && !passesSelfTest(candidate)) return false
  native = candidate
  return true
}

/** Which implementation serves inputs of {@link NATIVE_THRESHOLD_BYTES} or more. */
export const crc32cImplementation = (): "native" | "portable" => native === undefined ? "portable" : "native"
