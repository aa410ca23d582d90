import { Effect } from "effect"
import type { PartitionLeader, PartitionView } from "../../actors/partition-leader/PartitionLeader.ts"
import { errorCodeOf, type PartitionLog, type ReadOptions } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { Uuid } from "../../model/Uuid.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import type { PartitionResponse } from "./FetchContext.ts"
import type { FetchPartition } from "./FetchSession.ts"

/** Which records a reader may see. Source: FetchIsolation. */
export type FetchIsolation = "HighWatermark" | "CommittedTransactions" | "LogEnd"

/** Bytes that may be returned, and where they go; the first batch is returned whole when `minOneBatch`. */
export interface ReadLimits extends Pick<ReadOptions, "maxBytes" | "minOneBatch" | "allocate"> {}

/** A partition to be read, and its leader when it is here. */
export interface PartitionToRead {
  readonly of: FetchPartition
  readonly leader: PartitionLeader | undefined
}

/** What reading a partition gave, and where its readable end stood. */
export interface PartitionRead {
  readonly response: PartitionResponse
  /** Of the records in `response`. */
  readonly sizeBytes: number
  readonly endOffset: number
}

const noRecords: ReadonlyArray<Uint8Array> = []

/** The answer about a partition that is not read at all. Source: FetchResponse.partitionResponse. */
export const failedPartition = (partition: number, errorCode: ErrorCode): PartitionResponse => ({
  partitionIndex: partition,
  errorCode,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  abortedTransactions: [],
  records: noRecords
})

/** What reading gave that failed. Source: ReplicaManager.createLogReadResult. */
export const failedRead = (partition: number, errorCode: ErrorCode): PartitionRead => ({
  response: { ...failedPartition(partition, errorCode), abortedTransactions: null },
  sizeBytes: 0,
  endOffset: -1
})

/** Exclusive end of what the reader may see. */
export const endOffsetFor = (view: PartitionView, isolation: FetchIsolation): number => {
  switch (isolation) {
    case "HighWatermark":
      return view.highWatermark
    case "CommittedTransactions":
      return view.lastStableOffset
    case "LogEnd":
      return view.logEndOffset
  }
}

const emptyRead = (of: FetchPartition, view: PartitionView, isolation: FetchIsolation): PartitionRead =>
  readWith(noRecords, of, view, isolation, isolation === "CommittedTransactions" ? [] : null)

const readWith = (
  records: ReadonlyArray<Uint8Array>,
  of: FetchPartition,
  view: PartitionView,
  isolation: FetchIsolation,
  abortedTransactions: PartitionResponse["abortedTransactions"]
): PartitionRead => {
  let sizeBytes = 0
  for (const part of records) sizeBytes += part.length
  return {
    response: {
      partitionIndex: of.partition,
      errorCode: ErrorCode.NONE,
      highWatermark: view.highWatermark,
      lastStableOffset: view.lastStableOffset,
      logStartOffset: view.logStartOffset,
      abortedTransactions,
      records
    },
    sizeBytes,
    endOffset: endOffsetFor(view, isolation)
  }
}

/** Whether the reader's log went another way than this one. Source: Partition.readRecords, KIP-595. */
const divergence = (of: FetchPartition, log: PartitionLog): PartitionResponse["divergingEpoch"] | ErrorCode => {
  if (of.lastFetchedEpoch < 0) return undefined
  const { endOffset, leaderEpoch } = log.endOffsetForEpoch(of.lastFetchedEpoch)
  if (endOffset < 0 || leaderEpoch < 0 || of.fetchOffset < log.logStartOffset) return ErrorCode.OFFSET_OUT_OF_RANGE
  return leaderEpoch < of.lastFetchedEpoch || endOffset < of.fetchOffset ? { epoch: leaderEpoch, endOffset } : undefined
}

/** Exclusive end of what was read: of the last batch whose header is there, complete or not. */
const endOfRecords = (records: ReadonlyArray<Uint8Array>, limit: number): number => {
  let end = limit
  for (const part of records) {
    let at = 0
    while (at + RecordBatch.RECORD_BATCH_OVERHEAD <= part.length) {
      end = RecordBatch.lastOffset(part, at) + 1
      at += RecordBatch.batchSizeBytes(part, at)
    }
  }
  return Math.min(end, limit)
}

