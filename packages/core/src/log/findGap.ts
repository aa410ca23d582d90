/**
 * Records that are missing between two segments. Compaction leaves such gaps, and so does the loss of a segment; which it
 * was shows in the segments themselves.
 */
import { Effect } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { lastOffsetOf, scanBatches } from "./BatchScan.ts"
import { viewOf } from "./Int64.ts"
import { OFFSET_INDEX_ENTRY_BYTES } from "./OffsetIndex.ts"
import type { Segment } from "./Segment.ts"

/** Offsets from `endOffset` to `nextOffset` (exclusive) are in no segment: they lie between `before` and `after`. */
export interface LogGap {
  readonly before: Segment
  readonly after: Segment
  readonly endOffset: number
  readonly nextOffset: number
}

type Files = LogFiles["Service"]

/** Where the batch of the last index entry begins, so that the end is found without a scan of the segment; else 0. */
const lastIndexedPosition = Effect.fnUntraced(function*(
  files: Files,
  segment: Segment
): Effect.fn.Return<number, LogFilesError> {
  const opened = yield* files.open(segment.indexPath, { create: false }).pipe(
    Effect.catch((error) => error.reason === "NotFound" ? Effect.succeed(undefined) : Effect.fail(error))
  )
  if (opened === undefined) return 0
  const at = opened.sizeBytes - OFFSET_INDEX_ENTRY_BYTES
  const entry = yield* Effect.ensuring(opened.readAt(Math.max(0, at), OFFSET_INDEX_ENTRY_BYTES), opened.close)
  const position = entry.length < OFFSET_INDEX_ENTRY_BYTES ? 0 : viewOf(entry).getInt32(4)
  return position > 0 && position < segment.sizeBytes ? position : 0
})

/** Exclusive end of the offsets in a segment's file; -1 when the scan from `from` meets no whole batch. */
const scanEnd = Effect.fnUntraced(function*(
  segment: Segment,
  from: number,
  visit: (bytes: Uint8Array, at: number) => void = () => {}
): Effect.fn.Return<number, LogFilesError> {
  let endOffset = -1
  const file = yield* segment.file()
  const scan = scanBatches(file, { from, to: segment.sizeBytes, content: "Headers" }, (bytes, at) => {
    visit(bytes, at)
    endOffset = lastOffsetOf(bytes, at) + 1
    return true
  })
  const { reason } = yield* Effect.ensuring(scan, segment.release)
  return reason === "End" ? endOffset : -1
})

/** Whether offsets are missing inside a segment, between batches or in them, as they are after compaction. */
const isSparse = Effect.fnUntraced(function*(segment: Segment): Effect.fn.Return<boolean, LogFilesError> {
  let sparse = false
  let nextOffset = segment.baseOffset
  yield* scanEnd(segment, 0, (bytes, at) => {
    const isMagic2 = RecordBatch.magic(bytes, at) === RecordBatch.CURRENT_MAGIC
    if (isMagic2 && RecordBatch.baseOffset(bytes, at) !== nextOffset) sparse = true
    if (isMagic2 && RecordBatch.recordCount(bytes, at) !== RecordBatch.lastOffsetDelta(bytes, at) + 1) sparse = true
    nextOffset = lastOffsetOf(bytes, at) + 1
  })
  return sparse
})

/** The first gap above `logStartOffset`; reads one index entry and a few headers for each inactive segment. */
export const findGap = Effect.fnUntraced(function*(
  files: Files,
  segments: ReadonlyArray<Segment>,
  logStartOffset: number
): Effect.fn.Return<LogGap | undefined, LogFilesError> {
  for (let index = 0; index + 1 < segments.length; index++) {
    const before = segments[index]!
    const after = segments[index + 1]!
    if (after.baseOffset <= logStartOffset) continue
    let endOffset = before.baseOffset
    if (before.sizeBytes > 0) {
      endOffset = yield* scanEnd(before, yield* lastIndexedPosition(files, before))
      // The index does not point at a batch.
      if (endOffset < 0) endOffset = yield* scanEnd(before, 0)
    }
    if (endOffset < after.baseOffset) return { before, after, endOffset, nextOffset: after.baseOffset }
  }
  return undefined
})

/** Whether any segment shows that the log was compacted once, so that a gap need not be a loss. */
export const wasCompacted = Effect.fnUntraced(function*(
  segments: ReadonlyArray<Segment>
): Effect.fn.Return<boolean, LogFilesError> {
  for (const segment of segments) if (yield* isSparse(segment)) return true
  return false
})
