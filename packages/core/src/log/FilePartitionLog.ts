import { Effect, Random } from "effect"
import type { TopicPartition } from "../model/TopicPartition.ts"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { abortedEntry, abortedIn, abortedInMemory } from "./AbortedTransactions.ts"
import { cleanableRange, isCleaningDue, type SegmentSummary } from "./compaction/cleanableOffsets.ts"
import type { LastRecord } from "./compaction/cleanBatch.ts"
import type { CompactionRequest, CompactionStats } from "./compaction/CompactionRequest.ts"
import { compactLog } from "./compaction/compactLog.ts"
import { endOfRun } from "./endOfRun.ts"
import type { LeaderEpochEnd, LeaderEpochs } from "./LeaderEpochs.ts"
import { LeaderEpochFile } from "./LeaderEpochFile.ts"
import { offsetName, SNAPSHOT_SUFFIX } from "./LogFileNames.ts"
import { LogStoreError } from "./LogStore.ts"
import type {
  AbortedTransaction,
  LogConfig,
  MemoryRead,
  PartitionLog,
  ReadOptions,
  ReadResult,
  TimestampAndOffset
} from "./LogStore.ts"
import { isOutOfSpace, refusedChange } from "./outOfSpace.ts"
import type { ProducerStates } from "./ProducerStates.ts"
import { encodeProducerSnapshot } from "./ProducerSnapshot.ts"
import type { LogDamagedError } from "./recoverSegment.ts"
import { expiredSegmentCount, type RetentionPolicy } from "./retention.ts"
import type { Segment } from "./Segment.ts"
import type { SegmentedLog } from "./SegmentedLog.ts"
import { replaceFile } from "./StateFile.ts"
import { storeError } from "./storeError.ts"
import { findByTimestamp, findMaxTimestamp } from "./TimestampSearch.ts"
import type { AbortedTransactionEntry } from "./TransactionIndex.ts"

/** Path of the producer snapshot at `offset`. */
export const snapshotPath = (directory: string, offset: number): string =>
  `${directory}/${offsetName(offset)}${SNAPSHOT_SUFFIX}`

/** What `openPartitionLog` found out about a log. */
export interface FilePartitionLogState {
  readonly files: LogFiles["Service"]
  readonly codecs: CompressionCodecs
  readonly topicPartition: TopicPartition
  readonly leaderEpoch: number
  readonly log: SegmentedLog
  readonly epochs: LeaderEpochs
  readonly producers: ProducerStates
  readonly logStartOffset: number
  readonly durableEndOffset: number
  /** Makes a new log start offset durable before anything below it is removed. */
  readonly saveLogStart: (offset: number) => Effect.Effect<void, LogFilesError>
  /** Exclusive end of what was compacted; undefined before the first pass. */
  readonly cleanedOffset: Effect.Effect<number | undefined, LogFilesError>
  readonly saveCleanedOffset: (offset: number) => Effect.Effect<void, LogFilesError>
}

/** The segments of a log as retention and compaction look at them. */
const summariesOf = Effect.fnUntraced(function*(
  log: SegmentedLog
): Effect.fn.Return<ReadonlyArray<SegmentSummary>, LogFilesError> {
  const summaries: Array<SegmentSummary> = []
  for (const segment of log.segments) {
    const { baseOffset, sizeBytes } = segment
    yield* log.indexesOf(segment)
    const firstTimestamp = yield* segment.firstBatchTimestamp
    summaries.push({ baseOffset, sizeBytes, maxTimestamp: segment.maxTimestamp ?? -1, firstTimestamp })
  }
  return summaries
})

/** Source: ProducerStateManager.lastEntry, UnifiedLog.lastRecordsOfActiveProducers. */
const lastRecordsOf = (producers: ProducerStates): ReadonlyMap<number, LastRecord> =>
  new Map(Array.from(producers.entries(), ({ batches, producerEpoch, producerId }) => [
    producerId,
    { lastDataOffset: batches[batches.length - 1]?.lastOffset ?? -1, producerEpoch }
  ]))

