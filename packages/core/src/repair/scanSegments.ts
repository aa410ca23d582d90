import { Effect } from "effect"
import { findLaterBatch, lastOffsetOf, scanBatches } from "../log/BatchScan.ts"
import { LOG_SUFFIX, offsetName, offsetOf } from "../log/LogFileNames.ts"
import type { AbortedTransactionEntry } from "../log/TransactionIndex.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { controlTypeOf } from "../protocol/records/ControlRecord.ts"
import { decodeRecords } from "../protocol/records/Record.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"

/** The last batch of an idempotent producer. */
export interface LastBatch {
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastOffset: number
}

/** What the batches of one segment show. */
export interface ScannedSegment {
  readonly baseOffset: number
  readonly sizeBytes: number
  /** Exclusive end of the offsets up to the first bad spot. */
  readonly endOffset: number
  /** The first bad spot in bytes, with what is wrong; undefined: none. */
  readonly bad: { readonly position: number; readonly problem: string; readonly resumePosition: number } | undefined
  /** First offset of the batch at the resume position; -1 without one. */
  readonly resumeOffset: number
  /** Whether offsets are missing inside, as after compaction. */
  readonly isSparse: boolean
  /** By position, the last offset and largest timestamp so far of those that the indexes name. */
  readonly batches: ReadonlyMap<number, { readonly lastOffset: number; readonly maxTimestamp: number }>
  /** Producer and last offset of the abort markers. */
  readonly aborts: ReadonlyArray<Pick<AbortedTransactionEntry, "producerId" | "lastOffset">>
  readonly latestEpoch: number
}

/** What a scan tells as it goes on. */
export interface ScanObserver {
  /** Bytes were read: for progress, and for a rate limit. */
  readonly onBytes: (count: number) => Effect.Effect<void>
  /** Whether the batch at a position, with this last offset, is to be kept for a comparison with the indexes. */
  readonly isIndexed: (position: number, lastOffset: number) => boolean
  /** A batch of an idempotent producer. */
  readonly onProducer: (producerId: number, batch: LastBatch) => void
}

/** Base offsets of the segments in a directory, ascending. */
export const segmentsIn = (names: ReadonlyArray<string>): ReadonlyArray<number> =>
  names.flatMap((name) => offsetOf(name, LOG_SUFFIX) ?? []).sort((a, b) => a - b)

const baseOffsetAt = Effect.fnUntraced(function*(
  file: Effect.Success<ReturnType<LogFiles["Service"]["open"]>>,
  position: number
) {
  if (position < 0) return -1
  return RecordBatch.baseOffset(yield* file.readAt(position, RecordBatch.RECORD_BATCH_OVERHEAD), 0)
})

/** Checks every batch of a segment: length, magic, CRC, order of offsets. Changes nothing. */
export const scanSegment = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string,
  baseOffset: number,
  observer: ScanObserver
): Effect.fn.Return<ScannedSegment, LogFilesError> {
  const file = yield* files.open(`${directory}/${offsetName(baseOffset)}${LOG_SUFFIX}`, { create: false })
  const batches = new Map<number, { readonly lastOffset: number; readonly maxTimestamp: number }>()
  const aborts: Array<Pick<AbortedTransactionEntry, "producerId" | "lastOffset">> = []
  let endOffset = baseOffset
  let isSparse = false
  let latestEpoch = -1
  let maxTimestamp = -1
  let problem = "a batch is incomplete"
  const visit = (bytes: Uint8Array, at: number, position: number): boolean => {
    const isMagic2 = RecordBatch.magic(bytes, at) === RecordBatch.CURRENT_MAGIC
    if (isMagic2 && !RecordBatch.isCrcValid(bytes, at)) problem = "the CRC of a batch does not match"
    else if (isMagic2 && RecordBatch.baseOffset(bytes, at) < endOffset) problem = "offsets go back"
    else {
      if (isMagic2) {
        const lastOffset = RecordBatch.lastOffset(bytes, at)
        const count = RecordBatch.recordCount(bytes, at)
        if (RecordBatch.baseOffset(bytes, at) !== endOffset) isSparse = true
        if (count !== RecordBatch.lastOffsetDelta(bytes, at) + 1) isSparse = true
        latestEpoch = Math.max(latestEpoch, RecordBatch.partitionLeaderEpoch(bytes, at))
        maxTimestamp = Math.max(maxTimestamp, RecordBatch.maxTimestamp(bytes, at))
        const producerId = RecordBatch.producerId(bytes, at)
        if (RecordBatch.isControl(bytes, at)) {
          const [marker] = decodeRecords(bytes, at)
          if (marker !== undefined && controlTypeOf(marker.key) === "Abort") aborts.push({ producerId, lastOffset })
        } else if (producerId >= 0) {
          const lastSequence = (RecordBatch.baseSequence(bytes, at) + RecordBatch.lastOffsetDelta(bytes, at)) % 2 ** 31
          const producerEpoch = RecordBatch.producerEpoch(bytes, at)
          observer.onProducer(producerId, { producerEpoch, lastSequence, lastOffset })
        }
      }
      endOffset = lastOffsetOf(bytes, at) + 1
      if (observer.isIndexed(position, endOffset - 1)) {
        batches.set(position, { lastOffset: endOffset - 1, maxTimestamp })
      }
      return true
    }
    return false
  }
  const scan = Effect.gen(function*() {
    const sizeBytes = file.sizeBytes
    const { position, reason } = yield* scanBatches(file, { from: 0, to: sizeBytes, content: "Whole" }, visit)
    yield* observer.onBytes(sizeBytes)
    if (reason === "Corrupt") problem = "no batch begins here"
    const resumePosition = reason === "End" ? -1 : yield* findLaterBatch(file, position, endOffset)
    return {
      baseOffset,
      sizeBytes,
      endOffset,
      bad: reason === "End" ? undefined : { position, problem, resumePosition },
      resumeOffset: yield* baseOffsetAt(file, resumePosition),
      isSparse,
      batches,
      aborts,
      latestEpoch
    }
  })
  return yield* Effect.ensuring(scan, file.close)
})
