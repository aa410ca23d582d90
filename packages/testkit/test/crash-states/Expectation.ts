/** A batch that was sent to a partition: where it belongs in the log, and what is in it. */
export interface SentBatch {
  readonly baseOffset: number
  readonly values: ReadonlyArray<string>
  /** As sent; undefined without an id of a producer. */
  readonly producer: { readonly id: number; readonly baseSequence: number } | undefined
}

/** What a partition's log may hold. */
export interface ExpectedLog {
  readonly partition: number
  /** All that was sent, in order; what is served is a part of it without gaps. */
  readonly sent: ReadonlyArray<SentBatch>
  /** Exclusive end of what was answered as being on stable storage. */
  readonly durableEnd: number
  /** Where the log may begin. */
  readonly starts: ReadonlyArray<number>
}

/** A topic as one of its lives shows it; `undefined` is no topic of that name. */
export interface ExpectedTopic {
  readonly name: string
  /** Any of these; the partitions by their number. */
  readonly lives: ReadonlyArray<ReadonlyArray<ExpectedLog> | undefined>
}

/** What a client knows at one moment, and so what every crash at that moment must leave. */
export interface Expectation {
  /** The operation that was under way, or the last one. */
  readonly operation: string
  readonly topics: ReadonlyArray<ExpectedTopic>
  /** By partition of the one topic that is committed for: the offsets that may be there, undefined for none. */
  readonly committed: ReadonlyArray<ReadonlyArray<number | undefined>>
  /** Above every producer id that was given out. */
  readonly producerIdsFrom: number
}
