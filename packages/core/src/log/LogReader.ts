import { Effect } from "effect"
import type { Allocate, LogFilesError } from "../seams/LogFiles.ts"
import { emptyMemoryRead, emptyRead } from "./LogStore.ts"
import type { MemoryRead, ReadOptions, ReadResult } from "./LogStore.ts"
import type { SegmentedLog } from "./SegmentedLog.ts"
import { readFileSegment, readTail } from "./SegmentReader.ts"

const newMemory: Allocate = (sizeBytes) => new Uint8Array(sizeBytes)

/** A read of one segment, with `hasMore` for the whole log. */
const withLater = <Read extends MemoryRead | ReadResult>(
  log: SegmentedLog,
  found: Read,
  segmentEndOffset: number,
  options: ReadOptions
): Read =>
  found.hasMore || segmentEndOffset >= Math.min(options.upperBoundOffset, log.nextOffset)
    ? found
    : { ...found, hasMore: true }

/** The read of a log from memory; undefined when it takes files. */
export const readLogNow = (log: SegmentedLog, options: ReadOptions): MemoryRead | undefined => {
  if (options.offset >= Math.min(options.upperBoundOffset, log.nextOffset)) return emptyMemoryRead
  const index = Math.max(0, log.segmentAt(options.offset))
  const end = log.endOffsetOf(index)
  const found = readTail(log.segments[index]!, end, options)
  return found && withLater(log, found, end, options)
}

const joined = ({ hasMore, views }: MemoryRead, allocate: Allocate): ReadResult => {
  if (views.length === 1) return { records: views[0]!, hasMore }
  const records = allocate(views.reduce((sizeBytes, view) => sizeBytes + view.length, 0))
  let at = 0
  for (const view of views) {
    records.set(view, at)
    at += view.length
  }
  return { records, hasMore }
}

/** Reads from one segment of a log, memory first. An offset at or above the bound gives nothing. */
export const readLog = (log: SegmentedLog, options: ReadOptions): Effect.Effect<ReadResult, LogFilesError> =>
  Effect.suspend(() => {
    const found = readLogNow(log, options)
    return found === undefined
      ? readFiles(log, options)
      : Effect.succeed(joined(found, options.allocate ?? newMemory))
  })

const readFiles = Effect.fnUntraced(function*(
  log: SegmentedLog,
  options: ReadOptions
): Effect.fn.Return<ReadResult, LogFilesError> {
  const { segments } = log
  // A compacted segment may end before the offset; the next one then has the first batch at or above it.
  for (let index = Math.max(0, log.segmentAt(options.offset)); index < segments.length; index++) {
    const segment = segments[index]!
    const end = segments[index + 1]?.baseOffset ?? log.nextOffset
    const indexes = yield* log.indexesOf(segment)
    const offset = Math.max(options.offset, segment.baseOffset)
    if (offset >= options.upperBoundOffset) break
    const found = yield* Effect.catch(
      readFileSegment(segment, indexes, end, { ...options, offset }),
      // The segment left the log before this read opened it; what is left of the log answers.
      (error) => segment.removed ? Effect.succeed("Removed" as const) : Effect.fail(error)
    )
    if (found === "Removed") return yield* readLog(log, options)
    if (found !== undefined) return withLater(log, found, end, options)
  }
  return emptyRead
})
