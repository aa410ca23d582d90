import { ErrorCode } from "../../model/ErrorCode.ts"
import { holdsPartition, mergeTopics, type Transaction, type TransactionTopic } from "./Transaction.ts"
import type { AddPartitionsCommand } from "./TransactionCommand.ts"
import { answerCode, type TransactionDecision, transition } from "./TransactionDecision.ts"

/** The producer that speaks. */
interface Speaker {
  readonly producerId: number
  readonly producerEpoch: number
}

/** Whether the transaction can take partitions of this producer now. */
const problem = (transaction: Transaction | undefined, { producerEpoch, producerId }: Speaker): ErrorCode => {
  if (transaction === undefined || transaction.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  if (transaction.producerEpoch !== producerEpoch) return ErrorCode.PRODUCER_FENCED
  return transaction.state === "PrepareCommit" || transaction.state === "PrepareAbort"
    ? ErrorCode.CONCURRENT_TRANSACTIONS
    : ErrorCode.NONE
}

const holdsAll = (transaction: Transaction, topics: ReadonlyArray<TransactionTopic>): boolean =>
  topics.every(({ partitions, topic }) =>
    partitions.every((partition) => holdsPartition(transaction, topic, partition))
  )

/** Adds partitions; the first one begins the transaction. Source: TransactionCoordinator.handleAddPartitionsToTransaction. */
export const decideAddPartitions = (
  transaction: Transaction | undefined,
  command: AddPartitionsCommand,
  nowMs: number
): TransactionDecision => {
  const { clientTransactionVersion, replyTo, topics, transactionalId } = command
  const errorCode = problem(transaction, command)
  if (transaction === undefined || errorCode !== ErrorCode.NONE) return answerCode(replyTo, errorCode)
  const isOngoing = transaction.state === "Ongoing"
  if (isOngoing && holdsAll(transaction, topics)) return answerCode(replyTo, ErrorCode.NONE)
  const { lastProducerEpoch, transactionalId: _, ...logged } = transaction
  return transition({
    transactionalId,
    from: transaction,
    to: {
      ...logged,
      state: "Ongoing",
      topics: mergeTopics(logged.topics, topics),
      startMs: isOngoing ? logged.startMs : nowMs,
      lastUpdateMs: nowMs,
      clientTransactionVersion
    },
    lastProducerEpoch,
    reply: { to: replyTo, reply: { _tag: "Code", errorCode: ErrorCode.NONE } }
  })
}

/**
 * The code for each partition that is only to be verified: TRANSACTION_ABORTABLE (120) for one that the transaction does
 * not hold. Source: TransactionCoordinator.handleVerifyPartitionsInTransaction.
 */
export const verifyPartition = (
  transaction: Transaction | undefined,
  speaker: Speaker,
  topic: string,
  partition: number
): ErrorCode => {
  const errorCode = problem(transaction, speaker)
  if (transaction === undefined || errorCode !== ErrorCode.NONE) return errorCode
  return holdsPartition(transaction, topic, partition) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE
}
