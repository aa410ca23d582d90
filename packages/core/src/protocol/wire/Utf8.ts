/** Longest string, in bytes, that is looked up among the strings seen before. */
const knownLengthMax = 64
/** Slots of the table of strings seen before: about 1024 × 64 bytes at most. A power of two. */
const knownSlots = 1024
const known: Array<string> = Array.from({ length: knownSlots }, () => "")

/** Characters handed to one `String.fromCharCode` call; far below every engine's limit on arguments. */
const charactersPerCall = 4096

const equalsAscii = (text: string, bytes: Uint8Array, start: number, length: number): boolean => {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}

const asciiToString = (bytes: Uint8Array, start: number, end: number): string => {
  let text = ""
  for (let from = start; from < end; from += charactersPerCall) {
    text += String.fromCharCode.apply(null, bytes.subarray(from, Math.min(end, from + charactersPerCall)) as never)
  }
  return text
}

/** How many of the bytes from `at` belong to one malformed or truncated sequence, as Java and WHATWG count them. */
const decodeSequence = (bytes: Uint8Array, at: number, end: number, out: Array<number>): number => {
  const first = bytes[at]!
  let needed = 0
  let point = 0
  let lower = 0x80
  let upper = 0xbf
  if (first >= 0xc2 && first <= 0xdf) {
    needed = 1
    point = first & 0x1f
  } else if (first >= 0xe0 && first <= 0xef) {
    if (first === 0xe0) lower = 0xa0
    if (first === 0xed) upper = 0x9f
    needed = 2
    point = first & 0x0f
  } else if (first >= 0xf0 && first <= 0xf4) {
    if (first === 0xf0) lower = 0x90
    if (first === 0xf4) upper = 0x8f
    needed = 3
    point = first & 0x07
  } else {
    out.push(0xfffd)
    return 1
  }
  for (let i = 1; i <= needed; i++) {
    const next = at + i < end ? bytes[at + i]! : 0
    if (next < lower || next > upper) {
      out.push(0xfffd)
      return i
    }
    lower = 0x80
    upper = 0xbf
    point = (point << 6) | (next & 0x3f)
  }
  if (point > 0xffff) out.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
  else out.push(point)
  return needed + 1
}

const decodeSlow = (bytes: Uint8Array, start: number, end: number): string => {
  let text = ""
  let units: Array<number> = []
  for (let at = start; at < end;) {
    const byte = bytes[at]!
    if (byte < 0x80) {
      units.push(byte)
      at++
    } else {
      at += decodeSequence(bytes, at, end, units)
    }
    if (units.length >= charactersPerCall) {
      text += String.fromCharCode.apply(null, units)
      units = []
    }
  }
  return text + String.fromCharCode.apply(null, units)
}

/**
 * The string in `bytes[start, end)`; never throws: invalid UTF-8 becomes U+FFFD, as in Java's `String(bytes, UTF_8)`.
 *
 * Short ASCII strings come from a bounded table of strings seen before: topic names and client ids repeat in every
 * request, and a string with a known hash also makes the map look-ups that follow cheaper.
 */
export const decodeUtf8 = (bytes: Uint8Array, start: number, end: number): string => {
  const length = end - start
  if (length === 0) return ""
  let hash = length
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte >= 0x80) return decodeSlow(bytes, start, end)
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  if (length > knownLengthMax) return asciiToString(bytes, start, end)
  const slot = (hash ^ (hash >>> 15)) & (knownSlots - 1)
  const candidate = known[slot]!
  if (equalsAscii(candidate, bytes, start, length)) return candidate
  const text = asciiToString(bytes, start, end)
  known[slot] = text
  return text
}

/** Size of `text` in UTF-8, in bytes; a lone surrogate counts one, because it is written as `?`. */
export const utf8Length = (text: string): number => {
  let size = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) size += 1
    else if (unit < 0xd800 || unit > 0xdfff) size += 2
    else if (unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      size += 2
      i++
    }
  }
  return size
}

/** Writes `text` at `at`, which must have room; returns the position after it. Lone surrogates become `?`. */
export const encodeUtf8Unsafe = (text: string, bytes: Uint8Array, at: number): number => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) {
      bytes[at++] = unit
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else {
      const next = text.charCodeAt(i + 1)
      if (unit < 0xdc00 && (next & 0xfc00) === 0xdc00) {
        const point = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00)
        bytes[at++] = 0xf0 | (point >> 18)
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
        bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
        bytes[at++] = 0x80 | (point & 0x3f)
        i++
      } else {
        bytes[at++] = 0x3f
      }
    }
  }
  return at
}

/** The UTF-8 bytes of a text; a lone surrogate becomes `?`, as in Java. */
export const encodeUtf8 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(utf8Length(text))
  encodeUtf8Unsafe(text, bytes, 0)
  return bytes
}
