/** Finds records by timestamp, inside compressed batches too. Source: FileRecords.searchForTimestamp, LogSegment. */
import { Effect } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { CompressionError, decompressPayload } from "../protocol/records/Compression.ts"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import { RecordCursor } from "../protocol/records/RecordCursor.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import { lastOffsetOf, maxTimestampOf, scanBatches } from "./BatchScan.ts"
import { LogLimits } from "./LogLimits.ts"
import type { TimestampAndOffset } from "./LogStore.ts"
import type { Segment } from "./Segment.ts"
import type { SegmentedLog } from "./SegmentedLog.ts"
import { damaged } from "./recoverSegment.ts"
import type { LogDamagedError } from "./recoverSegment.ts"

/** First record of a batch at or after the timestamp and the offset; "Damaged" when its records cannot be read. */
const findInBatch = (
  codecs: CompressionCodecs,
  batch: Uint8Array,
  timestamp: number,
  minOffset: number
): TimestampAndOffset | "Damaged" | undefined => {
  let payload: Uint8Array
  try {
    payload = decompressPayload(codecs, batch, 0, LogLimits.decompressedBytesMax)
  } catch (error) {
    if (error instanceof CompressionError) return "Damaged"
    throw error
  }
  const cursor = new RecordCursor(batch, 0, payload)
  while (cursor.next()) {
    if (cursor.timestamp >= timestamp && cursor.offset >= minOffset) {
      const leaderEpoch = RecordBatch.partitionLeaderEpoch(batch, 0)
      return { timestamp: cursor.timestamp, offset: cursor.offset, leaderEpoch }
    }
  }
  return cursor.error === undefined ? undefined : "Damaged"
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
    const found = findInBatch(codecs, batch, timestamp, minOffset)
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
  for (let index = Math.max(0, log.segmentAt(minOffset)); index < log.segments.length; index++) {
    const segment = log.segments[index]!
    if ((yield* maxTimestampIn(log, segment)) < timestamp) continue
    const found = yield* findInSegment(log, segment, codecs, timestamp, minOffset)
    if (found !== undefined) return found
  }
  return undefined
})

/** The earliest of the records with the largest timestamp; the first record when none carries one. */
export const findMaxTimestamp = Effect.fnUntraced(function*(
  log: SegmentedLog,
  codecs: CompressionCodecs,
  minOffset: number
): Effect.fn.Return<TimestampAndOffset | undefined, LogFilesError | LogDamagedError> {
  let largest: number = RecordBatch.NO_TIMESTAMP
  let holder: Segment | undefined
  for (let index = Math.max(0, log.segmentAt(minOffset)); index < log.segments.length; index++) {
    const segment = log.segments[index]!
    const timestamp = yield* maxTimestampIn(log, segment)
    if (timestamp <= largest) continue
    largest = timestamp
    holder = segment
  }
  return holder === undefined
    ? yield* findByTimestamp(log, codecs, RecordBatch.NO_TIMESTAMP, minOffset)
    : yield* findInSegment(log, holder, codecs, largest, minOffset)
})
