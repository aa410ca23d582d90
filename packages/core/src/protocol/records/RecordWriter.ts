import { encodeUtf8Unsafe, utf8Length } from "../wire/Utf8.ts"
import type { RecordHeader } from "./Record.ts"

const TWO_POW_32 = 0x1_0000_0000
const INITIAL_CAPACITY_BYTES = 512

const varintSize = (value: number): number => {
  const bits = 32 - Math.clz32((value << 1) ^ (value >> 31))
  return bits <= 7 ? 1 : Math.ceil(bits / 7)
}

const lengthOf = (bytes: Uint8Array | null): number => bytes === null ? -1 : bytes.length

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

  /** Begins anew, in memory as small as at first. */
  clear(): void {
    this.position = 0
    this.buffer = new Uint8Array(INITIAL_CAPACITY_BYTES)
  }

  /** Writes one record; `timestampDelta` is exact up to 2^53. */
  write(
    offsetDelta: number,
    timestampDelta: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: ReadonlyArray<RecordHeader>
  ): void {
    let headersSize = varintSize(headers.length)
    for (const header of headers) {
      const keyLength = utf8Length(header.key)
      headersSize += varintSize(keyLength) + keyLength + blockSize(header.value)
    }
    const high = Math.floor(timestampDelta / TWO_POW_32)
    const sign = high >> 31
    const zigzagLow = ((timestampDelta << 1) ^ sign) >>> 0
    const zigzagHigh = (((high << 1) | (timestampDelta >>> 31)) ^ sign) >>> 0
    const timestampSize = zigzagHigh === 0
      ? Math.max(1, Math.ceil((32 - Math.clz32(zigzagLow)) / 7))
      : Math.ceil((64 - Math.clz32(zigzagHigh)) / 7)
    const size = 1 + timestampSize + varintSize(offsetDelta) + blockSize(key) + blockSize(value) + headersSize
    this.reserve(size + 5)
    this.writeVarint(size)
    this.buffer[this.position++] = 0
    this.writeUnsignedVarlong(zigzagLow, zigzagHigh)
    this.writeVarint(offsetDelta)
    this.writeBlock(key)
    this.writeBlock(value)
    this.writeVarint(headers.length)
    for (const header of headers) {
      this.writeVarint(utf8Length(header.key))
      this.position = encodeUtf8Unsafe(header.key, this.buffer, this.position)
      this.writeBlock(header.value)
    }
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
