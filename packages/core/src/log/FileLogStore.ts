import { Effect, Latch, Layer, Random } from "effect"
import { directoryName } from "../model/TopicPartition.ts"
import type { TopicPartition } from "../model/TopicPartition.ts"
import { Compression } from "../seams/Compression.ts"
import { LogFiles } from "../seams/LogFiles.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import { describeLogs, topicIdIn } from "./describeLogs.ts"
import type { FilePartitionLog } from "./FilePartitionLog.ts"
import { CleanerCheckpoint } from "./compaction/CleanerCheckpoint.ts"
import { FlushClock } from "./FlushClock.ts"
import { IndexCache } from "./IndexCache.ts"
import { LogDirectory } from "./LogDirectory.ts"
import { asideName, parseDirectoryName } from "./LogFileNames.ts"
import { LogLimits } from "./LogLimits.ts"
import { LogStore, LogStoreError } from "./LogStore.ts"
import type { LogDescription, OpenLogOptions, PartitionLog } from "./LogStore.ts"
import { NewPartitionLog } from "./NewPartitionLog.ts"
import type { NewPartitionLogOwner } from "./NewPartitionLog.ts"
import { createPartitionLog, openPartitionLog } from "./openPartitionLog.ts"
import type { OpenPartitionLogOptions } from "./openPartitionLog.ts"
import { formatPartitionMetadata, PARTITION_METADATA_FILE } from "./PartitionMetadata.ts"
import type { LogDamagedError } from "./recoverSegment.ts"
import { RetiredSegments } from "./RetiredSegments.ts"
import { encodeAscii, replaceFile } from "./StateFile.ts"
import { closedLogError } from "./storeError.ts"
import { TailCache } from "./TailCache.ts"
import { UnsyncedNames } from "./UnsyncedNames.ts"

export interface FileLogStoreOptions {
  /** Milliseconds between writes of recovery points; as `log.flush.offset.checkpoint.interval.ms`. Default 60,000. */
  readonly checkpointIntervalMs?: number
  /** Bytes of recent appends kept in memory for all logs together. */
  readonly tailCacheBytes?: number
}

type Trouble = LogFilesError | LogDamagedError | LogStoreError

const fencedError = (request: OpenLogOptions, newerEpoch: number) =>
  new LogStoreError({
    ...request.topicPartition,
    reason: "Fenced",
    message: `leader epoch ${request.leaderEpoch} is older than ${newerEpoch}`
  })

const foreignLog = (directory: string, topicId: string, request: OpenLogOptions) =>
  new LogStoreError({
    ...request.topicPartition,
    reason: "Storage",
    message: `${directory} holds topic id ${topicId}, not ${request.topicId}`
  })

const missingLog = (request: OpenLogOptions, message: string) =>
  new LogStoreError({ ...request.topicPartition, reason: "Damaged", message })

/** Where a partition's directory goes that is deleted or not this broker's. Source: LocalLog.logDeleteDirName. */
const newAsideName = Effect.fnUntraced(function*(directory: string, kind: "delete" | "stray") {
  let unique = ""
  for (let i = 0; i < 32; i++) unique += (yield* Random.nextIntBetween(0, 16, { halfOpen: true })).toString(16)
  return asideName(directory, unique, kind)
})

interface FileLogServices extends Pick<OpenPartitionLogOptions, "files" | "codecs" | "tails" | "indexes"> {
  readonly logDirectory: LogDirectory["Service"]
}

/** The logs of a log directory: at most one holder of each. */
class FileLogs implements NewPartitionLogOwner {
  readonly #services: FileLogServices
  readonly #files: LogFiles["Service"]
  readonly #logDirectory: LogDirectory["Service"]
  /** Open logs that have files, by directory. */
  readonly #open = new Map<string, FilePartitionLog>()
  /** Open logs that have no directory yet. */
  readonly #new = new Map<string, NewPartitionLog>()
  /** Directories that exist, and names that something else has. */
  readonly #made: Set<string>
  readonly #names: UnsyncedNames
  readonly flushClock = new FlushClock()
  readonly retired = new RetiredSegments()
  readonly #cleaned: CleanerCheckpoint
  /** Open while a recovery point moved that no checkpoint has yet. */
  readonly #checkpointDue = Latch.makeUnsafe(false)

