/**
 * A view over the bytes of a magic-2 record batch: functions over `(bytes, at)`, where `at` is the position of the
 * batch's first byte. Nothing is copied and nothing allocated. Import as a namespace:
 * `import * as RecordBatch from "…/RecordBatch.ts"`.
 *
 * The accessors trust their caller: {@link nextBatchSize} must have returned at least {@link RECORD_BATCH_OVERHEAD}
 * for `at`. int64 fields are JS numbers, exact up to 2^53.
 *
 * Layout: 0 baseOffset i64, 8 batchLength i32 (bytes after this field), 12 partitionLeaderEpoch i32, 16 magic i8,
 * 17 crc u32 (CRC-32C of byte 21 to the end), 21 attributes i16, 23 lastOffsetDelta i32, 27 baseTimestamp i64,
 * 35 maxTimestamp i64, 43 producerId i64, 51 producerEpoch i16, 53 baseSequence i32, 57 recordCount i32, 61 records.
 * Source: KIP-98, `DefaultRecordBatch`.
 */
import { crc32c } from "../wire/Crc32c.ts"

/** Bytes before a batch's own length counts: base offset and length field. */
export const LOG_OVERHEAD = 12
/** Bytes that must be present before the magic of a batch or message can be read. */
export const HEADER_SIZE_UP_TO_MAGIC = 17
/** Bytes of a magic-2 batch before its records. */
export const RECORD_BATCH_OVERHEAD = 61
/** Smallest value of the length field any format allows (an empty magic-0 message). */
export const MIN_RECORD_LENGTH = 14
/** The record format written by this broker. */
export const CURRENT_MAGIC = 2

/** Position of the CRC in a batch. */
export const CRC_OFFSET = 17
/** Position of the attributes, the first byte under the CRC. */
export const ATTRIBUTES_OFFSET = 21

/** Timestamp of a record that carries none. */
export const NO_TIMESTAMP = -1
/** Producer id of a batch written without idempotence. */
export const NO_PRODUCER_ID = -1
/** Producer epoch of a batch written without idempotence. */
export const NO_PRODUCER_EPOCH = -1
/** Base sequence of a batch written without idempotence. */
export const NO_SEQUENCE = -1
/** Leader epoch of a batch no leader has appended yet. */
export const NO_PARTITION_LEADER_EPOCH = -1

/** Attribute bits 0-2: the compression codec. */
export const COMPRESSION_CODEC_MASK = 0x07
/** Attribute bit 3: set for log append time. */
export const TIMESTAMP_TYPE_MASK = 0x08
/** Attribute bit 4: the batch belongs to a transaction. */
export const TRANSACTIONAL_MASK = 0x10
/** Attribute bit 5: the batch holds control records. */
export const CONTROL_MASK = 0x20
/** Attribute bit 6: the base timestamp is the delete horizon of the batch's tombstones. */
export const DELETE_HORIZON_MASK = 0x40

/** What {@link nextBatchSize} returns when no further complete batch lies before the end. */
export const BATCH_INCOMPLETE = 0
/** What {@link nextBatchSize} returns when the length or the magic is one no format allows. */
export const BATCH_CORRUPT = -1

/** Whether a batch's timestamps were set by the producer or by the broker at append. */
export type TimestampType = "CreateTime" | "LogAppendTime"

const TWO_POW_32 = 0x1_0000_0000

const int16At = (bytes: Uint8Array, at: number): number => ((bytes[at]! << 24) >> 16) | bytes[at + 1]!

const int32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

const int64At = (bytes: Uint8Array, at: number): number =>
  int32At(bytes, at) * TWO_POW_32 + (int32At(bytes, at + 4) >>> 0)

const writeInt16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

const writeInt32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

const writeInt64 = (bytes: Uint8Array, at: number, value: number): void => {
  // Java's largest long decodes to 2^63, one too many: written back as what it was.
  const isMax = value >= 2 ** 63
  writeInt32(bytes, at, isMax ? 0x7fffffff : Math.floor(value / TWO_POW_32))
  writeInt32(bytes, at + 4, isMax ? -1 : value)
}

/**
 * Size in bytes, overhead included, of the batch (or magic-0/1 message) at `at`: {@link BATCH_INCOMPLETE} if it is not
 * all before `end`, {@link BATCH_CORRUPT} if its length field is below {@link MIN_RECORD_LENGTH} or its magic is not
 * 0, 1 or 2. A magic-2 batch of fewer than {@link RECORD_BATCH_OVERHEAD} bytes is reported by its size; see
 * {@link isCrcValid}. Walk a range with
 * `for (let at = start, size; (size = nextBatchSize(bytes, at, end)) > 0; at += size)`.
 * Source: `ByteBufferLogInputStream.nextBatchSize`.
 */
