/**
 * The metadata log in Kafka's KRaft format: `__cluster_metadata-0` under the root of the log files, beginning each
 * epoch of ours with a LeaderChange control batch, read from its newest snapshot on.
 *
 * Nothing is written before the first append. Source: KafkaRaftLog, RecordsBatchReader, QuorumState.initialize.
 */
import { Clock, Effect, Layer, type Scope, Semaphore, Stream } from "effect"
import type { MetadataLogSettings } from "../config/broker-settings/MetadataLogSettings.ts"
import type { LogConfig } from "../log/LogStore.ts"
import { isOutOfSpace } from "../log/outOfSpace.ts"
import { formatPartitionMetadata, PARTITION_METADATA_FILE } from "../log/PartitionMetadata.ts"
import type { LogDamagedError } from "../log/recoverSegment.ts"
import { SegmentedLog } from "../log/SegmentedLog.ts"
import { encodeAscii, writeFileAtomically } from "../log/StateFile.ts"
import { fileTrouble } from "../log/storeError.ts"
import { Uuid } from "../model/Uuid.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { LogFiles, type LogFilesError } from "../seams/LogFiles.ts"
import { FeatureName } from "./FeatureName.ts"
import { encodeBatch, encodeLeaderChange } from "./MetadataBatchCodec.ts"
import { type MetadataBatch, MetadataLog, MetadataLogConflict, MetadataLogError } from "./MetadataLog.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import { defaultMetadataVersion } from "./MetadataRecordCodec.ts"
import {
  decodeAt,
  isLeftover,
  noteQuorumRecords,
  type QuorumRecord,
  readCheckpoint,
  type SnapshotFile,
  snapshotFiles,
  snapshotTimestamp,
  storageError,
  writeSnapshot
} from "./MetadataSnapshot.ts"
import { type QuorumState, readQuorumState, writeQuorumState } from "./QuorumState.ts"
import { TopicName } from "./TopicName.ts"

const directory = `${TopicName.clusterMetadata}-0`

/** Bytes read at a time when the log is read again. */
const readBytes = 1_048_576

/** Bytes in which the header of a snapshot lies. */
const snapshotHeaderBytes = 4096

/** Kafka's defaults. Source: MetadataLogConfig. */
export const defaultMetadataLogSettings: MetadataLogSettings = {
  maxBytesBetweenSnapshots: 20_971_520,
  maxSnapshotIntervalMs: 3_600_000,
  retentionBytes: 104_857_600,
  retentionMs: 604_800_000,
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000
}

/** Whose log it is. */
export interface FileMetadataLogOptions {
  /** Who appends: `node.id`. */
  readonly nodeId: number
  /** Then nothing of it can be half written: a bad end is damage, and not cut. */
  readonly wasStoppedCleanly: boolean
  /** Default: Kafka's. */
  readonly settings?: MetadataLogSettings
}

const logConfig = ({ segmentBytes, segmentMs }: MetadataLogSettings): LogConfig => ({
  segmentBytes,
  segmentMs,
  indexIntervalBytes: 4096,
  segmentIndexBytes: 10_485_760,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  isCompacted: false,
  fileDeleteDelayMs: 0
})

const logError = (error: LogFilesError | LogDamagedError): MetadataLogError =>
  error._tag === "LogFilesError"
    ? storageError(error)
    : new MetadataLogError({ reason: "Damaged", message: error.message })

/** Sees to the directory with its `partition.metadata` and tells what is in it; undefined when it is new. */
const prepareDirectory = Effect.fnUntraced(function*(files: LogFiles["Service"]) {
  const list = files.list(directory).pipe(
    Effect.catch((error) => error.reason === "NotFound" ? Effect.succeed(undefined) : Effect.fail(error))
  )
  const found = (yield* list)?.filter((entry) => !entry.isDirectory).map((entry) => entry.name)
  if (found !== undefined) {
    for (const name of found.filter(isLeftover)) yield* files.remove(`${directory}/${name}`)
    return found
  }
  yield* files.makeDirectory(directory)
  const text = formatPartitionMetadata(Uuid.one)
  yield* writeFileAtomically(files, `${directory}/${PARTITION_METADATA_FILE}`, encodeAscii(text))
  yield* files.syncDirectory("")
  return undefined
})