  constructor(services: FileLogServices) {
    this.#services = services
    this.#files = services.files
    this.#logDirectory = services.logDirectory
    this.#made = new Set(services.logDirectory.partitionsAtStart)
    this.#names = new UnsyncedNames(services.files)
    this.#cleaned = new CleanerCheckpoint(services.files)
  }

  open(request: OpenLogOptions): Effect.Effect<PartitionLog, Trouble> {
    return Effect.gen({ self: this }, function*() {
      const directory = directoryName(request.topicPartition)
      const holder = this.#open.get(directory) ?? this.#new.get(directory)
      if (holder !== undefined && holder.leaderEpoch > request.leaderEpoch) {
        return yield* fencedError(request, holder.leaderEpoch)
      }
      yield* this.#fence(directory)
      return this.openNow(request) ?? (yield* this.#openFiles(directory, request))
    })
  }

  /** The empty log of a partition without a directory; undefined when it has one, or a holder. */
  openNow(request: OpenLogOptions): PartitionLog | undefined {
    const directory = directoryName(request.topicPartition)
    if (this.#made.has(directory) || this.#new.has(directory)) return undefined
    if (this.#logDirectory.missingAtStart.has(directory)) return undefined
    this.#logDirectory.forget(directory)
    const log = new NewPartitionLog(request, this)
    this.#new.set(directory, log)
    return log
  }

  onNewLogClosed(log: NewPartitionLog): void {
    const directory = directoryName(log.topicPartition)
    if (this.#new.get(directory) === log) this.#new.delete(directory)
  }

  /** Makes the directory and the files of a log that has none, or goes on where an earlier attempt ended. */
  makeLog(request: OpenLogOptions): Effect.Effect<FilePartitionLog, Trouble> {
    return Effect.gen({ self: this }, function*() {
      const directory = directoryName(request.topicPartition)
      const isNew = !this.#made.has(directory)
      if (isNew) {
        yield* this.#refuseTaken(directory, request)
        yield* this.#files.makeDirectory(directory)
        this.#made.add(directory)
        this.#names.add(directory)
        yield* this.#writeTopicId(directory, request)
      }
      const log = yield* this.#openFiles(directory, request, isNew)
      this.#new.delete(directory)
      return log
    })
  }

  remove(topicPartition: TopicPartition): Effect.Effect<void, Trouble> {
    return Effect.gen({ self: this }, function*() {
      const directory = directoryName(topicPartition)
      yield* this.#fence(directory)
      const { logStartOffset, recoveryPoint, removeAfterCheckpoint, saveLogStart } = this.#logDirectory
      const isInCheckpoint = recoveryPoint(directory) > 0
      // A topic of the same name that comes later begins at 0.
      if (logStartOffset(directory) > 0) yield* saveLogStart(directory, 0)
      this.#logDirectory.forget(directory)
      this.#cleaned.forget(directory)
      yield* this.retired.forget(directory)
      this.#names.delete(directory)
      if (!this.#made.has(directory)) return
      const doomed = yield* newAsideName(directory, "delete")
      yield* this.#files.rename(directory, doomed)
      this.#made.delete(directory)
      // Once the new name is durable, whatever is left of it goes at the next start.
      this.#names.add(doomed)
      yield* this.#names.sync(doomed)
      if (!isInCheckpoint) return yield* this.#files.remove(doomed)
      for (const { name } of yield* this.#files.list(doomed)) yield* this.#files.remove(`${doomed}/${name}`)
      removeAfterCheckpoint(doomed)
      this.noteCheckpointDue()
    })
  }

  setAside(topicPartitions: ReadonlyArray<TopicPartition>): Effect.Effect<ReadonlyMap<string, string>, Trouble> {
    return Effect.gen({ self: this }, function*() {
      const names = new Map<string, string>()
      if (topicPartitions.length === 0) return names
      for (const topicPartition of topicPartitions) {
        const directory = directoryName(topicPartition)
        this.#logDirectory.forget(directory)
        if (!this.#made.has(directory)) continue
        const stray = yield* newAsideName(directory, "stray")
        yield* this.#files.rename(directory, stray)
        this.#made.delete(directory)
        names.set(directory, stray)
      }
      yield* this.#files.syncDirectory("")
      yield* this.#logDirectory.saveCheckpoints
      return names
    })
  }

  get describe(): Effect.Effect<ReadonlyArray<LogDescription>, LogFilesError> {
    return Effect.map(describeLogs(this.#files, this.#open), (logs) => [
      ...logs,
      ...Array.from(this.#logDirectory.missingAtStart, ([directory, failure]) => {
        const { partition, topic } = parseDirectoryName(directory)!
        return { topicPartition: { topic, partition }, topicId: undefined, sizeBytes: 0, failure }
      })
    ])
  }

  readonly noteCheckpointDue = (): void => {
    this.#checkpointDue.openUnsafe()
  }

  /** Writes a checkpoint an interval after something moved, and sleeps while nothing does. Never ends. */
  checkpoints(intervalMs: number): Effect.Effect<never> {
    return Effect.forever(Effect.andThen(this.#checkpointDue.await, Effect.delay(this.#checkpoint, intervalMs)))
  }

  get #checkpoint(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#checkpointDue.closeUnsafe()
      for (const [directory, log] of this.#open) {
        this.#logDirectory.noteRecoveryPoint(directory, log.durableEndOffset)
      }
      return Effect.catch(
        this.#logDirectory.saveCheckpoints,
        (error) => Effect.logWarning(`Recovery points were not written: ${error.message}`)
      )
    })
  }

  get closeAll(): Effect.Effect<void> {
    return Effect.suspend(() =>
      Effect.forEach(
        [...this.#open.values()],
        (log) => Effect.catch(log.close, (error) => Effect.logError(`A log was not closed cleanly: ${error.message}`)),
        { discard: true }
      )
    )
  }

  /** A log is never made where something lies that was not read at the start. */
  #refuseTaken(directory: string, request: OpenLogOptions): Effect.Effect<void, Trouble> {
    return Effect.matchEffect(this.#files.list(directory), {
      onFailure: (error) => error.reason === "NotFound" ? Effect.void : Effect.fail(error),
      onSuccess: () =>
        Effect.fail(missingLog(request, `${directory} appeared after the start: it is not read before the next one`))
    })
  }

  /** Takes the log away from whoever holds it. */
  #fence(directory: string): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const unmade = this.#new.get(directory)
      if (unmade !== undefined) yield* unmade.fence
      const holder = this.#open.get(directory)
      if (holder === undefined) return
      this.#open.delete(directory)
      yield* holder.fence
    })
  }

  #openFiles(
    directory: string,
    request: OpenLogOptions,
    isNew = false
  ): Effect.Effect<FilePartitionLog, Trouble> {
    return Effect.gen({ self: this }, function*() {
      const logDirectory = this.#logDirectory
      const missing = logDirectory.missingAtStart.get(directory)
      if (missing !== undefined) return yield* missingLog(request, missing)
      const topicId = isNew ? undefined : yield* topicIdIn(this.#files, directory)
      if (topicId !== undefined && topicId !== request.topicId) return yield* foreignLog(directory, topicId, request)
      if (!isNew && topicId === undefined) yield* this.#writeTopicId(directory, request)
      const wasClosedCleanly = logDirectory.wasClosedCleanly(directory)
      logDirectory.noteOpened(directory)
      const log = yield* (isNew ? createPartitionLog : openPartitionLog)({
        ...this.#services,
        directory,
        topicPartition: request.topicPartition,
        leaderEpoch: request.leaderEpoch,
        config: request.config,
        logStartOffset: logDirectory.logStartOffset(directory),
        recoveryPoint: logDirectory.recoveryPoint(directory),
        wasClosedCleanly,
        saveLogStart: (offset) => logDirectory.saveLogStart(directory, offset),
        cleanedOffset: this.#cleaned.offsetOf(directory),
        saveCleanedOffset: (offset) => this.#cleaned.save(directory, offset),
        retire: (segment, delayMs) => this.retired.retire(directory, segment, delayMs)
      })
      if (log.latestEpoch > request.leaderEpoch) {
        yield* log.close
        logDirectory.noteClosed(directory, log.logEndOffset)
        return yield* fencedError(request, log.latestEpoch)
      }
      if (topicId === undefined) log.syncWithNextFlush(`${directory}/${PARTITION_METADATA_FILE}`)
      if (this.#names.has(directory)) log.syncFirst(this.#names.sync(directory))
      if (logDirectory.recoveryPoint(directory) !== log.durableEndOffset) this.noteCheckpointDue()
      logDirectory.noteRecoveryPoint(directory, log.durableEndOffset)
      this.#open.set(directory, log)
      log.onFlushPending = this.flushClock.watch
      log.onFlushed = this.noteCheckpointDue
      // The log as its holder sees it: closing it tells the store and the log directory.
      log.onClosed = (wasClean) => {
        if (this.#open.get(directory) !== log) return
        this.#open.delete(directory)
        if (!wasClean) return
        logDirectory.noteClosed(directory, log.logEndOffset)
        this.noteCheckpointDue()
      }
      return log
    })
  }

  /** Synced with the log's first flush: until then a crash leaves nothing that the metadata log does not know. */
  #writeTopicId(directory: string, request: OpenLogOptions): Effect.Effect<void, LogFilesError> {
    const text = formatPartitionMetadata(request.topicId)
    return replaceFile(this.#files, `${directory}/${PARTITION_METADATA_FILE}`, encodeAscii(text))
  }
}

const make = (options: FileLogStoreOptions) =>
  Effect.gen(function*() {
    const files = yield* LogFiles
    const logs = new FileLogs({
      files,
      logDirectory: yield* LogDirectory,
      codecs: yield* Compression,
      tails: new TailCache(options.tailCacheBytes),
      indexes: new IndexCache()
    })
    const checkpointIntervalMs = options.checkpointIntervalMs ?? LogLimits.checkpointIntervalMs
    yield* Effect.forkScoped(logs.checkpoints(checkpointIntervalMs))
    yield* Effect.forkScoped(logs.flushClock.run)
    yield* Effect.forkScoped(logs.retired.run)
    yield* Effect.addFinalizer(() => Effect.andThen(logs.closeAll, logs.retired.removeAll))
    const inStore = <A>(
      topicPartition: TopicPartition,
      work: Effect.Effect<A, Trouble>
    ): Effect.Effect<A, LogStoreError> =>
      Effect.catch(
        work,
        (error) => Effect.fail(error._tag === "LogStoreError" ? error : closedLogError(topicPartition, error))
      )
    return LogStore.of({
      openNow: (request) => logs.openNow(request),
      open: (request) => inStore(request.topicPartition, Effect.uninterruptible(logs.open(request))),
      remove: (topicPartition) => inStore(topicPartition, Effect.uninterruptible(logs.remove(topicPartition))),
      setAside: (topicPartitions) =>
        inStore({ topic: "", partition: -1 }, Effect.uninterruptible(logs.setAside(topicPartitions))),
      describe: inStore({ topic: "", partition: -1 }, logs.describe),
      location: files.location,
      volume: files.volume
    })
  })

/** Partition logs in Kafka's directory format: what it writes Apache Kafka opens, and the other way round. */
export const FileLogStore = {
  layer: (options: FileLogStoreOptions = {}): Layer.Layer<LogStore, never, LogFiles | LogDirectory | Compression> =>
    Layer.effect(LogStore, make(options))
}
