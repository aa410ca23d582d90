import * as RecordBatch from "./RecordBatch.ts"

/**
 * What is wrong with a batch's records. `varint`: a variable-length number is too long or cut; `size`: a length points
 * past the end, or a record is longer or shorter than it declares; `headers`: an impossible header count or key length;
 * `count`: the batch declares a negative number of records or more than it holds; `leftover`: bytes follow the last.
 */
export type InvalidRecordReason = "varint" | "size" | "headers" | "count" | "leftover"

/**
 * The records of a batch are malformed; Kafka answers INVALID_RECORD (87). Returned, not thrown, except by
 * `decodeRecords`. Source: `InvalidRecordException`.
 */
export class InvalidRecordError extends Error {
  readonly _tag = "InvalidRecordError"
  readonly reason: InvalidRecordReason
  /** Index in the batch of the record at fault. */
  readonly recordIndex: number

  constructor(reason: InvalidRecordReason, recordIndex: number) {
    super(`invalid record ${recordIndex} in batch: ${reason}`)
    this.name = "InvalidRecordError"
    this.reason = reason
    this.recordIndex = recordIndex
  }
}

const TWO_POW_32 = 0x1_0000_0000

/**
 * Bytes of the record that begins at `at`, its length field included; 0 while that field is not whole, and 1 when it
 * is none that a record can have.
 */
export const recordSizeBytes = (bytes: Uint8Array, at: number): number => {
  let value = 0
  for (let index = 0; index < 5; index++) {
    if (at + index >= bytes.length) return 0
    const byte = bytes[at + index]!
    value |= (byte & 0x7f) << (7 * index)
    if (byte < 0x80) {
      const size = (value >>> 1) ^ -(value & 1)
      return size < 0 ? 1 : index + 1 + size
    }
  }
  return 1
}

const isRecordWhole = (bytes: Uint8Array, at: number): boolean => {
  const sizeBytes = recordSizeBytes(bytes, at)
  return sizeBytes > 0 && at + sizeBytes <= bytes.length
}

/**
 * Walks the records of one magic-2 batch without allocating per record: after `next()` returned true, the fields
 * describe the current record as positions in `payload`. Once `next()` returned false, `error` tells whether the batch
 * ended as declared. Source: `DefaultRecord.readFrom`, `DefaultRecordBatch.RecordIterator`.
 */
export class RecordCursor {
  payload: Uint8Array
  readonly recordCount: number
  error: InvalidRecordError | undefined = undefined

  /** Position of the current record in the batch, from 0. */
  index = -1
  /** Position of the current record's first byte, its length. */
  start = 0
  /** Position of what follows the current record's deltas: key, value and headers, to {@link RecordCursor.end}. */
  bodyStart = 0
  /** Record attributes; no bit is assigned. */
  attributes = 0
  offsetDelta = 0
  timestampDelta = 0
  keyStart = 0
  /** -1 for a null key. */
  keyLength = -1
  valueStart = 0
  /** -1 for a null value. */
  valueLength = -1
  /** Position of the first header; read them with {@link RecordCursor.forEachHeader}. */
  headersStart = 0
  headerCount = 0

  private position = 0
  /** Whether bytes of the batch may follow after `payload`: a record that is not whole is no error then. */
  private isPartial = false
  private readonly baseOffset: number
  private readonly baseTimestamp: number
  private readonly logAppendTime: number | undefined

  /** `payload` holds the decompressed records of the batch at `at` of `bytes`. */
  constructor(bytes: Uint8Array, at: number, payload: Uint8Array) {
    this.payload = payload
    this.recordCount = RecordBatch.recordCount(bytes, at)
    this.baseOffset = RecordBatch.baseOffset(bytes, at)
    this.baseTimestamp = RecordBatch.baseTimestamp(bytes, at)
    this.logAppendTime = RecordBatch.timestampType(bytes, at) === "LogAppendTime"
      ? RecordBatch.maxTimestamp(bytes, at)
      : undefined
    if (this.recordCount < 0) this.error = new InvalidRecordError("count", 0)
  }

  /** Position after the current record. */
  get end(): number {
    return this.position
  }

  /** Absolute offset of the current record. */
  get offset(): number {
    return this.baseOffset + this.offsetDelta
  }

  /** Milliseconds since the epoch; the append time if the batch was stamped with it. */
  get timestamp(): number {
    return this.logAppendTime ?? this.baseTimestamp + this.timestampDelta
  }

  /** The current key as a view over the payload, null if absent. */
  get key(): Uint8Array | null {
    return this.keyLength < 0 ? null : this.payload.subarray(this.keyStart, this.keyStart + this.keyLength)
  }

  /** The current value as a view over the payload, null if absent. */
  get value(): Uint8Array | null {
    return this.valueLength < 0 ? null : this.payload.subarray(this.valueStart, this.valueStart + this.valueLength)
  }

