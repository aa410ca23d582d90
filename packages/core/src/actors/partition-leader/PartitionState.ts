/**
 * What the machine of a partition leader is made of: its state, what happens to it, and what is to be done. The transitions
 * are in `PartitionMachine.ts`.
 */
import type { TopicSettings } from "../../config/TopicSettings.ts"
import type { LogStoreReason, PartitionLog } from "../../log/LogStore.ts"
import type { ProducerStates } from "../../log/ProducerStates.ts"
import type { ErrorCode } from "../../model/ErrorCode.ts"
import type { TopicPartition } from "../../model/TopicPartition.ts"
import type { CompressionCodecs } from "../../protocol/records/Compression.ts"
import type { AppendEntry, WriteGroup } from "./AppendPlan.ts"
import type { AppendResult } from "./AppendResult.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import type { PartitionView } from "./PartitionLeader.ts"
import type { Judged } from "./validateBatch.ts"

/** Work on the log that waits for its turn. The functions are for the shell; the machine never calls them. */
export interface TaskEntry {
  readonly _tag: "Task"
  /** Set when nothing waits for the task any more. */
  isCancelled: boolean
  /** Does the work, then calls `done`. */
  readonly run: (log: PartitionLog, view: PartitionView, done: () => void) => void
  /** Gives what the work gave or, when it was not done, the code to answer. */
  readonly answer: (refusal: ErrorCode | undefined) => void
}

/** What uses a log, or waits for its turn to use it. */
export type Work =
  | WriteGroup
  | TaskEntry
  /** The first batch in the queue is judged in slices. */
  | { readonly _tag: "Judge" }
  /** All partitions together have judged enough in this turn of the loop. */
  | { readonly _tag: "AwaitTurn" }

export type Entry = AppendEntry | TaskEntry

/** What the machine learns of an open log with the events that change it. `PartitionLog` has it. */
export interface LogFacts {
  readonly leaderEpoch: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly durableEndOffset: number
  readonly producers: ProducerStates
}

/** The appends of one write that wait for stable storage. */
export interface WaitingWrite {
  readonly group: WriteGroup
  readonly writtenAtMs: number
  /** Offset of the first record that readers may not see before the sync; -1 when the write only repeats older ones. */
  readonly heldFromOffset: number
  /** Exclusive end of what must be durable before the appends are answered. */
  endOffset: number
  /** Those not answered yet, by their places in `group`. */
  places: ReadonlyArray<number>
  /** When the first of `places` times out; Infinity when none is left. */
  dueMs: number
}

/** What is known of a log from its opening to its closing. */
export interface OpenLog {
  /** The epoch under which it was opened. */
  readonly leaderEpoch: number
  logStartOffset: number
  logEndOffset: number
  durableEndOffset: number
  /** Every producer with its last batches and its open transaction, as the log has replayed them. */
  producers: ProducerStates
  /** What the log is busy with, if anything. */
  work: Work | undefined
  /** Writes with appends that wait for stable storage, oldest first. */
  waiting: Array<WaitingWrite>
  /** Exclusive end of what the sync under way must cover; -1 when none is. */
  syncEndOffset: number
  /** Reads under way beside the actor; the log is not closed under them. */
  readers: number
}

/** The life of the log. */
export type Life =
  /** No log. Queued work opens it at the next tick. */
  | { readonly _tag: "Closed" }
  | { readonly _tag: "Opening" }
  | { readonly _tag: "Open"; readonly log: OpenLog }
  /** No new work begins. Once nothing uses the log any more it is closed: `isLast` says that the close has begun. */
  | { readonly _tag: "Closing"; readonly log: OpenLog; isLast: boolean }

/** What callers are answered. */
export type Service =
  | { readonly _tag: "Online" }
  /** Out of service until the partition is led under a new epoch or the broker starts again. Source: HostedPartition.Offline. */
  | { readonly _tag: "Failed"; readonly errorCode: ErrorCode }
  /** This broker does not lead the partition any more. */
  | { readonly _tag: "Stopped"; readonly errorCode: ErrorCode }

/** The whole state of a led partition; changed by `step` alone. */
export interface PartitionState {
  readonly topicPartition: TopicPartition
  readonly codecs: CompressionCodecs
  /** Counts what all partitions judge in one turn of the loop. */
  readonly turn: BatchCheck["turn"]
  /** `kafka.broker.acks.all.durability`: whether an append with acks -1 is answered once it is on stable storage. */
  readonly isAcksAllSynced: boolean
  leaderEpoch: number
  settings: TopicSettings
  isUnderMinIsr: boolean
  life: Life
  service: Service
  /** What waits for its turn, in order, from `queueAt` on. Bounded by entries and by bytes. */
  queue: Array<Entry>
  queueAt: number
  queueBytes: number
  /** What the first batch of the queue was judged in slices. */
  judged: { readonly append: AppendEntry; readonly outcome: Judged } | undefined
  isTickAsked: boolean
  /** What readers may see; undefined while the log is closed or lost. */
  view: PartitionView | undefined
}

