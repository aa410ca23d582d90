import { Arbitrary, Schema } from "effect"

/** Integers of a closed range. */
export const integer = (minimum: number, maximum: number): Arbitrary.Arbitrary<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

/** The same bytes for the same arguments; few distinct values make runs and repeats, as compressors meet them. */
export const pseudoBytes = (seed: number, length: number, distinct: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  let state = (seed * 2 + 1) | 0
  let word = 0
  for (let at = 0; at < length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    if (distinct < 32 && (state & 0x300) === 0 && at > 20) {
      // Copy a stretch from before, sometimes overlapping itself.
      const back = 1 + ((state >>> 12) % Math.min(at, 5000))
      for (let left = 4 + ((state >>> 24) & 0x7f); left > 0 && at < length; left--, at++) bytes[at] = bytes[at - back]!
      at--
      continue
    }
    word = (state >>> 8) % distinct
    bytes[at] = word
  }
  return bytes
}

/** Byte arrays, from random to highly repetitive. */
export const byteArrays = (maxLength: number): Arbitrary.Arbitrary<Uint8Array> =>
  Arbitrary.map(
    Arbitrary.all({ seed: integer(0, 0x7fffffff), length: integer(0, maxLength), distinct: integer(1, 256) }),
    ({ distinct, length, seed }) => pseudoBytes(seed, length, distinct)
  )
