/**
 * Judges the bytes of one magic-2 batch and brings them into the form in which they are stored, in Kafka's order.
 * Base offset and leader epoch are left to the caller. Mostly that is done at once; a batch that
 * decompresses to more than fits one turn of the loop is judged in slices, with the same outcome.
 *
 * Messages of magic 0 and 1 become a batch of today's format first.
 *
 * Deliberate difference: what Kafka answers -1 to, because an exception was not expected, is refused with INVALID_RECORD and a
 * message.
 *
 * Source: UnifiedLog.analyzeAndValidateRecords, LogValidator.
 */
import { ErrorCode } from "../../model/ErrorCode.ts"
import { codecIdOf, codecNameOf, CompressionError, decompress } from "../../protocol/records/Compression.ts"
import { decodeMessageSet, type MessageSetErrorReason, upConvertMessageSet } from "../../protocol/records/MessageSet.ts"
import { RecordCursor, type RecordsSummary, validateRecords } from "../../protocol/records/Record.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { buildBatch } from "../../protocol/records/RecordBatchBuilder.ts"
import { RecordPieces } from "../../protocol/records/RecordPieces.ts"
import type { AppendSettings, BatchCheck } from "./BatchCheck.ts"
import { BatchRewriter } from "./BatchRewriter.ts"
import { type AppendOrigin, isFromClient } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { rebuildBatch } from "./rebuildBatch.ts"
import { RecordErrors, recordErrorsOf } from "./recordErrors.ts"
import { rejected, rejectedEarly, rejectedRecords, type Rejection } from "./AppendResult.ts"

/** The batch as it is stored, save for base offset and leader epoch, or why it is refused. */
export type Judged = Uint8Array | Rejection

/** What is judged in slices only: more than {@link BatchCheck.decompressedAtOnceBytesMax} came out of it. */
export const tooLargeForTurn = { _tag: "TooLargeForTurn" } as const

/** Above it a timestamp limit is no limit: a double does not hold Long.MAX_VALUE exactly. */
const unlimitedMs = 2 ** 62

const invalid = rejected(ErrorCode.INVALID_RECORD)
const corrupt = rejectedEarly(ErrorCode.CORRUPT_MESSAGE)
const tooLarge = rejectedEarly(ErrorCode.MESSAGE_TOO_LARGE)
const tooLargeForSegment = rejectedEarly(ErrorCode.RECORD_LIST_TOO_LARGE)

/** In place of what Kafka's uncaught exceptions become. */
const unreadable = (message: string): Rejection => rejectedRecords(ErrorCode.INVALID_RECORD, message, [])

const notSequential = unreadable("The offsets of compressed records must follow one another without gaps.")

