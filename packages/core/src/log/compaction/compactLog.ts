import { Effect } from "effect"
import type { CompressionCodecs } from "../../protocol/records/Compression.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { RecordCursor } from "../../protocol/records/RecordCursor.ts"
import type { LogFiles, LogFilesError } from "../../seams/LogFiles.ts"
import { scanBatches } from "../BatchScan.ts"
import { CLEANED_SUFFIX } from "../LogFileNames.ts"
import { LogLimits } from "../LogLimits.ts"
import { damaged, type LogDamagedError } from "../recoverSegment.ts"
import { Segment } from "../Segment.ts"
import type { SegmentedLog } from "../SegmentedLog.ts"
import { syncFile } from "../StateFile.ts"
import { type AbortedTransactionEntry, collectAborted } from "../TransactionIndex.ts"
import type { CleanableRange } from "./cleanableOffsets.ts"
import { groupSegments } from "./cleanableOffsets.ts"
import { cleanBatch, type CleaningRules, type LastRecord, payloadToClean, UnreadableBatchError } from "./cleanBatch.ts"
import { CleanedTransactions } from "./CleanedTransactions.ts"
import type { CompactionStats } from "./CompactionRequest.ts"
import { OffsetMap } from "./OffsetMap.ts"

/** How a log is compacted. */
export interface CompactionOptions {
  readonly files: LogFiles["Service"]
  readonly codecs: CompressionCodecs
  readonly range: CleanableRange
  readonly nowMs: number
  readonly deleteRetentionMs: number
  /** Memory for the keys of the dirty part; a part with more keys takes several passes. */
  readonly mapBytes: number
  /** A random number of 32 bits. */
  readonly seed: number
  /** Asked anew for each segment that is written. */
  readonly lastRecords: () => ReadonlyMap<number, LastRecord>
  /** Runs for bytes read and written, before more is done: paces a pass, or ends it by interruption. */
  readonly throttle: (sizeBytes: number) => Effect.Effect<void>
}

/** The memory for keys does not hold those of one batch, so that no pass would come any further. */
export class MapTooSmallError extends Error {
  readonly _tag = "MapTooSmallError"

  constructor(offset: number, mapBytes: number) {
    super(`the keys of the batch at offset ${offset} take more than the ${mapBytes} bytes there are for keys`)
    this.name = "MapTooSmallError"
  }
}

/** Why a log cannot be compacted as it is. */
export type CompactionError = LogFilesError | LogDamagedError | UnreadableBatchError | MapTooSmallError

/** What throws in a visit of a scan ends the scan there, and fails after it. */
class Visits {
  #error: UnreadableBatchError | undefined = undefined

  guard(visit: () => boolean): boolean {
    try {
      return visit()
    } catch (error) {
      if (!(error instanceof UnreadableBatchError)) throw error
      this.#error = error
      return false
    }
  }

  get check(): Effect.Effect<void, UnreadableBatchError> {
    return this.#error === undefined ? Effect.void : Effect.fail(this.#error)
  }
}

/** The aborted transactions that overlap offsets of these segments, each once. */
const abortedOf = Effect.fnUntraced(function*(
  log: SegmentedLog,
  fromOffset: number,
  toOffset: number
): Effect.fn.Return<ReadonlyArray<AbortedTransactionEntry>, LogFilesError> {
  const found: Array<AbortedTransactionEntry> = []
  for (const segment of log.segments.slice(Math.max(0, log.segmentAt(fromOffset)))) {
    if (collectAborted(yield* segment.abortedTransactions, fromOffset, toOffset, found)) break
  }
  return found
})

/** Puts the keys of one batch into the map; false when the map is full. */
const mapBatch = (map: OffsetMap, codecs: CompressionCodecs, fromOffset: number, bytes: Uint8Array, at: number) => {
  const payload = payloadToClean(codecs, bytes, at)
  const cursor = new RecordCursor(bytes, at, payload)
  while (cursor.next()) {
    if (cursor.keyLength < 0 || cursor.offset < fromOffset) continue
    if (!map.put(payload, cursor.keyStart, cursor.keyLength, cursor.offset)) return false
  }
  if (cursor.error !== undefined) {
    throw new UnreadableBatchError(RecordBatch.baseOffset(bytes, at), cursor.error.message)
  }
  return true
}

