import { formatCheckpoint, parseCheckpoint } from "./CheckpointText.ts"

/** An epoch and the offset of its first record. Source: EpochEntry. */
export interface LeaderEpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/** Which epoch wrote which offsets of a log, and the file `leader-epoch-checkpoint`. Source: LeaderEpochFileCache. */
export class LeaderEpochs {
  #entries: Array<LeaderEpochEntry> = []

  get entries(): ReadonlyArray<LeaderEpochEntry> {
    return this.#entries
  }

  /** -1 when no record carries an epoch. */
  get latestEpoch(): number {
    return this.#entries.at(-1)?.epoch ?? -1
  }

  /** Notes that a batch of `epoch` begins at `startOffset`; true when this is the first of its epoch. */
  note(epoch: number, startOffset: number): boolean {
    if (epoch <= this.latestEpoch) return false
    // What a lost leader wrote at or above this offset is no longer in the log.
    while (this.#entries.length > 0 && this.#entries.at(-1)!.startOffset >= startOffset) this.#entries.pop()
    this.#entries.push({ epoch, startOffset })
    return true
  }

  /** The largest epoch that starts at or below `offset`, -1 when there is none. */
  epochForOffset(offset: number): number {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      if (this.#entries[i]!.startOffset <= offset) return this.#entries[i]!.epoch
    }
    return -1
  }

  /**
   * The largest epoch at or below `epoch` and where it ends. `currentEpoch`, under which the log was opened, begins at
   * `logEndOffset` as long as it has no record. Source: LeaderEpochFileCache.endOffsetFor.
   */
  endOffsetFor(epoch: number, currentEpoch: number, logEndOffset: number): LeaderEpochEnd {
    const latest = Math.max(currentEpoch, this.latestEpoch)
    if (epoch < 0 || epoch > latest) return unknownEnd
    if (epoch === latest) return { leaderEpoch: epoch, endOffset: logEndOffset }
    const higher = this.#entries.find((entry) => entry.epoch > epoch)
    const floor = this.#entries.findLast((entry) => entry.epoch <= epoch)
    return { leaderEpoch: floor?.epoch ?? epoch, endOffset: higher?.startOffset ?? logEndOffset }
  }

  /** Drops epochs that ended before `logStartOffset`; the one that covers it now starts there. True when changed. */
  truncateFromStart(logStartOffset: number): boolean {
    const covering = this.#entries.findLastIndex((entry) => entry.startOffset <= logStartOffset)
    if (covering < 0 || this.#entries[covering]!.startOffset === logStartOffset) {
      this.#entries.splice(0, Math.max(covering, 0))
      return covering > 0
    }
    this.#entries.splice(0, covering + 1, { epoch: this.#entries[covering]!.epoch, startOffset: logStartOffset })
    return true
  }

  /** Drops epochs that start at or above `logEndOffset`; true when there were any. */
  truncateFromEnd(logEndOffset: number): boolean {
    const before = this.#entries.length
    this.#entries = this.#entries.filter((entry) => entry.startOffset < logEndOffset)
    return this.#entries.length !== before
  }

  clear(): void {
    this.#entries = []
  }

  format(): string {
    return formatCheckpoint(this.#entries.map((entry) => `${entry.epoch} ${entry.startOffset}`))
  }

  /** The epochs of a checkpoint file; undefined when it is damaged. */
  static parse(text: string): LeaderEpochs | undefined {
    const lines = parseCheckpoint(text)
    if (lines === undefined) return undefined
    const epochs = new LeaderEpochs()
    for (const line of lines) {
      const match = /^(\d+) (\d+)$/.exec(line)
      if (match === null) return undefined
      epochs.note(Number(match[1]), Number(match[2]))
    }
    return epochs
  }
}

/** Where an epoch ends; (-1, -1) when unknown. */
export interface LeaderEpochEnd {
  readonly leaderEpoch: number
  readonly endOffset: number
}

const unknownEnd: LeaderEpochEnd = { leaderEpoch: -1, endOffset: -1 }
