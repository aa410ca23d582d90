import { ErrorCode } from "../../model/ErrorCode.ts"
import type { ReplyTo } from "../coordinator-runtime/CoordinatorMachine.ts"
import { isEpochExhausted, type LoggedTransaction, type Transaction } from "./Transaction.ts"
import type {
  EndTransactionCommand,
  MarkersWrittenCommand,
  TimeOutCommand,
  TransactionReply
} from "./TransactionCommand.ts"
import {
  answerCode,
  answerProducer,
  needsProducerId,
  producerError,
  producerReply,
  type TransactionDecision,
  transition
} from "./TransactionDecision.ts"

/** From this protocol on every end of a transaction bumps the epoch. Source: KIP-890. */
const epochBumpVersion = 2
/** The epoch of fencing, which no producer is given. */
const lastEpoch = 32767

/** How a transaction is to end. */
interface Ending {
  readonly isCommit: boolean
  /** The bump of KIP-890, at the request of its client or for the broker's own reasons. */
  readonly bumpsEpoch: boolean
  readonly replyTo: ReplyTo
  readonly freshProducerId: number | undefined
  /** Instead of the id and epoch that the producer goes on with. */
  readonly reply?: TransactionReply
}

/** What the producer has once the transaction is complete. Source: TransactionMetadata.prepareComplete. */
const afterCompletion = (prepared: LoggedTransaction) =>
  prepared.clientTransactionVersion >= epochBumpVersion && prepared.nextProducerId !== -1
    ? { producerId: prepared.nextProducerId, producerEpoch: 0 }
    : { producerId: prepared.producerId, producerEpoch: prepared.producerEpoch }

/** Prepares the end: once it is on the log, the end is certain. Source: TransactionMetadata.prepareAbortOrCommit. */
const prepare = (transaction: Transaction, ending: Ending, nowMs: number): TransactionDecision => {
  const { bumpsEpoch, freshProducerId, isCommit, replyTo } = ending
  const { lastProducerEpoch, transactionalId, ...logged } = transaction
  const changesId = bumpsEpoch && isEpochExhausted(logged.producerEpoch)
  if (changesId && freshProducerId === undefined) return needsProducerId(replyTo)
  const hasPartitions = logged.state === "Ongoing"
  const to: LoggedTransaction = {
    ...logged,
    state: isCommit ? "PrepareCommit" : "PrepareAbort",
    previousProducerId: logged.producerId,
    nextProducerId: changesId && freshProducerId !== undefined ? freshProducerId : -1,
    producerEpoch: bumpsEpoch ? Math.min(logged.producerEpoch + 1, lastEpoch) : logged.producerEpoch,
    topics: hasPartitions ? logged.topics : [],
    startMs: hasPartitions ? logged.startMs : nowMs,
    lastUpdateMs: nowMs,
    clientTransactionVersion: bumpsEpoch ? epochBumpVersion : 0
  }
  const next = afterCompletion(to)
  return transition({
    transactionalId,
    from: transaction,
    to,
    lastProducerEpoch: bumpsEpoch ? logged.producerEpoch : lastProducerEpoch,
    reply: { to: replyTo, reply: ending.reply ?? producerReply(next.producerId, next.producerEpoch) }
  })
}

/**
 * Aborts an ongoing transaction for the broker's own reasons, and fences its producer by another epoch. Source:
 * TransactionMetadata.prepareFenceProducerEpoch, TransactionCoordinator.endTransaction.
 */
export const abort = (
  transaction: Transaction,
  command: Pick<TimeOutCommand, "replyTo" | "supportsEpochBump" | "freshProducerId">,
  nowMs: number,
  reply: TransactionReply
): TransactionDecision => {
  const { freshProducerId, replyTo, supportsEpochBump } = command
  const ending = { isCommit: false, bumpsEpoch: supportsEpochBump, replyTo, freshProducerId, reply }
  if (supportsEpochBump) return prepare(transaction, ending, nowMs)
  const producerEpoch = Math.min(transaction.producerEpoch + 1, lastEpoch)
  const decision = prepare({ ...transaction, producerEpoch }, ending, nowMs)
  return { ...decision, soft: { transactionalId: transaction.transactionalId, lastProducerEpoch: -1 } }
}

/** What an EndTxn comes to that does not begin an end. */
const outcome = {
  /** The end was done before: its answer was lost. */
  Done: ErrorCode.NONE,
  Invalid: ErrorCode.INVALID_TXN_STATE,
  Concurrent: ErrorCode.CONCURRENT_TRANSACTIONS,
  Fenced: ErrorCode.PRODUCER_FENCED
} as const

/** `Prepare` begins the end. */
type Outcome = keyof typeof outcome | "Prepare"

type Row = { readonly commit: Outcome; readonly abort: Outcome }

/** EndTxn before version 5, by state. Source: TransactionCoordinator.endTransactionWithTV1. */
const endWithoutBump: Readonly<Record<Transaction["state"], Row>> = {
  Ongoing: { commit: "Prepare", abort: "Prepare" },
  CompleteCommit: { commit: "Done", abort: "Invalid" },
  CompleteAbort: { commit: "Invalid", abort: "Done" },
  PrepareCommit: { commit: "Concurrent", abort: "Invalid" },
  PrepareAbort: { commit: "Invalid", abort: "Concurrent" },
  Empty: { commit: "Invalid", abort: "Invalid" }
}

