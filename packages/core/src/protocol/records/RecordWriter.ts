import { encodeUtf8Unsafe, utf8Length } from "../wire/Utf8.ts"
import type { RecordHeader } from "./Record.ts"

const TWO_POW_32 = 0x1_0000_0000
const INITIAL_CAPACITY_BYTES = 512

const varintSize = (value: number): number => {
  const bits = 32 - Math.clz32((value << 1) ^ (value >> 31))
  return bits <= 7 ? 1 : Math.ceil(bits / 7)
}

const lengthOf = (bytes: Uint8Array | null): number => bytes === null ? -1 : bytes.length

/** Bytes of all headers and of their count. */
const headersSizeOf = (headers: ReadonlyArray<RecordHeader>): number => {
  let size = varintSize(headers.length)
  for (const header of headers) {
    const keyLength = utf8Length(header.key)
    size += varintSize(keyLength) + keyLength + blockSize(header.value)
  }
  return size
}

const blockSize = (bytes: Uint8Array | null): number => varintSize(lengthOf(bytes)) + (bytes?.length ?? 0)

/**
 * Appends magic-2 records to a growing buffer. Source: `DefaultRecord.writeTo`.
 */
export class RecordWriter {
  /** Where the next record goes. */
  position: number
  private buffer: Uint8Array<ArrayBuffer>

  /** Leaves `headroomBytes` of zeros free for a batch header. */
  constructor(headroomBytes: number) {
    this.position = headroomBytes
    this.buffer = new Uint8Array(headroomBytes + INITIAL_CAPACITY_BYTES)
  }

  /** Everything written, headroom included, as a view over the writer's buffer. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.position)
  }

  /** What was written since the last call, in memory that is the caller's; the next is written elsewhere. */
  take(): Uint8Array {
    const taken = this.bytes()
    this.position = 0
    this.buffer = new Uint8Array(INITIAL_CAPACITY_BYTES)
    return taken
  }

  /** Writes one record; `timestampDelta` is exact up to 2^53. */
  write(
    offsetDelta: number,
    timestampDelta: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: ReadonlyArray<RecordHeader>
  ): void {
    this.begin(offsetDelta, timestampDelta, key, value, headers, value?.length ?? 0)
    if (value !== null) {
      this.buffer.set(value, this.position)
      this.position += value.length
    }
    this.end(headers)
  }

  /**
   * Writes one record up to its value, of which only the length is written, and keeps room for `valueRoomBytes` of it. The
   * caller puts the value there or elsewhere, and then calls {@link RecordWriter.end}.
   */
  begin(
    offsetDelta: number,
    timestampDelta: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: ReadonlyArray<RecordHeader>,
    valueRoomBytes: number
  ): void {
    const bodyBytes = blockSize(key) + blockSize(value) + headersSizeOf(headers)
    this.open(offsetDelta, timestampDelta, bodyBytes, bodyBytes - (value?.length ?? 0) + valueRoomBytes)
    this.writeBlock(key)
    this.writeVarint(lengthOf(value))
  }

  /** Writes what follows the value of the record that was begun. */
  end(headers: ReadonlyArray<RecordHeader>): void {
    this.reserve(headersSizeOf(headers))
    this.writeVarint(headers.length)
    for (const header of headers) {
      this.writeVarint(utf8Length(header.key))
      this.position = encodeUtf8Unsafe(header.key, this.buffer, this.position)
      this.writeBlock(header.value)
    }
  }

  /** Writes one record whose key, value and headers are the bytes `body` of another. */
  writeBody(offsetDelta: number, timestampDelta: number, body: Uint8Array): void {
    this.open(offsetDelta, timestampDelta, body.length, body.length)
    this.buffer.set(body, this.position)
    this.position += body.length
  }

  /** Writes the bytes of whole records as they are. */
  writeRecords(records: Uint8Array): void {
    this.reserve(records.length)
    this.buffer.set(records, this.position)
    this.position += records.length
  }

  /** Writes what stands before key, value and headers of a record in which they take `bodyBytes`; keeps room for `roomBytes`. */
  private open(offsetDelta: number, timestampDelta: number, bodyBytes: number, roomBytes: number): void {
    const high = Math.floor(timestampDelta / TWO_POW_32)
    const sign = high >> 31
    const zigzagLow = ((timestampDelta << 1) ^ sign) >>> 0
    const zigzagHigh = (((high << 1) | (timestampDelta >>> 31)) ^ sign) >>> 0
    const timestampSize = zigzagHigh === 0
      ? Math.max(1, Math.ceil((32 - Math.clz32(zigzagLow)) / 7))
      : Math.ceil((64 - Math.clz32(zigzagHigh)) / 7)
    const size = 1 + timestampSize + varintSize(offsetDelta) + bodyBytes
    this.reserve(size + 5 - bodyBytes + roomBytes)
    this.writeVarint(size)
    this.buffer[this.position++] = 0
    this.writeUnsignedVarlong(zigzagLow, zigzagHigh)
    this.writeVarint(offsetDelta)
  }

  private reserve(bytes: number): void {
    const needed = this.position + bytes
    if (needed <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2))
    larger.set(this.bytes())
    this.buffer = larger
  }

  private writeBlock(bytes: Uint8Array | null): void {
    this.writeVarint(lengthOf(bytes))
    if (bytes === null) return
    this.buffer.set(bytes, this.position)
    this.position += bytes.length
  }

  private writeVarint(value: number): void {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0
    for (; rest >= 0x80; rest >>>= 7) this.buffer[this.position++] = (rest & 0x7f) | 0x80
    this.buffer[this.position++] = rest
  }

  private writeUnsignedVarlong(low: number, high: number): void {
    while (high !== 0 || low >= 0x80) {
      this.buffer[this.position++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.buffer[this.position++] = low
  }
}
