/**
 * Judges the bytes of one magic-2 batch and brings them into the form in which they are stored: steps 6 to 10 of an
 * append, in Kafka's order. Base offset and leader epoch are left to the caller.
 *
 * Source: UnifiedLog.analyzeAndValidateRecords, LogValidator.
 */
import { ErrorCode } from "../../model/ErrorCode.ts"
import { codecIdOf, decompress } from "../../protocol/records/Compression.ts"
import { validateRecords } from "../../protocol/records/Record.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import type { AppendSettings, BatchCheck } from "./BatchCheck.ts"
import type { AppendOrigin } from "./PartitionLeader.ts"
import { rebuildBatch } from "./rebuildBatch.ts"
import { recordErrorsOf } from "./recordErrors.ts"
import { rejected, rejectedEarly, type Rejection } from "./Rejection.ts"

/** Above it a timestamp limit is no limit: a double does not hold Long.MAX_VALUE exactly. */
const unlimitedMs = 2 ** 62

const invalid = rejected(ErrorCode.INVALID_RECORD)
const corrupt = rejectedEarly(ErrorCode.CORRUPT_MESSAGE)
const tooLarge = rejectedEarly(ErrorCode.MESSAGE_TOO_LARGE)
const tooLargeForSegment = rejectedEarly(ErrorCode.RECORD_LIST_TOO_LARGE)
/** What Kafka's uncaught exceptions become. */
const unexpected = rejected(ErrorCode.UNKNOWN_SERVER_ERROR)

/** Size, checksum and header. Source: UnifiedLog.analyzeAndValidateRecords, LogValidator.validateBatch. */
const checkHeader = (batch: Uint8Array, settings: AppendSettings, origin: AppendOrigin): Rejection | undefined => {
  const isClient = origin === "Client"
  if (batch.length < RecordBatch.RECORD_BATCH_OVERHEAD) return corrupt
  if (isClient && RecordBatch.baseOffset(batch, 0) !== 0) return invalid
  if (batch.length > settings.maxMessageBytes) return tooLarge
  if (!RecordBatch.isCrcValid(batch, 0)) return corrupt
  if (!isClient) return undefined
  const lastOffsetDelta = RecordBatch.lastOffsetDelta(batch, 0)
  const recordCount = RecordBatch.recordCount(batch, 0)
  if (lastOffsetDelta < 0 || recordCount <= 0 || lastOffsetDelta + 1 !== recordCount) return invalid
  if (RecordBatch.isControl(batch, 0)) return invalid
  if (RecordBatch.producerId(batch, 0) > RecordBatch.NO_PRODUCER_ID && RecordBatch.baseSequence(batch, 0) < 0) {
    return invalid
  }
  return undefined
}

const gzip = codecIdOf("gzip")

/**
 * What broken compression is answered with: -1, an exception Kafka does not expect. It reads records while it
 * decompresses, though, and so stumbles over damaged records before it sees the damage of the gzip stream they are in.
 */
const brokenCompression = (codecId: number, payload: Uint8Array): Rejection =>
  codecId === gzip && payload[0] === 0x1f && payload[1] === 0x8b ? invalid : unexpected

/** The records decompressed, or the answer to the error of the codec. */
const payloadOf = (batch: Uint8Array, check: BatchCheck): Uint8Array | Rejection => {
  const codecId = RecordBatch.codecId(batch, 0)
  const payload = RecordBatch.payload(batch, 0)
  if (codecId === 0) return payload
  try {
    // Nothing of the records is kept: they are read, or written anew, before anybody decompresses again.
    return decompress(check.codecs, codecId, payload, check.decompressedBytesMax, "shared")
  } catch (error) {
    return (error as { readonly reason?: unknown }).reason === "tooLarge"
      ? tooLarge
      : brokenCompression(codecId, payload)
  }
}

/** The batch as it is stored, save for base offset and leader epoch, or why it is refused. */
export const validateBatch = (batch: Uint8Array, origin: AppendOrigin, check: BatchCheck): Uint8Array | Rejection => {
  const settings = check.settings
  const headerError = checkHeader(batch, settings, origin)
  if (headerError !== undefined) return headerError
  const payload = payloadOf(batch, check)
  if (!(payload instanceof Uint8Array)) return payload
  const summary = validateRecords(batch, 0, payload)
  if (summary instanceof Error) return invalid

  const isLogAppendTime = settings.timestampType === "LogAppendTime"
  const stampedByClient = RecordBatch.timestampType(batch, 0) === "LogAppendTime"
  if (
    (settings.isCompacted && summary.nullKeyIndexes.length > 0) ||
    (stampedByClient && (isLogAppendTime || summary.maxTimestamp === RecordBatch.NO_TIMESTAMP)) ||
    (!isLogAppendTime &&
      (summary.maxTimestamp - check.nowMs > settings.timestampAfterMaxMs ||
        settings.timestampBeforeMaxMs < unlimitedMs))
  ) {
    const recordErrors = recordErrorsOf(batch, payload, check)
    if (recordErrors !== undefined) return recordErrors
  }

  const sourceCodecId = RecordBatch.codecId(batch, 0)
  const targetCodecId = settings.compression === "producer" ? sourceCodecId : codecIdOf(settings.compression)
  let stored = batch
  // Control batches are never compressed, and a coordinator's batch is in the codec the coordinator chose.
  if (origin === "Client" && sourceCodecId !== targetCodecId) {
    stored = rebuildBatch(batch, payload, targetCodecId, check)
    if (stored.length > settings.maxMessageBytes) return tooLarge
  } else {
    // Kafka would write the batch anew and fails at it; only uncompressed batches may have gaps.
    if (sourceCodecId !== 0 && !summary.hasSequentialOffsets) return unexpected
    // Whatever the producer claimed: the largest timestamp of a stored batch is the real one.
    RecordBatch.setMaxTimestamp(
      stored,
      0,
      settings.timestampType,
      isLogAppendTime ? check.nowMs : summary.maxTimestamp
    )
  }
  return stored.length > settings.segmentBytes ? tooLargeForSegment : stored
}
