import { Clock, Effect, Layer, Random, Schedule, Semaphore } from "effect"
import { directoryName } from "../model/TopicPartition.ts"
import type { TopicPartition } from "../model/TopicPartition.ts"
import { Compression } from "../seams/Compression.ts"
import { LogFiles } from "../seams/LogFiles.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import type { FilePartitionLog } from "./FilePartitionLog.ts"
import { IndexCache } from "./IndexCache.ts"
import { latestEpochIn } from "./latestEpochIn.ts"
import { LogDirectory } from "./LogDirectory.ts"
import { LOG_SUFFIX, parseDirectoryName } from "./LogFileNames.ts"
import { LogLimits } from "./LogLimits.ts"
import { LogStore, LogStoreError } from "./LogStore.ts"
import type { LogDescription, OpenLogOptions, PartitionLog } from "./LogStore.ts"
import { openPartitionLog } from "./openPartitionLog.ts"
import { formatPartitionMetadata, parsePartitionMetadata, PARTITION_METADATA_FILE } from "./PartitionMetadata.ts"
import type { LogDamagedError } from "./recoverSegment.ts"
import { decodeAscii, encodeAscii, readFile, replaceFile } from "./StateFile.ts"
import { closedLogError } from "./storeError.ts"
import { TailCache } from "./TailCache.ts"

export interface FileLogStoreOptions {
  /** Milliseconds between writes of recovery points; as `log.flush.offset.checkpoint.interval.ms`. Default 60,000. */
  readonly checkpointIntervalMs?: number
  /** Bytes of recent appends kept in memory for all logs together. */
  readonly tailCacheBytes?: number
}

const topicIdIn = Effect.fnUntraced(function*(files: LogFiles["Service"], directory: string) {
  const bytes = yield* readFile(files, `${directory}/${PARTITION_METADATA_FILE}`)
  return bytes === undefined ? undefined : parsePartitionMetadata(decodeAscii(bytes))
})