/** A partition log in Kafka's directory format. Source: UnifiedLog. */
export class FilePartitionLog implements PartitionLog {
  readonly topicPartition: TopicPartition
  readonly leaderEpoch: number
  readonly producers: ProducerStates
  readonly #state: FilePartitionLogState
  readonly #log: SegmentedLog
  readonly #epochFile: LeaderEpochFile
  #logStartOffset: number
  #durableEndOffset: number
  #failure: LogStoreError | undefined
  /** Told once when the log was closed; true when everything was written and synced. */
  onClosed: ((wasClean: boolean) => void) | undefined = undefined
  /** Told when there begins to be something that `flushOverdue` will flush. */
  onFlushPending: ((log: FilePartitionLog) => void) | undefined = undefined
  /** Told when more of the log is on stable storage than before. */
  onFlushed: (() => void) | undefined = undefined
  #closed = false
  /** Told of once; until something is written again. */
  #isFull = false
  /** A segment ended since the last flush; it is synced soon, whatever `flush.ms` says, so that recovery stays short. */
  #rolled = false
  #unflushedRecords = 0
  /** Milliseconds since the epoch of the oldest append that is not synced; noted only when `flush.ms` asks for it. */
  #unflushedSinceMs = -1
  readonly #aborted: Array<{ readonly segment: Segment; readonly entry: AbortedTransactionEntry }> = []

  constructor(state: FilePartitionLogState) {
    this.#state = state
    this.topicPartition = state.topicPartition
    this.leaderEpoch = state.leaderEpoch
    this.producers = state.producers
    this.#log = state.log
    this.#epochFile = new LeaderEpochFile(state.files, state.log.directory, state.epochs)
    this.#logStartOffset = state.logStartOffset
    this.#durableEndOffset = state.durableEndOffset
    this.#log.onBatch = this.#follow
    this.#log.onRoll = (nextOffset) => {
      this.#rolled = true
      this.onFlushPending?.(this)
      return Effect.map(this.#writeSnapshot(nextOffset), (path) => [path])
    }
  }

  get logStartOffset(): number {
    return this.#logStartOffset
  }

  get logEndOffset(): number {
    return this.#log.nextOffset
  }

  get durableEndOffset(): number {
    return this.#durableEndOffset
  }

  get sizeBytes(): number {
    return this.#log.sizeBytes
  }

  get latestEpoch(): number {
    return this.#epochFile.epochs.latestEpoch
  }

  /** Why the log no longer serves, or undefined. */
  get failure(): LogStoreError | undefined {
    return this.#failure
  }

  /** Base offset, size and largest timestamp of every segment, oldest first, for retention. Loads no indexes. */
  get segments(): ReadonlyArray<Pick<Segment, "baseOffset" | "sizeBytes" | "maxTimestamp">> {
    return this.#log.segments
  }

