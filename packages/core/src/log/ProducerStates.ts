import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { type EndTransactionMarker, parseEndTransactionMarker } from "../protocol/records/ControlRecord.ts"
import { RecordCursor } from "../protocol/records/RecordCursor.ts"
import { LogLimits } from "./LogLimits.ts"

/** One of a producer's last batches. Source: BatchMetadata. */
export interface ProducerBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Largest record timestamp, in milliseconds. */
  readonly timestamp: number
}

/**
 * What a log knows of one idempotent producer. The object is the live one: it changes with the next `replay`.
 * Source: ProducerStateEntry.
 */
export interface ProducerEntry {
  readonly producerId: number
  readonly producerEpoch: number
  /** Epoch of the transaction coordinator that wrote the last marker, -1 before the first. */
  readonly coordinatorEpoch: number
  /** Timestamp of the last batch or marker, in milliseconds. */
  readonly lastTimestamp: number
  /** First offset of the transaction that is open here, -1 when none is. */
  readonly transactionFirstOffset: number
  /** At most five, oldest first, all of the current epoch; empty right after a new epoch's marker. */
  readonly batches: ReadonlyArray<ProducerBatch>
}

/** A transaction ended by the control batch that was just replayed. Source: CompletedTxn. */
export interface CompletedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Offset of the marker. */
  readonly lastOffset: number
  readonly isAborted: boolean
  /** Where the last stable offset stands once this transaction is gone from the open ones. */
  readonly lastStableOffset: number
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }
type MutableEntry = Mutable<Omit<ProducerEntry, "batches">> & { readonly batches: Array<Mutable<ProducerBatch>> }

/** An entry as a snapshot holds it: only the last batch is kept. */
export interface SavedProducer extends Omit<ProducerEntry, "batches"> {
  /** -1 when the producer has no batch of its epoch. */
  readonly lastSequence: number
  /** -1 when the producer has no batch of its epoch. */
  readonly lastOffset: number
  readonly offsetDelta: number
}

/** `sequence - decrement` as producers count: 0 is preceded by 2^31-1. Source: DefaultRecordBatch.decrementSequence. */
const decrementSequence = (sequence: number, decrement: number): number =>
  sequence < decrement ? 0x7fff_ffff - (decrement - sequence) + 1 : sequence - decrement

const emptyEntry = (producerId: number): MutableEntry => ({
  producerId,
  producerEpoch: RecordBatch.NO_PRODUCER_EPOCH,
  coordinatorEpoch: -1,
  lastTimestamp: -1,
  transactionFirstOffset: -1,
  batches: []
})

const moveToEpoch = (entry: MutableEntry, producerEpoch: number): void => {
  if (entry.producerEpoch === producerEpoch) return
  entry.producerEpoch = producerEpoch
  entry.batches.length = 0
}

const addBatch = (entry: MutableEntry, bytes: Uint8Array, at: number): void => {
  moveToEpoch(entry, RecordBatch.producerEpoch(bytes, at))
  const batches = entry.batches
  // The oldest slot is used again, so a producer in full flow allocates nothing.
  const slot: Mutable<ProducerBatch> = batches.length === LogLimits.batchesPerProducer
    ? batches.shift()!
    : { firstSequence: 0, lastSequence: 0, firstOffset: 0, lastOffset: 0, timestamp: 0 }
  slot.firstSequence = RecordBatch.baseSequence(bytes, at)
  slot.lastSequence = RecordBatch.lastSequence(bytes, at)
  slot.firstOffset = RecordBatch.baseOffset(bytes, at)
  slot.lastOffset = RecordBatch.lastOffset(bytes, at)
  slot.timestamp = RecordBatch.maxTimestamp(bytes, at)
  batches.push(slot)
  entry.lastTimestamp = slot.timestamp
  if (entry.transactionFirstOffset < 0 && RecordBatch.isTransactional(bytes, at)) {
    entry.transactionFirstOffset = slot.firstOffset
  }
}