/** The read that needs no records, or the code with which it fails; undefined when records are to be read. */
export const beginRead = (
  of: FetchPartition,
  log: PartitionLog,
  view: PartitionView,
  isolation: FetchIsolation,
  limits: ReadLimits
): PartitionRead | ErrorCode | undefined => {
  const diverging = divergence(of, log)
  if (typeof diverging === "number") return diverging
  if (diverging !== undefined) {
    const read = emptyRead(of, view, isolation)
    return { ...read, response: { ...read.response, divergingEpoch: diverging } }
  }
  if (of.fetchOffset < view.logStartOffset || of.fetchOffset > view.logEndOffset) return ErrorCode.OFFSET_OUT_OF_RANGE
  const isAtEnd = of.fetchOffset >= endOffsetFor(view, isolation)
  // Kafka throws in the middle of the read. Source: LogSegment.read.
  if (limits.maxBytes < 0 && !isAtEnd) return ErrorCode.INVALID_REQUEST
  const hasNothing = isAtEnd || (limits.maxBytes <= 0 && !limits.minOneBatch)
  return hasNothing ? emptyRead(of, view, isolation) : undefined
}

/** Reads records from memory, after `beginRead`; undefined when `readLog` is to be used. */
export const readLogNow = (
  of: FetchPartition,
  log: PartitionLog,
  view: PartitionView,
  isolation: FetchIsolation,
  limits: ReadLimits
): PartitionRead | undefined => {
  const endOffset = endOffsetFor(view, isolation)
  const records = log.readNow?.({ ...limits, offset: of.fetchOffset, upperBoundOffset: endOffset })?.views
  if (records === undefined) return undefined
  if (isolation !== "CommittedTransactions") return readWith(records, of, view, isolation, null)
  const aborted = records.length === 0
    ? []
    : log.abortedTransactionsNow?.(of.fetchOffset, endOfRecords(records, endOffset))
  return aborted && readWith(records, of, view, isolation, aborted)
}

/** Reads the records of an open log. Fails with the code to answer. */
export const readLog = Effect.fnUntraced(function*(
  of: FetchPartition,
  log: PartitionLog,
  view: PartitionView,
  isolation: FetchIsolation,
  limits: ReadLimits
) {
  const begun = beginRead(of, log, view, isolation, limits)
  if (typeof begun === "number") return yield* Effect.fail(begun)
  if (begun !== undefined) return begun
  const endOffset = endOffsetFor(view, isolation)
  const read = yield* Effect.mapError(
    log.read({ ...limits, offset: of.fetchOffset, upperBoundOffset: endOffset }),
    ({ reason }) => errorCodeOf(reason)
  )
  const records = read.records.length === 0 ? noRecords : [read.records]
  if (isolation !== "CommittedTransactions") return readWith(records, of, view, isolation, null)
  const aborted = records.length === 0 ? [] : yield* Effect.mapError(
    log.abortedTransactions(of.fetchOffset, endOfRecords(records, endOffset)),
    ({ reason }) => errorCodeOf(reason)
  )
  return readWith(records, of, view, isolation, aborted)
})

/** What stands against reading before the log is looked at. */
export const checkLeader = (of: FetchPartition, leader: PartitionLeader): ErrorCode => {
  if (of.topicId !== Uuid.zero && of.topicId !== leader.topicId) return ErrorCode.INCONSISTENT_TOPIC_ID
  if (of.currentLeaderEpoch < 0 || of.currentLeaderEpoch === leader.leaderEpoch) return ErrorCode.NONE
  return of.currentLeaderEpoch < leader.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}

/** The read of a reader that has seen everything; undefined when the log is to be looked at. */
export const emptyAtEnd = (
  of: FetchPartition,
  view: PartitionView | undefined,
  isolation: FetchIsolation
): PartitionRead | undefined =>
  view !== undefined && of.lastFetchedEpoch < 0 && of.fetchOffset >= view.logStartOffset &&
    of.fetchOffset <= view.logEndOffset && of.fetchOffset >= endOffsetFor(view, isolation)
    ? emptyRead(of, view, isolation)
    : undefined
