import type { CompactionRequest, CompactionStats } from "./compaction/CompactionRequest.ts"
import type { RetentionPolicy } from "./retention.ts"
import { Effect, Latch } from "effect"
import type { TopicPartition } from "../model/TopicPartition.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import type { FilePartitionLog } from "./FilePartitionLog.ts"
import { LeaderEpochs } from "./LeaderEpochs.ts"
import type { LeaderEpochEnd } from "./LeaderEpochs.ts"
import { emptyMemoryRead, emptyRead, LogStoreError } from "./LogStore.ts"
import type {
  AbortedTransaction,
  LogConfig,
  MemoryRead,
  OpenLogOptions,
  PartitionLog,
  ReadOptions,
  ReadResult,
  TimestampAndOffset
} from "./LogStore.ts"
import { ProducerStates } from "./ProducerStates.ts"
import type { LogDamagedError } from "./recoverSegment.ts"
import { closedLogError } from "./storeError.ts"

/** What the store does for a log without files. */
export interface NewPartitionLogOwner {
  /** Makes directory and files, and opens them. */
  readonly makeLog: (
    request: OpenLogOptions
  ) => Effect.Effect<FilePartitionLog, LogFilesError | LogDamagedError | LogStoreError>
  /** Told when the log was closed without ever having had files. */
  readonly onNewLogClosed: (log: NewPartitionLog) => void
}

const noEpochs = new LeaderEpochs()
/** Producers are changed by appends only, and those find the log made. */
const noProducers = new ProducerStates()

/**
 * The log of a partition that has no directory: empty, and nothing of it is written before the first append makes it.
 * From then on it is that log. When it cannot be made for want of space, the append is refused, and the next one tries
 * again; any other failure is final, as that of an append.
 */
export class NewPartitionLog implements PartitionLog {
  readonly topicPartition: TopicPartition
  readonly leaderEpoch: number
  readonly #owner: NewPartitionLogOwner
  #request: OpenLogOptions
  #log: FilePartitionLog | undefined = undefined
  #failure: LogStoreError | undefined = undefined
  /** There and closed while the log is being made. */
  #making: Latch.Latch | undefined = undefined

  constructor(request: OpenLogOptions, owner: NewPartitionLogOwner) {
    this.topicPartition = request.topicPartition
    this.leaderEpoch = request.leaderEpoch
    this.#request = request
    this.#owner = owner
  }

  get logStartOffset(): number {
    return this.#log?.logStartOffset ?? 0
  }

  get logEndOffset(): number {
    return this.#log?.logEndOffset ?? 0
  }

  get durableEndOffset(): number {
    return this.#log?.durableEndOffset ?? 0
  }

  get sizeBytes(): number {
    return this.#log?.sizeBytes ?? 0
  }

  get producers(): ProducerStates {
    return this.#log?.producers ?? noProducers
  }

  get latestEpoch(): number {
    return this.#log?.latestEpoch ?? -1
  }

  append(batches: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogStoreError> {
    return this.#log?.append(batches) ??
      // A log that is half made by an interrupted append would be nobody's.
      Effect.uninterruptible(Effect.flatMap(this.#make, (log) => log.append(batches)))
  }

  appendNow(batches: ReadonlyArray<Uint8Array>): boolean {
    return this.#log?.appendNow(batches) ?? false
  }

  read(options: ReadOptions): Effect.Effect<ReadResult, LogStoreError> {
    return this.#log?.read(options) ?? Effect.succeed(emptyRead)
  }

  readNow(options: ReadOptions): MemoryRead | undefined {
    return this.#log === undefined ? emptyMemoryRead : this.#log.readNow(options)
  }

  abortedTransactions(
    fetchOffset: number,
    upperBoundOffset: number
  ): Effect.Effect<ReadonlyArray<AbortedTransaction>, LogStoreError> {
    return this.#log?.abortedTransactions(fetchOffset, upperBoundOffset) ?? Effect.succeed([])
  }

  abortedTransactionsNow(
    fetchOffset: number,
    upperBoundOffset: number
  ): ReadonlyArray<AbortedTransaction> | undefined {
    return this.#log === undefined ? [] : this.#log.abortedTransactionsNow(fetchOffset, upperBoundOffset)
  }

  offsetForTimestamp(timestamp: number): Effect.Effect<TimestampAndOffset | undefined, LogStoreError> {
    return this.#log?.offsetForTimestamp(timestamp) ?? Effect.succeed(undefined)
  }

  get maxTimestamp(): Effect.Effect<TimestampAndOffset | undefined, LogStoreError> {
    return this.#log?.maxTimestamp ?? Effect.succeed(undefined)
  }

  endOffsetForEpoch(leaderEpoch: number): LeaderEpochEnd {
    return this.#log?.endOffsetForEpoch(leaderEpoch) ?? noEpochs.endOffsetFor(leaderEpoch, this.leaderEpoch, 0)
  }

  epochForOffset(offset: number): number {
    return this.#log?.epochForOffset(offset) ?? -1
  }

  /** Below an empty log there is nothing to remove. */
  trim(newLogStartOffset: number): Effect.Effect<void, LogStoreError> {
    return this.#log?.trim(newLogStartOffset) ??
      (newLogStartOffset <= 0 ? Effect.void : Effect.flatMap(this.#make, (log) => log.trim(newLogStartOffset)))
  }

  /** An empty log keeps nothing too long. */
  retain(policy: RetentionPolicy, highWatermark: number, nowMs: number): Effect.Effect<number, LogStoreError> {
    return this.#log?.retain(policy, highWatermark, nowMs) ?? Effect.succeed(0)
  }

  compact(request: CompactionRequest): Effect.Effect<CompactionStats | undefined, LogStoreError> {
    return this.#log?.compact(request) ?? Effect.succeed(undefined)
  }

  get flush(): Effect.Effect<void, LogStoreError> {
    return Effect.suspend(() => this.#log?.flush ?? Effect.void)
  }

  updateConfig(config: LogConfig): void {
    this.#request = { ...this.#request, config }
    this.#log?.updateConfig(config)
  }

  get close(): Effect.Effect<void, LogStoreError> {
    return Effect.suspend(() => this.#log?.close ?? Effect.sync(() => this.#end("Storage", "the log is closed")))
  }

  /**
   * Takes the log away from its holder before it was made: nothing can be appended any more. Waits while it is being
   * made; what then has files is fenced by itself.
   */
  get fence(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#end("Fenced", "the log was opened under a newer leadership")
      return this.#making?.await ?? Effect.void
    })
  }

  #end(reason: "Fenced" | "Storage", message: string): void {
    this.#failure ??= new LogStoreError({ ...this.topicPartition, reason, message })
    this.#owner.onNewLogClosed(this)
  }

  get #make(): Effect.Effect<FilePartitionLog, LogStoreError> {
    return Effect.suspend(() => {
      if (this.#failure !== undefined) return Effect.fail(this.#failure)
      const making = Latch.makeUnsafe(false)
      this.#making = making
      return this.#owner.makeLog(this.#request).pipe(
        Effect.flatMap((log) => {
          this.#log = log
          log.updateConfig(this.#request.config)
          return this.#failure === undefined ? Effect.succeed(log) : Effect.fail(this.#failure)
        }),
        Effect.catch((error) => {
          const failure = error._tag === "LogStoreError" ? error : closedLogError(this.topicPartition, error)
          if (failure.reason !== "NoSpace") this.#failure ??= failure
          return Effect.fail(failure)
        }),
        Effect.ensuring(Effect.sync(() => {
          this.#making = undefined
          making.openUnsafe()
        }))
      )
    })
  }
}
