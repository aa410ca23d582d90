import { Effect } from "effect"
import type { LogFilesError } from "../seams/LogFiles.ts"
import type { AbortedTransaction } from "./LogStore.ts"
import type { CompletedTransaction } from "./ProducerStates.ts"
import type { SegmentedLog } from "./SegmentedLog.ts"
import { collectAborted } from "./TransactionIndex.ts"
import type { AbortedTransactionEntry } from "./TransactionIndex.ts"

const abortedTransaction = ({ firstOffset, producerId }: AbortedTransactionEntry): AbortedTransaction => ({
  producerId,
  firstOffset
})

/** Aborted transactions of a log that overlap [`fetchOffset`, `upperBoundOffset`), from its transaction indexes. */
export const abortedIn = Effect.fnUntraced(function*(
  log: SegmentedLog,
  fetchOffset: number,
  upperBoundOffset: number
): Effect.fn.Return<ReadonlyArray<AbortedTransaction>, LogFilesError> {
  const found: Array<AbortedTransactionEntry> = []
  for (const segment of log.segments.slice(Math.max(0, log.segmentAt(fetchOffset)))) {
    const entries = yield* segment.abortedTransactions
    if (collectAborted(entries, fetchOffset, upperBoundOffset, found)) break
  }
  return found.map(abortedTransaction)
})

/** The same from memory; undefined when it takes files. */
export const abortedInMemory = (
  log: SegmentedLog,
  fetchOffset: number,
  upperBoundOffset: number
): ReadonlyArray<AbortedTransaction> | undefined => {
  const found: Array<AbortedTransactionEntry> = []
  for (let index = Math.max(0, log.segmentAt(fetchOffset)); index < log.segments.length; index++) {
    const entries = log.segments[index]!.knownAborted
    if (entries === undefined) return undefined
    if (collectAborted(entries, fetchOffset, upperBoundOffset, found)) break
  }
  return found.map(abortedTransaction)
}

/** The transaction index entry of an aborted transaction. */
export const abortedEntry = (transaction: CompletedTransaction): AbortedTransactionEntry => ({
  producerId: transaction.producerId,
  firstOffset: transaction.firstOffset,
  lastOffset: transaction.lastOffset,
  lastStableOffset: transaction.lastStableOffset
})