const make = (options: FileLogStoreOptions) =>
  Effect.gen(function*() {
    const files = yield* LogFiles
    const logDirectory = yield* LogDirectory
    const codecs = yield* Compression
    const tails = new TailCache(options.tailCacheBytes)
    const indexes = new IndexCache()
    const open = new Map<string, FilePartitionLog>()
    const rootSyncs = Semaphore.makeUnsafe(1)
    let directoriesMade = 0
    let directoriesSynced = 0

    /** Makes new directories durable; those that were made while a sync runs share the next one. */
    const syncRoot = Effect.suspend(() => {
      const made = ++directoriesMade
      return rootSyncs.withPermit(Effect.suspend(() => {
        if (directoriesSynced >= made) return Effect.void
        const covered = directoriesMade
        return Effect.map(files.syncDirectory(""), () => {
          directoriesSynced = covered
        })
      }))
    })

    /** Creates the directory of a new log, or checks that a present one is of the same topic; true when it wrote the id. */
    const prepare = Effect.fnUntraced(function*(
      directory: string,
      request: OpenLogOptions
    ): Effect.fn.Return<boolean, LogFilesError | LogStoreError> {
      const missing = yield* Effect.match(files.list(directory), { onFailure: () => true, onSuccess: () => false })
      if (missing) {
        logDirectory.forget(directory)
        yield* files.makeDirectory(directory)
        yield* syncRoot
      }
      const topicId = missing ? undefined : yield* topicIdIn(files, directory)
      if (topicId === undefined) {
        const text = formatPartitionMetadata(request.topicId)
        // Synced with the log's first flush: until then a crash leaves nothing that the metadata log does not know.
        yield* replaceFile(files, `${directory}/${PARTITION_METADATA_FILE}`, encodeAscii(text))
        return true
      } else if (topicId !== request.topicId) {
        return yield* new LogStoreError({
          ...request.topicPartition,
          reason: "Storage",
          message: `${directory} holds topic id ${topicId}, not ${request.topicId}`
        })
      }
      return false
    })

    const fenceOlder = Effect.fnUntraced(function*(directory: string, request: OpenLogOptions) {
      const holder = open.get(directory)
      if (holder === undefined) return
      if (holder.leaderEpoch > request.leaderEpoch) return yield* fencedError(request, holder.leaderEpoch)
      open.delete(directory)
      yield* holder.fence
    })

    const openLog = Effect.fnUntraced(function*(request: OpenLogOptions) {
      const directory = directoryName(request.topicPartition)
      yield* fenceOlder(directory, request)
      const wroteTopicId = yield* prepare(directory, request)
      const wasClosedCleanly = logDirectory.wasClosedCleanly(directory)
      logDirectory.noteOpened(directory)
      const log = yield* openPartitionLog({
        files,
        codecs,
        directory,
        topicPartition: request.topicPartition,
        leaderEpoch: request.leaderEpoch,
        config: request.config,
        logStartOffset: logDirectory.logStartOffset(directory),
        recoveryPoint: logDirectory.recoveryPoint(directory),
        wasClosedCleanly,
        tails,
        indexes,
        saveLogStart: (offset) => logDirectory.saveLogStart(directory, offset)
      })
      if (log.latestEpoch > request.leaderEpoch) {
        yield* log.close
        logDirectory.noteClosed(directory, log.logEndOffset)
        return yield* fencedError(request, log.latestEpoch)
      }
      if (wroteTopicId) log.syncWithNextFlush(`${directory}/${PARTITION_METADATA_FILE}`)
      logDirectory.noteRecoveryPoint(directory, log.durableEndOffset)
      open.set(directory, log)
      return closing(log, directory)
    })

    /** The log as its holder sees it: closing it tells the store and the log directory. */
    const closing = (log: FilePartitionLog, directory: string): PartitionLog => {
      log.onClosed = (wasClean) => {
        if (open.get(directory) !== log) return
        open.delete(directory)
        if (wasClean) logDirectory.noteClosed(directory, log.logEndOffset)
      }
      return log
    }

    const remove = Effect.fnUntraced(function*(topicPartition: TopicPartition) {
      const directory = directoryName(topicPartition)
      const holder = open.get(directory)
      if (holder !== undefined) {
        open.delete(directory)
        yield* holder.fence
      }
      logDirectory.forget(directory)
      let unique = ""
      for (let i = 0; i < 32; i++) unique += (yield* Random.nextIntBetween(0, 16, { halfOpen: true })).toString(16)
      const doomed = `${directory}.${unique}-delete`
      const renamed = yield* Effect.as(files.rename(directory, doomed), true).pipe(
        Effect.catch((error) => error.reason === "NotFound" ? Effect.succeed(false) : Effect.fail(error))
      )
      if (!renamed) return
      yield* files.syncDirectory("")
      yield* files.remove(doomed)
      yield* files.syncDirectory("")
    })

    const describe = Effect.gen(function*() {
      const descriptions: Array<LogDescription> = []
      for (const { isDirectory, name } of yield* files.list("")) {
        const parsed = isDirectory ? parseDirectoryName(name) : undefined
        if (parsed === undefined || parsed.kind !== "Live" || parsed.topic === METADATA_TOPIC) continue
        const { partition, topic } = parsed
        let sizeBytes = open.get(name)?.sizeBytes ?? 0
        if (!open.has(name)) {
          for (const entry of yield* files.list(name)) {
            if (entry.name.endsWith(LOG_SUFFIX)) sizeBytes += yield* files.sizeOf(`${name}/${entry.name}`)
          }
        }
        descriptions.push({
          topicPartition: { topic, partition },
          topicId: yield* topicIdIn(files, name),
          sizeBytes,
          latestEpoch: open.get(name)?.latestEpoch ?? (yield* latestEpochIn(files, name))
        })
      }
      return descriptions
    })

    const checkpoint = Effect.suspend(() => {
      for (const [directory, log] of open) logDirectory.noteRecoveryPoint(directory, log.durableEndOffset)
      return Effect.catch(
        logDirectory.saveCheckpoints,
        (error) => Effect.logWarning(`Recovery points were not written: ${error.message}`)
      )
    })
    yield* Effect.forkScoped(
      Effect.repeat(
        Effect.delay(checkpoint, options.checkpointIntervalMs ?? LogLimits.checkpointIntervalMs),
        Schedule.forever
      )
    )
    const flushOverdue = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      // The failure stays with the log, whose next append reports it.
      for (const log of [...open.values()]) yield* Effect.ignore(log.flushOverdue(now))
    })
    yield* Effect.forkScoped(
      Effect.repeat(Effect.delay(flushOverdue, LogLimits.flushCheckIntervalMs), Schedule.forever)
    )
    yield* Effect.addFinalizer(() =>
      Effect.gen(function*() {
        for (const log of [...open.values()]) {
          yield* Effect.catch(log.close, (error) => Effect.logError(`A log was not closed cleanly: ${error.message}`))
        }
      })
    )

    const inStore = <A>(
      topicPartition: TopicPartition,
      work: Effect.Effect<A, LogFilesError | LogStoreError | LogDamagedError>
    ): Effect.Effect<A, LogStoreError> =>
      Effect.catch(
        work,
        (error) => Effect.fail(error._tag === "LogStoreError" ? error : closedLogError(topicPartition, error))
      )
    return LogStore.of({
      open: (request) => inStore(request.topicPartition, Effect.uninterruptible(openLog(request))),
      remove: (topicPartition) => inStore(topicPartition, Effect.uninterruptible(remove(topicPartition))),
      describe: inStore({ topic: "", partition: -1 }, describe),
      location: files.location,
      volume: files.volume
    })
  })

const METADATA_TOPIC = "__cluster_metadata"

const fencedError = (request: OpenLogOptions, newerEpoch: number) =>
  new LogStoreError({
    ...request.topicPartition,
    reason: "Fenced",
    message: `leader epoch ${request.leaderEpoch} is older than ${newerEpoch}`
  })

/** Partition logs in Kafka's directory format: what it writes Apache Kafka opens, and the other way round. */
export const FileLogStore = {
  layer: (options: FileLogStoreOptions = {}): Layer.Layer<LogStore, never, LogFiles | LogDirectory | Compression> =>
    Layer.effect(LogStore, make(options))
}
