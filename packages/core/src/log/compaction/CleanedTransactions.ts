import { parseEndTransactionMarker } from "../../protocol/records/ControlRecord.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { RecordCursor } from "../../protocol/records/RecordCursor.ts"
import type { AbortedTransactionEntry } from "../TransactionIndex.ts"

interface AbortedTransaction {
  readonly entry: AbortedTransactionEntry
  /** Whether a batch of it was shown, be it one that was emptied before. */
  hasBatches: boolean
}

/**
 * Which transactions the batches of a log belong to, as a pass over the log shows them in offset order: what tells
 * aborted data, and markers whose transaction has no batch left. Source: CleanedTransactionMetadata.
 */
export class CleanedTransactions {
  /** The aborted transactions of the range, by first offset, and how many of them began so far. */
  readonly #aborted: ReadonlyArray<AbortedTransactionEntry>
  #begun = 0
  readonly #openAborted = new Map<number, AbortedTransaction>()
  readonly #openCommitted = new Set<number>()
  /** Receives the entry of each aborted transaction whose marker stays: the transaction index of what is written. */
  readonly #onKept: ((entry: AbortedTransactionEntry) => void) | undefined

  constructor(
    aborted: ReadonlyArray<AbortedTransactionEntry>,
    onKept?: (entry: AbortedTransactionEntry) => void
  ) {
    this.#aborted = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
    this.#onKept = onKept
  }

  /**
   * Follows the complete magic-2 batch at `at`. True when its records may go as far as transactions are concerned: data
   * that was aborted, or a marker without batches before it (which its delete horizon keeps a while longer).
   */
  follow(bytes: Uint8Array, at: number): boolean {
    const lastOffset = RecordBatch.lastOffset(bytes, at)
    for (; this.#begun < this.#aborted.length; this.#begun++) {
      const entry = this.#aborted[this.#begun]!
      if (entry.firstOffset > lastOffset) break
      if (!this.#openAborted.has(entry.producerId)) {
        this.#openAborted.set(entry.producerId, { entry, hasBatches: false })
      }
    }
    if (RecordBatch.isControl(bytes, at)) return this.#followMarker(bytes, at)
    if (!RecordBatch.isTransactional(bytes, at)) return false
    const producerId = RecordBatch.producerId(bytes, at)
    const transaction = this.#openAborted.get(producerId)
    if (transaction === undefined) {
      this.#openCommitted.add(producerId)
      return false
    }
    transaction.hasBatches = true
    return true
  }

  #followMarker(bytes: Uint8Array, at: number): boolean {
    const cursor = new RecordCursor(bytes, at, RecordBatch.payload(bytes, at))
    // A marker that an earlier pass emptied.
    if (!cursor.next()) return true
    const producerId = RecordBatch.producerId(bytes, at)
    switch (parseEndTransactionMarker(cursor)?.type) {
      case "Abort": {
        const transaction = this.#openAborted.get(producerId)
        this.#openAborted.delete(producerId)
        if (transaction?.hasBatches !== true) return true
        this.#onKept?.(transaction.entry)
        return false
      }
      case "Commit":
        return !this.#openCommitted.delete(producerId)
      default:
        return false
    }
  }
}