interface Opened {
  readonly log: SegmentedLog
  /** Newest first. */
  readonly snapshots: ReadonlyArray<SnapshotFile>
  /** What was there: the snapshot first, then the log. */
  readonly batches: ReadonlyArray<MetadataBatch>
  /** Bytes of the log that lie above the newest snapshot. */
  readonly bytesSinceSnapshot: number
  readonly lastEpoch: number
  readonly lastTimestamp: number
  readonly quorum: QuorumState | undefined
  readonly quorumRecords: Map<string, QuorumRecord>
}

const openLog = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  { settings = defaultMetadataLogSettings, wasStoppedCleanly }: FileMetadataLogOptions
): Effect.fn.Return<Opened, MetadataLogError, Scope.Scope> {
  const found = yield* Effect.mapError(prepareDirectory(files), storageError)
  const snapshots = snapshotFiles(found ?? [])
  const snapshot = snapshots[0]
  const startOffset = snapshot?.endOffset ?? 0
  const log = yield* Effect.acquireRelease(
    Effect.mapError(SegmentedLog.open({ files, directory, config: logConfig(settings), startOffset }), logError),
    (opened) => Effect.ignore(opened.close)
  )
  if (log.segments[0]!.baseOffset > startOffset) {
    const message = `${directory} begins at offset ${log.segments[0]!.baseOffset}, and no snapshot has what was before`
    return yield* new MetadataLogError({ reason: "Damaged", message })
  }
  const read: Array<{ readonly path: string; readonly bytes: Uint8Array; readonly at: number }> = []
  const recovery = log.recover(
    wasStoppedCleanly ? Infinity : startOffset,
    (bytes, at, { path }) => void read.push({ path, bytes, at }),
    startOffset
  )
  yield* Effect.mapError(recovery, logError)
  if (wasStoppedCleanly && found !== undefined && read.length === 0 && snapshot === undefined) {
    const message = `${log.active.path} is empty, though the last broker on this directory stopped cleanly`
    return yield* new MetadataLogError({ reason: "Damaged", message })
  }
  if (startOffset > log.nextOffset) {
    const message = `${directory} ends at offset ${log.nextOffset}, below its snapshot ${snapshot!.name}`
    return yield* new MetadataLogError({ reason: "Damaged", message })
  }
  const quorumRecords = new Map<string, QuorumRecord>()
  const batches = snapshot === undefined ? [] : [...(yield* readSnapshot(files, snapshot, quorumRecords))]
  const quorum = yield* Effect.mapError(readQuorumState(files, directory), storageError)
  let lastEpoch = Math.max(snapshot?.epoch ?? 0, quorum?.leaderEpoch ?? -1)
  let bytesSinceSnapshot = 0
  let lastTimestamp = 0
  for (const { at, bytes, path } of read) {
    if (RecordBatch.lastOffset(bytes, at) < startOffset) continue
    const batch = yield* decodeAt(`${path} at offset ${RecordBatch.baseOffset(bytes, at)}`, bytes, at)
    noteQuorumRecords(quorumRecords, bytes, at)
    batches.push(batch)
    bytesSinceSnapshot += RecordBatch.batchSizeBytes(bytes, at)
    lastEpoch = Math.max(lastEpoch, batch.leaderEpoch)
    lastTimestamp = RecordBatch.maxTimestamp(bytes, at)
  }
  return { log, snapshots, batches, bytesSinceSnapshot, lastEpoch, lastTimestamp, quorum, quorumRecords }
})

/** Offsets inside a snapshot count its own records; to readers all of it lies below its end offset. */
const readSnapshot = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  { endOffset, epoch, name }: SnapshotFile,
  quorumRecords: Map<string, QuorumRecord>
) {
  const visit = (bytes: Uint8Array, at: number) => noteQuorumRecords(quorumRecords, bytes, at)
  const batches = yield* readCheckpoint(files, `${directory}/${name}`, visit)
  return (batches ?? []).map(({ records }): MetadataBatch => ({ records, endOffset, leaderEpoch: epoch }))
})

