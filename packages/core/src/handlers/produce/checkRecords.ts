import type { ErrorCode as Code } from "../../model/ErrorCode.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { codecIdOf, type CompressionCodecs } from "../../protocol/records/Compression.ts"
import { type MessageSetErrorReason, upConvertMessageSet } from "../../protocol/records/MessageSet.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"

/** First version that carries magic-2 batches. */
const magic2Version = 3
/** First version that may carry zstd. Source: KIP-110. */
const zstdVersion = 7

const zstd = codecIdOf("zstd")

const messageSetErrors: { readonly [Reason in MessageSetErrorReason]: Code } = {
  corrupt: ErrorCode.CORRUPT_MESSAGE,
  invalid: ErrorCode.INVALID_RECORD,
  unsupportedCompression: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
  tooLarge: ErrorCode.MESSAGE_TOO_LARGE
}

/** What the messages of one request may still grow to while they are converted. */
export interface Conversions {
  readonly codecs: CompressionCodecs
  leftBytes: number
}

const fromMessageSet = (records: Uint8Array, conversions: Conversions): Uint8Array | Code => {
  const batch = upConvertMessageSet(records, 0, records.length, {
    codecs: conversions.codecs,
    maxOutputBytes: conversions.leftBytes,
    onBytes: (bytes) => {
      conversions.leftBytes -= bytes
    }
  })
  if (batch === undefined) return ErrorCode.INVALID_RECORD
  return batch instanceof Uint8Array ? batch : messageSetErrors[batch.reason]
}

/**
 * The one batch that a partition of a Produce request must hold, or the code that refuses it. Messages of versions 0 to
 * 2 become a magic-2 batch; Kafka 4 has dropped those versions. Null records are refused with 87 where Kafka fails.
 * Source: ProduceRequest.validateRecords.
 */
export const checkRecords = (
  records: Uint8Array | null,
  apiVersion: number,
  conversions: Conversions
): Uint8Array | Code => {
  if (records === null) return ErrorCode.INVALID_RECORD
  if (apiVersion < magic2Version) return fromMessageSet(records, conversions)
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
