/** The state of a transactional id. Source: TransactionState. */
export type TransactionStateName =
  | "Empty"
  | "Ongoing"
  | "PrepareCommit"
  | "PrepareAbort"
  | "CompleteCommit"
  | "CompleteAbort"

/** States by their number in the log. Dead and PrepareEpochFence are never written. Source: TransactionState. */
export const transactionStates: ReadonlyArray<TransactionStateName> = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort"
]

/** The states that each state may follow. Source: TransactionState.VALID_PREVIOUS_STATES. */
export const validPreviousStates: Readonly<Record<TransactionStateName, ReadonlyArray<TransactionStateName>>> = {
  Empty: ["Empty", "CompleteCommit", "CompleteAbort"],
  Ongoing: ["Ongoing", "Empty", "CompleteCommit", "CompleteAbort"],
  PrepareCommit: ["Ongoing"],
  // Empty and Complete: an abort by a producer that does not know whether its transaction had begun (KIP-890).
  PrepareAbort: ["Ongoing", "Empty", "CompleteCommit", "CompleteAbort"],
  CompleteCommit: ["PrepareCommit"],
  CompleteAbort: ["PrepareAbort"]
}

/** Partitions of one topic in a transaction. */
export interface TransactionTopic {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}

/** What the log keeps of a transactional id. Times in milliseconds. Source: TransactionMetadata. */
export interface LoggedTransaction {
  readonly producerId: number
  /** The id before the newest change of id; -1 for none. */
  readonly previousProducerId: number
  /** The id that follows when the transaction completes, because the epochs are used up; -1 for none. */
  readonly nextProducerId: number
  readonly producerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionStateName
  /** Empty unless the transaction is ongoing or being completed. */
  readonly topics: ReadonlyArray<TransactionTopic>
  readonly lastUpdateMs: number
  /** -1 when no transaction began yet. */
  readonly startMs: number
  /** Protocol of the client that made the newest change: 0, or 2 for an epoch per transaction (KIP-890). */
  readonly clientTransactionVersion: number
}

/** A transactional id as its coordinator knows it. */
export interface Transaction extends LoggedTransaction {
  readonly transactionalId: string
  /** The epoch before the newest bump, to recognise a retry; soft: -1 once the coordinator was loaded again. */
  readonly lastProducerEpoch: number
}

/** One record of `__transaction_state`; null removes the id. */
export interface TransactionRecord {
  readonly transactionalId: string
  readonly value: LoggedTransaction | null
}

/** From this epoch on a producer id is not given out again: one epoch is left for fencing. */
const lastUsableEpoch = 32766

/** Whether the producer id has no epoch left for another transaction. Source: TransactionMetadata.isEpochExhausted. */
export const isEpochExhausted = (producerEpoch: number): boolean => producerEpoch >= lastUsableEpoch

/** All transactional ids of one partition of `__transaction_state`. */
export interface TransactionPartitionState {
  readonly transactions: Map<string, Transaction>
}

/** Applies one record: the only way durable state changes. Source: TransactionStateManager.loadTransactionMetadata. */
export const replay = ({ transactions }: TransactionPartitionState, record: TransactionRecord): void => {
  const { transactionalId, value } = record
  if (value === null) {
    transactions.delete(transactionalId)
    return
  }
  const lastProducerEpoch = transactions.get(transactionalId)?.lastProducerEpoch ?? -1
  transactions.set(transactionalId, { ...value, transactionalId, lastProducerEpoch })
}

/** Whether the partition is part of the transaction. */
export const holdsPartition = ({ topics }: LoggedTransaction, topic: string, partition: number): boolean =>
  topics.some((each) => each.topic === topic && each.partitions.includes(partition))

/** The partitions of both, each once. */
export const mergeTopics = (
  first: ReadonlyArray<TransactionTopic>,
  second: ReadonlyArray<TransactionTopic>
): ReadonlyArray<TransactionTopic> => {
  const merged = new Map<string, Set<number>>()
  for (const { partitions, topic } of [...first, ...second]) {
    const all = merged.get(topic) ?? new Set<number>()
    merged.set(topic, all)
    for (const partition of partitions) all.add(partition)
  }
  return Array.from(merged, ([topic, partitions]) => ({ topic, partitions: [...partitions] }))
}
