import { Effect } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFile, LogFilesError } from "../seams/LogFiles.ts"
import { LogLimits } from "./LogLimits.ts"

/** How a scan ended, and at which position: the end of the range, or the first byte of the batch it stopped at. */
export interface ScanEnd {
  readonly position: number
  /** `Incomplete`: the batch reaches beyond the range; `Corrupt`: its length or magic is one no format allows. */
  readonly reason: "End" | "Stopped" | "Incomplete" | "Corrupt"
}

export interface ScanOptions {
  /** Where a batch begins. */
  readonly from: number
  readonly to: number
  /** `Whole` shows every batch complete; `Headers` reads payloads only as they come, except those of control batches. */
  readonly content: "Headers" | "Whole"
}

/** Offset of a batch's last record in any format; a magic-0/1 message carries it where magic 2 has its base offset. */
export const lastOffsetOf = (bytes: Uint8Array, at: number): number =>
  RecordBatch.magic(bytes, at) === 2 ? RecordBatch.lastOffset(bytes, at) : RecordBatch.baseOffset(bytes, at)

/** Largest timestamp of a batch in any format; -1 for magic-0/1 messages, whose timestamps are not looked at. */
export const maxTimestampOf = (bytes: Uint8Array, at: number): number =>
  RecordBatch.magic(bytes, at) === 2 ? RecordBatch.maxTimestamp(bytes, at) : -1

/** Bytes of the batch at `at` that must be in memory to be looked at; 0 when the header cannot be told. */
const requiredBytes = (bytes: Uint8Array, at: number, size: number, content: ScanOptions["content"]): number => {
  if (content === "Whole" || size < RecordBatch.RECORD_BATCH_OVERHEAD) return size
  if (RecordBatch.magic(bytes, at) === 2 && RecordBatch.isControl(bytes, at)) return size
  return RecordBatch.RECORD_BATCH_OVERHEAD
}

/**
 * Shows the batches of a file's range in order until `visit` returns false. The bytes are those of the current window
 * and may be kept; reads are bounded by `scanChunkBytes` or one batch.
 */
export const scanBatches = Effect.fnUntraced(function*(
  file: LogFile,
  options: ScanOptions,
  visit: (bytes: Uint8Array, at: number, position: number) => boolean
): Effect.fn.Return<ScanEnd, LogFilesError> {
  const { content, to } = options
  let position = options.from
  let needed: number = RecordBatch.RECORD_BATCH_OVERHEAD
  while (position < to) {
    const wanted = Math.min(Math.max(LogLimits.scanChunkBytes, needed), to - position)
    const window = yield* file.readAt(position, wanted)
    let at = 0
    while (position < to) {
      const inWindow = window.length - at
      const inRange = to - position
      if (inRange < RecordBatch.HEADER_SIZE_UP_TO_MAGIC) return { position, reason: "Incomplete" }
      needed = Math.min(RecordBatch.RECORD_BATCH_OVERHEAD, inRange)
      if (inWindow < needed) break
      const size = RecordBatch.batchSizeBytes(window, at)
      const magic = RecordBatch.magic(window, at)
      if (size < RecordBatch.LOG_OVERHEAD + RecordBatch.MIN_RECORD_LENGTH || magic < 0 || magic > 2) {
        return { position, reason: "Corrupt" }
      }
      if (magic === 2 && size < RecordBatch.RECORD_BATCH_OVERHEAD) return { position, reason: "Corrupt" }
      if (size > inRange) return { position, reason: "Incomplete" }
      needed = requiredBytes(window, at, size, content)
      if (inWindow < needed) break
      if (!visit(window, at, position)) return { position, reason: "Stopped" }
      at += size
      position += size
    }
    // A window shorter than asked for means that the file is shorter than its owner believes.
    if (at === 0 && window.length < wanted) return { position, reason: "Incomplete" }
  }
  return { position, reason: "End" }
})

/**
 * Position of a complete, undamaged magic-2 batch that begins above `from` with a base offset of at least `minOffset`;
 * -1 when there is none. Tells damage in the middle of a file from a torn end.
 */
export const findLaterBatch = Effect.fnUntraced(function*(
  file: LogFile,
  from: number,
  minOffset: number
): Effect.fn.Return<number, LogFilesError> {
  const overlap = RecordBatch.RECORD_BATCH_OVERHEAD
  let position = from + 1
  while (position + overlap <= file.sizeBytes) {
    const window = yield* file.readAt(position, LogLimits.scanChunkBytes + overlap)
    for (let at = 0; at + overlap <= window.length; at++) {
      if (window[at + 16] !== RecordBatch.CURRENT_MAGIC) continue
      const size = RecordBatch.batchSizeBytes(window, at)
      if (size < overlap || position + at + size > file.sizeBytes) continue
      const baseOffset = RecordBatch.baseOffset(window, at)
      if (baseOffset < minOffset || baseOffset - minOffset > LogLimits.relativeOffsetMax) continue
      const batch = at + size <= window.length
        ? window.subarray(at, at + size)
        : yield* file.readAt(position + at, size)
      if (batch.length === size && RecordBatch.isCrcValid(batch, 0)) return position + at
    }
    if (window.length <= overlap) break
    position += window.length - overlap + 1
  }
  return -1
})
