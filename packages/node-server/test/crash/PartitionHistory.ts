/** A record as a reader sees it. */
export interface ReadRecord {
  readonly offset: number
  readonly value: string
}

/** Values are `producer:counter:padding`, so that each is sent once and says where it belongs. */
const originOf = (value: string): readonly [producer: string, counter: number] => {
  const [producer, counter] = value.split(":", 2)
  return [producer!, Number(counter)]
}

/** What is known of one partition from its answers: what must be in it, and what may. */
export class PartitionHistory {
  private readonly certain = new Map<number, string>()
  private readonly sent = new Set<string>()

  send(values: ReadonlyArray<string>): void {
    for (const value of values) this.sent.add(value)
  }

  acknowledge(baseOffset: number, values: ReadonlyArray<string>): void {
    values.forEach((value, i) => this.certain.set(baseOffset + i, value))
  }

  get acknowledgedCount(): number {
    return this.certain.size
  }

  /**
   * What is wrong with the whole log of the partition, if anything is. What it holds is certain from then on, since
   * somebody has read it.
   */
  check(log: ReadonlyArray<ReadRecord>): string | undefined {
    const seen = new Set<string>()
    const counters = new Map<string, number>()
    for (const [i, { offset, value }] of log.entries()) {
      if (offset !== i) return `offset ${offset} where ${i} must be`
      if (!this.sent.has(value)) return `offset ${offset} holds a value that was never sent: ${value.slice(0, 40)}`
      if (seen.has(value)) return `offset ${offset} repeats ${value.slice(0, 40)}`
      seen.add(value)
      const [producer, counter] = originOf(value)
      if (counter <= (counters.get(producer) ?? -1)) return `offset ${offset} is out of order: ${value.slice(0, 40)}`
      counters.set(producer, counter)
    }
    for (const [offset, value] of this.certain) {
      const found = log[offset]
      if (found === undefined) return `offset ${offset} is lost; the log ends at ${log.length}`
      if (found.value !== value) return `offset ${offset} holds ${found.value.slice(0, 40)}, not ${value.slice(0, 40)}`
    }
    for (const { offset, value } of log) this.certain.set(offset, value)
    return undefined
  }
}
