import { ErrorCode } from "../../model/ErrorCode.ts"
import { abort } from "./endTransaction.ts"
import { isEpochExhausted, type LoggedTransaction, type Transaction } from "./Transaction.ts"
import type { InitProducerIdCommand } from "./TransactionCommand.ts"
import {
  answerProducer,
  needsProducerId,
  producerError,
  producerReply,
  type TransactionDecision,
  transition
} from "./TransactionDecision.ts"

type Expected = InitProducerIdCommand["expected"]

/** An id that the producer may have: the newest, or the one before whose epochs are used up. */
const isKnownProducer = (transaction: Transaction, expected: NonNullable<Expected>): boolean =>
  transaction.producerEpoch === -1 ||
  expected.producerId === transaction.producerId ||
  (expected.producerId === transaction.previousProducerId && isEpochExhausted(expected.producerEpoch))

/** The epoch that follows and the one to remember; undefined for a producer that is fenced. */
const nextEpochs = (
  { lastProducerEpoch, producerEpoch }: Transaction,
  expected: Expected
): { readonly producerEpoch: number; readonly lastProducerEpoch: number } | undefined => {
  if (expected === undefined) return { producerEpoch: producerEpoch + 1, lastProducerEpoch: -1 }
  if (producerEpoch === -1 || expected.producerEpoch === producerEpoch) {
    return { producerEpoch: producerEpoch + 1, lastProducerEpoch: producerEpoch }
  }
  // The answer to the bump was lost: the same one is given again.
  return expected.producerEpoch === lastProducerEpoch ? { producerEpoch, lastProducerEpoch } : undefined
}

const empty = (
  producerId: number,
  producerEpoch: number,
  rest: Pick<LoggedTransaction, "previousProducerId" | "timeoutMs" | "lastUpdateMs" | "clientTransactionVersion">
): LoggedTransaction => ({
  ...rest,
  producerId,
  producerEpoch,
  nextProducerId: -1,
  state: "Empty",
  topics: [],
  startMs: -1
})

/**
 * InitProducerId with a transactional id: gives a new epoch, which fences the producer before; a transaction of that
 * producer is aborted first, while the answer lets the client ask again. Source:
 * TransactionCoordinator.prepareInitProducerIdTransit.
 */
export const decideInitProducerId = (
  transaction: Transaction | undefined,
  command: InitProducerIdCommand,
  nowMs: number
): TransactionDecision => {
  const { expected, freshProducerId, replyTo, timeoutMs, transactionalId } = command
  if (transaction === undefined) {
    if (freshProducerId === undefined) return needsProducerId(replyTo)
    return transition({
      transactionalId,
      from: undefined,
      to: empty(freshProducerId, 0, {
        previousProducerId: -1,
        timeoutMs,
        lastUpdateMs: nowMs,
        clientTransactionVersion: 0
      }),
      lastProducerEpoch: -1,
      reply: { to: replyTo, reply: producerReply(freshProducerId, 0) }
    })
  }
  const { clientTransactionVersion, producerEpoch, producerId, state } = transaction
  const refused = (errorCode: ErrorCode): TransactionDecision => answerProducer(replyTo, producerError(errorCode))
  if (expected !== undefined && !isKnownProducer(transaction, expected)) return refused(ErrorCode.PRODUCER_FENCED)
  if (state === "PrepareCommit" || state === "PrepareAbort") return refused(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (state === "Ongoing") {
    return abort(transaction, command, nowMs, producerError(ErrorCode.CONCURRENT_TRANSACTIONS))
  }
  const rest = { previousProducerId: producerId, timeoutMs, lastUpdateMs: nowMs, clientTransactionVersion }
  if (isEpochExhausted(producerEpoch) && (expected === undefined || expected.producerEpoch === producerEpoch)) {
    if (freshProducerId === undefined) return needsProducerId(replyTo)
    return transition({
      transactionalId,
      from: transaction,
      to: empty(freshProducerId, 0, rest),
      lastProducerEpoch: expected === undefined ? -1 : producerEpoch,
      reply: { to: replyTo, reply: producerReply(freshProducerId, 0) }
    })
  }
  const next = nextEpochs(transaction, expected)
  if (next === undefined) return refused(ErrorCode.PRODUCER_FENCED)
  return transition({
    transactionalId,
    from: transaction,
    to: empty(producerId, next.producerEpoch, {
      ...rest,
      // A retry after the change of id keeps what tells the retry.
      previousProducerId: next.producerEpoch === producerEpoch ? transaction.previousProducerId : producerId
    }),
    lastProducerEpoch: next.lastProducerEpoch,
    reply: { to: replyTo, reply: producerReply(producerId, next.producerEpoch) }
  })
}
