import { Effect } from "effect"
import type { TopicPartition } from "../model/TopicPartition.ts"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { abortedEntry } from "./AbortedTransactions.ts"
import { findGap, wasCompacted } from "./findGap.ts"
import { FilePartitionLog, type FilePartitionLogState, snapshotPath } from "./FilePartitionLog.ts"
import type { IndexCache } from "./IndexCache.ts"
import { LEADER_EPOCH_FILE } from "./LeaderEpochFile.ts"
import { LeaderEpochs } from "./LeaderEpochs.ts"
import type { LogConfig } from "./LogStore.ts"
import { ProducerStates } from "./ProducerStates.ts"
import { decodeProducerSnapshot } from "./ProducerSnapshot.ts"
import { LogDamagedError } from "./recoverSegment.ts"
import type { Segment } from "./Segment.ts"
import { SegmentedLog, type SegmentedLogOptions } from "./SegmentedLog.ts"
import { decodeAscii, encodeAscii, readFile, writeFileAtomically } from "./StateFile.ts"
import type { TailCache } from "./TailCache.ts"
import type { AbortedTransactionEntry } from "./TransactionIndex.ts"

export interface OpenPartitionLogOptions {
  readonly files: LogFiles["Service"]
  readonly codecs: CompressionCodecs
  /** Name of the partition's directory, which must exist. */
  readonly directory: string
  readonly topicPartition: TopicPartition
  readonly leaderEpoch: number
  readonly config: LogConfig
  /** From the checkpoint; 0 when it has none. */
  readonly logStartOffset: number
  /** From the checkpoint; 0 when it has none. Everything below it was synced. */
  readonly recoveryPoint: number
  /** The log was closed by a clean stop, so that nothing needs to be checked. */
  readonly wasClosedCleanly: boolean
  readonly tails: TailCache
  readonly indexes: IndexCache
  readonly saveLogStart: (offset: number) => Effect.Effect<void, LogFilesError>
  readonly cleanedOffset: FilePartitionLogState["cleanedOffset"]
  readonly saveCleanedOffset: FilePartitionLogState["saveCleanedOffset"]
  readonly retire: NonNullable<SegmentedLogOptions["retire"]>
}

interface Loaded {
  readonly options: OpenPartitionLogOptions
  readonly log: SegmentedLog
  readonly epochs: LeaderEpochs
  readonly producers: ProducerStates
}

/** Opens a partition's log and brings back all its state. Source: LogLoader.load, UnifiedLog.rebuildProducerState. */
export const openPartitionLog = Effect.fnUntraced(function*(
  options: OpenPartitionLogOptions
): Effect.fn.Return<FilePartitionLog, LogFilesError | LogDamagedError> {
  const { config, directory, files } = options
  const log = yield* SegmentedLog.open({
    files,
    directory,
    config,
    startOffset: options.logStartOffset,
    recoveryPoint: options.recoveryPoint,
    tails: options.tails,
    indexes: options.indexes,
    retire: options.retire
  })
  return yield* Effect.onError(load(options, log), () => log.abandon)
})

/** Makes the log of a directory that holds no log yet. */
export const createPartitionLog = Effect.fnUntraced(function*(
  options: OpenPartitionLogOptions
): Effect.fn.Return<FilePartitionLog, LogFilesError> {
  const { config, directory, files, indexes, logStartOffset: startOffset, retire, tails } = options
  const log = yield* SegmentedLog.create({ files, directory, config, startOffset, tails, indexes, retire })
  return new FilePartitionLog({
    ...options,
    log,
    epochs: new LeaderEpochs(),
    producers: new ProducerStates(),
    logStartOffset: startOffset,
    durableEndOffset: startOffset
  })
})

const load = Effect.fnUntraced(function*(
  options: OpenPartitionLogOptions,
  log: SegmentedLog
): Effect.fn.Return<FilePartitionLog, LogFilesError | LogDamagedError> {
  const { directory, files } = options
  const epochsText = yield* readFile(files, `${directory}/${LEADER_EPOCH_FILE}`)
  const storedEpochs = epochsText && LeaderEpochs.parse(decodeAscii(epochsText))
  const epochs = storedEpochs ?? new LeaderEpochs()
  const before = storedEpochs?.format()
  const producers = new ProducerStates()
  const loaded: Loaded = { options, log, epochs, producers }
  if (options.wasClosedCleanly) yield* log.loadEnd
  if (options.wasClosedCleanly && log.nextOffset <= options.recoveryPoint) {
    yield* replayFromSnapshot(loaded, log.nextOffset, log.nextOffset)
  } else {
    if (options.wasClosedCleanly) {
      yield* Effect.logWarning(
        `${directory} ends at offset ${log.nextOffset}, above ${options.recoveryPoint} where the clean stop left it: ` +
          "it is checked from there"
      )
    }
    yield* recover(loaded)
  }
  yield* refuseLoss(loaded)
  if (storedEpochs === undefined) {
    epochs.clear()
    yield* log.forEachHeader(0, Infinity, (bytes, at) => noteEpoch(epochs, bytes, at))
  }
  const logStartOffset = Math.max(options.logStartOffset, log.segments[0]!.baseOffset)
  epochs.truncateFromEnd(log.nextOffset)
  epochs.truncateFromStart(logStartOffset)
  const text = epochs.format()
  const isUnknown = storedEpochs === undefined && epochs.latestEpoch < 0
  if (text !== before && !isUnknown) {
    yield* writeFileAtomically(files, `${directory}/${LEADER_EPOCH_FILE}`, encodeAscii(text))
  }
  yield* removeStraySnapshots(loaded)
  // A single replica's high watermark is the log end, so no ended transaction holds readers back.
  producers.firstUnstableOffset(Infinity)
  // A new log has nothing to lose yet: its first flush syncs the file and its name.
  if (!options.wasClosedCleanly && log.sizeBytes > 0) yield* log.flush
  return new FilePartitionLog({ ...options, log, epochs, producers, logStartOffset, durableEndOffset: log.nextOffset })
})

