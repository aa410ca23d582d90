import { Context } from "effect"
import type { Effect } from "effect"
import type { TopicPartition } from "../../model/TopicPartition.ts"
import type { ErrorCode } from "../../model/ErrorCode.ts"
import type { PartitionLog } from "../../log/LogStore.ts"

/** One record of a batch that was refused. Source: ProduceResponse.RecordError. */
export interface RecordError {
  readonly batchIndex: number
  readonly batchIndexErrorMessage: string | null
}

/** How an append ended; the fields are those of a partition's Produce response. */
export interface AppendResult {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly recordErrors: ReadonlyArray<RecordError>
  readonly baseOffset: number
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
}

export interface AppendOptions {
  /** 0 and 1 complete after the write reached the operating system, -1 once the high watermark passed it. */
  readonly acks: number
  readonly timeoutMs: number
  /** `Client` is checked as Kafka checks producers; `Coordinator` may write control batches and internal topics. */
  readonly origin: "Client" | "Coordinator"
}

/**
 * The leader of one partition as other parts see it: a handle on its mailbox. The actor's fiber and log come to life on
 * first use and are put to rest when idle.
 */
export interface PartitionLeader {
  readonly topicPartition: TopicPartition
  readonly leaderEpoch: number
  /**
   * Queues one complete magic-2 batch. Appends of one partition happen in the order of these calls, gathered into one
   * write at the end of the tick. `complete` is called exactly once and must not throw. The bytes must not be changed
   * by the caller afterwards: base offset and leader epoch are patched in place.
   */
  readonly append: (batch: Uint8Array, options: AppendOptions, complete: (result: AppendResult) => void) => void
  /**
   * Runs `use` on the partition's log inside the actor, after everything queued before it. Fails with the error code to
   * answer when the log cannot be opened.
   */
  readonly withLog: <A>(use: (log: PartitionLog, view: PartitionView) => Effect.Effect<A, ErrorCode>) => Effect.Effect<
    A,
    ErrorCode
  >
}

/** The offsets a leader shows to readers. */
export interface PartitionView {
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logEndOffset: number
  readonly leaderEpoch: number
}

/** The partition leaders that live in this broker. */
export class PartitionLeaders extends Context.Service<PartitionLeaders, {
  /** The leader, or undefined when this broker does not lead the partition. A plain map look-up. */
  readonly find: (topic: string, partition: number) => PartitionLeader | undefined
}>()("@kafka-broker/core/actors/partition-leader/PartitionLeaders") {}
