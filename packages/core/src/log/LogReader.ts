import { Effect } from "effect"
import type { LogFilesError } from "../seams/LogFiles.ts"
import type { ReadOptions, ReadResult } from "./LogStore.ts"
import type { SegmentedLog } from "./SegmentedLog.ts"
import { readFileSegment, readTail } from "./SegmentReader.ts"

const emptyRead: ReadResult = { records: new Uint8Array(0), hasMore: false }

const withLater = (
  log: SegmentedLog,
  records: Uint8Array,
  segmentEndOffset: number,
  options: ReadOptions
): ReadResult => ({ records, hasMore: segmentEndOffset < Math.min(options.upperBoundOffset, log.nextOffset) })

/** The read of a log from memory; undefined when it takes files. */
export const readLogNow = (log: SegmentedLog, options: ReadOptions): ReadResult | undefined => {
  if (options.offset >= Math.min(options.upperBoundOffset, log.nextOffset)) return emptyRead
  const index = Math.max(0, log.segmentAt(options.offset))
  const end = log.endOffsetOf(index)
  const found = readTail(log.segments[index]!, end, options)
  return found === undefined || found.hasMore ? found : withLater(log, found.records, end, options)
}

/** Reads from one segment of a log, memory first. An offset at or above the bound gives nothing. */
export const readLog = (log: SegmentedLog, options: ReadOptions): Effect.Effect<ReadResult, LogFilesError> =>
  Effect.suspend(() => {
    const found = readLogNow(log, options)
    return found === undefined ? readFiles(log, options) : Effect.succeed(found)
  })

const readFiles = Effect.fnUntraced(function*(
  log: SegmentedLog,
  options: ReadOptions
): Effect.fn.Return<ReadResult, LogFilesError> {
  // A compacted segment may end before the offset; the next one then has the first batch at or above it.
  for (let index = Math.max(0, log.segmentAt(options.offset)); index < log.segments.length; index++) {
    const segment = log.segments[index]!
    const end = log.endOffsetOf(index)
    const indexes = yield* log.indexesOf(segment)
    const offset = Math.max(options.offset, segment.baseOffset)
    if (offset >= options.upperBoundOffset) break
    const found = yield* Effect.catch(
      readFileSegment(segment, indexes, end, { ...options, offset }),
      // A trim that overtook this read closed the file; what is left of the log answers.
      (error) => segment.removed ? Effect.succeed("Removed" as const) : Effect.fail(error)
    )
    if (found === "Removed") return yield* readLog(log, options)
    if (found !== undefined) return found.hasMore ? found : withLater(log, found.records, end, options)
  }
  return emptyRead
})
