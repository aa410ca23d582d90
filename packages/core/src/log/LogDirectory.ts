import { Cause, Context, Effect, Exit, Layer, Random, Schema } from "effect"
import type { Scope } from "effect"
import { Uuid } from "../model/Uuid.ts"
import { LogFiles } from "../seams/LogFiles.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import { parseDirectoryName } from "./LogFileNames.ts"
import { formatMetaProperties, parseMetaProperties } from "./MetaProperties.ts"
import { readOffsetCheckpoint, writeOffsetCheckpoint } from "./OffsetCheckpoint.ts"
import { decodeAscii, encodeAscii, readFile, replaceFile, writeFileAtomically } from "./StateFile.ts"

const LOCK_FILE = ".lock"
const CLEAN_SHUTDOWN_FILE = ".kafka_cleanshutdown"
const META_PROPERTIES_FILE = "meta.properties"
const RECOVERY_POINT_FILE = "recovery-point-offset-checkpoint"
const LOG_START_FILE = "log-start-offset-checkpoint"
const HIGH_WATERMARK_FILE = "replication-offset-checkpoint"
const METADATA_DIRECTORY = "__cluster_metadata-0"
const REMOTE_LOG_DIRECTORY = "remote-log-index-cache"

/** Why a log directory cannot be used. `Foreign`: it belongs to another cluster or node, or to an older Kafka. */
export class LogDirectoryError extends Schema.TaggedError<LogDirectoryError>()("LogDirectoryError", {
  reason: Schema.Literals(["Locked", "Foreign", "Storage"]),
  message: Schema.String
}) {}

export interface LogDirectoryOptions {
  readonly nodeId: number
  /** Default: that of the directory, or a new one. */
  readonly clusterId?: string
}

/** What belongs to a log directory as a whole; offsets by partition directory name. Source: LogManager. */
export interface LogDirectoryShape {
  readonly clusterId: string
  readonly nodeId: number
  readonly directoryId: string
  /**
   * Names of partitions found at start, without the metadata log and directories awaiting deletion. What has such a name
   * and is no directory, as a link that leads nowhere, is among them: it cannot be opened, and is never made anew.
   */
  readonly partitionsAtStart: ReadonlyArray<string>
  /** What the checkpoints say of partitions that were not found at start, by directory name; see `forget`. */
  readonly missingAtStart: ReadonlyMap<string, string>
  /** Whether the last broker on this directory stopped cleanly: then nothing can be half written. */
  readonly wasStoppedCleanly: boolean
  /** True when a partition's log was closed by the last clean stop and was not opened since. */
  readonly wasClosedCleanly: (directory: string) => boolean
  readonly recoveryPoint: (directory: string) => number
  readonly logStartOffset: (directory: string) => number
  /** The log is in use: the directory is no longer clean unless `noteClosed` follows. */
  readonly noteOpened: (directory: string) => void
  /** The log was closed cleanly, ending at `endOffset`, all of it synced. */
  readonly noteClosed: (directory: string, endOffset: number) => void
  readonly noteRecoveryPoint: (directory: string, offset: number) => void
  /** The log was deleted, or is not this broker's. */
  readonly forget: (directory: string) => void
  /**
   * What is left of a deleted log, an empty directory. It is removed after the next checkpoint, and says until then that
   * an older one does not speak of the partition that has the name now.
   */
  readonly removeAfterCheckpoint: (directory: string) => void
  /** Epoch of the registration that the metadata log has of this broker; the clean shutdown marker tells of it. */
  readonly noteBrokerEpoch: (epoch: number) => void
  /** Durable on completion. */
  readonly saveLogStart: (directory: string, offset: number) => Effect.Effect<void, LogFilesError>
  /** Writes the recovery points and high watermarks noted so far. */
  readonly saveCheckpoints: Effect.Effect<void, LogFilesError>
}

