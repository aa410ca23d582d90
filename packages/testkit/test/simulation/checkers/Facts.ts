import type { History, Moment, Read, ReadRecord, Send } from "../History.ts"

/** A promise that a run broke. */
export interface Violation {
  readonly checker: string
  readonly message: string
}

/** What is at the end in one partition. */
export interface FinalLog {
  readonly topic: string
  readonly partition: number
  readonly startOffset: number
  readonly endOffset: number
  readonly records: ReadonlyMap<number, ReadRecord>
}

/** Looks at a whole run and says what is wrong with it. */
export type Checker = (facts: Facts) => Iterable<string>

const keyOf = ({ partition, topic }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}-${partition}`

const group = <A extends { readonly topic: string; readonly partition: number }>(
  all: ReadonlyArray<A>
): Map<string, Array<A>> => {
  const byPartition = new Map<string, Array<A>>()
  for (const one of all) {
    const others = byPartition.get(keyOf(one))
    if (others === undefined) byPartition.set(keyOf(one), [one])
    else others.push(one)
  }
  return byPartition
}

/** A history as the checkers look at it. */
export class Facts {
  readonly history: History
  readonly sends: ReadonlyMap<string, ReadonlyArray<Send>>
  readonly reads: ReadonlyMap<string, ReadonlyArray<Read>>
  /** By `topic-partition`; what the last whole reading found. */
  readonly finals: ReadonlyMap<string, FinalLog>

  constructor(history: History) {
    this.history = history
    this.sends = group(history.sends)
    this.reads = group(history.reads)
    this.finals = finalLogs(history)
  }

  /** Largest offset up to which records may have been deleted by request. */
  trimmedTo(key: string): number {
    let offset = 0
    for (const trim of this.history.trims) if (keyOf(trim) === key) offset = Math.max(offset, trim.offset)
    return offset
  }

  /**
   * Whether a power cut between two moments may have taken the record at an offset: no batch with acks=all at or behind
   * it had been acknowledged by then, so nothing says that it was on stable storage.
   */
  mayBeLost(key: string, offset: number, from: Moment, to: Moment): boolean {
    return this.history.crashes.some(({ at, isPowerCut }) =>
      isPowerCut && at > from && at < to &&
      !(this.sends.get(key) ?? []).some((send) =>
        send.acks === -1 && send.outcome === "Acknowledged" && send.endedAt < at &&
        send.baseOffset >= 0 && send.baseOffset + send.values.length > offset
      )
    )
  }
}

const finalLogs = ({ isRotSeen, reads, rotted }: History): Map<string, FinalLog> => {
  const finals = new Map<string, FinalLog>()
  const newest = reads.filter(({ isFinal }) => isFinal).at(-1)?.reader
  for (const [key, all] of group(reads.filter(({ isFinal }) => isFinal))) {
    // What is offline for its damage was read whole before it rotted.
    const reader = key === rotted && isRotSeen ? all[0]!.reader : newest
    const ofPartition = all.filter((read) => read.reader === reader)
    if (ofPartition.length === 0) continue
    const last = ofPartition.at(-1)!
    const records = new Map<number, ReadRecord>()
    for (const read of ofPartition) for (const record of read.records) records.set(record.offset, record)
    finals.set(key, {
      topic: last.topic,
      partition: last.partition,
      startOffset: ofPartition[0]!.fetchOffset,
      endOffset: last.highWatermark,
      records
    })
  }
  return finals
}

/** A value without its filling. */
export const short = (value: string): string => value.slice(0, value.lastIndexOf("-"))