const addMarker = (entry: MutableEntry, bytes: Uint8Array, at: number): EndTransactionMarker | undefined => {
  const cursor = new RecordCursor(bytes, at, RecordBatch.payload(bytes, at))
  // An empty control batch is what compaction leaves of a marker whose whole transaction is gone.
  if (!cursor.next()) return undefined
  const marker = parseEndTransactionMarker(cursor)
  if (marker === undefined) return undefined
  moveToEpoch(entry, RecordBatch.producerEpoch(bytes, at))
  entry.transactionFirstOffset = -1
  entry.coordinatorEpoch = marker.coordinatorEpoch
  entry.lastTimestamp = cursor.timestamp
  return marker
}

/**
 * What a batch makes of its producer: the one transition, of recovery, of appends, and of the batches that are decided but
 * not written yet. Returns the marker when the batch is one. Source: ProducerAppendInfo.appendDataBatch, appendEndTxnMarker.
 */
const replayBatch = (entry: MutableEntry, bytes: Uint8Array, at: number): EndTransactionMarker | undefined => {
  if (RecordBatch.isControl(bytes, at)) return addMarker(entry, bytes, at)
  addBatch(entry, bytes, at)
  return undefined
}

/**
 * The producers as they are once batches that were decided, but not written, are in the log. It shares every entry with the
 * log that none of these batches is of, and is thrown away with the write. Source: ProducerStateManager.prepareUpdate.
 */
export class ProducersAhead {
  readonly #states: ProducerStates
  /** Copies of the entries that the batches changed. */
  #changed: Map<number, MutableEntry> | undefined = undefined
  /** The batch accepted last: most writes hold one batch of a producer, and never look back at it. */
  #unfolded: Uint8Array | undefined = undefined

  constructor(states: ProducerStates) {
    this.#states = states
  }

  entry(producerId: number): ProducerEntry | undefined {
    this.#fold()
    return this.#changed?.get(producerId) ?? this.#states.entry(producerId)
  }

  /** Takes in a batch that was accepted and stamped with its offsets. */
  replay(batch: Uint8Array): void {
    this.#fold()
    this.#unfolded = batch
  }

  #fold(): void {
    const batch = this.#unfolded
    if (batch === undefined) return
    this.#unfolded = undefined
    const producerId = RecordBatch.producerId(batch, 0)
    const changed = this.#changed ??= new Map<number, MutableEntry>()
    let entry = changed.get(producerId)
    if (entry === undefined) {
      const known = this.#states.entry(producerId)
      entry = known === undefined
        ? emptyEntry(producerId)
        : { ...known, batches: known.batches.map((each) => ({ ...each })) }
      changed.set(producerId, entry)
    }
    replayBatch(entry, batch, 0)
  }
}

/**
 * The state of every idempotent and transactional producer of one log: a pure fold of its batches. `replay` checks
 * nothing, as what is in the log was accepted before. Source: ProducerStateManager, ProducerAppendInfo.
 */
export class ProducerStates {
  readonly #entries = new Map<number, MutableEntry>()
  /** First offsets of open transactions by producer. */
  readonly #open = new Map<number, number>()
  /** Ended transactions whose marker may still lie above the high watermark, oldest marker first. */
  readonly #ended: Array<CompletedTransaction> = []

  /** Number of producers known. */
  get size(): number {
    return this.#entries.size
  }

  entry(producerId: number): ProducerEntry | undefined {
    return this.#entries.get(producerId)
  }

  entries(): IterableIterator<ProducerEntry> {
    return this.#entries.values()
  }

  /** First offsets of the open transactions by producer id. */
  get openTransactions(): ReadonlyMap<number, number> {
    return this.#open
  }

