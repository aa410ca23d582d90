import { Effect, Schema } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import { findLaterBatch, lastOffsetOf, scanBatches } from "./BatchScan.ts"
import { LogLimits } from "./LogLimits.ts"
import type { Segment } from "./Segment.ts"

/** Stored bytes are not what was written: nothing was deleted; `path` and `position` (bytes) tell where. */
export class LogDamagedError extends Schema.TaggedError<LogDamagedError>()("LogDamagedError", {
  path: Schema.String,
  position: Schema.Number,
  message: Schema.String
}) {}

/** Called once for every batch, in order: `bytes` hold the whole batch at `at`; it lies in `segment`. */
export type BatchVisitor = (bytes: Uint8Array, at: number, segment: Segment) => void

/** The error for a bad spot in a segment. */
export const damaged = (segment: Segment, position: number, what: string): LogDamagedError =>
  new LogDamagedError({
    path: segment.path,
    position,
    message: `${segment.path} is damaged at byte ${position}: ${what}`
  })

export interface RecoverSegmentOptions {
  readonly segment: Segment
  /** The segments after it; a torn end is only possible when they hold nothing. */
  readonly later: ReadonlyArray<Segment>
  /** Everything below this offset was synced, so that a bad spot there is damage. */
  readonly recoveryPoint: number
  readonly intervalBytes: number
  readonly visit: BatchVisitor
}

/**
 * Checks every batch of a segment (length, magic, CRC, offsets) and rebuilds its indexes in memory. A torn end is cut;
 * `wasCut` tells so. Source: LogSegment.recover, which cuts at every bad spot.
 */
export const recoverSegment = Effect.fnUntraced(function*(
  options: RecoverSegmentOptions
): Effect.fn.Return<{ readonly nextOffset: number; readonly wasCut: boolean }, LogFilesError | LogDamagedError> {
  const { intervalBytes, segment, visit } = options
  const file = yield* segment.file()
  segment.resetIndexes()
  segment.markIndexesUnwritten()
  segment.sizeBytes = 0
  let nextOffset = segment.baseOffset
  let problem = "a batch is incomplete"
  const size = file.sizeBytes
  const end = yield* scanBatches(file, { from: 0, to: size, content: "Whole" }, (bytes, at) => {
    const magic2 = RecordBatch.magic(bytes, at) === 2
    if (magic2 && !RecordBatch.isCrcValid(bytes, at)) problem = "the CRC of a batch does not match"
    else if (magic2 && RecordBatch.baseOffset(bytes, at) < nextOffset) problem = "offsets go back"
    else if (lastOffsetOf(bytes, at) - segment.baseOffset > LogLimits.relativeOffsetMax) problem = "offset too large"
    else {
      segment.note(bytes, at, RecordBatch.batchSizeBytes(bytes, at), intervalBytes)
      nextOffset = lastOffsetOf(bytes, at) + 1
      visit(bytes, at, segment)
      return true
    }
    return false
  })
  if (end.reason === "End") return { nextOffset, wasCut: false }
  if (end.reason === "Corrupt") problem = "no batch begins here"
  const { position } = end
  if (nextOffset < options.recoveryPoint) return yield* damaged(segment, position, `${problem}; it was synced`)
  const laterBatch = yield* findLaterBatch(file, position, nextOffset)
  if (laterBatch >= 0) {
    return yield* damaged(segment, position, `${problem}; a valid batch follows at byte ${laterBatch}`)
  }
  const next = options.later.find((each) => each.sizeBytes > 0)
  if (next !== undefined) return yield* damaged(segment, position, `${problem}; the log goes on in ${next.path}`)
  yield* Effect.logWarning(
    `${segment.path} ended in a torn batch: ${size - position} bytes from byte ${position} on were cut`
  )
  yield* file.truncate(position)
  return { nextOffset, wasCut: true }
})
