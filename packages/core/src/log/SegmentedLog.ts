/**
 * A log directory in Kafka's format: segments with their indexes, appended to at one end. It knows batches, offsets and
 * positions; what batches mean (producers, epochs, metadata records) is its owner's business. For partition logs see
 * `FilePartitionLog`. A metadata log needs `SegmentedLog.open`, then `recover(0, visit)`, which shows every batch in
 * offset order; then `append([batch])` and `flush` to write durably.
 *
 * Source: LocalLog, LogSegments.
 */
import { Effect, Semaphore } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { lastOffsetOf, maxTimestampOf, scanBatches } from "./BatchScan.ts"
import { endOfRun } from "./endOfRun.ts"
import { IndexCache } from "./IndexCache.ts"
import { LogLimits } from "./LogLimits.ts"
import { readLog, readLogNow } from "./LogReader.ts"
import type { LogConfig, MemoryRead, ReadOptions, ReadResult } from "./LogStore.ts"
import { undoing } from "./outOfSpace.ts"
import { type BatchVisitor, damaged, LogDamagedError, recoverSegment } from "./recoverSegment.ts"
import { Segment } from "./Segment.ts"
import { loadSegmentFiles } from "./SegmentFiles.ts"
import { DELETED_SUFFIX, SWAP_SUFFIX } from "./LogFileNames.ts"
import { Tail, TailCache } from "./TailCache.ts"
import { UnsyncedFiles } from "./UnsyncedFiles.ts"

export interface SegmentedLogOptions {
  readonly files: LogFiles["Service"]
  /** Relative to the files' root; must exist. */
  readonly directory: string
  readonly config: LogConfig
  /** Where an empty log begins; default 0. */
  readonly startOffset?: number
  /** An empty directory is refused when there were records below this offset; default 0. */
  readonly recoveryPoint?: number
  /** Shared by all logs of a store; default: one of its own. */
  readonly tails?: TailCache
  readonly indexes?: IndexCache
  /**
   * Takes a segment that is no longer part of the log, under its `.deleted` names, and removes it when reads that began
   * before have had their time. Removed at once by default.
   */
  readonly retire?: (segment: Segment, delayMs: number) => Effect.Effect<void, LogFilesError>
}

export class SegmentedLog {
  readonly directory: string
  config: LogConfig
  /** Base offsets of producer snapshots found when the log was opened, ascending. */
  readonly snapshotsFound: ReadonlyArray<number>
  /** Next offset to be assigned; moves once the bytes reached the operating system. */
  nextOffset: number
  /** Follows every appended batch, before the next roll. */
  onBatch: BatchVisitor | undefined = undefined
  /** Runs when a segment ended at `nextOffset`, before the next one begins; paths it returns are synced by `flush`. */
  onRoll: ((nextOffset: number) => Effect.Effect<ReadonlyArray<string>, LogFilesError>) | undefined = undefined
  readonly #files: LogFiles["Service"]
  readonly #tails: TailCache
  readonly #indexCache: IndexCache
  /** A segment is added in place; one that goes makes a new array, so that a read under way keeps the one it began with. */
  #segments: Array<Segment>
  readonly #retire: NonNullable<SegmentedLogOptions["retire"]>
  /** Segments leave the log one change at a time. */
  readonly #removals = Semaphore.makeUnsafe(1)
  #inactiveBytes = 0
  /** Segments, and files beside them, that the next flush syncs. */
  readonly #unsynced: UnsyncedFiles

  private constructor(options: SegmentedLogOptions, segments: Array<Segment>, snapshots: ReadonlyArray<number>) {
    this.directory = options.directory
    this.config = options.config
    this.#files = options.files
    this.#tails = options.tails ?? new TailCache()
    this.#indexCache = options.indexes ?? new IndexCache()
    this.#unsynced = new UnsyncedFiles(options.files, options.directory)
    this.#segments = segments
    this.#retire = options.retire ?? ((segment) => segment.remove)
    this.snapshotsFound = snapshots
    for (const segment of segments) this.#inactiveBytes += segment.sizeBytes
    this.#inactiveBytes -= this.active.sizeBytes
    this.nextOffset = this.active.baseOffset
  }

