import { Effect } from "effect"
import { readFile } from "../log/StateFile.ts"
import { fileTrouble } from "../log/storeError.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { decodeBatch } from "./MetadataBatchCodec.ts"
import { type MetadataBatch, MetadataLogError } from "./MetadataLog.ts"
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
  path: string
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
    at += size
  }
  return batches
})