export const nextBatchSize = (bytes: Uint8Array, at: number, end: number): number => {
  const remaining = end - at
  if (remaining < LOG_OVERHEAD) return BATCH_INCOMPLETE
  const length = int32At(bytes, at + 8)
  if (length < MIN_RECORD_LENGTH) return BATCH_CORRUPT
  if (remaining < HEADER_SIZE_UP_TO_MAGIC) return BATCH_INCOMPLETE
  if (bytes[at + 16]! > CURRENT_MAGIC) return BATCH_CORRUPT
  const size = length + LOG_OVERHEAD
  return size <= remaining ? size : BATCH_INCOMPLETE
}

/** End of the last complete batch in `bytes[start, end)`; `start` if there is none. Stops at a corrupt header. */
export const completeBatchesEnd = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start
  for (let size = nextBatchSize(bytes, at, end); size > 0; size = nextBatchSize(bytes, at, end)) at += size
  return at
}

/** Size of the whole batch in bytes as its length field declares it, overhead included; unchecked. */
export const batchSizeBytes = (bytes: Uint8Array, at: number): number => int32At(bytes, at + 8) + LOG_OVERHEAD
/** Offset of the batch's first record (0 in a batch a producer sends). */
export const baseOffset = (bytes: Uint8Array, at: number): number => int64At(bytes, at)
/** Epoch of the leader that appended the batch. */
export const partitionLeaderEpoch = (bytes: Uint8Array, at: number): number => int32At(bytes, at + 12)
/** Format version of the batch. */
export const magic = (bytes: Uint8Array, at: number): number => (bytes[at + 16]! << 24) >> 24
/** Stored CRC-32C, unsigned. */
export const crc = (bytes: Uint8Array, at: number): number => int32At(bytes, at + CRC_OFFSET) >>> 0
/** The 16 attribute bits, sign-extended. */
export const attributes = (bytes: Uint8Array, at: number): number => int16At(bytes, at + ATTRIBUTES_OFFSET)
/** Codec id: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5-7 are unassigned. */
export const codecId = (bytes: Uint8Array, at: number): number => bytes[at + 22]! & COMPRESSION_CODEC_MASK
/** Who set the batch's timestamps. */
export const timestampType = (bytes: Uint8Array, at: number): TimestampType =>
  (bytes[at + 22]! & TIMESTAMP_TYPE_MASK) === 0 ? "CreateTime" : "LogAppendTime"
/** Whether the batch belongs to a transaction. */
export const isTransactional = (bytes: Uint8Array, at: number): boolean => (bytes[at + 22]! & TRANSACTIONAL_MASK) !== 0
/** Whether the batch holds control records, which clients never see. */
export const isControl = (bytes: Uint8Array, at: number): boolean => (bytes[at + 22]! & CONTROL_MASK) !== 0
/** Whether {@link baseTimestamp} is the delete horizon set by the cleaner. Source: KIP-534. */
export const hasDeleteHorizon = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at + 22]! & DELETE_HORIZON_MASK) !== 0
/** Last offset of the batch minus its base offset; kept by compaction even when the record itself is gone. */
export const lastOffsetDelta = (bytes: Uint8Array, at: number): number => int32At(bytes, at + 23)
/** Offset of the batch's last record. */
export const lastOffset = (bytes: Uint8Array, at: number): number => int64At(bytes, at) + int32At(bytes, at + 23)
/** Milliseconds since the epoch that record timestamp deltas are added to. */
export const baseTimestamp = (bytes: Uint8Array, at: number): number => int64At(bytes, at + 27)
/** Largest record timestamp in milliseconds; the append time under `LogAppendTime`. */
export const maxTimestamp = (bytes: Uint8Array, at: number): number => int64At(bytes, at + 35)
/** Producer id, or {@link NO_PRODUCER_ID}. */
export const producerId = (bytes: Uint8Array, at: number): number => int64At(bytes, at + 43)
/** Producer epoch, or {@link NO_PRODUCER_EPOCH}. */
export const producerEpoch = (bytes: Uint8Array, at: number): number => int16At(bytes, at + 51)
/** Sequence of the first record, or {@link NO_SEQUENCE}. */
export const baseSequence = (bytes: Uint8Array, at: number): number => int32At(bytes, at + 53)
/** Number of records the header declares; may be 0 after compaction. */
export const recordCount = (bytes: Uint8Array, at: number): number => int32At(bytes, at + 57)