  /** First offset of the oldest open transaction, -1 when none is open. */
  get firstUndecidedOffset(): number {
    let first = -1
    for (const offset of this.#open.values()) if (first < 0 || offset < first) first = offset
    return first
  }

  /**
   * First offset that a read of committed records may not pass: of an open transaction, or of one whose marker is not
   * below `highWatermark`. -1 when there is none. Forgets transactions below the watermark, which must never go back.
   * Source: ProducerStateManager.firstUnstableOffset, onHighWatermarkUpdated.
   */
  firstUnstableOffset(highWatermark: number): number {
    const ended = this.#ended
    if (ended.length === 0 && this.#open.size === 0) return -1
    let done = 0
    while (done < ended.length && ended[done]!.lastOffset < highWatermark) done++
    if (done > 0) ended.splice(0, done)
    let first = this.firstUndecidedOffset
    for (const transaction of ended) if (first < 0 || transaction.firstOffset < first) first = transaction.firstOffset
    return first
  }

  /** Folds in the complete magic-2 batch at `at`; returns the transaction it ended, if any. */
  replay(bytes: Uint8Array, at: number): CompletedTransaction | undefined {
    const producerId = RecordBatch.producerId(bytes, at)
    if (producerId === RecordBatch.NO_PRODUCER_ID) return undefined
    let entry = this.#entries.get(producerId)
    if (entry === undefined) {
      entry = emptyEntry(producerId)
      this.#entries.set(producerId, entry)
    }
    const openedAt = entry.transactionFirstOffset
    const marker = replayBatch(entry, bytes, at)
    if (openedAt < 0 && entry.transactionFirstOffset >= 0) this.#open.set(producerId, entry.transactionFirstOffset)
    if (marker === undefined || openedAt < 0) return undefined
    return this.#end(producerId, openedAt, RecordBatch.baseOffset(bytes, at), marker)
  }

  /** Forgets producers silent for `expirationMs` that have no open transaction. Source: removeExpiredProducers. */
  expire(nowMs: number, expirationMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.transactionFirstOffset < 0 && nowMs - entry.lastTimestamp >= expirationMs) {
        this.#entries.delete(entry.producerId)
      }
    }
  }

  /** What a snapshot of this moment holds. */
  save(): ReadonlyArray<SavedProducer> {
    return Array.from(this.#entries.values(), (entry) => {
      const last = entry.batches.at(-1)
      return {
        producerId: entry.producerId,
        producerEpoch: entry.producerEpoch,
        coordinatorEpoch: entry.coordinatorEpoch,
        lastTimestamp: entry.lastTimestamp,
        transactionFirstOffset: entry.transactionFirstOffset,
        lastSequence: last?.lastSequence ?? RecordBatch.NO_SEQUENCE,
        lastOffset: last?.lastOffset ?? -1,
        offsetDelta: last === undefined ? 0 : last.lastOffset - last.firstOffset
      }
    })
  }

  /** Replaces everything by what a snapshot holds. */
  restore(saved: Iterable<SavedProducer>): void {
    this.#entries.clear()
    this.#open.clear()
    this.#ended.length = 0
    for (const producer of saved) {
      const { lastSequence, lastOffset, offsetDelta, ...rest } = producer
      const batches = lastOffset < 0 ? [] : [{
        firstSequence: lastSequence < 0 ? lastSequence : decrementSequence(lastSequence, offsetDelta),
        lastSequence,
        firstOffset: lastOffset - offsetDelta,
        lastOffset,
        timestamp: rest.lastTimestamp
      }]
      this.#entries.set(rest.producerId, { ...rest, batches })
      if (rest.transactionFirstOffset >= 0) this.#open.set(rest.producerId, rest.transactionFirstOffset)
    }
  }

  #end(
    producerId: number,
    firstOffset: number,
    lastOffset: number,
    marker: EndTransactionMarker
  ): CompletedTransaction {
    this.#open.delete(producerId)
    const undecided = this.firstUndecidedOffset
    const completed: CompletedTransaction = {
      producerId,
      firstOffset,
      lastOffset,
      isAborted: marker.type === "Abort",
      lastStableOffset: undecided < 0 ? lastOffset + 1 : undecided
    }
    this.#ended.push(completed)
    return completed
  }
}
