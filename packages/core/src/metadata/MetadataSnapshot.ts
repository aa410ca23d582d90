import { Effect } from "effect"
import { readFile } from "../log/StateFile.ts"
import { fileTrouble } from "../log/storeError.ts"
import { type ControlType, controlTypeOf } from "../protocol/records/ControlRecord.ts"
import { decodeRecords } from "../protocol/records/Record.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { buildBatch } from "../protocol/records/RecordBatchBuilder.ts"
import { decodeRaftControlRecord, encodeRaftControlRecord } from "../protocol/state-records/RaftControlRecord.ts"
import { SnapshotFooterRecord, SnapshotHeaderRecord } from "../protocol/state-records/RaftControlRecords.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { decodeBatch, encodeBatch } from "./MetadataBatchCodec.ts"
import { type MetadataBatch, MetadataLogError } from "./MetadataLog.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import { UnknownMetadataRecordError } from "./MetadataRecordCodec.ts"

/** A snapshot file: the state at `endOffset` (exclusive), which is in `epoch`. */
export interface SnapshotFile {
  readonly name: string
  readonly endOffset: number
  readonly epoch: number
}

const snapshotName = /^(\d{20})-(\d{10})\.checkpoint$/

/** The snapshots among file names, newest first. Source: Snapshots.parse. */
export const snapshotFiles = (names: Iterable<string>): ReadonlyArray<SnapshotFile> =>
  Array.from(names).flatMap((name) => {
    const match = snapshotName.exec(name)
    return match === null ? [] : [{ name, endOffset: Number(match[1]), epoch: Number(match[2]) }]
  }).sort((a, b) => b.endOffset - a.endOffset || b.epoch - a.epoch)

/** Decodes one batch; a failure says where it lies. */
export const decodeAt = (
  where: string,
  bytes: Uint8Array,
  at: number
): Effect.Effect<MetadataBatch, MetadataLogError> =>
  Effect.try({
    try: () => decodeBatch(bytes, at),
    catch: (cause) =>
      new MetadataLogError({
        reason: cause instanceof UnknownMetadataRecordError ? "Unsupported" : "Damaged",
        message: `${where}: ${cause instanceof Error ? cause.message : String(cause)}`
      })
  })

/** A file operation failed while the metadata log was read or written. */
export const storageError = (error: LogFilesError): MetadataLogError =>
  new MetadataLogError({ reason: "Storage", message: fileTrouble(error) })

/**
 * Every batch of a `.checkpoint` file, with its own offsets; undefined when there is no such file. Serves snapshots and
 * `bootstrap.checkpoint`, which differ in name only. Source: BatchFileReader, RecordsSnapshotReader.
 */
export const readCheckpoint = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  path: string,
  /** Sees every batch, control batches too. */
  visit: (bytes: Uint8Array, at: number) => void = () => {}
): Effect.fn.Return<ReadonlyArray<MetadataBatch> | undefined, MetadataLogError> {
  const bytes = yield* Effect.mapError(readFile(files, path), storageError)
  if (bytes === undefined) return undefined
  const batches: Array<MetadataBatch> = []
  let at = 0
  while (at < bytes.length) {
    const size = RecordBatch.nextBatchSize(bytes, at, bytes.length)
    if (size < RecordBatch.RECORD_BATCH_OVERHEAD || !RecordBatch.isCrcValid(bytes, at)) {
      const message = `${path} at position ${at}: not a whole batch`
      return yield* new MetadataLogError({ reason: "Damaged", message })
    }
    batches.push(yield* decodeAt(`${path} at position ${at}`, bytes, at))
    visit(bytes, at)
    at += size
  }
  return batches
})

/** A control record of the quorum that a snapshot must keep: `kraft.version` and the voters (KIP-853). */
export interface QuorumRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

const keptControls: ReadonlyArray<ControlType | "Unknown" | undefined> = ["KRaftVersion", "KRaftVoters"]

/** Notes the newest of each kind of the batch's control records that snapshots keep, by their type. */
export const noteQuorumRecords = (kept: Map<string, QuorumRecord>, bytes: Uint8Array, at: number): void => {
  if (!RecordBatch.isControl(bytes, at)) return
  for (const { key, value } of decodeRecords(bytes, at)) {
    const type = controlTypeOf(key)
    if (key === null || value === null || !keptControls.includes(type)) continue
    kept.set(type!, { key: key.slice(), value: value.slice() })
  }
}

