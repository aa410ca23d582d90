import { Context, Schema } from "effect"
import type { Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import type { TopicPartition } from "../model/TopicPartition.ts"
import type { Allocate } from "../seams/LogFiles.ts"
import type { CompactionRequest, CompactionStats } from "./compaction/CompactionRequest.ts"
import type { ProducerStates } from "./ProducerStates.ts"
import type { RetentionPolicy } from "./retention.ts"

/**
 * Why a partition log cannot serve.
 *
 * - `NoSpace`, `Unavailable`: one change did not take place, for certain, and the log serves on as it was. The store has no
 *   room, or cannot be reached.
 * - `Unknown`: one change may have taken place; this log is of no more use, and the next open finds out.
 * - `Fenced`: the log has a newer leader.
 * - `Storage`, `Damaged`: the partition goes offline.
 */
export class LogStoreError extends Schema.TaggedError<LogStoreError>()("LogStoreError", {
  topic: Schema.String,
  partition: Schema.Number,
  reason: Schema.Literals(["Fenced", "Storage", "Damaged", "NoSpace", "Unavailable", "Unknown"]),
  message: Schema.String
}) {}

export type LogStoreReason = LogStoreError["reason"]

/** What a client is answered when a log cannot serve: to look for the newer leader, or to try again. */
export const errorCodeOf = (reason: LogStoreReason): ErrorCode =>
  reason === "Fenced" ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.KAFKA_STORAGE_ERROR

/** The settings of a topic that its logs follow; units as in Kafka's topic configs. */
export interface LogConfig {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly indexIntervalBytes: number
  readonly segmentIndexBytes: number
  readonly flushMessages: number
  readonly flushMs: number
  /** Whether compaction may have taken records, so that offsets may be missing between segments. */
  readonly isCompacted: boolean
  readonly fileDeleteDelayMs: number
}

export interface ReadOptions {
  readonly offset: number
  /** At most this many bytes, except that the first batch is returned whole when `minOneBatch`. */
  readonly maxBytes: number
  readonly minOneBatch: boolean
  /** Exclusive: batches that begin at or above it are not returned (high watermark, last stable offset or log end). */
  readonly upperBoundOffset: number
  /** Where the bytes are put when they are not handed out as they lie; new memory unless given. */
  readonly allocate?: Allocate | undefined
}

export interface ReadResult {
  /**
   * Stored bytes, beginning with the batch that contains the offset; may end in a truncated batch as in Kafka. Empty when
   * not even the first batch fits and it was not asked for whole. Never changed later.
   */
  readonly records: Uint8Array
  /** True when the returned bytes are not the end of what could be read below the bound. */
  readonly hasMore: boolean
}

/** What `ReadResult` has, as it lies in memory. */
export interface MemoryRead {
  /** The bytes in order, none empty. Each begins with a batch, and all but the last end with one. Never changed later. */
  readonly views: ReadonlyArray<Uint8Array>
  readonly hasMore: boolean
}

/** The reads of a log that has nothing at or above the offset. */
export const emptyRead: ReadResult = { records: new Uint8Array(0), hasMore: false }
export const emptyMemoryRead: MemoryRead = { views: [], hasMore: false }

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface TimestampAndOffset {
  readonly timestamp: number
  readonly offset: number
  /** Of the batch that holds the record; -1 when unknown. */
  readonly leaderEpoch: number
}

/**
 * The log of one partition, held by its one leader. All offsets are exact JavaScript integers. Methods are called by
 * one fiber at a time, except `read`, `offsetForTimestamp` and `flush`, which may overlap an append.
 */
export interface PartitionLog {
  readonly topicPartition: TopicPartition
  /** The epoch under which this log was opened for leadership; appends carry it. */
  readonly leaderEpoch: number
  readonly logStartOffset: number
  /** Next offset to be assigned. Moves only after the bytes reached the operating system. */
  readonly logEndOffset: number
  /** Exclusive end of what is known to be on stable storage. */
  readonly durableEndOffset: number
  /** Total bytes of all segments. */
  readonly sizeBytes: number
  /** State of every idempotent producer; changed only by `append` and recovery. */
  readonly producers: ProducerStates
  /**
   * Appends complete magic-2 batches, one per chunk, already validated and stamped with base offset (contiguous from
   * `logEndOffset`) and leader epoch. One vectored write unless a segment rolls. Then indexes, epochs and producer
   * states follow. A failure is final for this log, but for `NoSpace` and `Unavailable`: then it ends before the batches
   * that were not written.
   */
  append(batches: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogStoreError>
  /**
   * The usual append of a few small batches, done before it returns. False: nothing was appended, and `append` is to be
   * used, which also tells of failures. Absent where no append is that fast.
   */
  appendNow?(batches: ReadonlyArray<Uint8Array>): boolean
  read(options: ReadOptions): Effect.Effect<ReadResult, LogStoreError>
  /**
   * The read of recent appends from memory, done before it returns. Undefined: `read` is to be used, which also tells of
   * failures. Absent where no read is that fast.
   */
  readNow?(options: ReadOptions): MemoryRead | undefined
  /** Aborted transactions that overlap [`fetchOffset`, `upperBoundOffset`). Source: LocalLog.addAbortedTransactions. */
  abortedTransactions(fetchOffset: number, upperBoundOffset: number): Effect.Effect<
    ReadonlyArray<AbortedTransaction>,
    LogStoreError
  >
  /** The same from memory; undefined: `abortedTransactions` is to be used. Present where `readNow` is. */
  abortedTransactionsNow?(
    fetchOffset: number,
    upperBoundOffset: number
  ): ReadonlyArray<AbortedTransaction> | undefined
  /** First record at or after `timestamp`, in offset order; undefined when there is none. Source: UnifiedLog.fetchOffsetByTimestamp. */
  offsetForTimestamp(timestamp: number): Effect.Effect<TimestampAndOffset | undefined, LogStoreError>
  /** The record with the largest timestamp (earliest such). Source: UnifiedLog, ListOffsetsRequest.MAX_TIMESTAMP. */
  readonly maxTimestamp: Effect.Effect<TimestampAndOffset | undefined, LogStoreError>
  /** Source: LeaderEpochFileCache.endOffsetFor; (-1, -1) when unknown. */
  endOffsetForEpoch(leaderEpoch: number): { readonly leaderEpoch: number; readonly endOffset: number }
  /** Latest epoch with a record, -1 when there is none. */
  readonly latestEpoch: number
  /** The leader epoch of the record at `offset` (largest epoch that starts at or below it), -1 when unknown. */
  epochForOffset(offset: number): number
  /** Raises the log start offset (DeleteRecords) and removes segments wholly below it. */
  trim(newLogStartOffset: number): Effect.Effect<void, LogStoreError>
  /**
   * Removes the oldest segments that the policy does not keep, but nothing at or above `highWatermark`, and raises the log
   * start offset to what is left; gives the bytes that went. Source: UnifiedLog.deleteOldSegments.
   */
  retain(policy: RetentionPolicy, highWatermark: number, nowMs: number): Effect.Effect<number, LogStoreError>
  /**
   * One pass of compaction, when the policy calls for one; undefined when it does not. May overlap appends and reads, but
   * not another pass; the log must stay open meanwhile. `Damaged`: the log cannot be compacted as it is, and serves on.
   * Source: LogCleaner.
   */
  compact(request: CompactionRequest): Effect.Effect<CompactionStats | undefined, LogStoreError>
  /** Syncs everything appended before it begins, and moves `durableEndOffset` there; a failure is final for this log. */
  readonly flush: Effect.Effect<void, LogStoreError>
  /** Follows a changed topic config from the next append on. */
  updateConfig(config: LogConfig): void
  /** Writes what a clean shutdown leaves (trimmed indexes, producer snapshot) and closes the files. */
  readonly close: Effect.Effect<void, LogStoreError>
}

export interface OpenLogOptions {
  readonly topicPartition: TopicPartition
  /** Text form, as in `partition.metadata`. */
  readonly topicId: string
  /** The leadership under which to append; at or above every epoch in the log. */
  readonly leaderEpoch: number
  readonly config: LogConfig
}

export interface LogDescription {
  readonly topicPartition: TopicPartition
  readonly topicId: string | undefined
  readonly sizeBytes: number
  /** Largest leader epoch of its records, -1 when it has none; left out when unknown. Leadership begins above it. */
  readonly latestEpoch?: number
  /** Why the log cannot be opened, when a look at it shows that: its directory cannot be read, or it is gone. */
  readonly failure?: string
}

/**
 * The seam for partition logs. Fencing lives here: a log opened under an older epoch can no longer append.
 */
export class LogStore extends Context.Service<LogStore, {
  /**
   * Opens and recovers the log and takes leadership under `leaderEpoch`. A log that does not exist yet is empty, and made
   * by its first append.
   */
  open(options: OpenLogOptions): Effect.Effect<PartitionLog, LogStoreError>
  /**
   * Opens the log of a partition that has no files before it returns. Undefined: `open` is to be used. Absent where
   * nothing is known without a look at files.
   */
  openNow?(options: OpenLogOptions): PartitionLog | undefined
  /**
   * Removes the log of a deleted topic; no error when there is none. An open log, which nobody may use any more, is let go
   * of with its files: nothing of it is written or synced.
   */
  remove(topicPartition: TopicPartition): Effect.Effect<void, LogStoreError>
  /**
   * Puts logs aside that are not this broker's by the metadata, before any log is opened. Nothing is deleted; the names
   * that they have now are given by directory name, and none for what was already gone.
   */
  setAside(topicPartitions: ReadonlyArray<TopicPartition>): Effect.Effect<ReadonlyMap<string, string>, LogStoreError>
  /** What is stored, without opening anything; sizes in bytes. For DescribeLogDirs and for finding strays at start. */
  readonly describe: Effect.Effect<ReadonlyArray<LogDescription>, LogStoreError>
  /** The absolute path or label under which DescribeLogDirs reports this store. */
  readonly location: string
  /** Total and usable bytes of the volume, or -1 when unknown. */
  readonly volume: Effect.Effect<{ readonly totalBytes: number; readonly usableBytes: number }>
}>()("@kafka-broker/core/log/LogStore") {}