/** `sequence + increment` as producers count: after 2^31-1 comes 0. Source: `DefaultRecordBatch.incrementSequence`. */
export const incrementSequence = (sequence: number, increment: number): number => (sequence + increment) % 0x8000_0000

/** Sequence of the last record, or {@link NO_SEQUENCE}. */
export const lastSequence = (bytes: Uint8Array, at: number): number => {
  const base = baseSequence(bytes, at)
  return base === NO_SEQUENCE ? NO_SEQUENCE : incrementSequence(base, lastOffsetDelta(bytes, at))
}

/** The batch's records (compressed as one block unless {@link codecId} is 0), as a view over the same memory. */
export const payload = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.subarray(at + RECORD_BATCH_OVERHEAD, at + batchSizeBytes(bytes, at))

/** CRC-32C of the batch as it stands, unsigned. */
export const computeCrc = (bytes: Uint8Array, at: number): number =>
  crc32c(bytes, at + ATTRIBUTES_OFFSET, at + batchSizeBytes(bytes, at))

/** Whether the batch is at least {@link RECORD_BATCH_OVERHEAD} bytes and its stored CRC matches its bytes. */
export const isCrcValid = (bytes: Uint8Array, at: number): boolean => {
  const size = batchSizeBytes(bytes, at)
  return size >= RECORD_BATCH_OVERHEAD && at + size <= bytes.length && crc(bytes, at) === computeCrc(bytes, at)
}

/** Overwrites the base offset, which lies outside the CRC. */
export const setBaseOffset = (bytes: Uint8Array, at: number, offset: number): void => writeInt64(bytes, at, offset)

/** Overwrites the partition leader epoch, which lies outside the CRC. */
export const setPartitionLeaderEpoch = (bytes: Uint8Array, at: number, epoch: number): void =>
  writeInt32(bytes, at + 12, epoch)

/** Recomputes and stores the CRC, after anything under it was changed. */
export const updateCrc = (bytes: Uint8Array, at: number): void =>
  writeInt32(bytes, at + CRC_OFFSET, computeCrc(bytes, at))

/**
 * Sets timestamp type and largest timestamp. The CRC is recomputed, unless both are already as asked. Record
 * timestamps and the base timestamp stay as they are. Source: `DefaultRecordBatch.setMaxTimestamp`.
 */
export const setMaxTimestamp = (bytes: Uint8Array, at: number, type: TimestampType, timestampMs: number): void => {
  if (timestampType(bytes, at) === type && maxTimestamp(bytes, at) === timestampMs) return
  const bits = attributes(bytes, at)
  writeInt16(
    bytes,
    at + ATTRIBUTES_OFFSET,
    type === "LogAppendTime" ? bits | TIMESTAMP_TYPE_MASK : bits & ~TIMESTAMP_TYPE_MASK
  )
  writeInt64(bytes, at + 35, timestampMs)
  updateCrc(bytes, at)
}

/** Marks the batch as appended at `nowMs`: every record then has that timestamp. The CRC is recomputed. */
export const setLogAppendTime = (bytes: Uint8Array, at: number, nowMs: number): void =>
  setMaxTimestamp(bytes, at, "LogAppendTime", nowMs)

/** The header fields {@link writeHeader} needs; times in milliseconds. */
export interface BatchHeader {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly partitionLeaderEpoch: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

/** Writes the 61 header bytes at `at` and the CRC over them and the records, which must already be in place. */
export const writeHeader = (bytes: Uint8Array, at: number, header: BatchHeader): void => {
  writeInt64(bytes, at, header.baseOffset)
  writeInt32(bytes, at + 8, header.sizeBytes - LOG_OVERHEAD)
  writeInt32(bytes, at + 12, header.partitionLeaderEpoch)
  bytes[at + 16] = CURRENT_MAGIC
  writeInt16(bytes, at + ATTRIBUTES_OFFSET, header.attributes)
  writeInt32(bytes, at + 23, header.lastOffsetDelta)
  writeInt64(bytes, at + 27, header.baseTimestamp)
  writeInt64(bytes, at + 35, header.maxTimestamp)
  writeInt64(bytes, at + 43, header.producerId)
  writeInt16(bytes, at + 51, header.producerEpoch)
  writeInt32(bytes, at + 53, header.baseSequence)
  writeInt32(bytes, at + 57, header.recordCount)
  updateCrc(bytes, at)
}