const lost = ({ directory }: OpenPartitionLogOptions, log: SegmentedLog, what: string): LogDamagedError =>
  new LogDamagedError({
    path: log.active.path,
    position: log.active.sizeBytes,
    message: `${directory} ${what}; nothing was changed`
  })

/**
 * Refuses a log that has less than the checkpoints and its own files say. Damage in batches was found before. Deliberate
 * difference: Kafka goes on with what is left. Source: LogLoader.recoverLog.
 */
const refuseLoss = Effect.fnUntraced(function*(
  { epochs, log, options }: Loaded
): Effect.fn.Return<void, LogFilesError | LogDamagedError> {
  const { config, directory, files, logStartOffset, recoveryPoint } = options
  const { nextOffset, segments } = log
  if (nextOffset < recoveryPoint) {
    const what = `ends at offset ${nextOffset}, but records below ${recoveryPoint} were synced by its recovery point`
    return yield* lost(options, log, what)
  }
  if (nextOffset < logStartOffset) {
    const what = `ends at offset ${nextOffset}, below its log start offset ${logStartOffset} in the checkpoint`
    return yield* lost(options, log, what)
  }
  const first = segments[0]!.baseOffset
  const firstKnown = epochs.entries[0]?.startOffset ?? first
  if (firstKnown < first && logStartOffset < first) {
    const what = `begins at offset ${first}, but its leader epochs begin at ${firstKnown}: the first segments are gone`
    return yield* lost(options, log, what)
  }
  if (config.isCompacted) return
  const gap = yield* findGap(files, segments, logStartOffset)
  if (gap === undefined) return
  const what = `has no records from offset ${gap.endOffset} to ${gap.nextOffset - 1}, between ${gap.before.path} and ` +
    gap.after.path
  if (!(yield* wasCompacted(segments))) return yield* lost(options, log, `${what}: a segment is gone`)
  yield* Effect.logWarning(`${directory} ${what}: they were taken by compaction, as others were`)
})

const noteEpoch = (epochs: LeaderEpochs, bytes: Uint8Array, at: number): void => {
  if (RecordBatch.magic(bytes, at) !== 2) return
  const epoch = RecordBatch.partitionLeaderEpoch(bytes, at)
  if (epoch >= 0) epochs.note(epoch, RecordBatch.baseOffset(bytes, at))
}

/** Brings the producers to their state at `to`: the newest valid snapshot at or below it, then the batches after. */
const replayFromSnapshot = Effect.fnUntraced(function*(
  loaded: Loaded,
  newest: number,
  to: number
): Effect.fn.Return<void, LogFilesError> {
  const { log, options, producers } = loaded
  let from = log.segments[0]!.baseOffset
  for (const offset of log.snapshotsFound.toReversed()) {
    if (offset > newest || offset < from) continue
    const bytes = yield* readFile(options.files, snapshotPath(log.directory, offset))
    const saved = bytes && decodeProducerSnapshot(bytes)
    if (saved === undefined) continue
    producers.restore(saved)
    from = offset
    break
  }
  if (from >= to) return
  yield* log.forEachHeader(from, to, (bytes, at) => {
    if (RecordBatch.magic(bytes, at) === 2 && RecordBatch.baseOffset(bytes, at) < to) producers.replay(bytes, at)
  })
})

const recover = Effect.fnUntraced(function*(loaded: Loaded): Effect.fn.Return<void, LogFilesError | LogDamagedError> {
  const { epochs, log, options, producers } = loaded
  const first = Math.max(0, log.segmentAt(options.recoveryPoint))
  const from = log.segments[first]!.baseOffset
  yield* replayFromSnapshot(loaded, from, from)
  const aborted: Array<{ readonly segment: Segment; readonly entry: AbortedTransactionEntry }> = []
  yield* log.recover(options.recoveryPoint, (bytes, at, segment) => {
    if (RecordBatch.magic(bytes, at) !== 2) return
    noteEpoch(epochs, bytes, at)
    const completed = producers.replay(bytes, at)
    if (completed !== undefined && completed.isAborted) aborted.push({ segment, entry: abortedEntry(completed) })
  })
  for (let index = first; index < log.segments.length; index++) yield* log.segments[index]!.resetAborted
  for (const { entry, segment } of aborted) {
    yield* segment.addAborted(entry)
    log.syncWithNextFlush(segment.transactionIndexPath)
  }
})

/** Keeps the snapshots of segment bases and the newest one. Source: ProducerStateManager.removeStraySnapshots. */
const removeStraySnapshots = Effect.fnUntraced(function*(loaded: Loaded): Effect.fn.Return<void, LogFilesError> {
  const { log, options } = loaded
  const bases = new Set(log.segments.map((segment) => segment.baseOffset))
  const newest = log.snapshotsFound.findLast((offset) => offset <= log.nextOffset)
  for (const offset of log.snapshotsFound) {
    const isNeeded = offset === newest || (bases.has(offset) && offset <= log.nextOffset)
    if (!isNeeded) yield* options.files.remove(snapshotPath(log.directory, offset))
  }
})
