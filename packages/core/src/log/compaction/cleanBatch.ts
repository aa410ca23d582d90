import { codecNameOf, compress, type CompressionCodecs, decompressPayload } from "../../protocol/records/Compression.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { RecordCursor } from "../../protocol/records/RecordCursor.ts"
import { RecordWriter } from "../../protocol/records/RecordWriter.ts"
import { LogLimits } from "../LogLimits.ts"
import type { CleanedTransactions } from "./CleanedTransactions.ts"
import type { OffsetMap } from "./OffsetMap.ts"

/** The last records of a producer in the log. Source: LastRecord. */
export interface LastRecord {
  /** Of its last data batch; -1 when its last batch is a marker of a newer epoch. */
  readonly lastDataOffset: number
  readonly producerEpoch: number
}

/** What decides about the records of one pass. */
export interface CleaningRules {
  readonly map: OffsetMap
  readonly transactions: CleanedTransactions
  readonly codecs: CompressionCodecs
  readonly nowMs: number
  /** How long a tombstone, or a marker without data, stays after it was first seen by a pass. */
  readonly deleteRetentionMs: number
  /** The batch that ends here stays, without records if need be, so that the end of the cleaned part is not lost. */
  readonly upperBoundOffset: number
  /** Producers that are still known; the batch with a producer's last sequence stays, without records if need be. */
  readonly lastRecordOf: (producerId: number) => LastRecord | undefined
}

/** A batch whose records cannot be read; it names the offset. Compaction of its log ends there. */
export class UnreadableBatchError extends Error {
  readonly _tag = "UnreadableBatchError"
  readonly baseOffset: number

  constructor(baseOffset: number, reason: string) {
    super(`the records of the batch at offset ${baseOffset} cannot be read: ${reason}`)
    this.name = "UnreadableBatchError"
    this.baseOffset = baseOffset
  }
}

/** The records of a batch, decompressed; throws `UnreadableBatchError`. */
export const payloadToClean = (codecs: CompressionCodecs, bytes: Uint8Array, at: number): Uint8Array => {
  if (RecordBatch.codecId(bytes, at) === 0) return RecordBatch.payload(bytes, at)
  try {
    return decompressPayload(codecs, bytes, at, LogLimits.decompressedBytesMax)
  } catch (error) {
    throw new UnreadableBatchError(RecordBatch.baseOffset(bytes, at), error instanceof Error ? error.message : "damage")
  }
}

/** Whether the batch must stay for what its header tells, even when no record of it stays. Source: RecordFilter.checkBatchRetention. */
const isHeaderKept = (bytes: Uint8Array, at: number, rules: CleaningRules): boolean => {
  if (RecordBatch.lastOffset(bytes, at) + 1 === rules.upperBoundOffset) return true
  const producerId = RecordBatch.producerId(bytes, at)
  if (producerId === RecordBatch.NO_PRODUCER_ID) return false
  const last = rules.lastRecordOf(producerId)
  if (last === undefined) return false
  return last.lastDataOffset >= 0
    ? RecordBatch.lastOffset(bytes, at) === last.lastDataOffset
    : RecordBatch.isControl(bytes, at) && RecordBatch.producerEpoch(bytes, at) === last.producerEpoch
}

/** Source: DefaultRecordBatch.writeEmptyHeader. */
const emptyBatch = (bytes: Uint8Array, at: number): Uint8Array => {
  const empty = new Uint8Array(RecordBatch.RECORD_BATCH_OVERHEAD)
  RecordBatch.writeHeader(empty, 0, {
    baseOffset: RecordBatch.baseOffset(bytes, at),
    sizeBytes: empty.length,
    partitionLeaderEpoch: RecordBatch.partitionLeaderEpoch(bytes, at),
    attributes: RecordBatch.attributes(bytes, at) &
      ~(RecordBatch.COMPRESSION_CODEC_MASK | RecordBatch.DELETE_HORIZON_MASK),
    lastOffsetDelta: RecordBatch.lastOffsetDelta(bytes, at),
    baseTimestamp: RecordBatch.NO_TIMESTAMP,
    maxTimestamp: RecordBatch.maxTimestamp(bytes, at),
    producerId: RecordBatch.producerId(bytes, at),
    producerEpoch: RecordBatch.producerEpoch(bytes, at),
    baseSequence: RecordBatch.baseSequence(bytes, at),
    recordCount: 0
  })
  return empty
}

/** What stays of a batch's records. */
interface KeptRecords {
  /** By index in the batch; ascending. */
  readonly isKept: Uint8Array
  readonly count: number
  readonly hasTombstones: boolean
}

const keptRecords = (bytes: Uint8Array, at: number, payload: Uint8Array, rules: CleaningRules): KeptRecords => {
  const { map, nowMs } = rules
  const isControl = RecordBatch.isControl(bytes, at)
  const tombstonesStay = !RecordBatch.hasDeleteHorizon(bytes, at) || nowMs < RecordBatch.baseTimestamp(bytes, at)
  const cursor = new RecordCursor(bytes, at, payload)
  const isKept = new Uint8Array(Math.max(0, RecordBatch.recordCount(bytes, at)))
  let count = 0
  let hasTombstones = false
  while (cursor.next()) {
    const offset = cursor.offset
    if (!isControl && offset <= map.latestOffset) {
      // A record without a key has no place in a compacted log. Source: LogCleaner.shouldRetainRecord.
      if (cursor.keyLength < 0) continue
      if (offset < map.get(payload, cursor.keyStart, cursor.keyLength)) continue
      if (cursor.valueLength < 0 && !tombstonesStay) continue
    }
    isKept[cursor.index] = 1
    count++
    if (cursor.valueLength < 0) hasTombstones = true
  }
  if (cursor.error !== undefined) {
    throw new UnreadableBatchError(RecordBatch.baseOffset(bytes, at), cursor.error.message)
  }
  return { isKept, count, hasTombstones }
}

