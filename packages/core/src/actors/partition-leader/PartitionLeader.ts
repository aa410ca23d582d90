import type { Effect } from "effect"
import type { TopicSettings } from "../../config/TopicSettings.ts"
import type { PartitionLog } from "../../log/LogStore.ts"
import type { ErrorCode } from "../../model/ErrorCode.ts"
import type { TopicPartition } from "../../model/TopicPartition.ts"
import type { AppendResult } from "./AppendResult.ts"

export type { AppendResult } from "./AppendResult.ts"

/**
 * Who appends. What comes from clients is checked as Kafka checks producers; coordinators may write control batches.
 *
 * - `Client`: a batch of no transaction, or of one that is open on the partition already.
 * - `VerifiedClient`: the coordinator verified that the partition is in the batch's transaction.
 * - `AddedClient`: the coordinator added the partition to the batch's transaction for this write (KIP-890).
 * - `Coordinator`: records of a coordinator, and markers.
 * - `BumpedMarker`: a marker under an epoch above that of its transaction (KIP-890, KIP-1228).
 */
export type AppendOrigin = "Client" | "VerifiedClient" | "AddedClient" | "Coordinator" | "BumpedMarker"

/** Whether the batch was made by a client. */
export const isFromClient = (origin: AppendOrigin): boolean => origin !== "Coordinator" && origin !== "BumpedMarker"

export interface AppendOptions {
  /** 0 and 1 complete after the write reached the operating system, -1 once the batch is on stable storage as well. */
  readonly acks: number
  /** How long an append with acks -1 may wait after its write; then it is answered 7 and stays in the log. */
  readonly timeoutMs: number
  readonly origin: AppendOrigin
  /** What the batches of one request hold together, as far as it had to be decompressed in slices; changed by the leaders. */
  readonly request?: { decompressedBytes: number }
}

/** The offsets a leader shows to readers. */
export interface PartitionView {
  readonly logStartOffset: number
  /** Exclusive end of what every reader may see: the log end, or where what waits for stable storage begins. */
  readonly highWatermark: number
  /** Exclusive end of what `read_committed` readers may see; never above the high watermark. */
  readonly lastStableOffset: number
  readonly logEndOffset: number
  readonly leaderEpoch: number
}

/** Somebody who waits for the readable end of a partition to move. Called inside the actor; must not throw. */
export interface ViewWatcher {
  /** `addedBytes` were appended since the last call. `undefined`: the partition cannot serve any more. */
  readonly onViewChange: (leader: PartitionLeader, view: PartitionView | undefined, addedBytes: number) => void
}

/**
 * The leader of one partition as other parts see it: a handle on its mailbox. The actor's fiber and log come to life on
 * first use and are put to rest when idle.
 */
export interface PartitionLeader {
  readonly topicPartition: TopicPartition
  /** Text form. */
  readonly topicId: string
  readonly leaderEpoch: number
  /** The topic's configs in force. */
  readonly settings: TopicSettings
  /**
   * Queues one complete magic-2 batch. Appends of one partition happen in the order of these calls, gathered into one
   * write at the end of the tick. `complete` is called exactly once and must not throw. The bytes must not be changed
   * by the caller afterwards: base offset, leader epoch and timestamps are patched in place.
   *
   * Back-pressure is the connections' bound on unanswered requests; should that fail, a mailbox above
   * `PartitionLeaderLimits` refuses with (19), which every client sends again.
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
  /**
   * Runs `use` on the log beside the actor: for reads, which may overlap appends. The log stays open meanwhile. Fails
   * with the error code to answer when the log cannot be opened.
   */
  readonly reading: <A>(use: (log: PartitionLog, view: PartitionView) => Effect.Effect<A, ErrorCode>) => Effect.Effect<
    A,
    ErrorCode
  >
  /**
   * The log, for reads that end before control is given back: nothing keeps it open. Undefined when it is not open;
   * `reading` then opens it, or tells why not.
   */
  readonly readableLog: PartitionLog | undefined
  /** What readers may see now; undefined while the log is closed. */
  readonly view: PartitionView | undefined
  /** Tells the watcher of every change of the view until {@link unwatch}. */
  readonly watch: (watcher: ViewWatcher) => void
  readonly unwatch: (watcher: ViewWatcher) => void
}
