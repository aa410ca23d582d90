import type { Mark } from "./encodeMarked.ts"
import type { Prng } from "./Prng.ts"

/** `bytes` with `size` bytes at `at` replaced. */
export const replaced = (bytes: Uint8Array, at: number, size: number, by: ReadonlyArray<number>): Uint8Array => {
  const result = new Uint8Array(bytes.length - size + by.length)
  result.set(bytes.subarray(0, at))
  result.set(by, at)
  result.set(bytes.subarray(at + size), at + by.length)
  return result
}

/** The bytes of a count or length of `value` (-1 is null), in the form of the mark. */
export const lengthBytes = (mark: Mark, value: number): ReadonlyArray<number> => {
  if (mark.isCompact) {
    const bytes: Array<number> = []
    let left = (mark.kind === "TagCount" ? value : value + 1) >>> 0
    for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
    return [...bytes, left]
  }
  const int32 = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
  return mark.size === 2 ? int32.slice(2) : int32
}

const overlong = [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]

/** A length or count that lies. */
const damageMark = (prng: Prng, bytes: Uint8Array, marks: ReadonlyArray<Mark>): Uint8Array => {
  const mark = prng.pick(marks)
  const { at, size } = mark
  if (mark.isCompact && prng.once(5)) {
    return replaced(bytes, at, size, prng.once(2) ? overlong : [0xff, 0xff, 0xff, 0xff, 0x0f])
  }
  const remaining = bytes.length - at - size
  const value = prng.pick([
    0x7fff_ffff,
    -2,
    -1,
    0,
    1,
    remaining,
    remaining + 1,
    remaining - 1,
    0x8000_0000 | 0,
    100_000
  ])
  return replaced(bytes, at, size, lengthBytes(mark, value))
}

/** Many unknown tagged fields, in place of a tag count. */
const tagBomb = (prng: Prng, bytes: Uint8Array, marks: ReadonlyArray<Mark>): Uint8Array => {
  const tags = marks.filter((mark) => mark.kind === "TagCount")
  if (tags.length === 0) return damageMark(prng, bytes, marks)
  const { at, size } = prng.pick(tags)
  const count = prng.between(1, 2_000)
  const section = [(count & 0x7f) | 0x80, count >>> 7]
  for (let i = 0; i < count; i++) section.push(prng.between(20, 100), prng.once(50) ? 0x7f : 0)
  return replaced(bytes, at, size, section)
}

const flip = (prng: Prng, bytes: Uint8Array): Uint8Array => {
  const result = bytes.slice()
  for (let i = prng.between(1, 6); i > 0 && result.length > 0; i--) {
    const at = prng.below(result.length)
    result[at] = prng.once(2) ? result[at]! ^ (1 << prng.below(8)) : prng.pick([0, 1, 0x7f, 0x80, 0xff])
  }
  return result
}

/** A request body that is not quite one; `other` is a body of another kind. */
export const mutate = (
  prng: Prng,
  bytes: Uint8Array,
  marks: ReadonlyArray<Mark>,
  other: () => Uint8Array
): Uint8Array => {
  const kind = prng.below(9)
  if (kind < 3 && marks.length > 0) return damageMark(prng, bytes, marks)
  if (kind === 3 && marks.length > 0) return tagBomb(prng, bytes, marks)
  if (kind < 6) return flip(prng, bytes)
  if (kind === 6) return bytes.slice(0, prng.below(bytes.length + 1))
  const tail = kind === 7 ? other() : prng.bytes(prng.below(40))
  const cut = prng.below(bytes.length + 1)
  return replaced(bytes, cut, bytes.length - cut, Array.from(tail.subarray(prng.below(tail.length + 1))))
}