const newUuid = Effect.gen(function*() {
  const bytes = new Uint8Array(16)
  for (let i = 0; i < bytes.length; i++) bytes[i] = yield* Random.nextIntBetween(0, 256, { halfOpen: true })
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return Uuid.fromBytes(bytes)
})

/**
 * Content of the clean shutdown marker: with another epoch than the broker was registered with, Kafka would take the
 * stop for an unclean one. Source: CleanShutdownFileHandler, ClusterControlManager.registerBroker.
 */
const cleanShutdownText = (brokerEpoch: number) => encodeAscii(`{"version":0,"brokerEpoch":${brokerEpoch}}`)

const storageError = (location: string) => (error: LogFilesError) =>
  new LogDirectoryError({
    reason: error.reason === "Locked" ? "Locked" : "Storage",
    message: error.reason === "Locked"
      ? `log.dirs: ${location} is in use by another broker; stop that one or choose another directory`
      : `log.dirs: ${location}: cannot ${error.operation} ${error.path}: ${error.message}`
  })

/** Reads, checks and completes `meta.properties`. */
const loadMetaProperties = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  options: LogDirectoryOptions
): Effect.fn.Return<{ clusterId: string; nodeId: number; directoryId: string }, LogFilesError | LogDirectoryError> {
  const foreign = (message: string) =>
    new LogDirectoryError({ reason: "Foreign", message: `${files.location}/${META_PROPERTIES_FILE}: ${message}` })
  const bytes = yield* readFile(files, META_PROPERTIES_FILE)
  const stored = bytes === undefined || bytes.length === 0 ? undefined : parseMetaProperties(decodeAscii(bytes))
  // An interrupted format may leave an empty file, but never beside data: those belong to a cluster of some other id.
  if (bytes?.length === 0 && (yield* files.list("")).some(({ isDirectory }) => isDirectory)) {
    return yield* foreign("it is empty, and the directory holds data")
  }
  if (typeof stored === "string") return yield* foreign(stored)
  if (stored !== undefined && stored.nodeId !== options.nodeId) {
    return yield* foreign(`it belongs to node ${stored.nodeId}, not to node ${options.nodeId}`)
  }
  if (stored !== undefined && options.clusterId !== undefined && stored.clusterId !== options.clusterId) {
    return yield* foreign(`it belongs to cluster ${stored.clusterId}, not to cluster ${options.clusterId}`)
  }
  const clusterId = stored?.clusterId ?? options.clusterId ?? (yield* newUuid)
  const properties = { clusterId, nodeId: options.nodeId, directoryId: stored?.directoryId ?? (yield* newUuid) }
  if (stored?.directoryId === undefined) {
    yield* writeFileAtomically(files, META_PROPERTIES_FILE, encodeAscii(formatMetaProperties(properties)))
  }
  return properties
})

/** Names in a log directory, by what they stand for. */
interface FoundNames {
  readonly partitions: ReadonlyArray<string>
  /** Directories of deleted logs, whole or emptied. */
  readonly deleted: ReadonlyArray<string>
}

const findNames = Effect.fnUntraced(function*(files: LogFiles["Service"]): Effect.fn.Return<FoundNames, LogFilesError> {
  const partitions: Array<string> = []
  const deleted: Array<string> = []
  for (const { isDirectory, name } of yield* files.list("")) {
    if (name === METADATA_DIRECTORY || name === REMOTE_LOG_DIRECTORY) continue
    const parsed = parseDirectoryName(name)
    if (parsed?.kind === "Live") {
      partitions.push(name)
      if (!isDirectory) {
        yield* Effect.logError(`${name} is no directory: the partition is offline until it is one again`)
      }
    } else if (!isDirectory) {
      continue
    } else if (parsed === undefined) {
      yield* Effect.logWarning(
        `${files.location}/${name} is ignored: it is no partition directory, and Kafka would refuse it`
      )
    } else if (parsed.kind === "Delete") {
      deleted.push(name)
    } else {
      yield* Effect.logWarning(`${name} is ignored: it holds no live partition`)
    }
  }
  return { partitions, deleted }
})

