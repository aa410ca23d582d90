import { type Uuid, writeUuid } from "../../model/Uuid.ts"
import { failEncode } from "./EncodeError.ts"
import { encodeUtf8Unsafe, utf8Length } from "./Utf8.ts"

/** Byte fields above this size are passed on as chunks of their own instead of being copied. */
export const copySizeMax = 4096
/** One slab holds many small responses; the cost of zeroing it is shared by them. */
const slabSize = 64 * 1024

const two32 = 4_294_967_296
const two63 = 9_223_372_036_854_775_808
const stringLengthMax = 0x7fff
const noBytes = new Uint8Array(0)
const scratch = new DataView(new ArrayBuffer(8))

/**
 * Writes Kafka's primitive types, big-endian, into slabs that many messages share; large byte fields are not copied.
 *
 * Use: any number of `beginFrame() … endFrame()`, then `finish()` once, which hands out the chunks in order and leaves
 * the writer ready for the next message. Chunks stay valid for ever: the writer never writes to handed-out bytes. But
 * small ones keep their slab of 64 KiB alive: send them and forget them; `finishBytes()` is for bytes to keep.
 * After an `EncodeError`, `reset()` drops what was half written.
 * Source: org.apache.kafka.common.protocol.ByteBufferAccessor and SendBuilder.
 */
export class ByteWriter {
  private slab: Uint8Array
  private position = 0
  /** Start of the bytes in the slab that no chunk holds yet. */
  private pendingStart = 0
  private chunks: Array<Uint8Array> = []
  private chunksSize = 0
  /** Inside a tagged field nothing may become a chunk, because the field's size is inserted before it afterwards. */
  private openTags = 0
  private prefixSlab: Uint8Array
  private prefixAt = 0
  private prefixSizeBefore = 0

  constructor(initialSize = slabSize) {
    this.slab = new Uint8Array(initialSize)
    this.prefixSlab = this.slab
  }

  /** Bytes written since the last `finish` or `reset`. */
  get size(): number {
    return this.chunksSize + this.position - this.pendingStart
  }

  /** Drops everything that `finish` has not handed out. */
  reset(): void {
    this.chunks = []
    this.chunksSize = 0
    this.openTags = 0
    this.position = this.pendingStart
    this.releaseLargeSlab()
  }

  /** One large message must not make the writer hold its memory ever after. */
  private releaseLargeSlab(): void {
    if (this.slab.length <= slabSize) return
    this.slab = noBytes
    this.prefixSlab = noBytes
    this.position = 0
    this.pendingStart = 0
  }

  /** The chunks written since the last `finish`, in order. */
  finish(): Array<Uint8Array> {
    this.closeChunk()
    const chunks = this.chunks
    this.chunks = []
    this.chunksSize = 0
    this.releaseLargeSlab()
    return chunks
  }

  /** Like `finish`, but one array, copied: for bytes that are kept, which would otherwise keep the whole slab. */
  finishBytes(): Uint8Array {
    const all = new Uint8Array(this.size)
    let at = 0
    for (const chunk of this.chunks) {
      all.set(chunk, at)
      at += chunk.length
    }
    all.set(this.slab.subarray(this.pendingStart, this.position), at)
    this.reset()
    return all
  }

  /** Reserves the 4-byte size prefix; frames cannot be nested. */
  beginFrame(): void {
    const at = this.reserve(4)
    this.prefixSlab = this.slab
    this.prefixAt = at
    this.prefixSizeBefore = this.size
  }

  /** Patches the size prefix of the frame begun last. */
  endFrame(): void {
    putInt32(this.prefixSlab, this.prefixAt, this.size - this.prefixSizeBefore)
  }

  private closeChunk(): void {
    if (this.position === this.pendingStart) return
    this.chunks.push(this.slab.subarray(this.pendingStart, this.position))
    this.chunksSize += this.position - this.pendingStart
    this.pendingStart = this.position
  }

  private grow(size: number): void {
    const pending = this.position - this.pendingStart
    const slab = new Uint8Array(Math.max(slabSize, 2 * (pending + size)))
    slab.set(this.slab.subarray(this.pendingStart, this.position))
    if (this.prefixSlab === this.slab && this.prefixAt >= this.pendingStart) {
      this.prefixSlab = slab
      this.prefixAt -= this.pendingStart
    }
    this.slab = slab
    this.pendingStart = 0
    this.position = pending
  }

