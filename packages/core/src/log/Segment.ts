import { Effect } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFile, LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { lastOffsetOf, maxTimestampOf, scanBatches } from "./BatchScan.ts"
import {
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetName,
  SNAPSHOT_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX
} from "./LogFileNames.ts"
import { OffsetIndex } from "./OffsetIndex.ts"
import { appendFile, readFile, replaceFile } from "./StateFile.ts"
import type { Tail } from "./TailCache.ts"
import { TimeIndex } from "./TimeIndex.ts"
import { decodeTransactionIndex, encodeTransactionIndexEntry } from "./TransactionIndex.ts"
import type { AbortedTransactionEntry } from "./TransactionIndex.ts"

type Files = LogFiles["Service"]

/** The offset and time index of a segment. */
export interface SegmentIndexes {
  readonly offsets: OffsetIndex
  readonly times: TimeIndex
}

/** Bytes that a segment's indexes hold in memory. */
export const indexMemoryBytes = (indexes: SegmentIndexes): number =>
  indexes.offsets.memoryBytes + indexes.times.memoryBytes

/**
 * One segment of a log: its file, and what is known of its content. The owning `SegmentedLog` decides when it is
 * written, rolled and removed. Source: LogSegment.
 */
export class Segment {
  readonly baseOffset: number
  readonly #files: Files
  readonly #stem: string
  /** What follows the names of the segment's files while it is not, or no longer, part of the log. */
  #suffix: string
  sizeBytes: number
  /** Largest batch timestamp; undefined until the time index was read. */
  maxTimestamp: number | undefined = undefined
  /** Last offset of the first batch that has `maxTimestamp`. */
  maxTimestampOffset: number
  /** Largest timestamp of the first batch, from which `segment.ms` counts; -1 while unknown. */
  firstTimestamp = -1
  /** Always there for the active segment, else loaded on demand and dropped by the index cache. */
  indexes: SegmentIndexes | undefined = undefined
  tail: Tail | undefined = undefined
  /** It left the log: what is written of it from now on would lie beside, or over, the files of the log. */
  removed = false
  #file: LogFile | undefined
  #lastIndexedPosition = 0
  #offsetEntriesWritten = 0
  #timeEntriesWritten = 0
  #aborted: Array<AbortedTransactionEntry> | undefined

  constructor(files: Files, directory: string, baseOffset: number, sizeBytes: number, suffix = "") {
    this.#files = files
    this.#suffix = suffix
    this.baseOffset = baseOffset
    this.sizeBytes = sizeBytes
    this.maxTimestampOffset = baseOffset
    this.#stem = `${directory}/${offsetName(baseOffset)}`
  }

  get path(): string {
    return this.#stem + LOG_SUFFIX + this.#suffix
  }

  get indexPath(): string {
    return this.#stem + INDEX_SUFFIX + this.#suffix
  }

  get timeIndexPath(): string {
    return this.#stem + TIME_INDEX_SUFFIX + this.#suffix
  }

  get transactionIndexPath(): string {
    return this.#stem + TRANSACTION_INDEX_SUFFIX + this.#suffix
  }

  get bytesSinceIndexEntry(): number {
    return this.sizeBytes - this.#lastIndexedPosition
  }

  /** The open file, or undefined; appending needs no Effect to find it. */
  get openFile(): LogFile | undefined {
    return this.#file
  }