/** The checkpoints of a log directory by partition directory name. */
interface Checkpoints {
  readonly recoveryPoints: Map<string, number>
  readonly logStarts: Map<string, number>
  readonly highWatermarks: Map<string, number>
  /** Whether the recovery points were there. A clean stop writes them, so that its marker means nothing without them. */
  readonly areComplete: boolean
}

const readCheckpoints = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  { deleted, partitions }: FoundNames
): Effect.fn.Return<Checkpoints, LogFilesError> {
  const recoveryPoints = yield* readOffsetCheckpoint(files, RECOVERY_POINT_FILE)
  const logStarts = (yield* readOffsetCheckpoint(files, LOG_START_FILE)) ?? new Map<string, number>()
  const highWatermarks = (yield* readOffsetCheckpoint(files, HIGH_WATERMARK_FILE)) ?? new Map<string, number>()
  const live = new Set(partitions)
  for (const name of deleted) {
    const { partition, topic } = parseDirectoryName(name)!
    const directory = `${topic}-${partition}`
    // They may be those of the deleted log. A log start is written anew with the deletion itself.
    recoveryPoints?.delete(directory)
    highWatermarks.delete(directory)
    if (!live.has(directory)) logStarts.delete(directory)
  }
  return {
    recoveryPoints: recoveryPoints ?? new Map<string, number>(),
    logStarts,
    highWatermarks,
    areComplete: recoveryPoints !== undefined
  }
})

/** Partitions of which the checkpoints know records or a log start, and whose directories are gone. */
const missingPartitions = (
  { logStarts, recoveryPoints }: Checkpoints,
  partitions: ReadonlyArray<string>
): Map<string, string> => {
  const found = new Set(partitions)
  const missing = new Map<string, string>()
  for (const [offsets, file] of [[logStarts, LOG_START_FILE], [recoveryPoints, RECOVERY_POINT_FILE]] as const) {
    for (const [directory, offset] of offsets) {
      if (offset === 0 || found.has(directory)) continue
      missing.set(directory, `${directory} is gone: ${file} knows it up to offset ${offset}`)
    }
  }
  return missing
}

/** Logs that are checked before they are used, whatever the clean shutdown marker says. */
const findUnclean = Effect.fnUntraced(function*(
  isClean: boolean,
  partitions: ReadonlyArray<string>,
  { areComplete, recoveryPoints }: Checkpoints
) {
  if (!isClean) return new Set(partitions)
  const unknown = partitions.filter((directory) => !recoveryPoints.has(directory))
  if (unknown.length > 0 && (!areComplete || unknown.length === partitions.length)) {
    yield* Effect.logWarning(
      `${CLEAN_SHUTDOWN_FILE} is there, but no log is in ${RECOVERY_POINT_FILE}: each is checked when it is opened`
    )
    return new Set(partitions)
  }
  for (const directory of unknown) {
    yield* Effect.logWarning(`${directory} is not in ${RECOVERY_POINT_FILE}: it is checked when it is opened`)
  }
  return new Set(unknown)
})