/** Size, checksum and header. Source: UnifiedLog.analyzeAndValidateRecords, LogValidator.validateBatch. */
const checkHeader = (batch: Uint8Array, settings: AppendSettings, origin: AppendOrigin): Rejection | undefined => {
  const isClient = isFromClient(origin)
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
 * The answer to broken compression. Kafka reads records while it decompresses, and so stumbles over damaged records before
 * it sees the damage of the gzip stream they are in.
 */
const brokenCompression = (batch: Uint8Array): Rejection => {
  const codecId = RecordBatch.codecId(batch, 0)
  const payload = RecordBatch.payload(batch, 0)
  if (codecId === gzip && payload[0] === 0x1f && payload[1] === 0x8b) return invalid
  const name = codecNameOf(codecId)
  return unreadable(
    name === undefined ? `Unknown compression type id: ${codecId}` : `The records cannot be decompressed as ${name}.`
  )
}

const messageSetErrors: { readonly [Reason in MessageSetErrorReason]: Rejection } = {
  corrupt,
  invalid: rejectedEarly(ErrorCode.INVALID_RECORD),
  unsupportedCompression: rejectedEarly(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE),
  tooLarge
}

/** Messages of magic 0 and 1, as Produce 0 to 2 carry them. */
const isMessageSet = (batch: Uint8Array): boolean =>
  batch.length >= RecordBatch.HEADER_SIZE_UP_TO_MAGIC && RecordBatch.magic(batch, 0) !== RecordBatch.CURRENT_MAGIC

/** The messages as one batch of the same codec. */
const convert = (messages: Uint8Array, check: BatchCheck): Judged | typeof tooLargeForTurn => {
  const batch = upConvertMessageSet(messages, 0, messages.length, {
    codecs: check.codecs,
    maxOutputBytes: check.decompressedAtOnceBytesMax,
    // They are compressed again.
    onBytes: (bytes) => check.turn.spend(2 * bytes)
  })
  if (batch instanceof Uint8Array) return batch
  if (batch === undefined) return messageSetErrors.invalid
  return batch.reason === "tooLarge" ? tooLargeForTurn : messageSetErrors[batch.reason]
}

/** The records decompressed, or the answer to the error of the codec. */
const payloadOf = (batch: Uint8Array, check: BatchCheck): Uint8Array | Rejection | typeof tooLargeForTurn => {
  const codecId = RecordBatch.codecId(batch, 0)
  const payload = RecordBatch.payload(batch, 0)
  if (codecId === 0) return payload
  try {
    // Nothing of the records is kept: they are read, or written anew, before anybody decompresses again.
    const decompressed = decompress(check.codecs, codecId, payload, check.decompressedAtOnceBytesMax, "shared")
    check.turn.spend(decompressed.length)
    return decompressed
  } catch (error) {
    if (!(error instanceof CompressionError) || error.reason !== "tooLarge") return brokenCompression(batch)
    check.turn.spend(check.decompressedAtOnceBytesMax)
    return tooLargeForTurn
  }
}

const targetCodecId = (batch: Uint8Array, { compression }: AppendSettings): number =>
  compression === "producer" ? RecordBatch.codecId(batch, 0) : codecIdOf(compression)

/** Control batches are never compressed, and a coordinator's batch is in the codec the coordinator chose. */
const isRewritten = (batch: Uint8Array, origin: AppendOrigin, settings: AppendSettings): boolean =>
  isFromClient(origin) && RecordBatch.codecId(batch, 0) !== targetCodecId(batch, settings)

type OffsetsAndTime = Pick<RecordsSummary, "maxTimestamp" | "hasSequentialOffsets">

/** The batch itself, stamped as the topic asks, when its records are stored as they came. */
const inPlace = (batch: Uint8Array, summary: OffsetsAndTime, { nowMs, settings }: BatchCheck): Judged => {
  // Kafka would write the batch anew and fails at it; only uncompressed batches may have gaps.
  if (RecordBatch.codecId(batch, 0) !== 0 && !summary.hasSequentialOffsets) return notSequential
  // Whatever the producer claimed: the largest timestamp of a stored batch is the real one.
  const { timestampType } = settings
  const maxTimestamp = timestampType === "LogAppendTime" ? nowMs : summary.maxTimestamp
  RecordBatch.setMaxTimestamp(batch, 0, timestampType, maxTimestamp)
  return fitting(batch, settings)
}

const fitting = (stored: Uint8Array, { segmentBytes }: AppendSettings): Judged =>
  stored.length > segmentBytes ? tooLargeForSegment : stored

/** Whether a record may be one the topic does not accept. */
const mayHaveRecordErrors = (batch: Uint8Array, summary: RecordsSummary, { nowMs, settings }: BatchCheck): boolean => {
  const isLogAppendTime = settings.timestampType === "LogAppendTime"
  const stampedByClient = RecordBatch.timestampType(batch, 0) === "LogAppendTime"
  return (settings.isCompacted && summary.nullKeyIndexes.length > 0) ||
    (stampedByClient && (isLogAppendTime || summary.maxTimestamp === RecordBatch.NO_TIMESTAMP)) ||
    (!isLogAppendTime &&
      (summary.maxTimestamp - nowMs > settings.timestampAfterMaxMs || settings.timestampBeforeMaxMs < unlimitedMs))
}

/** Why the topic does not accept a batch of well-formed records. */
const refusalByTopic = (
  batch: Uint8Array,
  payload: Uint8Array,
  summary: RecordsSummary,
  check: BatchCheck
): Rejection | undefined =>
  mayHaveRecordErrors(batch, summary, check) ? recordErrorsOf(batch, payload, check) : undefined

/** Judges a batch at once; {@link tooLargeForTurn} leaves it to {@link validateInSlices}. */
export const validateBatch = (
  sent: Uint8Array,
  origin: AppendOrigin,
  check: BatchCheck
): Judged | typeof tooLargeForTurn => {
  const settings = check.settings
  check.turn.spend(sent.length)
  const batch = isMessageSet(sent) ? convert(sent, check) : sent
  if (!(batch instanceof Uint8Array)) return batch
  const headerError = checkHeader(batch, settings, origin)
  if (headerError !== undefined) return headerError
  const payload = payloadOf(batch, check)
  if (!(payload instanceof Uint8Array)) return payload
  const summary = validateRecords(batch, 0, payload)
  if (summary instanceof Error) return invalid
  const refusal = refusalByTopic(batch, payload, summary, check)
  if (refusal !== undefined) return refusal
  if (!isRewritten(batch, origin, settings)) return inPlace(batch, summary, check)
  const stored = rebuildBatch(batch, payload, targetCodecId(batch, settings), check)
  return stored.length > settings.maxMessageBytes ? tooLarge : fitting(stored, settings)
}

/** The records of one batch as they are read in slices, and what is known of them so far. */
class SlicedRecords {
  readonly pieces: RecordPieces
  readonly errors: RecordErrors
  private maxTimestamp: number = RecordBatch.NO_TIMESTAMP
  private hasSequentialOffsets = true

  constructor(batch: Uint8Array, check: BatchCheck) {
    this.pieces = new RecordPieces(batch, check.decompressedBytesMax)
    this.errors = new RecordErrors(batch, check)
  }

  next(): boolean {
    if (!this.pieces.next()) return false
    const { cursor } = this.pieces
    this.maxTimestamp = Math.max(this.maxTimestamp, cursor.timestamp)
    if (cursor.offsetDelta !== cursor.index) this.hasSequentialOffsets = false
    this.errors.add(cursor)
    return true
  }

  get summary(): OffsetsAndTime {
    const { hasSequentialOffsets, maxTimestamp } = this
    return { hasSequentialOffsets, maxTimestamp }
  }
}

/** Reads messages at once, which are few, and compresses them in slices. */
const convertInSlices = function*(
  messages: Uint8Array,
  check: BatchCheck,
  onBytes: (bytes: number) => void
): Generator<void, Judged> {
  const { codecs, settings } = check
  const maxOutputBytes = Math.min(PartitionLeaderLimits.convertedBytesMax, check.decompressedBytesMax)
  const set = decodeMessageSet(messages, 0, messages.length, { codecs, maxOutputBytes, onBytes })
  if (set instanceof Error) return messageSetErrors[set.reason]
  yield
  const batch = buildBatch(
    set.records.map(({ key, timestamp, value }) => ({ key, value, timestamp })),
    set.logAppendTimeMs === undefined ? {} : { logAppendTimeMs: set.logAppendTimeMs }
  )
  const payload = RecordBatch.payload(batch, 0)
  const summary = validateRecords(batch, 0, payload)
  if (summary instanceof Error) return invalid
  const refusal = refusalByTopic(batch, payload, summary, check)
  if (refusal !== undefined) return refusal
  const codec = settings.compression === "producer" ? set.codec : settings.compression
  const rewriter = new BatchRewriter(batch, codecIdOf(codec), check)
  try {
    const cursor = new RecordCursor(batch, 0, payload)
    while (cursor.next()) {
      rewriter.add(cursor)
      if (rewriter.isFull) yield* rewriter.compress()
    }
    const stored = yield* rewriter.finish()
    return stored === undefined ? tooLarge : fitting(stored, settings)
  } finally {
    rewriter.close()
  }
}

/**
 * Judges a batch that {@link validateBatch} left, as it would have with more memory and time: records are read while they are
 * decompressed, and nothing after the first malformed one. At each `yield` some `sliceBytes` were decompressed, or
 * compressed; `onBytes` hears how many. The caller may abandon the generator with `return()`.
 */
export const validateInSlices = function*(
  batch: Uint8Array,
  origin: AppendOrigin,
  check: BatchCheck,
  onBytes: (decompressedBytes: number) => void = () => undefined
): Generator<void, Judged> {
  if (isMessageSet(batch)) return yield* convertInSlices(batch, check, onBytes)
  const { codecs, decompressedBytesMax, settings } = check
  const codec = codecNameOf(RecordBatch.codecId(batch, 0))
  if (codec === undefined || codec === "none") return brokenCompression(batch)
  const rewriter = isRewritten(batch, origin, settings)
    ? new BatchRewriter(batch, targetCodecId(batch, settings), check)
    : undefined
  const records = new SlicedRecords(batch, check)
  let close = (): void => undefined
  try {
    const decompressor = codecs[codec].decompressor(RecordBatch.payload(batch, 0))
    close = decompressor.close
    let totalBytes = 0
    let slice = 0
    for (let piece = decompressor.next(); piece !== undefined; piece = decompressor.next()) {
      totalBytes += piece.length
      onBytes(piece.length)
      if (totalBytes > decompressedBytesMax) return tooLarge
      records.pieces.add(piece)
      while (records.next()) {
        rewriter?.add(records.pieces.cursor)
        if (rewriter?.isFull === true) yield* rewriter.compress()
      }
      if (records.pieces.cursor.error !== undefined) return invalid
      slice += Math.max(piece.length, PartitionLeaderLimits.sliceBytes / 64)
      if (slice < PartitionLeaderLimits.sliceBytes) continue
      slice = 0
      yield
    }
    if (records.pieces.end() !== undefined) return invalid
    const recordErrors = records.errors.rejection
    if (recordErrors !== undefined) return recordErrors
    if (rewriter === undefined) return inPlace(batch, records.summary, check)
    const stored = yield* rewriter.finish()
    return stored === undefined ? tooLarge : fitting(stored, settings)
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error
    return error.reason === "tooLarge" ? tooLarge : brokenCompression(batch)
  } finally {
    close()
    rewriter?.close()
  }
}