  /**
   * Goes on in the next bytes of the batch; `next()` reads the whole records in them and then returns false without an
   * error. Before the last bytes are read with `isLast`, the end of the batch is not judged.
   */
  continueIn(bytes: Uint8Array, isLast: boolean): void {
    this.payload = bytes
    this.position = 0
    this.isPartial = !isLast
  }

  /** What of `payload` has not been read. */
  get unread(): Uint8Array {
    return this.payload.subarray(this.position)
  }

  /** Whether all records have been read. */
  get isAtEnd(): boolean {
    return this.index + 1 >= this.recordCount
  }

  /** Moves to the next record; false at the end of the batch or at the first malformed record. */
  next(): boolean {
    if (this.error !== undefined) return false
    if (this.isPartial) {
      const { payload, position } = this
      if (this.isAtEnd ? position === payload.length : !isRecordWhole(payload, position)) return false
    }
    this.index++
    if (this.index >= this.recordCount) {
      if (this.position !== this.payload.length) this.fail("leftover")
      return false
    }
    if (this.position >= this.payload.length) {
      this.fail("count")
      return false
    }
    this.readRecord()
    return this.error === undefined
  }

  /** Calls `visit` with every header of the current record; a null header value has length -1. */
  forEachHeader(visit: (keyStart: number, keyLength: number, valueStart: number, valueLength: number) => void): void {
    const end = this.position
    this.position = this.headersStart
    for (let index = 0; index < this.headerCount; index++) {
      const keyLength = this.readVarint(end)
      const keyStart = this.position
      this.position += keyLength
      const valueLength = this.readVarint(end)
      visit(keyStart, keyLength, this.position, valueLength < 0 ? -1 : valueLength)
      if (valueLength > 0) this.position += valueLength
    }
    this.position = end
  }

  private fail(reason: InvalidRecordReason): void {
    this.error ??= new InvalidRecordError(reason, this.index)
  }

  private readRecord(): void {
    this.start = this.position
    const size = this.readVarint(this.payload.length)
    const end = this.position + size
    // Attributes, two deltas, two lengths and a header count take at least six bytes.
    if (size < 6 || end > this.payload.length) return this.fail("size")
    this.attributes = (this.payload[this.position++]! << 24) >> 24
    this.timestampDelta = this.readVarlong(end)
    this.offsetDelta = this.readVarint(end)
    this.bodyStart = this.position
    this.keyLength = Math.max(-1, this.readVarint(end))
    this.keyStart = this.position
    if (this.keyLength > 0 && !this.skip(this.keyLength, end)) return
    this.valueLength = Math.max(-1, this.readVarint(end))
    this.valueStart = this.position
    if (this.valueLength > 0 && !this.skip(this.valueLength, end)) return
    this.headerCount = this.readVarint(end)
    this.headersStart = this.position
    if (this.headerCount !== 0) this.skipHeaders(end)
    if (this.position !== end) this.fail("size")
  }

  private skipHeaders(end: number): void {
    // Every header takes at least two bytes, so a hostile count ends the walk before it starts.
    if (this.headerCount < 0 || this.headerCount * 2 > end - this.position) return this.fail("headers")
    for (let index = 0; index < this.headerCount; index++) {
      const keyLength = this.readVarint(end)
      if (keyLength < 0) return this.fail("headers")
      if (!this.skip(keyLength, end)) return
      const valueLength = this.readVarint(end)
      if (valueLength > 0 && !this.skip(valueLength, end)) return
    }
  }

  private skip(length: number, end: number): boolean {
    if (length > end - this.position) {
      this.fail("size")
      return false
    }
    this.position += length
    return this.error === undefined
  }

  /** Zigzag int32 of at most five bytes. After a failure it returns 0 and `error` is set. */
  private readVarint(end: number): number {
    const payload = this.payload
    let value = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      if (this.position >= end) break
      const byte = payload[this.position++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    this.fail("varint")
    return 0
  }

  /** Zigzag int64 of at most ten bytes, as a number. After a failure it returns 0 and `error` is set. */
  private readVarlong(end: number): number {
    const payload = this.payload
    let low = 0
    let high = 0
    for (let shift = 0; shift <= 63; shift += 7) {
      if (this.position >= end) break
      const byte = payload[this.position++]!
      const bits = byte & 0x7f
      if (shift < 28) {
        low |= bits << shift
      } else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else {
        high |= bits << (shift - 32)
      }
      if (byte < 0x80) {
        const sign = -(low & 1)
        const lowWord = (((low >>> 1) | (high << 31)) ^ sign) >>> 0
        return ((high >>> 1) ^ sign) * TWO_POW_32 + lowWord
      }
    }
    this.fail("varint")
    return 0
  }
}