  append(batches: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogStoreError> {
    if (this.#failure !== undefined) return Effect.fail(this.#failure)
    const end = this.logEndOffset
    const done = Effect.matchEffect(Effect.andThen(this.#beginEpoch(batches), this.#log.append(batches)), {
      onFailure: (error) => {
        if (!isOutOfSpace(error)) return Effect.fail(error)
        // Those before a roll may be in the log, though it failed after them.
        const after = this.logEndOffset === end ? Effect.void : this.#afterAppend()
        return Effect.andThen(after, this.#refuse(error))
      },
      onSuccess: this.#afterAppend
    })
    // An interrupted write would leave bytes in the file that the log does not know of.
    return Effect.uninterruptible(Effect.catch(done, this.#fail))
  }

  /** The file tells of an epoch before the log holds a record of it. Source: UnifiedLog.append. */
  #beginEpoch(batches: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogFilesError> {
    if (batches.length > 0) {
      this.#epochFile.note(RecordBatch.partitionLeaderEpoch(batches[0]!, 0), this.logEndOffset)
    }
    return this.#epochFile.isWritten ? Effect.void : this.#writeEpochs()
  }

  /** Not where something must come before or after the write: a roll, a new epoch, an aborted transaction, a flush. */
  appendNow(batches: ReadonlyArray<Uint8Array>): boolean {
    const { flushMessages, flushMs } = this.#log.config
    if (this.#failure !== undefined || this.leaderEpoch > this.#epochFile.epochs.latestEpoch) return false
    if (flushMs < NEVER_MS || flushMessages < NEVER_MESSAGES) return false
    for (let i = 0; i < batches.length; i++) if (RecordBatch.isControl(batches[i]!, 0)) return false
    const { active } = this.#log
    const file = active.openFile
    if (file?.appendNow === undefined || endOfRun(active, this.#log.config, batches, 0) < batches.length) return false
    if (!file.appendNow(batches)) return false
    this.#log.noteAppended(active, batches)
    return true
  }

  readonly #follow = (bytes: Uint8Array, at: number, segment: Segment): void => {
    const epoch = RecordBatch.partitionLeaderEpoch(bytes, at)
    if (epoch > this.latestEpoch) this.#epochFile.note(epoch, RecordBatch.baseOffset(bytes, at))
    this.#isFull = false
    this.#unflushedRecords += RecordBatch.lastOffsetDelta(bytes, at) + 1
    const completed = this.producers.replay(bytes, at)
    if (completed !== undefined && completed.isAborted) this.#aborted.push({ segment, entry: abortedEntry(completed) })
  }

  readonly #afterAppend = (): Effect.Effect<void, LogFilesError> => {
    const { flushMessages, flushMs } = this.#log.config
    const flushDue = this.#unflushedRecords >= flushMessages
    if (this.#epochFile.isWritten && this.#aborted.length === 0 && !flushDue && flushMs >= NEVER_MS) return Effect.void
    return Effect.gen({ self: this }, function*() {
      if (!this.#epochFile.isWritten) yield* this.#writeEpochs()
      for (const { entry, segment } of this.#aborted.splice(0)) {
        yield* segment.addAborted(entry)
        this.#log.syncWithNextFlush(segment.transactionIndexPath)
      }
      if (flushDue) return yield* this.#flushFiles()
      if (flushMs >= NEVER_MS) return
      const now = yield* Effect.clockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
      if (this.#unflushedSinceMs >= 0) return
      this.#unflushedSinceMs = now
      this.onFlushPending?.(this)
    })
  }

  /** One change did not take place for want of space; nothing is wrong with the log. */
  #refuse(error: LogFilesError): Effect.Effect<never, LogStoreError> {
    const { message } = storeError(this.topicPartition, error)
    const refusal = Effect.fail(refusedChange(this.topicPartition, message))
    if (this.#isFull) return refusal
    this.#isFull = true
    return Effect.andThen(Effect.logError(`${this.#log.directory} cannot be written to until there is space`), refusal)
  }

  /** A failure but a refusal is final; what the files hold is found out by opening the log again. */
  readonly #fail = (error: LogFilesError | LogDamagedError | LogStoreError): Effect.Effect<never, LogStoreError> => {
    if (error._tag === "LogStoreError") return Effect.fail(error)
    this.#failure ??= storeError(this.topicPartition, error)
    return Effect.fail(this.#failure)
  }

  read(options: ReadOptions): Effect.Effect<ReadResult, LogStoreError> {
    return Effect.catch(this.#log.read(options), (error) => Effect.fail(storeError(this.topicPartition, error)))
  }

  readNow(options: ReadOptions): MemoryRead | undefined {
    return this.#log.readNow(options)
  }

  abortedTransactions(
    fetchOffset: number,
    upperBoundOffset: number
  ): Effect.Effect<ReadonlyArray<AbortedTransaction>, LogStoreError> {
    return Effect.catch(
      abortedIn(this.#log, fetchOffset, upperBoundOffset),
      (error) => Effect.fail(storeError(this.topicPartition, error))
    )
  }

  abortedTransactionsNow(
    fetchOffset: number,
    upperBoundOffset: number
  ): ReadonlyArray<AbortedTransaction> | undefined {
    return abortedInMemory(this.#log, fetchOffset, upperBoundOffset)
  }

  offsetForTimestamp(timestamp: number): Effect.Effect<TimestampAndOffset | undefined, LogStoreError> {
    return findByTimestamp(this.#log, this.#state.codecs, timestamp, this.#logStartOffset).pipe(
      Effect.catch((error) => Effect.fail(storeError(this.topicPartition, error)))
    )
  }

  get maxTimestamp(): Effect.Effect<TimestampAndOffset | undefined, LogStoreError> {
    return Effect.suspend(() =>
      findMaxTimestamp(this.#log, this.#state.codecs, this.#logStartOffset).pipe(
        Effect.catch((error) => Effect.fail(storeError(this.topicPartition, error)))
      )
    )
  }

  endOffsetForEpoch(leaderEpoch: number): LeaderEpochEnd {
    return this.#epochFile.epochs.endOffsetFor(leaderEpoch, this.leaderEpoch, this.logEndOffset)
  }

  epochForOffset(offset: number): number {
    return this.#epochFile.epochs.epochForOffset(offset)
  }

  trim(newLogStartOffset: number): Effect.Effect<void, LogStoreError> {
    return this.#change(Effect.gen({ self: this }, function*() {
      if (newLogStartOffset <= this.#logStartOffset) return
      // A power cut must not take what the log has from its new start on, by content or by name: else it would end below
      // its start, and be taken for one that lost what was synced.
      if (this.#log.isDirty) yield* this.#flushFiles()
      const saved = yield* Effect.result(this.#state.saveLogStart(newLogStartOffset))
      if (saved._tag === "Failure") {
        return isOutOfSpace(saved.failure) ? yield* this.#refuse(saved.failure) : yield* saved.failure
      }
      this.#logStartOffset = newLogStartOffset
      yield* this.#log.removeBelow(newLogStartOffset)
      const epochsChanged = this.#epochFile.epochs.truncateFromStart(newLogStartOffset)
      // Opening the log drops what ended before its start, should the file still tell of it.
      if (epochsChanged) yield* Effect.catchIf(this.#writeEpochs(), isOutOfSpace, () => Effect.void)
    }))
  }

  retain(policy: RetentionPolicy, highWatermark: number, nowMs: number): Effect.Effect<number, LogStoreError> {
    return Effect.gen({ self: this }, function*() {
      const { segments } = this.#log
      const summaries = yield* this.#change(summariesOf(this.#log))
      const bounds = { logStartOffset: this.#logStartOffset, logEndOffset: this.logEndOffset, highWatermark }
      const retained = summaries.map(({ maxTimestamp, ...segment }) => ({
        ...segment,
        // Without timestamps there is no age to judge by.
        largestTimestamp: maxTimestamp < 0 ? Infinity : maxTimestamp
      }))
      const count = expiredSegmentCount({ ...bounds, segments: retained }, policy, nowMs)
      if (count === 0) return 0
      if (count === segments.length) yield* this.#change(this.#log.roll())
      const goneBytes = retained.slice(0, count).reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0)
      yield* this.trim(this.#log.segments[count]!.baseOffset)
      return goneBytes
    })
  }

  compact(request: CompactionRequest): Effect.Effect<CompactionStats | undefined, LogStoreError> {
    const { deleteRetentionMs, lastStableOffset, mapBytes, nowMs, policy } = request
    const { cleanedOffset, codecs, files, saveCleanedOffset } = this.#state
    const pass = Effect.gen({ self: this }, function*() {
      const segments = yield* summariesOf(this.#log)
      const { logEndOffset, logStartOffset } = this
      const log = { segments, logStartOffset, logEndOffset, lastStableOffset }
      const range = cleanableRange(log, policy, yield* cleanedOffset, nowMs)
      if (!isCleaningDue(range, policy)) return undefined
      const stats = yield* compactLog(this.#log, {
        files,
        codecs,
        range,
        nowMs,
        deleteRetentionMs,
        mapBytes,
        seed: yield* Random.nextIntBetween(0, 2 ** 31),
        lastRecords: () => lastRecordsOf(this.producers),
        throttle: () => Effect.yieldNow
      })
      if (stats !== undefined) yield* saveCleanedOffset(stats.endOffset)
      return stats
    })
    // The old segments stay until the new ones are whole: whatever goes wrong, the log is as it was.
    return Effect.catch(pass, (error) =>
      Effect.fail(
        new LogStoreError({ ...this.topicPartition, reason: "Damaged", message: `not compacted: ${error.message}` })
      ))
  }

  readonly flush: Effect.Effect<void, LogStoreError> = Effect.suspend(() => this.#change(this.#flushFiles()))

  /** When there is something that `flushOverdue` flushes, in milliseconds since the epoch; after a roll at once. */
  get flushDueMs(): number | undefined {
    if (this.#closed || this.#failure !== undefined) return undefined
    if (this.#rolled) return 0
    return this.#unflushedSinceMs < 0 ? undefined : this.#unflushedSinceMs + this.#log.config.flushMs
  }

  /** Flushes after a roll, or when the oldest append that is not synced is `flush.ms` old. Source: UnifiedLog.roll. */
  flushOverdue(nowMs: number): Effect.Effect<void, LogStoreError> {
    const since = this.#unflushedSinceMs
    const isDue = this.#rolled || (since >= 0 && nowMs - since >= this.#log.config.flushMs)
    return isDue && !this.#closed ? this.flush : Effect.void
  }

  /** Runs `sync` at the beginning of the next flush. */
  syncFirst(sync: Effect.Effect<void, LogFilesError>): void {
    this.#log.syncFirst(sync)
  }

  /** Syncs the file at `path` with the next flush. */
  syncWithNextFlush(path: string): void {
    this.#log.syncWithNextFlush(path)
  }

  updateConfig(config: LogConfig): void {
    this.#log.config = config
    if (this.flushDueMs !== undefined) this.onFlushPending?.(this)
  }

  get close(): Effect.Effect<void, LogStoreError> {
    return Effect.suspend(() => {
      if (this.#closed) return Effect.void
      this.#closed = true
      if (this.#failure !== undefined) {
        this.onClosed?.(false)
        return this.#log.abandon
      }
      const write = Effect.gen({ self: this }, function*() {
        this.#log.syncWithNextFlush(yield* this.#writeSnapshot(this.logEndOffset))
        const end = this.logEndOffset
        yield* this.#log.close
        this.#durableEndOffset = end
        return true
      })
      // Without its indexes and snapshot the log is checked when it is opened again, but nothing of it is lost.
      const abandon = Effect.suspend(() => Effect.as(Effect.andThen(this.#flushFiles(), this.#log.abandon), false))
      const closing = this.#change(Effect.catchIf(write, isOutOfSpace, () => abandon))
      const closed = new LogStoreError({ ...this.topicPartition, reason: "Storage", message: "the log is closed" })
      return Effect.asVoid(Effect.onExit(closing, (exit) =>
        Effect.sync(() => {
          this.#failure ??= closed
          this.onClosed?.(exit._tag === "Success" && exit.value)
        })))
    })
  }

  /** Takes the log away from its holder: nothing can be appended any more. Waits for a write under way. */
  get fence(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const message = "the log was opened under a newer leadership"
      this.#failure = new LogStoreError({ ...this.topicPartition, reason: "Fenced", message })
      this.#closed = true
      return this.#log.abandon
    })
  }

  #change<A, E extends LogFilesError | LogDamagedError | LogStoreError>(
    work: Effect.Effect<A, E>
  ): Effect.Effect<A, LogStoreError> {
    if (this.#failure !== undefined) return Effect.fail(this.#failure)
    return Effect.uninterruptible(Effect.catch(work, this.#fail))
  }

  #flushFiles(): Effect.Effect<void, LogFilesError> {
    const end = this.logEndOffset
    this.#unflushedRecords = 0
    this.#unflushedSinceMs = -1
    this.#rolled = false
    return Effect.map(this.#log.flush, () => {
      // Another flush, begun later, may have completed first.
      if (end <= this.#durableEndOffset) return
      this.#durableEndOffset = end
      if (this.onFlushed !== undefined) this.onFlushed()
    })
  }

  #writeSnapshot(offset: number): Effect.Effect<string, LogFilesError> {
    const path = snapshotPath(this.#log.directory, offset)
    const { files } = this.#state
    return replaceFile(files, path, encodeProducerSnapshot(this.producers.save())).pipe(
      Effect.tapError(() => Effect.ignore(files.remove(path))),
      Effect.as(path)
    )
  }

  #writeEpochs(): Effect.Effect<void, LogFilesError> {
    return Effect.map(this.#epochFile.write, (path) => this.#log.syncWithNextFlush(path))
  }
}

/** A `flush.ms` this large never comes due; Kafka's default is 2^63-1. */
const NEVER_MS = 0x1f_ffff_ffff_ffff
/** As many records are never appended before a roll; Kafka's default of `flush.messages` is 2^63-1. */
const NEVER_MESSAGES = 0x1f_ffff_ffff_ffff
