const PRIME_1 = 0x9e3779b1 | 0
const PRIME_2 = 0x85ebca77 | 0
const PRIME_3 = 0xc2b2ae3d | 0
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

const int32LeAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

const round = (accumulator: number, input: number): number =>
  Math.imul(rotateLeft((accumulator + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1)

/** xxHash32 of `bytes[start, end)`, seed 0, unsigned: the checksum of LZ4 frames. Source: the xxHash specification. */
export const xxHash32 = (bytes: Uint8Array, start: number, end: number): number => {
  const length = end - start
  let at = start
  let hash = PRIME_5
  if (length >= 16) {
    let a = (PRIME_1 + PRIME_2) | 0
    let b = PRIME_2
    let c = 0
    let d = -PRIME_1 | 0
    for (const stripesEnd = end - 16; at <= stripesEnd; at += 16) {
      a = round(a, int32LeAt(bytes, at))
      b = round(b, int32LeAt(bytes, at + 4))
      c = round(c, int32LeAt(bytes, at + 8))
      d = round(d, int32LeAt(bytes, at + 12))
    }
    hash = (rotateLeft(a, 1) + rotateLeft(b, 7) + rotateLeft(c, 12) + rotateLeft(d, 18)) | 0
  }
  hash = (hash + length) | 0
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(rotateLeft((hash + Math.imul(int32LeAt(bytes, at), PRIME_3)) | 0, 17), PRIME_4)
  }
  for (; at < end; at++) {
    hash = Math.imul(rotateLeft((hash + Math.imul(bytes[at]!, PRIME_5)) | 0, 11), PRIME_1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}
