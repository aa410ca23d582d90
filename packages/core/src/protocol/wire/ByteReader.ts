import { readUuid, type Uuid } from "../../model/Uuid.ts"
import { failDecode } from "./DecodeError.ts"
import { decodeUtf8 } from "./Utf8.ts"

/**
 * Elements that all arrays of one message may have together.
 *
 * An element takes one byte on the wire at least, but some hundred bytes as a value: without this bound a request of
 * 100 MB could ask for tens of gigabytes.
 */
export const elementCountMax = 1_000_000

const two32 = 4_294_967_296
const stringLengthMax = 0x7fff
const scratch = new DataView(new ArrayBuffer(8))

/**
 * Reads Kafka's primitive types, big-endian, from `bytes[start, end)`; every method throws `DecodeError` when the bytes
 * do not suffice.
 *
 * `bytes`, `nullableBytes` and their compact forms return *views* of the input: whoever keeps them longer than the
 * input buffer is valid must copy. 64-bit integers are JS numbers: exact to ±2^53, rounded beyond.
 * Source: org.apache.kafka.common.protocol.ByteBufferAccessor.
 */
export class ByteReader {
  /** Position of the next byte to read. */
  position: number
  /** Position after the last readable byte. */
  readonly end: number
  readonly source: Uint8Array
  private elements = 0

  constructor(source: Uint8Array, start = 0, end = source.length) {
    this.source = source
    this.position = start
    this.end = end
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.end - this.position
  }

  private take(size: number): number {
    const at = this.position
    if (size > this.end - at) failDecode(`${size} bytes expected, ${this.end - at} left`)
    this.position = at + size
    return at
  }

  skip(size: number): void {
    this.take(size)
  }

  boolean(): boolean {
    return this.source[this.take(1)] !== 0
  }

  int8(): number {
    return (this.source[this.take(1)]! << 24) >> 24
  }

  int16(): number {
    const at = this.take(2)
    return (((this.source[at]! << 8) | this.source[at + 1]!) << 16) >> 16
  }

  uint16(): number {
    const at = this.take(2)
    return (this.source[at]! << 8) | this.source[at + 1]!
  }

  int32(): number {
    const at = this.take(4)
    const bytes = this.source
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  uint32(): number {
    return this.int32() >>> 0
  }

  /** Exact to ±2^53; beyond, the nearest double. */
  int64(): number {
    const high = this.int32()
    return high * two32 + (this.int32() >>> 0)
  }

  float64(): number {
    const at = this.take(8)
    for (let i = 0; i < 8; i++) scratch.setUint8(i, this.source[at + i]!)
    return scratch.getFloat64(0)
  }

  uuid(): Uuid {
    return readUuid(this.source, this.take(16))
  }

  /** Unsigned variable-length integer, at most 5 bytes and below 2^32. */
  uvarint(): number {
    const first = this.source[this.take(1)]!
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.source[this.take(1)]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.source[this.take(1)]!
    if (last > 0x0f) failDecode("variable-length integer above 32 bits")
    return (value | (last << 28)) >>> 0
  }

  /** Zigzag variable-length 32-bit integer, as in records. */
  varint(): number {
    const value = this.uvarint()
    return (value >>> 1) ^ -(value & 1)
  }

  /** Zigzag variable-length 64-bit integer, as in records; exact to ±2^53. */
  varlong(): number {
    let half = 0
    let scale = 1
    let sign = 0
    for (let i = 0; i < 10; i++) {
      const byte = this.source[this.take(1)]!
      if (i === 9 && byte > 1) break
      if (i === 0) {
        sign = byte & 1
        half = (byte & 0x7f) >> 1
        scale = 64
      } else {
        half += (byte & 0x7f) * scale
        scale *= 128
      }
      if (byte < 0x80) return sign === 0 ? half : -half - 1
    }
    return failDecode("variable-length integer above 64 bits")
  }

  private text(length: number): string {
    if (length > stringLengthMax) failDecode(`string of ${length} bytes`)
    const at = this.take(length)
    return decodeUtf8(this.source, at, at + length)
  }

  private view(length: number): Uint8Array {
    const at = this.take(length)
    return this.source.subarray(at, at + length)
  }

  string(): string {
    const length = this.int16()
    return length < 0 ? failDecode(`string length ${length}`) : this.text(length)
  }

  /** Kafka takes every negative length as null where null is allowed; so it is for bytes and arrays. */
  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.text(length)
  }

  compactString(): string {
    const length = this.uvarint()
    return length === 0 ? failDecode("null where a string must be") : this.text(length - 1)
  }

  compactNullableString(): string | null {
    const length = this.uvarint()
    return length === 0 ? null : this.text(length - 1)
  }

  bytes(): Uint8Array {
    const length = this.int32()
    return length < 0 ? failDecode(`bytes length ${length}`) : this.view(length)
  }

  nullableBytes(): Uint8Array | null {
    const length = this.int32()
    return length < 0 ? null : this.view(length)
  }

  compactBytes(): Uint8Array {
    const length = this.uvarint()
    return length === 0 ? failDecode("null where bytes must be") : this.view(length - 1)
  }

  compactNullableBytes(): Uint8Array | null {
    const length = this.uvarint()
    return length === 0 ? null : this.view(length - 1)
  }

  /** Checks a count of elements of at least `elementSizeMin` (≥ 1) bytes each, before anything is allocated. */
  private admit(count: number, elementSizeMin: number): number {
    if (count * elementSizeMin > this.end - this.position) {
      failDecode(`${count} elements in ${this.end - this.position} bytes`)
    }
    this.elements += count
    if (this.elements > elementCountMax) failDecode(`more than ${elementCountMax} array elements in a message`)
    return count
  }

  /** Count of a non-null array whose elements take at least `elementSizeMin` bytes. */
  count(elementSizeMin: number): number {
    const count = this.int32()
    return count < 0 ? failDecode(`array count ${count}`) : this.admit(count, elementSizeMin)
  }

  /** Like `count`, but -1 for a null array. */
  nullableCount(elementSizeMin: number): number {
    const count = this.int32()
    return count < 0 ? -1 : this.admit(count, elementSizeMin)
  }

  compactCount(elementSizeMin: number): number {
    const count = this.uvarint()
    return count === 0 ? failDecode("null where an array must be") : this.admit(count - 1, elementSizeMin)
  }

  /** Like `compactCount`, but -1 for a null array. */
  compactNullableCount(elementSizeMin: number): number {
    const count = this.uvarint()
    return count === 0 ? -1 : this.admit(count - 1, elementSizeMin)
  }

  /** The marker of a nullable struct: true when the struct follows. Kafka takes every negative byte as null. */
  presence(): boolean {
    return this.int8() >= 0
  }

  /** The marker of a nullable struct in a tagged field, where Kafka writes another one: 1 when the struct follows. */
  taggedPresence(): boolean {
    return this.uvarint() > 0
  }

  /** Reads the size of a tagged field and returns the position where it must end. */
  tagEnd(): number {
    const size = this.uvarint()
    if (size > this.end - this.position) failDecode(`tagged field of ${size} bytes, ${this.end - this.position} left`)
    return this.position + size
  }

  /** Fails unless the known tagged field that was just read took exactly its size. */
  expectPosition(expected: number): void {
    if (this.position !== expected) failDecode("tagged field does not match its size")
  }

  /** Skips a whole tagged-field section, for structs that know no tag. */
  skipTags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint()
      this.position = this.tagEnd()
    }
  }
}