  private reserve(size: number): number {
    if (size > this.slab.length - this.position) this.grow(size)
    const at = this.position
    this.position = at + size
    return at
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0)
  }

  int8(value: number): void {
    const at = this.reserve(1)
    this.slab[at] = value
  }

  int16(value: number): void {
    const at = this.reserve(2)
    const slab = this.slab
    slab[at] = value >> 8
    slab[at + 1] = value
  }

  uint16(value: number): void {
    this.int16(value)
  }

  int32(value: number): void {
    const at = this.reserve(4)
    putInt32(this.slab, at, value)
  }

  uint32(value: number): void {
    this.int32(value)
  }

  /** A number beyond the 64-bit range becomes the nearest end, so a rounded `Long.MAX_VALUE` stays what it was. */
  int64(value: number): void {
    const at = this.reserve(8)
    if (value >= two63) {
      putInt32(this.slab, at, 0x7fff_ffff)
      putInt32(this.slab, at + 4, -1)
    } else {
      putInt32(this.slab, at, Math.max(-0x8000_0000, Math.floor(value / two32)))
      putInt32(this.slab, at + 4, value < -two63 ? 0 : value)
    }
  }

  float64(value: number): void {
    const at = this.reserve(8)
    scratch.setFloat64(0, value)
    for (let i = 0; i < 8; i++) this.slab[at + i] = scratch.getUint8(i)
  }

  uuid(value: Uuid): void {
    const at = this.reserve(16)
    if (!writeUuid(value, this.slab, at)) failEncode(`not a UUID: ${value}`)
  }

  uvarint(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.int8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.int8(rest)
  }

  varint(value: number): void {
    this.uvarint((value << 1) ^ (value >> 31))
  }

  varlong(value: number): void {
    let rest = value >= 0 ? value : -value - 1
    let byte = ((rest % 64) << 1) | (value < 0 ? 1 : 0)
    rest = Math.floor(rest / 64)
    while (rest > 0) {
      this.int8(byte | 0x80)
      byte = rest % 128
      rest = Math.floor(rest / 128)
    }
    this.int8(byte)
  }

  private text(value: string, size: number): void {
    const at = this.reserve(size)
    encodeUtf8Unsafe(value, this.slab, at)
  }

  string(value: string): void {
    const size = stringSize(value)
    this.int16(size)
    this.text(value, size)
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1)
    else this.string(value)
  }

  compactString(value: string): void {
    const size = stringSize(value)
    this.uvarint(size + 1)
    this.text(value, size)
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.int8(0)
    else this.compactString(value)
  }

  bytes(value: Uint8Array): void {
    this.int32(value.length)
    this.raw(value)
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.int32(-1)
    else this.bytes(value)
  }

  compactBytes(value: Uint8Array): void {
    this.uvarint(value.length + 1)
    this.raw(value)
  }

  compactNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.int8(0)
    else this.compactBytes(value)
  }

  /** Batches as one array or as several in a row, which saves the caller from joining them. */
  records(value: Uint8Array | ReadonlyArray<Uint8Array>): void {
    this.int32(recordsSize(value))
    this.rawRecords(value)
  }

  compactRecords(value: Uint8Array | ReadonlyArray<Uint8Array>): void {
    this.uvarint(recordsSize(value) + 1)
    this.rawRecords(value)
  }

  private rawRecords(value: Uint8Array | ReadonlyArray<Uint8Array>): void {
    if (value instanceof Uint8Array) this.raw(value)
    else for (const part of value) this.raw(part)
  }

  /** Bytes without a length. */
  raw(value: Uint8Array): void {
    if (value.length <= copySizeMax || this.openTags > 0) {
      const at = this.reserve(value.length)
      this.slab.set(value, at)
      return
    }
    this.closeChunk()
    this.chunks.push(value)
    this.chunksSize += value.length
  }

  /** Starts a tagged field: writes the tag and returns the mark for `endTag`. */
  beginTag(tag: number): number {
    this.uvarint(tag)
    this.openTags++
    return this.position - this.pendingStart
  }

  /** Inserts the size of the tagged field before its content. */
  endTag(mark: number): void {
    this.openTags--
    const size = this.position - this.pendingStart - mark
    const prefixSize = uvarintSize(size)
    this.reserve(prefixSize)
    const start = this.pendingStart + mark
    const end = this.position
    this.slab.copyWithin(start + prefixSize, start, end - prefixSize)
    this.position = start
    this.uvarint(size)
    this.position = end
  }
}

const putInt32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >> 24
  bytes[at + 1] = value >> 16
  bytes[at + 2] = value >> 8
  bytes[at + 3] = value
}

const stringSize = (value: string): number => {
  const size = utf8Length(value)
  return size > stringLengthMax ? failEncode(`string of ${size} bytes`) : size
}

const recordsSize = (value: Uint8Array | ReadonlyArray<Uint8Array>): number => {
  if (value instanceof Uint8Array) return value.length
  let size = 0
  for (const part of value) size += part.length
  return size
}

const uvarintSize = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