  file(options: { readonly create: boolean } = { create: false }): Effect.Effect<LogFile, LogFilesError> {
    if (this.#file !== undefined) return Effect.succeed(this.#file)
    return Effect.flatMap(this.#files.open(this.path, options), (opened) => {
      // Two overlapping reads may both have opened it.
      if (this.#file !== undefined) return Effect.as(opened.close, this.#file)
      this.#file = opened
      return Effect.succeed(opened)
    })
  }

  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.tail?.clear()
      this.tail = undefined
      return this.release
    })
  }

  /** Closes the file until it is used again. Not while anything reads or appends. */
  get release(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const file = this.#file
      this.#file = undefined
      return file === undefined ? Effect.void : file.close
    })
  }

  /** Largest timestamp of the first batch, -1 when there is none. Source: LogSegment.getFirstBatchTimestamp. */
  get firstBatchTimestamp(): Effect.Effect<number, LogFilesError> {
    return Effect.suspend(() => {
      if (this.firstTimestamp >= 0 || this.sizeBytes === 0) return Effect.succeed(this.firstTimestamp)
      const header = Effect.flatMap(this.file(), (file) => file.readAt(0, RecordBatch.RECORD_BATCH_OVERHEAD))
      return Effect.map(header, (bytes) => {
        if (bytes.length === RecordBatch.RECORD_BATCH_OVERHEAD) this.firstTimestamp = maxTimestampOf(bytes, 0)
        return this.firstTimestamp
      })
    })
  }

  /** Begins with empty indexes, as a new segment has and a scan needs. */
  resetIndexes(): SegmentIndexes {
    this.indexes = { offsets: new OffsetIndex(), times: new TimeIndex() }
    this.#lastIndexedPosition = 0
    this.#offsetEntriesWritten = 0
    this.#timeEntriesWritten = 0
    this.maxTimestamp = -1
    this.maxTimestampOffset = this.baseOffset
    this.firstTimestamp = -1
    return this.indexes
  }

  /** Follows one batch at the end of the segment; the indexes must be loaded. Source: LogSegment.append, recover. */
  note(bytes: Uint8Array, at: number, batchSizeBytes: number, intervalBytes: number): void {
    const position = this.sizeBytes
    const lastOffset = lastOffsetOf(bytes, at)
    const timestamp = maxTimestampOf(bytes, at)
    if (position === 0) this.firstTimestamp = timestamp
    if (timestamp > this.maxTimestamp!) {
      this.maxTimestamp = timestamp
      this.maxTimestampOffset = lastOffset
    }
    if (position - this.#lastIndexedPosition > intervalBytes) {
      const indexes = this.indexes!
      indexes.offsets.append(lastOffset - this.baseOffset, position)
      indexes.times.maybeAppend(this.maxTimestamp!, this.maxTimestampOffset - this.baseOffset)
      this.#lastIndexedPosition = position
    }
    this.sizeBytes = position + batchSizeBytes
  }

  /** Reads both indexes, or rebuilds them when one is missing or unfit. */
  loadIndexes(intervalBytes: number): Effect.Effect<SegmentIndexes, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      if (this.indexes !== undefined) return this.indexes
      const offsetBytes = yield* readFile(this.#files, this.indexPath)
      const timeBytes = yield* readFile(this.#files, this.timeIndexPath)
      const offsets = offsetBytes && OffsetIndex.decode(offsetBytes, this.sizeBytes)
      const times = timeBytes && TimeIndex.decode(timeBytes)
      if (offsets === undefined || times === undefined) return yield* this.rebuildIndexes(intervalBytes)
      const last = times.entryCount - 1
      this.maxTimestamp ??= times.lastTimestamp
      if (last >= 0) this.maxTimestampOffset = this.baseOffset + times.relativeOffsetAt(last)
      this.indexes = { offsets, times }
      this.#lastIndexedPosition = offsets.entryCount === 0 ? 0 : offsets.positionAt(offsets.entryCount - 1)
      // An untrimmed file is longer than its entries: it is written anew before anything is appended to it.
      this.#offsetEntriesWritten = offsets.encode().length === offsetBytes!.length ? offsets.entryCount : -1
      this.#timeEntriesWritten = times.encode().length === timeBytes!.length ? times.entryCount : -1
      return this.indexes
    })
  }

  /** Makes both indexes from the batch headers and writes their files. */
  rebuildIndexes(intervalBytes: number): Effect.Effect<SegmentIndexes, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      const indexes = this.resetIndexes()
      const sizeBytes = this.sizeBytes
      const file = yield* this.file()
      this.sizeBytes = 0
      yield* scanBatches(file, { from: 0, to: sizeBytes, content: "Headers" }, (bytes, at) => {
        this.note(bytes, at, RecordBatch.batchSizeBytes(bytes, at), intervalBytes)
        return true
      })
      this.sizeBytes = sizeBytes
      this.#offsetEntriesWritten = -1
      this.#timeEntriesWritten = -1
      if (!this.removed) yield* this.writeIndexes(true)
      return indexes
    })
  }

  /** The indexes no longer match their files, which are written anew with the next `writeIndexes`. */
  markIndexesUnwritten(): void {
    this.#offsetEntriesWritten = -1
    this.#timeEntriesWritten = -1
  }

  /** Writes entries that are only in memory; `final` adds the closing time index entry. Source: onBecomeInactiveSegment. */
  writeIndexes(final: boolean): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      const indexes = this.indexes
      if (indexes === undefined) return
      const { offsets, times } = indexes
      if (final) times.maybeAppend(this.maxTimestamp!, this.maxTimestampOffset - this.baseOffset)
      const files = this.#files
      const offsetsWritten = this.#offsetEntriesWritten
      const timesWritten = this.#timeEntriesWritten
      // What a failed write leaves is not appended to.
      this.markIndexesUnwritten()
      if (offsetsWritten < 0) yield* replaceFile(files, this.indexPath, offsets.encode())
      else yield* appendFile(files, this.indexPath, offsets.encode(offsetsWritten))
      if (timesWritten < 0) yield* replaceFile(files, this.timeIndexPath, times.encode())
      else yield* appendFile(files, this.timeIndexPath, times.encode(timesWritten))
      this.#offsetEntriesWritten = offsets.entryCount
      this.#timeEntriesWritten = times.entryCount
    })
  }

  /** The aborted transactions of this segment when they are in memory. */
  get knownAborted(): ReadonlyArray<AbortedTransactionEntry> | undefined {
    return this.#aborted
  }

  /** The aborted transactions whose markers lie in this segment. */
  get abortedTransactions(): Effect.Effect<ReadonlyArray<AbortedTransactionEntry>, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#aborted !== undefined) return Effect.succeed(this.#aborted)
      return Effect.map(readFile(this.#files, this.transactionIndexPath), (bytes) => {
        this.#aborted ??= (bytes && decodeTransactionIndex(bytes)) ?? []
        return this.#aborted
      })
    })
  }

  /** Adds to the transaction index and its file. */
  addAborted(entry: AbortedTransactionEntry): Effect.Effect<void, LogFilesError> {
    return Effect.flatMap(this.abortedTransactions, () => {
      this.#aborted!.push(entry)
      return appendFile(this.#files, this.transactionIndexPath, encodeTransactionIndexEntry(entry))
    })
  }

  /** Forgets the transaction index and removes its file, before a scan makes it anew. */
  get resetAborted(): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => {
      this.#aborted = []
      return this.#files.remove(this.transactionIndexPath)
    })
  }

  /** Takes into memory all that a read may ask of the segment, and keeps its file open, before its names change. */
  pin(intervalBytes: number): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      yield* this.file()
      yield* this.loadIndexes(intervalBytes)
      yield* this.abortedTransactions
    })
  }

  /** Gives all files of the segment names that end in `suffix`; its open file goes on. Source: LogSegment.changeFileSuffixes. */
  moveTo(suffix: string): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      yield* this.#files.rename(this.path, this.#stem + LOG_SUFFIX + suffix)
      for (const kind of [INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]) {
        yield* Effect.catchIf(
          this.#files.rename(this.#stem + kind + this.#suffix, this.#stem + kind + suffix),
          (error) => error.reason === "NotFound",
          () => Effect.void
        )
      }
      this.#suffix = suffix
    })
  }

  /** Removes the producer snapshot of the segment's base offset. */
  get removeSnapshot(): Effect.Effect<void, LogFilesError> {
    return this.#files.remove(this.#stem + SNAPSHOT_SUFFIX)
  }

  /** Closes the segment and removes its files, but not the producer snapshot of its base offset. */
  get remove(): Effect.Effect<void, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      this.removed = true
      yield* this.close
      for (const path of [this.path, this.indexPath, this.timeIndexPath, this.transactionIndexPath]) {
        yield* this.#files.remove(path)
      }
    })
  }
}
