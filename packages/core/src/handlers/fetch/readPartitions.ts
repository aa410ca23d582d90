import { Effect } from "effect"
import type { PartitionLeader, PartitionView } from "../../actors/partition-leader/PartitionLeader.ts"
import type { LogStoreError, PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { Uuid } from "../../model/Uuid.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import type { PartitionResponse } from "./FetchContext.ts"
import type { FetchPartition } from "./FetchSession.ts"

/** Which records a reader may see. Source: FetchIsolation. */
export type FetchIsolation = "HighWatermark" | "CommittedTransactions" | "LogEnd"

export interface ReadParameters {
  readonly isolation: FetchIsolation
  /** For all partitions together; the first batch found is returned whole whatever its size. */
  readonly maxBytes: number
}

/** A partition to be read, and its leader when it is here. */
export interface PartitionToRead {
  readonly of: FetchPartition
  readonly leader: PartitionLeader | undefined
}

/** What reading a partition gave, and where its readable end stood. */
export interface PartitionRead {
  readonly response: PartitionResponse
  readonly endOffset: number
}

const noRecords = new Uint8Array(0)

/** The answer about a partition whose reading failed. Source: ReplicaManager.createLogReadResult. */
const failedRead = (partition: number, errorCode: ErrorCode): PartitionResponse => ({
  ...failedPartition(partition, errorCode),
  abortedTransactions: null
})

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

const storageError = (error: LogStoreError): ErrorCode =>
  error.reason === "Fenced" ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.KAFKA_STORAGE_ERROR

const emptyRead = (of: FetchPartition, view: PartitionView, isolation: FetchIsolation): PartitionResponse => ({
  partitionIndex: of.partition,
  errorCode: ErrorCode.NONE,
  highWatermark: view.highWatermark,
  lastStableOffset: view.lastStableOffset,
  logStartOffset: view.logStartOffset,
  abortedTransactions: isolation === "CommittedTransactions" ? [] : null,
  records: noRecords
})

/** Whether the reader's log went another way than this one. Source: Partition.readRecords, KIP-595. */
const divergence = (of: FetchPartition, log: PartitionLog): PartitionResponse["divergingEpoch"] | ErrorCode => {
  if (of.lastFetchedEpoch < 0) return undefined
  const { endOffset, leaderEpoch } = log.endOffsetForEpoch(of.lastFetchedEpoch)
  if (endOffset < 0 || leaderEpoch < 0 || of.fetchOffset < log.logStartOffset) return ErrorCode.OFFSET_OUT_OF_RANGE
  return leaderEpoch < of.lastFetchedEpoch || endOffset < of.fetchOffset ? { epoch: leaderEpoch, endOffset } : undefined
}

/** Exclusive end of what was read: of the last batch whose header is there, complete or not. */
const endOfRecords = (records: Uint8Array, limit: number): number => {
  let end = limit
  let at = 0
  while (at + RecordBatch.RECORD_BATCH_OVERHEAD <= records.length) {
    end = RecordBatch.lastOffset(records, at) + 1
    at += RecordBatch.batchSizeBytes(records, at)
  }
  return Math.min(end, limit)
}

const readLog = Effect.fnUntraced(function*(
  of: FetchPartition,
  log: PartitionLog,
  view: PartitionView,
  isolation: FetchIsolation,
  limits: { readonly maxBytes: number; readonly minOneBatch: boolean }
) {
  const endOffset = endOffsetFor(view, isolation)
  const diverging = divergence(of, log)
  if (typeof diverging === "number") return yield* Effect.fail(diverging)
  if (diverging !== undefined) {
    return { response: { ...emptyRead(of, view, isolation), divergingEpoch: diverging }, endOffset }
  }
  if (of.fetchOffset < view.logStartOffset || of.fetchOffset > view.logEndOffset) {
    return yield* Effect.fail(ErrorCode.OFFSET_OUT_OF_RANGE)
  }
  const empty = emptyRead(of, view, isolation)
  if (of.fetchOffset >= endOffset || (limits.maxBytes <= 0 && !limits.minOneBatch)) {
    return { response: empty, endOffset }
  }
  const { records } = yield* Effect.mapError(
    log.read({
      offset: of.fetchOffset,
      maxBytes: limits.maxBytes,
      minOneBatch: limits.minOneBatch,
      upperBoundOffset: endOffset
    }),
    storageError
  )
  if (isolation !== "CommittedTransactions" || records.length === 0) {
    return { response: { ...empty, records }, endOffset }
  }
  const abortedTransactions = yield* Effect.mapError(
    log.abortedTransactions(of.fetchOffset, endOfRecords(records, endOffset)),
    storageError
  )
  return { response: { ...empty, records, abortedTransactions }, endOffset }
})

/** What stands against reading before the log is looked at. */
const checkLeader = (of: FetchPartition, leader: PartitionLeader): ErrorCode => {
  if (of.topicId !== Uuid.zero && of.topicId !== leader.topicId) return ErrorCode.INCONSISTENT_TOPIC_ID
  if (of.currentLeaderEpoch < 0 || of.currentLeaderEpoch === leader.leaderEpoch) return ErrorCode.NONE
  return of.currentLeaderEpoch < leader.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}

const isAtEnd = (of: FetchPartition, view: PartitionView | undefined, isolation: FetchIsolation): boolean =>
  view !== undefined && of.lastFetchedEpoch < 0 && of.fetchOffset >= view.logStartOffset &&
  of.fetchOffset <= view.logEndOffset && of.fetchOffset >= endOffsetFor(view, isolation)

/**
 * Reads the partitions in order until `maxBytes` are reached. The stored bytes are what is returned. A partition whose
 * reader has seen everything costs no Effect. Source: ReplicaManager.readFromLog.
 */
export const readPartitions = Effect.fnUntraced(function*(
  partitions: ReadonlyArray<PartitionToRead>,
  parameters: ReadParameters
) {
  const { isolation } = parameters
  const reads: Array<PartitionRead> = []
  let maxBytes = parameters.maxBytes
  let minOneBatch = true
  for (const { of, leader } of partitions) {
    const errorCode = leader === undefined ? ErrorCode.NOT_LEADER_OR_FOLLOWER : checkLeader(of, leader)
    if (leader === undefined || errorCode !== ErrorCode.NONE) {
      reads.push({ response: failedRead(of.partition, errorCode), endOffset: -1 })
      continue
    }
    const view = leader.view
    if (view !== undefined && isAtEnd(of, view, isolation)) {
      reads.push({ response: emptyRead(of, view, isolation), endOffset: endOffsetFor(view, isolation) })
      continue
    }
    const limits = { maxBytes: Math.min(of.maxBytes, maxBytes), minOneBatch }
    const read: PartitionRead = yield* Effect.catch(
      leader.reading((log, current) => readLog(of, log, current, isolation, limits)),
      (failure) => Effect.succeed({ response: failedRead(of.partition, failure), endOffset: -1 })
    )
    const sizeBytes = read.response.records?.length ?? 0
    if (sizeBytes > 0) minOneBatch = false
    maxBytes = Math.max(0, maxBytes - sizeBytes)
    reads.push(read)
  }
  return reads
})