/**
 * The batch with the records that stay: keys, values, headers, offsets, timestamps and sequences unchanged, its last offset
 * too, so that its last sequence stays what it was. Source: MemoryRecords.buildRetainedRecordsInto.
 */
const rebuiltBatch = (
  bytes: Uint8Array,
  at: number,
  payload: Uint8Array,
  isKept: Uint8Array,
  newHorizonMs: number | undefined,
  codecs: CompressionCodecs
): Uint8Array => {
  const writer = new RecordWriter(RecordBatch.RECORD_BATCH_OVERHEAD)
  const cursor = new RecordCursor(bytes, at, payload)
  let maxTimestamp: number = RecordBatch.NO_TIMESTAMP
  let recordCount = 0
  while (cursor.next()) {
    if (isKept[cursor.index] === 0) continue
    recordCount++
    maxTimestamp = Math.max(maxTimestamp, cursor.timestamp)
    if (newHorizonMs === undefined) {
      writer.writeRecords(payload.subarray(cursor.start, cursor.end))
    } else {
      // Deltas count from the base timestamp, which becomes the horizon.
      const timestamp = RecordBatch.baseTimestamp(bytes, at) + cursor.timestampDelta
      const body = payload.subarray(cursor.bodyStart, cursor.end)
      writer.writeBody(cursor.offsetDelta, timestamp - newHorizonMs, body)
    }
  }
  const batch = compressed(writer.bytes(), RecordBatch.codecId(bytes, at), codecs)
  RecordBatch.writeHeader(batch, 0, {
    baseOffset: RecordBatch.baseOffset(bytes, at),
    sizeBytes: batch.length,
    partitionLeaderEpoch: RecordBatch.partitionLeaderEpoch(bytes, at),
    attributes: RecordBatch.attributes(bytes, at) |
      (newHorizonMs === undefined ? 0 : RecordBatch.DELETE_HORIZON_MASK),
    lastOffsetDelta: RecordBatch.lastOffsetDelta(bytes, at),
    baseTimestamp: newHorizonMs ?? RecordBatch.baseTimestamp(bytes, at),
    maxTimestamp,
    producerId: RecordBatch.producerId(bytes, at),
    producerEpoch: RecordBatch.producerEpoch(bytes, at),
    baseSequence: RecordBatch.baseSequence(bytes, at),
    recordCount
  })
  return batch
}

/** Room for a header and the records behind it, in the codec; `plain` has them uncompressed. */
const compressed = (plain: Uint8Array, codecId: number, codecs: CompressionCodecs): Uint8Array => {
  const codec = codecNameOf(codecId) ?? "none"
  if (codec === "none") return plain
  const records = compress(codecs, codec, plain.subarray(RecordBatch.RECORD_BATCH_OVERHEAD))
  const batch = new Uint8Array(RecordBatch.RECORD_BATCH_OVERHEAD + records.length)
  batch.set(records, RecordBatch.RECORD_BATCH_OVERHEAD)
  return batch
}

/**
 * What a pass leaves of the complete magic-2 batch at `at`: the batch as it is, one with fewer records, one without
 * records that keeps offsets and sequences, or nothing. A batch with tombstones, or a marker whose transaction has no data
 * left, gets the time from which on a later pass drops them (KIP-534). Throws `UnreadableBatchError`.
 * Source: LogCleaner.cleanInto, MemoryRecords.filterTo.
 */
export const cleanBatch = (
  bytes: Uint8Array,
  at: number,
  rules: CleaningRules
): Uint8Array | "Unchanged" | "Dropped" => {
  const mayDrop = rules.transactions.follow(bytes, at)
  const isControl = RecordBatch.isControl(bytes, at)
  const hasHorizon = RecordBatch.hasDeleteHorizon(bytes, at)
  const dropsRecords = mayDrop &&
    (!isControl || (hasHorizon && RecordBatch.baseTimestamp(bytes, at) <= rules.nowMs))
  if (!dropsRecords && RecordBatch.recordCount(bytes, at) > 0) {
    const payload = payloadToClean(rules.codecs, bytes, at)
    const kept = keptRecords(bytes, at, payload, rules)
    if (kept.count > 0) {
      const getsHorizon = !hasHorizon && (kept.hasTombstones || (isControl && mayDrop))
      if (kept.count === kept.isKept.length && !getsHorizon) return "Unchanged"
      const newHorizonMs = getsHorizon ? rules.nowMs + rules.deleteRetentionMs : undefined
      return rebuiltBatch(bytes, at, payload, kept.isKept, newHorizonMs, rules.codecs)
    }
  }
  return isHeaderKept(bytes, at, rules) ? emptyBatch(bytes, at) : "Dropped"
}
