import { ErrorCode } from "../../model/ErrorCode.ts"
import type { CoordinatorDecision, ReplyTo } from "../coordinator-runtime/CoordinatorMachine.ts"
import {
  type LoggedTransaction,
  type Transaction,
  type TransactionPartitionState,
  type TransactionRecord,
  validPreviousStates
} from "./Transaction.ts"
import type { MarkersWanted, TransactionCommand, TransactionReply } from "./TransactionCommand.ts"

/** What of a transactional id changes without a record. */
export interface TransactionSoft {
  readonly transactionalId: string
  readonly lastProducerEpoch: number
}

/** The types of the transaction coordinator. */
export interface TransactionCoordination {
  readonly State: TransactionPartitionState
  readonly Command: TransactionCommand
  readonly Record: TransactionRecord
  readonly Reply: TransactionReply
  readonly Deadline: never
  readonly Event: MarkersWanted
  readonly Soft: TransactionSoft
}

/** What a command comes to. */
export type TransactionDecision = CoordinatorDecision<TransactionCoordination>

/** The decision that does nothing. */
export const nothing: TransactionDecision = { records: [], effects: [], soft: undefined }

const answerOnly = (to: ReplyTo, reply: TransactionReply): TransactionDecision => ({
  records: [],
  effects: [{ _tag: "Reply", to, reply }],
  soft: undefined
})

/** Answers a code alone. */
export const answerCode = (to: ReplyTo, errorCode: ErrorCode): TransactionDecision =>
  answerOnly(to, { _tag: "Code", errorCode })

/** Asks for the command again, with a producer id that no producer had. */
export const needsProducerId = (to: ReplyTo): TransactionDecision => answerOnly(to, { _tag: "NeedsProducerId" })

/** An answer to a producer that goes on. */
export const producerReply = (producerId: number, producerEpoch: number): TransactionReply => ({
  _tag: "Producer",
  errorCode: ErrorCode.NONE,
  producerId,
  producerEpoch
})

/** An answer to a producer that is refused. */
export const producerError = (errorCode: ErrorCode): TransactionReply => ({
  _tag: "Producer",
  errorCode,
  producerId: -1,
  producerEpoch: -1
})

/** A decision that only answers a producer. */
export const answerProducer = (to: ReplyTo, reply: TransactionReply): TransactionDecision => answerOnly(to, reply)

/** What a transition of a transactional id does. */
export interface Transition {
  readonly transactionalId: string
  /** The state before; undefined for a new id. */
  readonly from: Transaction | undefined
  readonly to: LoggedTransaction
  readonly lastProducerEpoch: number
  readonly reply?: { readonly to: ReplyTo; readonly reply: TransactionReply }
}

/** The event of a prepared transaction; undefined in any other state. */
export const markersWanted = (transactionalId: string, value: LoggedTransaction): MarkersWanted | undefined =>
  value.state !== "PrepareCommit" && value.state !== "PrepareAbort" ? undefined : {
    transactionalId,
    producerId: value.producerId,
    producerEpoch: value.producerEpoch,
    isCommit: value.state === "PrepareCommit",
    topics: value.topics,
    clientTransactionVersion: value.clientTransactionVersion
  }

/** The decision of a transition; a state that may not follow is a broken invariant. */
export const transition = (
  { from, lastProducerEpoch, reply, to, transactionalId }: Transition
): TransactionDecision => {
  if (from !== undefined && !validPreviousStates[to.state].includes(from.state)) {
    throw new Error(`Transaction of ${transactionalId} cannot go from ${from.state} to ${to.state}`)
  }
  const event = markersWanted(transactionalId, to)
  return {
    records: [{ transactionalId, value: to }],
    effects: [
      ...(reply === undefined ? [] : [{ _tag: "Reply", ...reply } as const]),
      ...(event === undefined ? [] : [{ _tag: "Emit", event } as const])
    ],
    soft: { transactionalId, lastProducerEpoch }
  }
}