/** The batches of the log that end above `from`, read from the files. */
const readBatches = Effect.fnUntraced(function*(
  log: SegmentedLog,
  from: number
): Effect.fn.Return<ReadonlyArray<MetadataBatch>, MetadataLogError> {
  const batches: Array<MetadataBatch> = []
  let offset = Math.max(from, log.segments[0]!.baseOffset)
  while (offset < log.nextOffset) {
    const { records: bytes } = yield* Effect.mapError(
      log.read({ offset, maxBytes: readBytes, minOneBatch: true, upperBoundOffset: log.nextOffset }),
      storageError
    )
    const end = RecordBatch.completeBatchesEnd(bytes, 0, bytes.length)
    if (end === 0) break
    for (let at = 0; at < end; at += RecordBatch.batchSizeBytes(bytes, at)) {
      const batch = yield* decodeAt(`${directory} at offset ${RecordBatch.baseOffset(bytes, at)}`, bytes, at)
      if (batch.endOffset > offset) batches.push(batch)
      offset = Math.max(offset, batch.endOffset)
    }
  }
  return batches
})

/** The finalized `metadata.version` after these records. */
const metadataVersionAfter = (records: Iterable<MetadataRecord>, before: number): number => {
  let version = before
  for (const record of records) {
    if (record._tag === "FeatureLevel" && record.name === FeatureName.metadata) version = record.featureLevel
  }
  return version
}

/**
 * Removes snapshots, and segments wholly below the oldest one that is left, while all is more than the limits; the newest
 * snapshot stays. Source: KafkaRaftLog.maybeClean.
 */
const cleanSnapshots = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  log: SegmentedLog,
  newestFirst: ReadonlyArray<SnapshotFile>,
  { retentionBytes, retentionMs }: MetadataLogSettings,
  now: number
): Effect.fn.Return<ReadonlyArray<SnapshotFile>, LogFilesError> {
  const kept = newestFirst.toReversed()
  const pathOf = ({ name }: SnapshotFile) => `${directory}/${name}`
  let sizeBytes = log.sizeBytes
  for (const snapshot of kept) sizeBytes += yield* files.sizeOf(pathOf(snapshot))
  while (kept.length > 1) {
    const [oldest, next] = kept as [SnapshotFile, SnapshotFile]
    const file = yield* files.open(pathOf(oldest), { create: false })
    const ownBytes = file.sizeBytes
    const header = yield* Effect.ensuring(file.readAt(0, snapshotHeaderBytes), file.close)
    const timestamp = snapshotTimestamp(header)
    const isTooLarge = retentionBytes >= 0 && sizeBytes > retentionBytes
    const isTooOld = retentionMs >= 0 && timestamp !== undefined && now - timestamp > retentionMs
    if (!isTooLarge && !isTooOld) break
    const before = log.sizeBytes
    // The next snapshot is durable: it has all that goes.
    yield* log.removeBelow(next.endOffset)
    yield* files.remove(pathOf(oldest))
    sizeBytes -= ownBytes + before - log.sizeBytes
    kept.shift()
  }
  return kept.toReversed()
})