/** EndTxn from version 5, by state, for a request and for one that comes again. Source: TransactionCoordinator.endTransaction. */
const endWithBump: Readonly<Record<Transaction["state"], { readonly current: Row; readonly retry: Row }>> = {
  Ongoing: {
    current: { commit: "Prepare", abort: "Prepare" },
    retry: { commit: "Fenced", abort: "Fenced" }
  },
  Empty: {
    current: { commit: "Invalid", abort: "Prepare" },
    retry: { commit: "Fenced", abort: "Fenced" }
  },
  CompleteCommit: {
    current: { commit: "Invalid", abort: "Prepare" },
    retry: { commit: "Done", abort: "Invalid" }
  },
  CompleteAbort: {
    current: { commit: "Invalid", abort: "Prepare" },
    retry: { commit: "Invalid", abort: "Done" }
  },
  PrepareCommit: {
    current: { commit: "Fenced", abort: "Fenced" },
    retry: { commit: "Concurrent", abort: "Invalid" }
  },
  PrepareAbort: {
    current: { commit: "Fenced", abort: "Fenced" },
    retry: { commit: "Invalid", abort: "Concurrent" }
  }
}

/** Whether an EndTxn comes again: its answer, with the next epoch, was lost. */
const isRetry = (transaction: Transaction, { producerEpoch, producerId }: EndTransactionCommand): boolean => {
  if (producerId === transaction.producerId) return transaction.producerEpoch === producerEpoch + 1
  return producerId === transaction.previousProducerId && isEpochExhausted(producerEpoch) &&
    transaction.producerEpoch === 0
}

const outcomeOf = (transaction: Transaction, command: EndTransactionCommand): Outcome => {
  const way = command.isCommit ? "commit" : "abort"
  if (command.clientTransactionVersion < epochBumpVersion) {
    return command.producerEpoch === transaction.producerEpoch ? endWithoutBump[transaction.state][way] : "Fenced"
  }
  const retry = isRetry(transaction, command)
  if (!retry && command.producerEpoch !== transaction.producerEpoch) return "Fenced"
  return endWithBump[transaction.state][retry ? "retry" : "current"][way]
}

/** EndTxn. Source: TransactionCoordinator.handleEndTransaction. */
export const decideEndTransaction = (
  transaction: Transaction | undefined,
  command: EndTransactionCommand,
  nowMs: number
): TransactionDecision => {
  const { clientTransactionVersion, freshProducerId, isCommit, producerId, replyTo } = command
  const bumpsEpoch = clientTransactionVersion >= epochBumpVersion
  const isKnown = transaction !== undefined &&
    (transaction.producerId === producerId || (bumpsEpoch && isRetry(transaction, command)))
  if (!isKnown) return answerProducer(replyTo, producerError(ErrorCode.INVALID_PRODUCER_ID_MAPPING))
  const ends = outcomeOf(transaction, command)
  if (ends === "Prepare") return prepare(transaction, { isCommit, bumpsEpoch, replyTo, freshProducerId }, nowMs)
  return answerProducer(
    replyTo,
    ends === "Done"
      ? producerReply(transaction.producerId, transaction.producerEpoch)
      : producerError(outcome[ends])
  )
}

/** A transaction took longer than its producer allowed. Source: TransactionCoordinator.abortTimedOutTransactions. */
export const decideTimeOut = (
  transaction: Transaction | undefined,
  command: TimeOutCommand,
  nowMs: number
): TransactionDecision => {
  const done = { _tag: "Code", errorCode: ErrorCode.NONE } as const
  return transaction !== undefined && isTimedOut(transaction, nowMs)
    ? abort(transaction, command, nowMs, done)
    : answerCode(command.replyTo, ErrorCode.NONE)
}

/** Whether the transaction is ongoing for longer than its producer allowed. */
export const isTimedOut = ({ startMs, state, timeoutMs }: Transaction, nowMs: number): boolean =>
  state === "Ongoing" && startMs + timeoutMs < nowMs

/** Every partition has its marker: the transaction is complete. Source: TransactionMetadata.prepareComplete. */
export const decideMarkersWritten = (
  transaction: Transaction | undefined,
  { producerEpoch, producerId, replyTo }: MarkersWrittenCommand,
  nowMs: number
): TransactionDecision => {
  const isPrepared = transaction?.state === "PrepareCommit" || transaction?.state === "PrepareAbort"
  if (!isPrepared || transaction.producerId !== producerId || transaction.producerEpoch !== producerEpoch) {
    return answerCode(replyTo, ErrorCode.INVALID_TXN_STATE)
  }
  const { lastProducerEpoch, transactionalId, ...logged } = transaction
  return transition({
    transactionalId,
    from: transaction,
    to: {
      ...logged,
      ...afterCompletion(logged),
      previousProducerId: logged.producerId,
      nextProducerId: -1,
      state: logged.state === "PrepareCommit" ? "CompleteCommit" : "CompleteAbort",
      topics: [],
      lastUpdateMs: nowMs
    },
    lastProducerEpoch,
    reply: { to: replyTo, reply: { _tag: "Code", errorCode: ErrorCode.NONE } }
  })
}