/** The newest offsets of the keys of the dirty part, as far as memory goes. Source: Cleaner.buildOffsetMap. */
const buildOffsetMap = Effect.fnUntraced(function*(
  log: SegmentedLog,
  options: CompactionOptions
): Effect.fn.Return<OffsetMap, CompactionError> {
  const { codecs, range: { firstDirtyOffset, firstUncleanableOffset } } = options
  const map = new OffsetMap(options.mapBytes, options.seed)
  const transactions = new CleanedTransactions(yield* abortedOf(log, firstDirtyOffset, firstUncleanableOffset))
  const { segments } = log
  const first = Math.max(0, log.segmentAt(firstDirtyOffset))
  for (let index = first; index < segments.length; index++) {
    const segment = segments[index]!
    if (segment.baseOffset >= firstUncleanableOffset) break
    const indexes = yield* log.indexesOf(segment)
    const file = yield* segment.file()
    const visits = new Visits()
    let from = indexes.offsets.lookup(Math.max(0, firstDirtyOffset - segment.baseOffset))
    let isFull = false
    while (from < segment.sizeBytes && !isFull) {
      const chunkEnd = from + LogLimits.compactionChunkBytes
      const end = yield* scanBatches(
        file,
        { from, to: segment.sizeBytes, content: "Whole" },
        (bytes, at, position) =>
          position < chunkEnd && visits.guard(() => {
            const lastOffset = RecordBatch.lastOffset(bytes, at)
            // Aborted records, markers and messages of older formats have no say in which record of a key is the newest.
            const isMapped = RecordBatch.magic(bytes, at) === RecordBatch.CURRENT_MAGIC &&
              !transactions.follow(bytes, at) && !RecordBatch.isControl(bytes, at)
            if (isMapped && !mapBatch(map, codecs, firstDirtyOffset, bytes, at)) {
              isFull = true
              return false
            }
            if (lastOffset >= firstDirtyOffset) map.latestOffset = lastOffset
            return true
          })
      )
      yield* visits.check
      if (end.reason === "Incomplete" || end.reason === "Corrupt") {
        return yield* damaged(segment, end.position, "a batch is incomplete")
      }
      yield* options.throttle(end.position - from)
      from = end.position
    }
    if (isFull) break
    // Offsets that no batch has, at the end of a compacted segment, count as seen.
    map.latestOffset = Math.max(map.latestOffset, (segments[index + 1]?.baseOffset ?? log.nextOffset) - 1)
  }
  return map
})

/** What all segments of one pass share. */
interface Pass {
  readonly log: SegmentedLog
  readonly options: CompactionOptions
  readonly map: OffsetMap
  readonly transactions: CleanedTransactions
  /** Entries of the transaction index of the segment that is being written. */
  readonly aborted: Array<AbortedTransactionEntry>
}

/** Writes to `cleaned` what stays of the segments. */
const writeCleaned = Effect.fnUntraced(function*(
  { aborted, log, map, options, transactions }: Pass,
  group: ReadonlyArray<Segment>,
  cleaned: Segment
): Effect.fn.Return<void, CompactionError> {
  const lastRecords = options.lastRecords()
  const rules: CleaningRules = {
    map,
    transactions,
    codecs: options.codecs,
    nowMs: options.nowMs,
    deleteRetentionMs: options.deleteRetentionMs,
    upperBoundOffset: options.range.firstUncleanableOffset,
    lastRecordOf: (producerId) => lastRecords.get(producerId)
  }
  const target = yield* cleaned.file({ create: true })
  // A pass that a crash ended may have left one of this name.
  if (target.sizeBytes > 0) yield* target.truncate(0)
  cleaned.resetIndexes()
  cleaned.markIndexesUnwritten()
  for (const segment of group) {
    const source = yield* segment.file()
    const visits = new Visits()
    let from = 0
    while (from < segment.sizeBytes) {
      const kept: Array<Uint8Array> = []
      const chunkEnd = from + LogLimits.compactionChunkBytes
      const end = yield* scanBatches(
        source,
        { from, to: segment.sizeBytes, content: "Whole" },
        (bytes, at, position) =>
          position < chunkEnd && visits.guard(() => {
            const isCurrent = RecordBatch.magic(bytes, at) === RecordBatch.CURRENT_MAGIC
            const left = isCurrent ? cleanBatch(bytes, at, rules) : "Unchanged"
            if (left === "Unchanged") kept.push(bytes.subarray(at, at + RecordBatch.batchSizeBytes(bytes, at)))
            else if (left !== "Dropped") kept.push(left)
            return true
          })
      )
      yield* visits.check
      if (end.reason === "Incomplete" || end.reason === "Corrupt") {
        return yield* damaged(segment, end.position, "a batch is incomplete")
      }
      if (kept.length > 0) yield* target.append(kept)
      for (const batch of kept) cleaned.note(batch, 0, batch.length, log.config.indexIntervalBytes)
      yield* options.throttle(end.position - from)
      from = end.position
    }
  }
  yield* cleaned.resetAborted
  for (const entry of aborted.splice(0)) yield* cleaned.addAborted(entry)
  yield* cleaned.writeIndexes(true)
  yield* target.sync
  for (const path of [cleaned.indexPath, cleaned.timeIndexPath, cleaned.transactionIndexPath]) {
    yield* syncFile(options.files, path)
  }
})

