import { decodeUtf8 } from "../wire/Utf8.ts"
import { type CompressionCodecs, CompressionError, decompressPayload } from "./Compression.ts"
import * as RecordBatch from "./RecordBatch.ts"
import { InvalidRecordError, RecordCursor } from "./RecordCursor.ts"

export { InvalidRecordError, RecordCursor } from "./RecordCursor.ts"

/** A header of a record. Source: KIP-82. */
export interface RecordHeader {
  /** UTF-8. */
  readonly key: string
  readonly value: Uint8Array | null
}

/** A record outside a batch. */
export interface Record {
  readonly offset: number
  /** Milliseconds since the epoch, -1 for none. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: ReadonlyArray<RecordHeader>
  /** Of the record, not of its batch; no bit is assigned. */
  readonly attributes: number
}

/** What one validating walk over a batch's records tells. */
export interface RecordsSummary {
  readonly recordCount: number
  /** Largest record timestamp, -1 if none is above that; the append time if the batch was stamped with it. */
  readonly maxTimestamp: number
  /** Indexes of the records whose key is null, ascending. */
  readonly nullKeyIndexes: ReadonlyArray<number>
  /** Whether the records' offset deltas are 0, 1, 2 …: if not, a compressed batch is refused. */
  readonly hasSequentialOffsets: boolean
}

const noIndexes: ReadonlyArray<number> = []

/**
 * Calls `visit` for every record of the batch at `at` with one cursor, reused, until the end or the first malformed
 * record, which is returned. `payload` is the batch's decompressed records.
 */
export const forEachRecord = (
  bytes: Uint8Array,
  at: number,
  payload: Uint8Array,
  visit: (record: RecordCursor) => void
): InvalidRecordError | undefined => {
  const cursor = new RecordCursor(bytes, at, payload)
  while (cursor.next()) visit(cursor)
  return cursor.error
}

/**
 * Walks all records of the batch at `at` and checks their structure; `onTimestamp` hears of each record's index and
 * timestamp. `payload` is the batch's decompressed records. Nothing is allocated per record, save for null keys.
 * Source: `LogValidator.validateRecord`, `DefaultRecordBatch.iterator`.
 */
export const validateRecords = (
  bytes: Uint8Array,
  at: number,
  payload: Uint8Array,
  onTimestamp?: (recordIndex: number, timestampMs: number) => void
): RecordsSummary | InvalidRecordError => {
  const cursor = new RecordCursor(bytes, at, payload)
  let maxTimestamp: number = RecordBatch.NO_TIMESTAMP
  let nullKeyIndexes: Array<number> | undefined
  let hasSequentialOffsets = true
  while (cursor.next()) {
    const timestamp = cursor.timestamp
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    if (cursor.keyLength < 0) (nullKeyIndexes ??= []).push(cursor.index)
    if (cursor.offsetDelta !== cursor.index) hasSequentialOffsets = false
    if (onTimestamp !== undefined) onTimestamp(cursor.index, timestamp)
  }
  return cursor.error ?? {
    recordCount: cursor.recordCount,
    maxTimestamp,
    nullKeyIndexes: nullKeyIndexes ?? noIndexes,
    hasSequentialOffsets
  }
}

/** The current record of a cursor as a value; key, value and header values are views over the payload. */
export const recordOf = (cursor: RecordCursor): Record => {
  const headers: Array<RecordHeader> = []
  if (cursor.headerCount > 0) {
    const payload = cursor.payload
    cursor.forEachHeader((keyStart, keyLength, valueStart, valueLength) => {
      headers.push({
        key: decodeUtf8(payload, keyStart, keyStart + keyLength),
        value: valueLength < 0 ? null : payload.subarray(valueStart, valueStart + valueLength)
      })
    })
  }
  return {
    offset: cursor.offset,
    timestamp: cursor.timestamp,
    key: cursor.key,
    value: cursor.value,
    headers,
    attributes: cursor.attributes
  }
}

/** How {@link decodeRecords} reads a compressed batch. */
export interface DecodeOptions {
  readonly codecs: CompressionCodecs
  readonly maxOutputBytes: number
}

/**
 * All records of the magic-2 batch at `at`; keys and values are views over `bytes`, or over the decompressed payload.
 * Throws `InvalidRecordError` if they are malformed, and `CompressionError`: `unsupported` for a compressed batch
 * without `options`. For tests, clients and state logs; the append path uses {@link validateRecords}.
 */
export const decodeRecords = (bytes: Uint8Array, at: number, options?: DecodeOptions): Array<Record> => {
  if (options === undefined && RecordBatch.codecId(bytes, at) !== 0) {
    throw new CompressionError("unsupported", "the batch is compressed and no codecs were given")
  }
  const payload = options === undefined
    ? RecordBatch.payload(bytes, at)
    : decompressPayload(options.codecs, bytes, at, options.maxOutputBytes)
  const records: Array<Record> = []
  const error = forEachRecord(bytes, at, payload, (cursor) => {
    records.push(recordOf(cursor))
  })
  if (error !== undefined) throw error
  return records
}
