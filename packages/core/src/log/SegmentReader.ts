import { Effect } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFile, LogFilesError } from "../seams/LogFiles.ts"
import { lastOffsetOf } from "./BatchScan.ts"
import { LogLimits } from "./LogLimits.ts"
import { emptyRead } from "./LogStore.ts"
import type { MemoryRead, ReadOptions, ReadResult } from "./LogStore.ts"
import type { Segment, SegmentIndexes } from "./Segment.ts"

/** Bytes a read returns: what fits, or the first batch whole, or nothing when not even that fits. */
const wantedBytes = (options: ReadOptions, firstBatchBytes: number): number => {
  const most = Math.min(options.maxBytes, LogLimits.readBytesMax)
  if (most >= firstBatchBytes) return most
  return options.minOneBatch ? firstBatchBytes : 0
}

/**
 * `records`, which begin with a batch at `position`, without the batches that begin at or above the bound. Only headers
 * after the last index entry below the bound are looked at, and none when the segment ends below it.
 */
const recordsBelow = (
  records: Uint8Array,
  position: number,
  upperBoundOffset: number,
  segment: Segment,
  segmentEndOffset: number,
  indexes: SegmentIndexes
): Uint8Array => {
  if (upperBoundOffset >= segmentEndOffset) return records
  const relative = Math.min(upperBoundOffset - segment.baseOffset, LogLimits.relativeOffsetMax)
  let at = Math.max(0, indexes.offsets.lookup(relative) - position)
  while (at + RecordBatch.LOG_OVERHEAD <= records.length) {
    if (RecordBatch.baseOffset(records, at) >= upperBoundOffset) return records.subarray(0, at)
    at += RecordBatch.batchSizeBytes(records, at)
  }
  return records
}

/**
 * The read from memory, without any Effect: undefined when the indexes or the bytes are not there. `segmentEndOffset` is
 * the exclusive end of the segment's offsets. `hasMore` tells of this segment.
 */
export const readTail = (
  segment: Segment,
  segmentEndOffset: number,
  options: ReadOptions
): MemoryRead | undefined => {
  const { indexes, tail } = segment
  if (indexes === undefined || tail === undefined) return undefined
  tail.noteRead()
  const start = tail.startPosition
  if (start === Infinity) return undefined
  let position = indexes.offsets.lookup(options.offset - segment.baseOffset)
  if (position < start) {
    if (RecordBatch.baseOffset(tail.blockAt(start).bytes, 0) > options.offset) return undefined
    position = start
  }
  while (position < segment.sizeBytes) {
    const block = tail.blockAt(position)
    const at = position - block.position
    const size = RecordBatch.batchSizeBytes(block.bytes, at)
    if (lastOffsetOf(block.bytes, at) >= options.offset) {
      const wanted = wantedBytes(options, size)
      return viewsBelow(position, wanted, options.upperBoundOffset, segment, segmentEndOffset, indexes)
    }
    position += size
  }
  return undefined
}

/** What the tail has of the segment from `position` on, up to `wanted` bytes and the bound. */
const viewsBelow = (
  position: number,
  wanted: number,
  upperBoundOffset: number,
  segment: Segment,
  segmentEndOffset: number,
  indexes: SegmentIndexes
): MemoryRead => {
  const views: Array<Uint8Array> = []
  let at = position
  for (const view of segment.tail!.views(position, wanted)) {
    const records = recordsBelow(view, at, upperBoundOffset, segment, segmentEndOffset, indexes)
    if (records.length > 0) views.push(records)
    if (records.length < view.length) return { views, hasMore: false }
    at += records.length
  }
  return { views, hasMore: at < segment.sizeBytes }
}

/** Where the batch that holds an offset lies in a segment's file. */
interface FoundBatch {
  readonly position: number
  readonly sizeBytes: number
}

/**
 * The first batch from `position` on whose last offset is `offset` or above. Only headers are read: an index entry may lie
 * a whole interval before the batch that is looked for, and behind batches of any size. Source: FileRecords.searchForOffset.
 */
const findBatch = Effect.fnUntraced(function*(
  segment: Segment,
  file: LogFile,
  from: number,
  offset: number
): Effect.fn.Return<FoundBatch | undefined, LogFilesError> {
  let position = from
  while (position < segment.sizeBytes) {
    const window = yield* file.readAt(position, LogLimits.headerWindowBytes)
    let at = 0
    while (at + RecordBatch.RECORD_BATCH_OVERHEAD <= window.length) {
      const sizeBytes = RecordBatch.batchSizeBytes(window, at)
      if (sizeBytes < RecordBatch.LOG_OVERHEAD) return undefined
      if (lastOffsetOf(window, at) >= offset) return { position: position + at, sizeBytes }
      at += sizeBytes
    }
    if (at === 0) return undefined
    position += at
  }
  return undefined
})

/**
 * The read from the segment's file: headers up to the batch that is looked for, then all that is wanted at once. Undefined
 * when no batch of the segment reaches the offset; `hasMore` tells of this segment.
 */
export const readFileSegment = Effect.fnUntraced(function*(
  segment: Segment,
  indexes: SegmentIndexes,
  segmentEndOffset: number,
  options: ReadOptions
): Effect.fn.Return<ReadResult | undefined, LogFilesError> {
  const file = yield* segment.file()
  const from = indexes.offsets.lookup(options.offset - segment.baseOffset)
  const found = yield* findBatch(segment, file, from, options.offset)
  if (found === undefined) return undefined
  const { position, sizeBytes } = found
  const wanted = wantedBytes(options, sizeBytes)
  if (wanted === 0) return { ...emptyRead, hasMore: true }
  const bytes = yield* file.readAt(position, Math.min(wanted, segment.sizeBytes - position), options.allocate)
  const records = recordsBelow(bytes, position, options.upperBoundOffset, segment, segmentEndOffset, indexes)
  return { records, hasMore: records.length === bytes.length && position + records.length < segment.sizeBytes }
})