  /**
   * Lists the directory and removes leftovers. Then either `recover` or `loadEnd` must run before anything else. An empty
   * directory gets its first segment. Fails when the files of a segment show that its log is gone.
   */
  static readonly open = Effect.fnUntraced(function*(
    options: SegmentedLogOptions
  ): Effect.fn.Return<SegmentedLog, LogFilesError | LogDamagedError> {
    const { directory, files } = options
    const found = yield* loadSegmentFiles(files, directory)
    if (found.lost !== undefined) {
      const path = `${directory}/${found.lost}`
      const message = `${path} is gone, though its index is there and segments before and after it; nothing was changed`
      return yield* new LogDamagedError({ path, position: 0, message })
    }
    const segments = found.segments.map((each) => new Segment(files, directory, each.baseOffset, each.sizeBytes))
    const created = segments.length === 0
    const { recoveryPoint = 0, startOffset = 0 } = options
    if (created && startOffset < recoveryPoint) {
      const message =
        `${directory} has no segments, but records below ${recoveryPoint} were synced by its recovery point`
      return yield* new LogDamagedError({ path: directory, position: 0, message: `${message}; nothing was changed` })
    }
    if (created) segments.push(new Segment(files, directory, startOffset, 0))
    const log = new SegmentedLog(options, segments, found.snapshots)
    if (created) {
      yield* Effect.onError(log.#create(log.active), () => log.abandon)
      // A log that is only looked at holds no descriptor: of those a process has few.
      yield* log.active.release
    }
    return log
  })

  /** Makes the first segment of a log in a new directory. Nothing need run before the first append. */
  static create(options: SegmentedLogOptions): Effect.Effect<SegmentedLog, LogFilesError> {
    return Effect.suspend(() => {
      const segment = new Segment(options.files, options.directory, options.startOffset ?? 0, 0)
      const log = new SegmentedLog(options, [segment], [])
      return Effect.as(Effect.onError(log.#create(segment), () => log.abandon), log)
    })
  }

  get segments(): ReadonlyArray<Segment> {
    return this.#segments
  }

  get active(): Segment {
    return this.#segments[this.#segments.length - 1]!
  }

  /** Bytes of all segments. */
  get sizeBytes(): number {
    return this.#inactiveBytes + this.active.sizeBytes
  }

  /** True when something was appended or rolled since the last `flush`. */
  get isDirty(): boolean {
    return !this.#unsynced.isEmpty
  }

  /** The segment that holds `offset` if any does: the last one whose base is at or below it. */
  segmentAt(offset: number): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** Exclusive end of the offsets of a segment by its index. */
  endOffsetOf(index: number): number {
    return this.#segments[index + 1]?.baseOffset ?? this.nextOffset
  }

  /** The indexes of a segment, loaded when they are not in memory. */
  indexesOf(segment: Segment) {
    return Effect.map(segment.loadIndexes(this.config.indexIntervalBytes), (indexes) => {
      if (segment !== this.active) this.#indexCache.touch(segment)
      return indexes
    })
  }

  /** After a clean stop: trusts files and indexes, finds the end of the log. */
  get loadEnd(): Effect.Effect<void, LogFilesError | LogDamagedError> {
    return Effect.gen({ self: this }, function*() {
      const active = this.active
      const indexes = yield* active.loadIndexes(this.config.indexIntervalBytes)
      active.tail ??= new Tail(this.#tails)
      if (active.sizeBytes === 0) return
      const file = yield* active.file()
      const from = indexes.offsets.lookup(LogLimits.relativeOffsetMax)
      const end = yield* scanBatches(file, { from, to: active.sizeBytes, content: "Headers" }, (bytes, at) => {
        this.nextOffset = lastOffsetOf(bytes, at) + 1
        const timestamp = maxTimestampOf(bytes, at)
        if (timestamp > active.maxTimestamp!) {
          active.maxTimestamp = timestamp
          active.maxTimestampOffset = this.nextOffset - 1
        }
        return true
      })
      if (end.reason !== "End") return yield* damaged(active, end.position, "the last batch is incomplete")
      active.firstTimestamp = maxTimestampOf(yield* file.readAt(0, RecordBatch.RECORD_BATCH_OVERHEAD), 0)
      yield* active.release
    })
  }

  /**
   * After an unclean stop: checks every batch of the segments from the one that holds `recoveryPoint` on (length, magic,
   * CRC, offsets), rebuilds their indexes and shows each batch. A torn end is cut. Fails, deleting nothing, when a bad
   * spot lies below the recovery point or a valid batch follows it. `from`: where to begin, when not there.
   * Source: LogLoader.recoverLog, LogSegment.recover.
   */
  recover(
    recoveryPoint: number,
    visit: BatchVisitor,
    from = recoveryPoint
  ): Effect.Effect<void, LogFilesError | LogDamagedError> {
    return Effect.gen({ self: this }, function*() {
      const first = Math.max(0, this.segmentAt(from))
      const intervalBytes = this.config.indexIntervalBytes
      for (let index = first; index < this.#segments.length; index++) {
        const segment = this.#segments[index]!
        const later = this.#segments.slice(index + 1)
        const result = yield* recoverSegment({ segment, later, recoveryPoint, intervalBytes, visit })
        this.nextOffset = result.nextOffset
        if (!result.wasCut) continue
        for (const empty of later) yield* Effect.andThen(empty.remove, empty.removeSnapshot)
        this.#segments.length = index + 1
        this.#unsynced.noteDirectoryChanged()
      }
      this.#inactiveBytes = this.#segments.slice(0, -1).reduce((sum, each) => sum + each.sizeBytes, 0)
      const active = this.active
      active.tail = new Tail(this.#tails)
      for (let index = first; index < this.#segments.length - 1; index++) {
        yield* this.#segments[index]!.writeIndexes(true)
        this.#indexCache.touch(this.#segments[index]!)
      }
      // What survived in the page cache only, names too, is synced before it counts as durable.
      this.#unsynced.noteDirectoryChanged()
      for (const segment of this.#segments.slice(first)) this.#unsynced.addSegment(segment)
    })
  }

  /**
   * Shows the batches from the one that holds `offset` on, up to the end of the segments that begin below `to`; payloads
   * are complete only for control batches.
   */
  forEachHeader(offset: number, to: number, visit: BatchVisitor): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      for (let index = Math.max(0, this.segmentAt(offset)); index < this.#segments.length; index++) {
        const segment = this.#segments[index]!
        if (segment.baseOffset >= to) break
        if (segment.sizeBytes === 0) continue
        const indexes = yield* this.indexesOf(segment)
        const from = offset <= segment.baseOffset ? 0 : indexes.offsets.lookup(offset - segment.baseOffset)
        const file = yield* segment.file()
        yield* scanBatches(file, { from, to: segment.sizeBytes, content: "Headers" }, (bytes, at) => {
          if (lastOffsetOf(bytes, at) >= offset) visit(bytes, at, segment)
          return true
        })
      }
    })
  }

  /**
   * Appends complete magic-2 batches, one per chunk, contiguous from `nextOffset`: one write per segment they fall into.
   * After `NoSpace` the log ends before those that did not fit; after any other failure nothing may be appended to it.
   */
  append(batches: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => this.#appendFrom(batches, 0))
  }

  #appendFrom(batches: ReadonlyArray<Uint8Array>, from: number): Effect.Effect<void, LogFilesError> {
    if (from === batches.length) return Effect.void
    const active = this.active
    const end = endOfRun(active, this.config, batches, from)
    if (end === from) return Effect.flatMap(this.roll(), () => this.#appendFrom(batches, from))
    const file = active.openFile
    if (file === undefined) return Effect.flatMap(active.file(), () => this.#appendFrom(batches, from))
    const run = from === 0 && end === batches.length ? batches : batches.slice(from, end)
    const append = Effect.catch(file.append(run), (error) => undoing(error, file.truncate(active.sizeBytes)))
    return Effect.flatMap(append, () => {
      this.noteAppended(active, run)
      return end === batches.length ? Effect.void : this.#appendFrom(batches, end)
    })
  }

  /** Follows batches that were written to the end of the active segment. */
  noteAppended(active: Segment, batches: ReadonlyArray<Uint8Array>): void {
    const { config: { indexIntervalBytes }, onBatch } = this
    const tail = active.tail!
    for (let i = 0; i < batches.length; i++) {
      const batch = batches[i]!
      tail.append(batch, active.sizeBytes)
      active.note(batch, 0, batch.length, indexIntervalBytes)
      this.nextOffset = RecordBatch.lastOffset(batch, 0) + 1
      if (onBatch !== undefined) onBatch(batch, 0, active)
    }
    this.#unsynced.addSegment(active)
  }

  /** Reads from one segment, memory first. An offset at or above the bound gives nothing. */
  read(options: ReadOptions): Effect.Effect<ReadResult, LogFilesError> {
    return readLog(this, options)
  }

  /** The read from memory; undefined when it takes files. */
  readNow(options: ReadOptions): MemoryRead | undefined {
    return readLogNow(this, options)
  }

  /** Begins a new segment, unless the active one is empty. The next flush makes it durable. */
  get rollNow(): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => this.active.sizeBytes === 0 ? Effect.void : this.roll())
  }

  /** Ends the active segment and begins the next one at `nextOffset`. Source: LocalLog.roll. */
  roll(): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      const old = this.active
      const paths = this.onRoll === undefined ? [] : yield* this.onRoll(this.nextOffset)
      yield* old.writeIndexes(true)
      const next = new Segment(this.#files, this.directory, this.nextOffset, 0)
      yield* Effect.catch(this.#create(next), (error) => undoing(error, next.remove))
      for (const path of [...paths, old.indexPath, old.timeIndexPath, old.transactionIndexPath]) {
        this.#unsynced.addPath(path)
      }
      this.#inactiveBytes += old.sizeBytes
      this.#segments.push(next)
      this.#indexCache.touch(old)
    })
  }

  #create(segment: Segment): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      yield* segment.file({ create: true })
      segment.resetIndexes()
      // Their files come with the end of the segment or the clean end of the log; every other end makes them anew anyway.
      segment.markIndexesUnwritten()
      segment.tail = new Tail(this.#tails)
      this.#unsynced.noteDirectoryChanged()
    })
  }

  /** Syncs everything appended before the call. A failure is final: the log must be opened and recovered again. */
  get flush(): Effect.Effect<void, LogFilesError> {
    return this.#unsynced.flush
  }

  /** Removes the segments that lie wholly below `offset`, never the active one; returns how many. */
  removeBelow(offset: number): Effect.Effect<number, LogFilesError> {
    return this.#removals.withPermit(Effect.suspend(() => {
      let count = 0
      while (count + 1 < this.#segments.length && this.#segments[count + 1]!.baseOffset <= offset) count++
      if (count === 0) return Effect.succeed(0)
      return Effect.gen({ self: this }, function*() {
        for (const segment of this.#segments.slice(0, count)) yield* segment.pin(this.config.indexIntervalBytes)
        const removed = this.#take(0, count)
        for (const segment of removed) {
          yield* segment.moveTo(DELETED_SUFFIX)
          yield* segment.removeSnapshot
        }
        yield* this.#files.syncDirectory(this.directory)
        for (const segment of removed) yield* this.#retire(segment, this.config.fileDeleteDelayMs)
        return count
      })
    }))
  }

  /**
   * Puts a compacted segment, written and synced under `.cleaned` names, in the place of neighbouring inactive segments. A
   * crash at any moment leaves either of them: from the sync of the `.swap` names on the new one. False: the segments are
   * no longer part of the log, and nothing was done. Source: LocalLog.replaceSegments.
   */
  replaceSegments(replaced: ReadonlyArray<Segment>, cleaned: Segment): Effect.Effect<boolean, LogFilesError> {
    const replace = Effect.gen({ self: this }, function*() {
      const index = this.#segments.indexOf(replaced[0]!)
      if (index < 0 || replaced.some((segment, i) => this.#segments[index + i] !== segment)) return false
      for (const segment of replaced) yield* segment.pin(this.config.indexIntervalBytes)
      yield* cleaned.moveTo(SWAP_SUFFIX)
      yield* this.#files.syncDirectory(this.directory)
      this.#take(index, replaced.length, cleaned)
      for (const segment of replaced) {
        yield* segment.moveTo(DELETED_SUFFIX)
        if (segment.baseOffset !== cleaned.baseOffset) yield* segment.removeSnapshot
      }
      yield* cleaned.moveTo("")
      yield* this.#files.syncDirectory(this.directory)
      this.#indexCache.touch(cleaned)
      for (const segment of replaced) yield* this.#retire(segment, this.config.fileDeleteDelayMs)
      return true
    })
    return this.#removals.withPermit(Effect.uninterruptible(replace))
  }

  /** Takes inactive segments out of the log, and puts another one in their place. */
  #take(index: number, count: number, ...added: ReadonlyArray<Segment>): ReadonlyArray<Segment> {
    const taken = this.#segments.slice(index, index + count)
    this.#segments = this.#segments.toSpliced(index, count, ...added)
    for (const segment of taken) {
      segment.removed = true
      this.#inactiveBytes -= segment.sizeBytes
      this.#indexCache.forget(segment)
      this.#unsynced.dropSegment(segment)
    }
    for (const segment of added) this.#inactiveBytes += segment.sizeBytes
    return taken
  }

  /** Runs `sync` at the beginning of the next `flush`. */
  syncFirst(sync: Effect.Effect<void, LogFilesError>): void {
    this.#unsynced.addFirst(sync)
  }

  /** Syncs the file at `path` with the next `flush`. */
  syncWithNextFlush(path: string): void {
    this.#unsynced.addPath(path)
  }

  /** Writes the indexes as a clean stop leaves them and syncs everything and closes all files. */
  get close(): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      const { indexPath, timeIndexPath, transactionIndexPath } = this.active
      yield* this.active.writeIndexes(true)
      this.#unsynced.addSegment(this.active)
      for (const path of [indexPath, timeIndexPath, transactionIndexPath]) this.#unsynced.addPath(path)
      yield* this.flush
      yield* this.abandon
    })
  }

  /** Closes all files and writes nothing: what is left of a log that failed. */
  get abandon(): Effect.Effect<void> {
    return Effect.forEach(this.#segments, (segment) => {
      this.#indexCache.forget(segment)
      return segment.close
    }, { discard: true })
  }
}
