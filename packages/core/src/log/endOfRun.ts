import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { LogLimits } from "./LogLimits.ts"
import type { LogConfig } from "./LogStore.ts"
import { OFFSET_INDEX_ENTRY_BYTES } from "./OffsetIndex.ts"
import type { Segment } from "./Segment.ts"
import { TIME_INDEX_ENTRY_BYTES } from "./TimeIndex.ts"

/**
 * Where the batches from `from` on that still go into the active segment end; `from` itself when the segment must roll
 * first. A segment with nothing in it takes any batch. Source: LogSegment.shouldRoll, which sees all batches of a request
 * as one and also rolls by the clock when records carry no timestamps.
 */
export const endOfRun = (
  active: Segment,
  config: LogConfig,
  batches: ReadonlyArray<Uint8Array>,
  from: number
): number => {
  const { indexIntervalBytes, segmentBytes, segmentIndexBytes, segmentMs } = config
  const indexes = active.indexes!
  let offsetRoom = Math.floor(segmentIndexBytes / OFFSET_INDEX_ENTRY_BYTES) - indexes.offsets.entryCount
  // One entry is kept free for the closing one.
  let timeRoom = Math.floor(segmentIndexBytes / TIME_INDEX_ENTRY_BYTES) - 1 - indexes.times.entryCount
  let size = active.sizeBytes
  let sinceEntry = active.bytesSinceIndexEntry
  let firstTimestamp = active.firstTimestamp
  let index = from
  for (; index < batches.length; index++) {
    const batch = batches[index]!
    const timestamp = RecordBatch.maxTimestamp(batch, 0)
    if (size > 0) {
      if (size > segmentBytes - batch.length) break
      if (firstTimestamp >= 0 && timestamp - firstTimestamp > segmentMs) break
      if (offsetRoom <= 0 || timeRoom <= 0) break
      if (RecordBatch.lastOffset(batch, 0) - active.baseOffset > LogLimits.relativeOffsetMax) break
    } else {
      firstTimestamp = timestamp
    }
    if (sinceEntry > indexIntervalBytes) {
      offsetRoom--
      timeRoom--
      sinceEntry = 0
    }
    sinceEntry += batch.length
    size += batch.length
  }
  return index
}