/** When what a snapshot holds was appended, in milliseconds since the epoch: as its header, the first batch, says. */
export const snapshotTimestamp = (bytes: Uint8Array): number | undefined => {
  if (RecordBatch.nextBatchSize(bytes, 0, bytes.length) <= 0 || !RecordBatch.isControl(bytes, 0)) return undefined
  for (const { key, value } of decodeRecords(bytes, 0)) {
    if (controlTypeOf(key) !== "SnapshotHeader" || key === null || value === null) continue
    const header = decodeRaftControlRecord(key, value)
    return header.type === "SnapshotHeaderRecord" ? Number(header.value.lastContainedLogTimestamp) : undefined
  }
  return undefined
}

/** What a snapshot says of itself. */
export interface SnapshotOptions {
  readonly endOffset: number
  readonly epoch: number
  readonly metadataVersion: number
  /** Now, and when the last record in it was appended; in milliseconds since the epoch. */
  readonly timestamp: number
  readonly lastTimestamp: number
  readonly quorumRecords: Iterable<QuorumRecord>
}

/** Records of one batch; between batches others may run. */
const recordsPerBatch = 500

/** The batches of a snapshot file: header, records, footer. Source: RecordsSnapshotWriter. */
const snapshotBatches = function*(
  records: Iterable<MetadataRecord>,
  { epoch, lastTimestamp, metadataVersion, quorumRecords, timestamp }: SnapshotOptions
): Iterable<Uint8Array> {
  let baseOffset = 0
  const control = (entries: ReadonlyArray<QuorumRecord>): Uint8Array => {
    const batch = buildBatch(entries.map((entry) => ({ ...entry, timestamp })), {
      baseOffset,
      partitionLeaderEpoch: epoch,
      isControl: true
    })
    baseOffset += entries.length
    return batch
  }
  const header = encodeRaftControlRecord(SnapshotHeaderRecord, { version: 0, lastContainedLogTimestamp: lastTimestamp })
  yield control([header, ...quorumRecords])
  let waiting: Array<MetadataRecord> = []
  const data = (): Uint8Array => {
    const batch = encodeBatch(waiting, metadataVersion, { baseOffset, leaderEpoch: epoch, timestamp })
    baseOffset += waiting.length
    waiting = []
    return batch
  }
  for (const record of records) {
    waiting.push(record)
    if (waiting.length === recordsPerBatch) yield data()
  }
  if (waiting.length > 0) yield data()
  yield control([encodeRaftControlRecord(SnapshotFooterRecord, { version: 0 })])
}

/** The name of a snapshot. Source: Snapshots.filenameFromSnapshotId. */
const snapshotFileName = (endOffset: number, epoch: number): string =>
  `${String(endOffset).padStart(20, "0")}-${String(epoch).padStart(10, "0")}.checkpoint`

/** Snapshots that were not finished or not wholly removed. Source: Snapshots.parse. */
export const isLeftover = (name: string): boolean => /^\d{20}-\d{10}\.checkpoint\.(part|deleted)$/.test(name)

/** Writes a snapshot so that a crash leaves it whole or not at all. Source: FileRawSnapshotWriter. */
export const writeSnapshot = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string,
  records: Iterable<MetadataRecord>,
  options: SnapshotOptions
): Effect.fn.Return<SnapshotFile, LogFilesError> {
  const name = snapshotFileName(options.endOffset, options.epoch)
  const part = `${directory}/${name}.part`
  yield* files.remove(part)
  const file = yield* files.open(part, { create: true })
  const write = Effect.gen(function*() {
    for (const batch of snapshotBatches(records, options)) {
      yield* file.append([batch])
      yield* Effect.yieldNow
    }
    yield* file.sync
  })
  yield* Effect.tapError(Effect.ensuring(write, file.close), () => Effect.ignore(files.remove(part)))
  yield* files.rename(part, `${directory}/${name}`)
  yield* files.syncDirectory(directory)
  return { name, endOffset: options.endOffset, epoch: options.epoch }
})
