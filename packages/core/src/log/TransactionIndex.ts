import { readInt64, viewOf, writeInt64 } from "./Int64.ts"

/** Bytes of an entry in the file: i16 version = 0 and four i64. */
const TRANSACTION_INDEX_ENTRY_BYTES = 34

const VERSION = 0

/** An aborted transaction as a `.txnindex` holds it. Source: AbortedTxn. */
export interface AbortedTransactionEntry {
  readonly producerId: number
  readonly firstOffset: number
  /** Offset of the abort marker. */
  readonly lastOffset: number
  /** Where the last stable offset stood when the marker was written. */
  readonly lastStableOffset: number
}

/** The bytes of one entry. */
export const encodeTransactionIndexEntry = (entry: AbortedTransactionEntry): Uint8Array => {
  const bytes = new Uint8Array(TRANSACTION_INDEX_ENTRY_BYTES)
  const view = viewOf(bytes)
  view.setInt16(0, VERSION)
  writeInt64(view, 2, entry.producerId)
  writeInt64(view, 10, entry.firstOffset)
  writeInt64(view, 18, entry.lastOffset)
  writeInt64(view, 26, entry.lastStableOffset)
  return bytes
}

/** The entries of a `.txnindex`; undefined when a version is unknown, offsets do not grow or the last entry is cut. */
export const decodeTransactionIndex = (bytes: Uint8Array): Array<AbortedTransactionEntry> | undefined => {
  if (bytes.length % TRANSACTION_INDEX_ENTRY_BYTES !== 0) return undefined
  const view = viewOf(bytes)
  const entries: Array<AbortedTransactionEntry> = []
  let previous = -1
  for (let at = 0; at < bytes.length; at += TRANSACTION_INDEX_ENTRY_BYTES) {
    if (view.getInt16(at) > VERSION) return undefined
    const entry = {
      producerId: readInt64(view, at + 2),
      firstOffset: readInt64(view, at + 10),
      lastOffset: readInt64(view, at + 18),
      lastStableOffset: readInt64(view, at + 26)
    }
    if (entry.lastOffset < entry.firstOffset || entry.lastOffset <= previous) return undefined
    previous = entry.lastOffset
    entries.push(entry)
  }
  return entries
}

/**
 * Adds the entries that overlap [`fetchOffset`, `upperBoundOffset`) to `found`. True when the search is complete, so that
 * later segments need not be asked. Source: TransactionIndex.collectAbortedTxns.
 */
export const collectAborted = (
  entries: ReadonlyArray<AbortedTransactionEntry>,
  fetchOffset: number,
  upperBoundOffset: number,
  found: Array<AbortedTransactionEntry>
): boolean => {
  for (const entry of entries) {
    if (entry.lastOffset >= fetchOffset && entry.firstOffset < upperBoundOffset) found.push(entry)
    if (entry.lastStableOffset >= upperBoundOffset) return true
  }
  return false
}
