/** Position after the varint at `at`, or -1 when it is cut or too long. */
const afterVarint = (bytes: Uint8Array, at: number, end: number, bytesMax: number): number => {
  for (let index = at; index < end && index < at + bytesMax; index++) if (bytes[index]! < 0x80) return index + 1
  return -1
}

let varintEnd = 0

/** The zigzag int32 at `at`; `varintEnd` is then the position after it, or -1 when it is malformed. */
const varint = (bytes: Uint8Array, at: number, end: number): number => {
  let value = 0
  let index = at
  for (let shift = 0; shift <= 28 && index < end; shift += 7) {
    const byte = bytes[index++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      varintEnd = index
      return (value >>> 1) ^ -(value & 1)
    }
  }
  varintEnd = -1
  return 0
}

/** Position after a length-prefixed field, or -1; a negative length is null. */
const afterField = (bytes: Uint8Array, at: number, end: number): number => {
  const length = varint(bytes, at, end)
  if (varintEnd < 0) return -1
  const next = length < 0 ? varintEnd : varintEnd + length
  return next <= end ? next : -1
}

const afterHeaders = (bytes: Uint8Array, start: number, end: number): number => {
  const count = varint(bytes, start, end)
  let at = varintEnd
  if (at < 0 || count < 0) return -1
  for (let index = 0; index < count * 2; index++) {
    at = afterField(bytes, at, end)
    if (at < 0) return -1
  }
  return at
}

/** Whether `payload` holds exactly `count` well-formed records with the offset deltas 0, 1, 2 … */
export const walkRecords = (payload: Uint8Array, count: number): boolean => {
  let at = 0
  for (let index = 0; index < count; index++) {
    const size = varint(payload, at, payload.length)
    if (varintEnd < 0 || size < 6) return false
    const end = varintEnd + size
    if (end > payload.length) return false
    at = afterVarint(payload, varintEnd + 1, end, 10)
    if (at < 0 || varint(payload, at, end) !== index || varintEnd < 0) return false
    at = afterField(payload, varintEnd, end)
    if (at < 0) return false
    at = afterField(payload, at, end)
    if (at < 0 || afterHeaders(payload, at, end) !== end) return false
    at = end
  }
  return at === payload.length
}