/** What happens to a partition. Times are in milliseconds since the epoch. */
export type PartitionEvent =
  | AppendEntry
  | TaskEntry
  /** The end of the burst of input in which something was queued. */
  | { readonly _tag: "Tick"; readonly nowMs: number }
  | {
    readonly _tag: "Opened"
    readonly log: LogFacts
    readonly producerExpirationMs: number
    readonly nowMs: number
  }
  | { readonly _tag: "OpenFailed"; readonly reason: LogStoreReason; readonly cause: unknown; readonly nowMs: number }
  | { readonly _tag: "Written"; readonly log: LogFacts; readonly nowMs: number }
  | {
    readonly _tag: "WriteFailed"
    readonly reason: LogStoreReason
    readonly cause: unknown
    readonly log: LogFacts
    readonly nowMs: number
  }
  | { readonly _tag: "TaskDone"; readonly log: LogFacts; readonly nowMs: number }
  | { readonly _tag: "Judged"; readonly append: AppendEntry; readonly outcome: Judged; readonly nowMs: number }
  | { readonly _tag: "NextTurn"; readonly nowMs: number }
  | { readonly _tag: "Synced"; readonly log: LogFacts; readonly nowMs: number }
  | { readonly _tag: "SyncFailed"; readonly reason: LogStoreReason; readonly cause: unknown; readonly nowMs: number }
  | { readonly _tag: "LogClosed"; readonly nowMs: number }
  | { readonly _tag: "CloseFailed"; readonly reason: LogStoreReason; readonly cause: unknown; readonly nowMs: number }
  /** A read beside the actor begins, in an open log, or ends. */
  | { readonly _tag: "ReadBegun" }
  | { readonly _tag: "ReadEnded"; readonly log: OpenLog; readonly nowMs: number }
  /** A deadline of a waiting append may have come. */
  | { readonly _tag: "Expire"; readonly nowMs: number }
  | { readonly _tag: "ExpireProducers"; readonly producerExpirationMs: number; readonly nowMs: number }
  /** Topic configs or in-sync replicas changed. */
  | { readonly _tag: "Follow"; readonly settings: TopicSettings; readonly isUnderMinIsr: boolean }
  | { readonly _tag: "ChangeEpoch"; readonly leaderEpoch: number; readonly nowMs: number }
  /** The partition was not used for long. */
  | { readonly _tag: "Rest"; readonly nowMs: number }
  | { readonly _tag: "Stop"; readonly errorCode: ErrorCode; readonly nowMs: number }
  /** A mistake of the program: nothing may wait for ever because of it. */
  | { readonly _tag: "Crash"; readonly cause: unknown }

/** What is to be done, in order. Each of Open, Write, Run, Judge, AwaitTurn, Sync and Close leads to an event of its own. */
export type PartitionEffect =
  | { readonly _tag: "AskTick" }
  | { readonly _tag: "Open" }
  | { readonly _tag: "Write"; readonly chunks: ReadonlyArray<Uint8Array> }
  | { readonly _tag: "Run"; readonly task: TaskEntry; readonly view: PartitionView }
  | { readonly _tag: "Judge"; readonly append: AppendEntry; readonly check: BatchCheck }
  | { readonly _tag: "AwaitTurn" }
  | { readonly _tag: "Sync" }
  | { readonly _tag: "Close" }
  /** Lets go of a log that is not closed: the store removes it, or nothing is known of it. */
  | { readonly _tag: "Drop" }
  | { readonly _tag: "Answer"; readonly append: AppendEntry; readonly result: AppendResult }
  | { readonly _tag: "AnswerTask"; readonly task: TaskEntry; readonly refusal: ErrorCode | undefined }
  /** Tells the watchers what readers may see now. */
  | { readonly _tag: "Show"; readonly view: PartitionView | undefined; readonly addedBytes: number }
  /** Asks for an Expire at `dueMs` or before; Infinity when nothing waits any more. */
  | { readonly _tag: "Deadline"; readonly dueMs: number }
  | { readonly _tag: "Report"; readonly message: string; readonly cause: unknown }
  /** A stopped partition has done what it had accepted, and its log is closed. */
  | { readonly _tag: "Ended" }

/** The queue of all partitions in which nothing waits, so that a cold partition holds none. */
export const noEntries: Array<Entry> = []
export const closed: Life = { _tag: "Closed" }
export const online: Service = { _tag: "Online" }

/** A partition of which nothing was asked yet. */
export const initialState = (
  options: Pick<
    PartitionState,
    "topicPartition" | "codecs" | "turn" | "isAcksAllSynced" | "leaderEpoch" | "settings"
  >
): PartitionState => ({
  topicPartition: options.topicPartition,
  codecs: options.codecs,
  turn: options.turn,
  isAcksAllSynced: options.isAcksAllSynced,
  leaderEpoch: options.leaderEpoch,
  settings: options.settings,
  isUnderMinIsr: false,
  life: closed,
  service: online,
  queue: noEntries,
  queueAt: 0,
  queueBytes: 0,
  judged: undefined,
  isTickAsked: false,
  view: undefined
})

/** Why new work is refused, or undefined. */
export const refusalOf = ({ service }: PartitionState): ErrorCode | undefined =>
  service._tag === "Online" ? undefined : service.errorCode

/** What readers may see; undefined as soon as the partition does not serve, not only once its log is closed. */
export const viewOf = ({ service, view }: PartitionState): PartitionView | undefined =>
  service._tag === "Online" ? view : undefined

/** When the first waiting append times out; Infinity when none waits. */
export const dueMsOf = ({ life }: PartitionState): number => {
  let dueMs = Infinity
  if ("log" in life) { for (const write of life.log.waiting) dueMs = Math.min(dueMs, write.dueMs) }
  return dueMs
}