const make = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  options: LogDirectoryOptions
): Effect.fn.Return<LogDirectoryShape, LogFilesError | LogDirectoryError, Scope.Scope> {
  yield* files.makeDirectory("")
  yield* files.lock(LOCK_FILE)
  const properties = yield* loadMetaProperties(files, options)
  const marker = yield* readFile(files, CLEAN_SHUTDOWN_FILE)
  const isClean = marker !== undefined
  const found = yield* findNames(files)
  const checkpoints = yield* readCheckpoints(files, found)
  const { highWatermarks, logStarts, recoveryPoints } = checkpoints
  const missingAtStart = missingPartitions(checkpoints, found.partitions)
  /** Logs that a start without the clean shutdown marker would have to check. */
  const unclean = yield* findUnclean(isClean, found.partitions, checkpoints)
  if (isClean) yield* files.remove(CLEAN_SHUTDOWN_FILE)
  yield* files.syncDirectory("")
  const leftovers = new Set(found.deleted)
  let brokerEpoch = -1
  let wasUsed = false
  const saveCheckpoints = Effect.gen(function*() {
    const emptied = [...leftovers]
    yield* writeOffsetCheckpoint(files, RECOVERY_POINT_FILE, recoveryPoints)
    yield* writeOffsetCheckpoint(files, HIGH_WATERMARK_FILE, highWatermarks)
    for (const directory of emptied) {
      yield* files.remove(directory)
      leftovers.delete(directory)
    }
  })
  if (leftovers.size > 0) yield* saveCheckpoints
  const stop = Effect.gen(function*() {
    yield* saveCheckpoints
    yield* writeOffsetCheckpoint(files, LOG_START_FILE, logStarts)
    if (unclean.size > 0) return
    // Last of all: the marker says that everything else is as a clean stop leaves it.
    yield* replaceFile(files, CLEAN_SHUTDOWN_FILE, cleanShutdownText(brokerEpoch))
    yield* files.syncDirectory("")
  })
  /** A broker that could not start and opened no log leaves the directory as it found it. */
  const undo = Effect.suspend(() => isClean ? replaceFile(files, CLEAN_SHUTDOWN_FILE, marker) : Effect.void)
  yield* Effect.addFinalizer((exit) =>
    Effect.catch(
      wasUsed || Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? stop : undo,
      (error) => Effect.logError(`The next start will check all logs: ${storageError(files.location)(error).message}`)
    )
  )
  return {
    ...properties,
    partitionsAtStart: found.partitions,
    missingAtStart,
    wasStoppedCleanly: isClean,
    wasClosedCleanly: (directory) => !unclean.has(directory),
    recoveryPoint: (directory) => recoveryPoints.get(directory) ?? 0,
    logStartOffset: (directory) => logStarts.get(directory) ?? 0,
    noteOpened: (directory) => {
      wasUsed = true
      unclean.add(directory)
    },
    noteClosed: (directory, endOffset) => {
      unclean.delete(directory)
      recoveryPoints.set(directory, endOffset)
      highWatermarks.set(directory, endOffset)
    },
    noteRecoveryPoint: (directory, offset) => recoveryPoints.set(directory, offset),
    forget: (directory) => {
      unclean.delete(directory)
      missingAtStart.delete(directory)
      for (const offsets of [recoveryPoints, logStarts, highWatermarks]) offsets.delete(directory)
    },
    removeAfterCheckpoint: (directory) => void leftovers.add(directory),
    noteBrokerEpoch: (epoch) => {
      brokerEpoch = epoch
    },
    saveLogStart: (directory, offset) =>
      Effect.suspend(() => {
        const before = logStarts.get(directory) ?? 0
        if (offset === 0) logStarts.delete(directory)
        else logStarts.set(directory, offset)
        return Effect.tapError(
          writeOffsetCheckpoint(files, LOG_START_FILE, logStarts),
          () => Effect.sync(() => logStarts.set(directory, before))
        )
      }),
    saveCheckpoints
  }
})

/**
 * The one log directory of a broker: locked while in scope, checked to be this node's, its checkpoints loaded. On the
 * scope's end the checkpoints are written, and the clean shutdown marker when every log was closed cleanly.
 */
export class LogDirectory extends Context.Service<LogDirectory, LogDirectoryShape>()(
  "@kafka-broker/core/log/LogDirectory"
) {
  static readonly layer = (options: LogDirectoryOptions): Layer.Layer<LogDirectory, LogDirectoryError, LogFiles> =>
    Layer.effect(
      LogDirectory,
      Effect.gen(function*() {
        const files = yield* LogFiles
        return yield* Effect.mapError(
          make(files, options),
          (error) => error._tag === "LogFilesError" ? storageError(files.location)(error) : error
        )
      })
    )
}
