/** Names a parked answer; the runtime maps it to the request that waits. */
export type ReplyTo = number

/** The types of one kind of coordinator. */
export interface Coordination {
  /** What the coordinator knows of all keys of one partition. */
  readonly State: unknown
  readonly Command: { readonly _tag: string }
  /** A record of the internal topic. */
  readonly Record: unknown
  /** All answers, told apart by a tag. */
  readonly Reply: unknown
  /** What names a deadline of a key. */
  readonly Deadline: unknown
  /** What the coordinator's host does once a decision is committed. */
  readonly Event: unknown
  /** What changes without a record, and is gone when the partition is loaded again. */
  readonly Soft: unknown
}

/** What a decision wants done once its records are appended; answers and events wait until they are committed. */
export type CoordinatorEffect<C extends Pick<Coordination, "Reply" | "Deadline" | "Event">> =
  | { readonly _tag: "Reply"; readonly to: ReplyTo; readonly reply: C["Reply"] }
  | { readonly _tag: "Emit"; readonly event: C["Event"] }
  | {
    readonly _tag: "Schedule"
    readonly deadline: C["Deadline"]
    readonly delayMs: number
    /** Keeps an earlier schedule of the same deadline. */
    readonly ifAbsent: boolean
  }
  | { readonly _tag: "Cancel"; readonly deadline: C["Deadline"] }

/** What a command comes to. The records are one atomic batch. */
export interface CoordinatorDecision<C extends Pick<Coordination, "Record" | "Reply" | "Deadline" | "Event" | "Soft">> {
  readonly records: ReadonlyArray<C["Record"]>
  readonly effects: ReadonlyArray<CoordinatorEffect<C>>
  /** Laid over what the records replay to; undefined when nothing soft changes. */
  readonly soft: C["Soft"] | undefined
}

/** The producer whose transaction a batch of records belongs to. */
export interface RecordTransaction {
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * One kind of coordinator, without a runtime: commands are decided against a state that only records, markers and soft
 * changes move. Source: CoordinatorShard.
 */
export interface CoordinatorMachine<C extends Coordination> {
  /** The internal topic. */
  readonly topic: string
  readonly empty: () => C["State"]
  /** What the command is about: its hash names the partition, its deadlines are its own. */
  readonly keyOf: (command: C["Command"]) => string
  /** Changes nothing. */
  readonly decide: (state: C["State"], command: C["Command"], nowMs: number) => CoordinatorDecision<C>
  /** Applies one record, when loading and when living; `producerId` is that of a transactional batch, else -1. */
  readonly replay: (state: C["State"], record: C["Record"], producerId: number) => void
  /** Applies the marker that ends a producer's transaction on this partition. */
  readonly replayTransactionEnd: (state: C["State"], producerId: number, isCommit: boolean) => void
  readonly applySoft: (state: C["State"], soft: C["Soft"]) => void
  /** Set for a command whose records count once a transaction commits. */
  readonly transactionOf: (command: C["Command"]) => RecordTransaction | undefined
  readonly encode: (record: C["Record"]) => { readonly key: Uint8Array; readonly value: Uint8Array | null }
  /** Undefined for a kind of record that says nothing here; throws `DecodeError` when malformed. */
  readonly decode: (key: Uint8Array, value: Uint8Array | null) => C["Record"] | undefined
  /** What is asked of the state once it is loaded: deadlines begin, what was begun is ended. */
  readonly afterLoad: (state: C["State"]) => Iterable<C["Command"]>
  readonly deadlineKey: (deadline: C["Deadline"]) => string
  /** The command of a deadline that passed. */
  readonly expired: (key: string, deadline: C["Deadline"]) => C["Command"]
}