/** Puts one segment in the place of some; false when they left the log meanwhile. Source: Cleaner.cleanSegments. */
const cleanSegments = (
  pass: Pass,
  group: ReadonlyArray<Segment>
): Effect.Effect<number | undefined, CompactionError> => {
  const { log, options: { files } } = pass
  const cleaned = new Segment(files, log.directory, group[0]!.baseOffset, 0, CLEANED_SUFFIX)
  const drop = Effect.ignore(cleaned.remove)
  return Effect.gen(function*() {
    yield* writeCleaned(pass, group, cleaned)
    if (yield* log.replaceSegments(group, cleaned)) return cleaned.sizeBytes
    yield* drop
    return undefined
  }).pipe(
    Effect.onInterrupt(() => drop),
    Effect.catch((error) => {
      const wasOvertaken = group.some(({ removed }) => removed)
      return Effect.andThen(drop, wasOvertaken ? Effect.succeed(undefined) : Effect.fail(error))
    })
  )
}

/**
 * One pass over the dirty part of a log and all before it: of each key the newest record stays where it is, of a deleted
 * key its tombstone until its time has come. Runs beside appends and reads; each segment that is written takes the place of
 * the old ones at once, and an interruption leaves the log as it is. Undefined: retention took away what was being
 * compacted, and the pass must begin anew. Source: Cleaner.doClean, KIP-58, KIP-534.
 */
export const compactLog = Effect.fnUntraced(function*(
  log: SegmentedLog,
  options: CompactionOptions
): Effect.fn.Return<CompactionStats | undefined, CompactionError> {
  const { firstDirtyOffset, firstUncleanableOffset } = options.range
  const map = yield* buildOffsetMap(log, options)
  const endOffset = Math.min(map.latestOffset + 1, firstUncleanableOffset)
  if (endOffset <= firstDirtyOffset) return yield* Effect.fail(new MapTooSmallError(firstDirtyOffset, options.mapBytes))
  const { segments } = log
  const range = segments.filter(({ baseOffset }) => baseOffset < endOffset)
  const rangeEnd = segments[range.length]?.baseOffset ?? log.nextOffset
  const aborted: Array<AbortedTransactionEntry> = []
  const transactions = new CleanedTransactions(
    yield* abortedOf(log, range[0]!.baseOffset, rangeEnd),
    (entry) => aborted.push(entry)
  )
  const bounds = { segmentBytes: log.config.segmentBytes, relativeOffsetMax: LogLimits.relativeOffsetMax }
  let bytesRead = 0
  let bytesWritten = 0
  for (const group of groupSegments(range, rangeEnd, bounds)) {
    for (const { sizeBytes } of group) bytesRead += sizeBytes
    const written = yield* cleanSegments({ log, options, map, transactions, aborted }, group)
    if (written === undefined) return undefined
    bytesWritten += written
  }
  return { endOffset, bytesRead, bytesWritten, keys: map.size }
})
