import { TopicName } from "../../metadata/TopicName.ts"
import type { CoordinatorMachine } from "../coordinator-runtime/CoordinatorMachine.ts"
import { decideAddPartitions } from "./addPartitions.ts"
import { decideEndTransaction, decideMarkersWritten, decideTimeOut } from "./endTransaction.ts"
import { decideInitProducerId } from "./initProducerId.ts"
import { replay, type Transaction, type TransactionPartitionState } from "./Transaction.ts"
import type { ExpireCommand, LoadedCommand, TransactionCommand } from "./TransactionCommand.ts"
import {
  markersWanted,
  nothing,
  type TransactionCoordination,
  type TransactionDecision
} from "./TransactionDecision.ts"
import { decodeTransactionRecord, encodeTransactionRecord } from "./transactionRecord.ts"

/** Whether the transactional id was not used for so long, and has no transaction. */
export const isExpired = ({ lastUpdateMs, state }: Transaction, expirationMs: number, nowMs: number): boolean =>
  (state === "Empty" || state === "CompleteCommit" || state === "CompleteAbort") && lastUpdateMs <= nowMs - expirationMs

/** Source: TransactionStateManager.removeExpiredTransactionalIds. */
const decideExpire = (
  transaction: Transaction | undefined,
  { expirationMs, transactionalId }: ExpireCommand,
  nowMs: number
): TransactionDecision =>
  transaction !== undefined && isExpired(transaction, expirationMs, nowMs)
    ? { ...nothing, records: [{ transactionalId, value: null }] }
    : nothing

/** What was prepared before the load gets its markers. Source: TransactionStateManager.loadTransactionsForTxnTopicPartition. */
const decideLoaded = (
  transaction: Transaction | undefined,
  { transactionalId }: LoadedCommand
): TransactionDecision => {
  const event = transaction === undefined ? undefined : markersWanted(transactionalId, transaction)
  return event === undefined ? nothing : { ...nothing, effects: [{ _tag: "Emit", event }] }
}

const decide = (
  { transactions }: TransactionPartitionState,
  command: TransactionCommand,
  nowMs: number
): TransactionDecision => {
  const transaction = transactions.get(command.transactionalId)
  switch (command._tag) {
    case "InitProducerId":
      return decideInitProducerId(transaction, command, nowMs)
    case "AddPartitions":
      return decideAddPartitions(transaction, command, nowMs)
    case "EndTransaction":
      return decideEndTransaction(transaction, command, nowMs)
    case "TimeOut":
      return decideTimeOut(transaction, command, nowMs)
    case "MarkersWritten":
      return decideMarkersWritten(transaction, command, nowMs)
    case "Expire":
      return decideExpire(transaction, command, nowMs)
    case "Loaded":
      return decideLoaded(transaction, command)
  }
}

/**
 * Transactional ids as a coordinator. Deliberate difference: a request that comes while another of the same id is being
 * written is decided after it, where Kafka answers CONCURRENT_TRANSACTIONS. Source: TransactionCoordinator,
 * TransactionStateManager.
 */
export const transactionMachine: CoordinatorMachine<TransactionCoordination> = {
  topic: TopicName.transactionState,
  empty: () => ({ transactions: new Map() }),
  keyOf: (command) => command.transactionalId,
  decide,
  replay: (state, record) => replay(state, record),
  // Nothing writes transactions into the coordinator's own topic.
  replayTransactionEnd: () => {},
  applySoft: ({ transactions }, { lastProducerEpoch, transactionalId }) => {
    const transaction = transactions.get(transactionalId)
    if (transaction !== undefined) transactions.set(transactionalId, { ...transaction, lastProducerEpoch })
  },
  transactionOf: () => undefined,
  encode: encodeTransactionRecord,
  decode: decodeTransactionRecord,
  *afterLoad({ transactions }) {
    for (const transactionalId of transactions.keys()) yield { _tag: "Loaded", transactionalId }
  },
  deadlineKey: (deadline) => deadline,
  expired: (_key, deadline) => deadline
}
