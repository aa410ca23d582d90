/** Finds records by timestamp, inside compressed batches too. Source: FileRecords.searchForTimestamp, LogSegment. */
import { Effect } from "effect"
import { inSlices } from "../model/inSlices.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { codecNameOf, CompressionError, PIECE_BYTES } from "../protocol/records/Compression.ts"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import { wholeDecompressor } from "../protocol/records/compression/Pieces.ts"
import { RecordPieces } from "../protocol/records/RecordPieces.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import { lastOffsetOf, maxTimestampOf, scanBatches } from "./BatchScan.ts"
import { LogLimits } from "./LogLimits.ts"
import type { TimestampAndOffset } from "./LogStore.ts"
import type { Segment } from "./Segment.ts"
import type { SegmentedLog } from "./SegmentedLog.ts"
import { damaged } from "./recoverSegment.ts"
import type { LogDamagedError } from "./recoverSegment.ts"

/**
 * First record of a batch at or after the timestamp and the offset; "Damaged" when its records cannot be read. Pauses while a
 * batch is read that decompresses to a great deal.
 */
const findInBatch = function*(
  codecs: CompressionCodecs,
  batch: Uint8Array,
  timestamp: number,
  minOffset: number
): Generator<void, TimestampAndOffset | "Damaged" | undefined> {
  const codec = codecNameOf(RecordBatch.codecId(batch, 0))
  if (codec === undefined) return "Damaged"
  const records = new RecordPieces(batch, LogLimits.decompressedBytesMax)
  const { cursor } = records
  let close = (): void => undefined
  try {
    const payload = RecordBatch.payload(batch, 0)
    const decompressor = codec === "none" ? wholeDecompressor(() => payload) : codecs[codec].decompressor(payload)
    close = decompressor.close
    let totalBytes = 0
    for (let piece = decompressor.next(); piece !== undefined; piece = decompressor.next()) {
      totalBytes += piece.length
      if (totalBytes > LogLimits.decompressedBytesMax) return "Damaged"
      records.add(piece)
      while (records.next()) {
        if (cursor.timestamp >= timestamp && cursor.offset >= minOffset) {
          const leaderEpoch = RecordBatch.partitionLeaderEpoch(batch, 0)
          return { timestamp: cursor.timestamp, offset: cursor.offset, leaderEpoch }
        }
      }
      if (cursor.error !== undefined) return "Damaged"
      if (piece.length === PIECE_BYTES) yield
    }
    return records.end() === undefined ? undefined : "Damaged"
  } catch (error) {
    if (error instanceof CompressionError) return "Damaged"
    throw error
  } finally {
    close()
  }
}

/** The first record of the segment at or after `timestamp` whose offset is at least `minOffset`. */
const findInSegment = Effect.fnUntraced(function*(
  log: SegmentedLog,
  segment: Segment,
  codecs: CompressionCodecs,
  timestamp: number,
  minOffset: number
): Effect.fn.Return<TimestampAndOffset | undefined, LogFilesError | LogDamagedError> {
  const indexes = yield* log.indexesOf(segment)
  const relative = Math.max(indexes.times.lookup(timestamp), minOffset - segment.baseOffset)
  let from = indexes.offsets.lookup(Math.min(relative, LogLimits.relativeOffsetMax))
  const file = yield* segment.file()
  const to = segment.sizeBytes
  while (from < to) {
    let size = 0
    const end = yield* scanBatches(file, { from, to, content: "Headers" }, (bytes, at) => {
      if (maxTimestampOf(bytes, at) < timestamp || lastOffsetOf(bytes, at) < minOffset) return true
      size = RecordBatch.batchSizeBytes(bytes, at)
      return false
    })
    if (end.reason !== "Stopped") break
    const batch = yield* file.readAt(end.position, size)
    const found = yield* inSlices(() => findInBatch(codecs, batch, timestamp, minOffset))
    if (found === "Damaged") return yield* damaged(segment, end.position, "the records of a batch cannot be read")
    if (found !== undefined) return found
    from = end.position + size
  }
  return undefined
})

const maxTimestampIn = (log: SegmentedLog, segment: Segment): Effect.Effect<number, LogFilesError> =>
  segment.maxTimestamp !== undefined
    ? Effect.succeed(segment.maxTimestamp)
    : Effect.map(log.indexesOf(segment), () => segment.maxTimestamp!)

/** The first record at or after `timestamp` with an offset of at least `minOffset`. */
export const findByTimestamp = Effect.fnUntraced(function*(
  log: SegmentedLog,
  codecs: CompressionCodecs,
  timestamp: number,
  minOffset: number
): Effect.fn.Return<TimestampAndOffset | undefined, LogFilesError | LogDamagedError> {
  for (const segment of log.segments.slice(Math.max(0, log.segmentAt(minOffset)))) {
    if ((yield* maxTimestampIn(log, segment)) < timestamp) continue
    const found = yield* findInSegment(log, segment, codecs, timestamp, minOffset)
    if (found !== undefined) return found
  }
  return undefined
})

/**
 * The earliest of the records with the largest timestamp; the first record when none carries one. In the segment that has it,
 * records below the log's start count too, as long as they are there. Source: UnifiedLog.fetchOffsetByTimestamp.
 */
export const findMaxTimestamp = Effect.fnUntraced(function*(
  log: SegmentedLog,
  codecs: CompressionCodecs,
  minOffset: number
): Effect.fn.Return<TimestampAndOffset | undefined, LogFilesError | LogDamagedError> {
  let largest: number = RecordBatch.NO_TIMESTAMP
  let holder: Segment | undefined
  for (const segment of log.segments.slice(Math.max(0, log.segmentAt(minOffset)))) {
    const timestamp = yield* maxTimestampIn(log, segment)
    if (timestamp <= largest) continue
    largest = timestamp
    holder = segment
  }
  return holder === undefined
    ? yield* findByTimestamp(log, codecs, RecordBatch.NO_TIMESTAMP, minOffset)
    : yield* findInSegment(log, holder, codecs, largest, holder.baseOffset)
})
