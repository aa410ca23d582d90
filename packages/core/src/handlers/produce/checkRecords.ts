import type { ErrorCode as Code } from "../../model/ErrorCode.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { codecIdOf } from "../../protocol/records/Compression.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"

/** First version that carries magic-2 batches. */
const magic2Version = 3
/** First version that may carry zstd. Source: KIP-110. */
const zstdVersion = 7

const zstd = codecIdOf("zstd")

/** Messages of magic 0 and 1: the leader converts them. */
const checkMessageSet = (records: Uint8Array): Uint8Array | Code => {
  const size = RecordBatch.nextBatchSize(records, 0, records.length)
  if (size === RecordBatch.BATCH_INCOMPLETE) return ErrorCode.INVALID_RECORD
  return size < 0 || RecordBatch.magic(records, 0) === RecordBatch.CURRENT_MAGIC ? ErrorCode.CORRUPT_MESSAGE : records
}

/**
 * The one batch that a partition of a Produce request must hold, or the code that refuses it; of versions 0 to 2, which
 * Kafka 4 has dropped, a set of messages. Null records are refused with 87 where Kafka fails.
 * Source: ProduceRequest.validateRecords.
 */
export const checkRecords = (records: Uint8Array | null, apiVersion: number): Uint8Array | Code => {
  if (records === null) return ErrorCode.INVALID_RECORD
  if (apiVersion < magic2Version) return checkMessageSet(records)
  const size = RecordBatch.nextBatchSize(records, 0, records.length)
  if (size <= 0 || RecordBatch.magic(records, 0) !== RecordBatch.CURRENT_MAGIC) return ErrorCode.INVALID_RECORD
  if (size < RecordBatch.RECORD_BATCH_OVERHEAD) return ErrorCode.CORRUPT_MESSAGE
  if (apiVersion < zstdVersion && RecordBatch.codecId(records, 0) === zstd) {
    return ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
  }
  if (size === records.length) return records
  const next = RecordBatch.nextBatchSize(records, size, records.length)
  if (next > 0) return ErrorCode.INVALID_RECORD
  // What is left of a truncated batch is ignored.
  return next === RecordBatch.BATCH_CORRUPT ? ErrorCode.CORRUPT_MESSAGE : records.subarray(0, size)
}
