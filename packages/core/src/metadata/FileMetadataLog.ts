/**
 * The metadata log in Kafka's KRaft format: `__cluster_metadata-0` under the root of the log files, beginning each
 * epoch of ours with a LeaderChange control batch, read from its newest snapshot on.
 *
 * Nothing is written before the first append. Source: KafkaRaftLog, RecordsBatchReader, QuorumState.initialize.
 */
import { Clock, Effect, Layer, type Scope, Semaphore } from "effect"
import type { LogConfig } from "../log/LogStore.ts"
import type { LogDamagedError } from "../log/recoverSegment.ts"
import { SegmentedLog } from "../log/SegmentedLog.ts"
import { isOutOfSpace } from "../log/outOfSpace.ts"
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
import { decodeAt, readCheckpoint, type SnapshotFile, snapshotFiles, storageError } from "./MetadataSnapshot.ts"
import { type QuorumState, readQuorumState, writeQuorumState } from "./QuorumState.ts"
import { TopicName } from "./TopicName.ts"

const directory = `${TopicName.clusterMetadata}-0`

/** Kafka's defaults of `metadata.log.*`; time never rolls a segment, as nothing expires here. */
const config: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: Number.MAX_SAFE_INTEGER,
  indexIntervalBytes: 4096,
  segmentIndexBytes: 10_485_760,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  isCompacted: false
}

/** Bytes read at a time when the log is read again. */
const readBytes = 1_048_576

/** Whose log it is. */
export interface FileMetadataLogOptions {
  /** Who appends: `node.id`. */
  readonly nodeId: number
  /** Then nothing of it can be half written: a bad end is damage, and not cut. */
  readonly wasStoppedCleanly: boolean
}

const logError = (error: LogFilesError | LogDamagedError): MetadataLogError =>
  error._tag === "LogFilesError"
    ? storageError(error)
    : new MetadataLogError({
      reason: "Damaged",
      message: `${error.path} at position ${error.position}: ${error.message}`
    })

/** Sees to the directory with its `partition.metadata` and tells what is in it; undefined when it is new. */
const prepareDirectory = Effect.fnUntraced(function*(files: LogFiles["Service"]) {
  const list = files.list(directory).pipe(
    Effect.catch((error) => error.reason === "NotFound" ? Effect.succeed(undefined) : Effect.fail(error))
  )
  const found = yield* list
  if (found !== undefined) return found.filter((entry) => !entry.isDirectory).map((entry) => entry.name)
  yield* files.makeDirectory(directory)
  yield* writeFileAtomically(
    files,
    `${directory}/partition.metadata`,
    encodeAscii(`version: 0\ntopic_id: ${Uuid.one}`)
  )
  yield* files.syncDirectory("")
  return undefined
})

interface Opened {
  readonly log: SegmentedLog
  readonly snapshot: SnapshotFile | undefined
  /** What was there: the snapshot first, then the log. */
  readonly batches: Array<MetadataBatch>
  readonly lastEpoch: number
  readonly quorum: QuorumState | undefined
}