const makeFileMetadataLog = Effect.fnUntraced(function*(options: FileMetadataLogOptions) {
  const files = yield* LogFiles
  const settings = options.settings ?? defaultMetadataLogSettings
  const { lastEpoch, log, quorum, quorumRecords, ...opened } = yield* openLog(files, options)
  const leaderEpoch = lastEpoch + 1
  const oneAtATime = yield* Semaphore.make(1)
  let metadataVersion = metadataVersionAfter(opened.batches.flatMap(({ records }) => records), defaultMetadataVersion)
  let epochBegun = false
  /** What was read at the start, until it is read for the first time: it is not kept in memory for good. */
  let unread: ReadonlyArray<MetadataBatch> | undefined = opened.batches
  let snapshots = opened.snapshots
  let { bytesSinceSnapshot, lastTimestamp } = opened
  let endEpoch = opened.batches.at(-1)?.leaderEpoch ?? 0
  let lastSnapshotMs = yield* Clock.currentTimeMillis
  let broken: MetadataLogError | undefined

  const write = Effect.fnUntraced(function*(
    expectedOffset: number,
    records: ReadonlyArray<MetadataRecord>
  ): Effect.fn.Return<number, MetadataLogConflict | MetadataLogError> {
    if (broken !== undefined) return yield* broken
    if (expectedOffset !== log.nextOffset) {
      return yield* new MetadataLogConflict({ expectedOffset, endOffset: log.nextOffset })
    }
    if (records.length === 0) return log.nextOffset
    const timestamp = yield* Clock.currentTimeMillis
    const dataOffset = epochBegun ? expectedOffset : expectedOffset + 1
    const version = metadataVersionAfter(records, metadataVersion)
    const data = encodeBatch(records, version, { baseOffset: dataOffset, leaderEpoch, timestamp })
    const begin = epochBegun
      ? []
      : [encodeLeaderChange(options.nodeId, { baseOffset: expectedOffset, leaderEpoch, timestamp })]
    yield* Effect.andThen(log.append([...begin, data]), log.flush).pipe(
      Effect.mapError((error) => {
        if (isOutOfSpace(error) && log.nextOffset === expectedOffset) {
          return new MetadataLogError({ reason: "NoSpace", message: logError(error).message })
        }
        // What the file holds now is unknown; only a new start, which reads it again, may append.
        broken = logError(error)
        return broken
      })
    )
    metadataVersion = version
    bytesSinceSnapshot += data.length
    lastTimestamp = timestamp
    endEpoch = leaderEpoch
    if (!epochBegun) yield* sayWhoLeads
    epochBegun = true
    unread = undefined
    return log.nextOffset
  })

  /** Only Kafka reads it, and goes by the log where it is older. */
  const sayWhoLeads = Effect.catch(
    writeQuorumState(files, directory, options.nodeId, { dataVersion: quorum?.dataVersion ?? 0, leaderEpoch }),
    (error) => Effect.logWarning(`quorum-state was not written: ${fileTrouble(error)}`)
  )

  const read = Effect.fnUntraced(function*(offset: number) {
    const snapshot = snapshots[0]
    const isFromSnapshot = snapshot !== undefined && offset < snapshot.endOffset
    const remembered = unread
    unread = undefined
    if (remembered !== undefined && offset === 0) return { isFromSnapshot, batches: remembered }
    if (!isFromSnapshot) return { isFromSnapshot, batches: yield* readBatches(log, offset) }
    const first = yield* readSnapshot(files, snapshot, new Map())
    return { isFromSnapshot, batches: [...first, ...(yield* readBatches(log, snapshot.endOffset))] }
  })

  const snapshot = Effect.fnUntraced(function*(endOffset: number, records: () => Iterable<MetadataRecord>) {
    const now = yield* Clock.currentTimeMillis
    const isByTime = settings.maxSnapshotIntervalMs > 0 && now - lastSnapshotMs >= settings.maxSnapshotIntervalMs
    const isDue = bytesSinceSnapshot >= settings.maxBytesBetweenSnapshots || (isByTime && bytesSinceSnapshot > 0)
    if (!isDue || broken !== undefined || endOffset !== log.nextOffset || endOffset === snapshots[0]?.endOffset) return
    // A snapshot that fails is tried again when the next one is due, and not with every append.
    bytesSinceSnapshot = 0
    lastSnapshotMs = now
    const made = yield* writeSnapshot(files, directory, records(), {
      endOffset,
      epoch: endEpoch,
      metadataVersion,
      timestamp: now,
      lastTimestamp,
      quorumRecords: quorumRecords.values()
    })
    snapshots = [made, ...snapshots]
    // What a start reads begins with a segment of its own, and what lies before can go as a whole.
    yield* log.rollNow
    snapshots = yield* cleanSnapshots(files, log, snapshots, settings, now)
  })

  return MetadataLog.of({
    leaderEpoch,
    changes: Stream.never,
    readFrom: (offset) => oneAtATime.withPermit(Effect.suspend(() => read(offset))),
    append: (expectedOffset, records) => oneAtATime.withPermit(Effect.uninterruptible(write(expectedOffset, records))),
    snapshotIfDue: (endOffset, records) =>
      oneAtATime.withPermit(Effect.uninterruptible(Effect.mapError(snapshot(endOffset, records), storageError)))
  })
})

/** The metadata log in the files' `__cluster_metadata-0`; fails when what is there cannot be read. */
export const layerFileMetadataLog = (
  options: FileMetadataLogOptions
): Layer.Layer<MetadataLog, MetadataLogError, LogFiles> => Layer.effect(MetadataLog, makeFileMetadataLog(options))
