import type { ErrorCode } from "../../model/ErrorCode.ts"
import type { ReplyTo } from "../coordinator-runtime/CoordinatorMachine.ts"
import type { TransactionTopic } from "./Transaction.ts"

/** An InitProducerId with a transactional id. */
export interface InitProducerIdCommand {
  readonly _tag: "InitProducerId"
  readonly replyTo: ReplyTo
  readonly transactionalId: string
  readonly timeoutMs: number
  /** The id and epoch that the producer has; undefined for a producer that starts. */
  readonly expected: { readonly producerId: number; readonly producerEpoch: number } | undefined
  /** Whether the broker's own aborts bump the epoch: `transaction.version` is 2 or above. */
  readonly supportsEpochBump: boolean
  /** An id that no producer had; undefined until the machine asks for one. */
  readonly freshProducerId: number | undefined
}

/** An AddPartitionsToTxn, an AddOffsetsToTxn, or a write that adds its partition by itself. */
export interface AddPartitionsCommand {
  readonly _tag: "AddPartitions"
  readonly replyTo: ReplyTo
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly topics: ReadonlyArray<TransactionTopic>
  readonly clientTransactionVersion: number
}

/** An EndTxn. */
export interface EndTransactionCommand {
  readonly _tag: "EndTransaction"
  readonly replyTo: ReplyTo
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly isCommit: boolean
  readonly clientTransactionVersion: number
  readonly freshProducerId: number | undefined
}

/** The search for transactions that took too long found this one. */
export interface TimeOutCommand {
  readonly _tag: "TimeOut"
  readonly replyTo: ReplyTo
  readonly transactionalId: string
  readonly supportsEpochBump: boolean
  readonly freshProducerId: number | undefined
}

/** All partitions have the marker of the transaction that was prepared under this epoch. */
export interface MarkersWrittenCommand {
  readonly _tag: "MarkersWritten"
  readonly replyTo: ReplyTo
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** The search for unused transactional ids found this one. */
export interface ExpireCommand {
  readonly _tag: "Expire"
  readonly transactionalId: string
  readonly expirationMs: number
}

/** The coordinator was loaded: what was prepared is completed. */
export interface LoadedCommand {
  readonly _tag: "Loaded"
  readonly transactionalId: string
}

/** What can be asked of a transactional id. */
export type TransactionCommand =
  | InitProducerIdCommand
  | AddPartitionsCommand
  | EndTransactionCommand
  | TimeOutCommand
  | MarkersWrittenCommand
  | ExpireCommand
  | LoadedCommand

/** Answer with the id and epoch that the producer goes on with; both -1 on an error. */
export interface ProducerReply {
  readonly _tag: "Producer"
  readonly errorCode: ErrorCode
  readonly producerId: number
  readonly producerEpoch: number
}

/** An answer; `NeedsProducerId` asks for the same command with a fresh producer id. */
export type TransactionReply =
  | ProducerReply
  | { readonly _tag: "Code"; readonly errorCode: ErrorCode }
  | { readonly _tag: "NeedsProducerId" }

/** A transaction is prepared on the log: its partitions get their markers. */
export interface MarkersWanted {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly isCommit: boolean
  readonly topics: ReadonlyArray<TransactionTopic>
  readonly clientTransactionVersion: number
}