const openLog = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  wasStoppedCleanly: boolean
): Effect.fn.Return<Opened, MetadataLogError, Scope.Scope> {
  const found = yield* Effect.mapError(prepareDirectory(files), storageError)
  const names = found ?? []
  const snapshots = snapshotFiles(names)
  const log = yield* Effect.acquireRelease(
    Effect.mapError(
      SegmentedLog.open({ files, directory, config, startOffset: snapshots[0]?.endOffset ?? 0 }),
      logError
    ),
    (opened) => Effect.ignore(Effect.andThen(opened.close, opened.flush))
  )
  const read: Array<{ readonly path: string; readonly bytes: Uint8Array; readonly at: number }> = []
  const recovery = log.recover(
    wasStoppedCleanly ? Infinity : 0,
    (bytes, at, { path }) => void read.push({ path, bytes, at }),
    0
  )
  yield* Effect.mapError(recovery, logError)
  if (wasStoppedCleanly && found !== undefined && read.length === 0 && snapshots.length === 0) {
    const message = `${log.active.path} is empty, though the last broker on this directory stopped cleanly`
    return yield* new MetadataLogError({ reason: "Damaged", message })
  }

  const snapshot = snapshots[0]
  if (snapshot !== undefined && snapshot.endOffset > log.nextOffset) {
    const message = `${directory} ends at offset ${log.nextOffset}, below its snapshot ${snapshot.name}`
    return yield* new MetadataLogError({ reason: "Damaged", message })
  }
  const batches: Array<MetadataBatch> = snapshot === undefined ? [] : yield* readSnapshot(files, snapshot)
  const quorum = yield* Effect.mapError(readQuorumState(files, directory), storageError)
  let lastEpoch = Math.max(snapshot?.epoch ?? 0, quorum?.leaderEpoch ?? -1)
  for (const { at, bytes, path } of read) {
    if (RecordBatch.lastOffset(bytes, at) < (snapshot?.endOffset ?? 0)) continue
    const batch = yield* decodeAt(`${path} at offset ${RecordBatch.baseOffset(bytes, at)}`, bytes, at)
    batches.push(batch)
    lastEpoch = Math.max(lastEpoch, batch.leaderEpoch)
  }
  return { log, snapshot, batches, lastEpoch, quorum }
})

/** Offsets inside a snapshot count its own records; to readers all of it lies below its end offset. */
const readSnapshot = Effect.fnUntraced(function*(files: LogFiles["Service"], snapshot: SnapshotFile) {
  const batches = yield* readCheckpoint(files, `${directory}/${snapshot.name}`)
  const { endOffset, epoch } = snapshot
  return (batches ?? []).map(({ records }): MetadataBatch => ({ records, endOffset, leaderEpoch: epoch }))
})

/** Everything from the snapshot on, read from the files. */
const readAgain = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  log: SegmentedLog,
  snapshot: SnapshotFile | undefined
): Effect.fn.Return<ReadonlyArray<MetadataBatch>, MetadataLogError> {
  const batches: Array<MetadataBatch> = snapshot === undefined ? [] : yield* readSnapshot(files, snapshot)
  let offset = Math.max(snapshot?.endOffset ?? 0, log.segments[0]!.baseOffset)
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

const makeFileMetadataLog = Effect.fnUntraced(function*(options: FileMetadataLogOptions) {
  const files = yield* LogFiles
  const { lastEpoch, log, quorum, snapshot, ...opened } = yield* openLog(files, options.wasStoppedCleanly)
  const leaderEpoch = lastEpoch + 1
  const oneAtATime = yield* Semaphore.make(1)
  let metadataVersion = metadataVersionAfter(opened.batches.flatMap(({ records }) => records), defaultMetadataVersion)
  let epochBegun = false
  /** What was read at the start, until somebody takes it: it is not kept in memory for good. */
  let unread: ReadonlyArray<MetadataBatch> | undefined = opened.batches
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
    if (!epochBegun) {
      // Only Kafka reads it, and goes by the log where it is older.
      const state = { dataVersion: quorum?.dataVersion ?? 0, leaderEpoch }
      yield* Effect.catch(
        writeQuorumState(files, directory, options.nodeId, state),
        (error) => Effect.logWarning(`quorum-state was not written: ${fileTrouble(error)}`)
      )
    }
    epochBegun = true
    unread = undefined
    return log.nextOffset
  })

  return MetadataLog.of({
    leaderEpoch,
    replay: oneAtATime.withPermit(Effect.suspend(() => {
      const batches = unread
      unread = undefined
      return batches === undefined ? readAgain(files, log, snapshot) : Effect.succeed(batches)
    })),
    append: (expectedOffset, records) => oneAtATime.withPermit(Effect.uninterruptible(write(expectedOffset, records)))
  })
})

/** The metadata log in the files' `__cluster_metadata-0`; fails when what is there cannot be read. */
export const layerFileMetadataLog = (
  options: FileMetadataLogOptions
): Layer.Layer<MetadataLog, MetadataLogError, LogFiles> => Layer.effect(MetadataLog, makeFileMetadataLog(options))
