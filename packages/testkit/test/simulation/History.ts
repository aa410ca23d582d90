import type { SimWorld } from "../../src/simulation/SimWorld.ts"

/** A place in the order of everything that clients saw and did. */
export type Moment = number

/** A batch that a producer sent, once or again and again. */
export interface Send {
  readonly producer: string
  readonly isIdempotent: boolean
  readonly acks: -1 | 0 | 1
  readonly topic: string
  readonly partition: number
  /** One for each record, never used twice. */
  readonly values: ReadonlyArray<string>
  /** When it was first and last sent. */
  readonly beganAt: Moment
  sentAt: Moment
  attempts: number
  /** `Open`: the producer never learned what became of it. */
  outcome: "Open" | "Acknowledged" | "Refused"
  baseOffset: number
  endedAt: Moment
}

/** A record as it was read. */
export interface ReadRecord {
  readonly offset: number
  /** Epoch of the leader that wrote it. */
  readonly leaderEpoch: number
  /** The whole record, as text. */
  readonly content: string
  readonly value: string
}

/** What one fetch of a partition gave. */
export interface Read {
  readonly reader: string
  readonly topic: string
  readonly partition: number
  readonly askedAt: Moment
  readonly answeredAt: Moment
  readonly fetchOffset: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly records: ReadonlyArray<ReadRecord>
  /** Read after everything else had ended, from the log's start to its end. */
  readonly isFinal: boolean
}

/** Records before `offset` may be gone. */
export interface Trim {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly askedAt: Moment
  readonly isAcknowledged: boolean
}

/** An offset that a group committed. */
export interface Commit {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly askedAt: Moment
  readonly answeredAt: Moment
  /** False: not known whether it was carried out. */
  readonly isAcknowledged: boolean
}

/** An answer to the question what a group has committed. */
export interface CommittedRead {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly askedAt: Moment
  readonly answeredAt: Moment
}

/** A member had partitions of one generation, or epoch, of its group. */
export interface Ownership {
  readonly group: string
  readonly protocol: "classic" | "consumer"
  readonly member: string
  readonly generation: number
  readonly partitions: ReadonlyArray<string>
  /** Simulated time when the assignment came. */
  readonly fromMicros: number
  readonly fromAt: Moment
  /** The member gave it up at this time, or can have been taken for dead from it on. */
  untilMicros: number
  untilAt: Moment
}

/** A change of topics or configs that was asked for. */
export interface Change {
  readonly topic: string
  readonly what:
    | { readonly _tag: "Create"; readonly partitions: number }
    | { readonly _tag: "Delete" }
    | { readonly _tag: "Grow"; readonly partitions: number }
    | { readonly _tag: "Configure"; readonly key: string; readonly value: string }
  readonly askedAt: Moment
  readonly answeredAt: Moment
  readonly isAcknowledged: boolean
}

/** What the broker said of a topic. */
export interface TopicSeen {
  readonly topic: string
  readonly askedAt: Moment
  readonly answeredAt: Moment
  /** 0: it does not exist. */
  readonly partitions: number
  readonly topicId: string
  /** Values of the topic's own configs; undefined when they were not asked for. */
  readonly configs: ReadonlyMap<string, string> | undefined
}

/** A life of the broker ended without its will. */
export interface Crash {
  readonly at: Moment
  readonly atMicros: number
  readonly isPowerCut: boolean
}

/** All that clients did and saw, in order. Checkers read it when the run is over. */
export class History {
  readonly sends: Array<Send> = []
  readonly reads: Array<Read> = []
  readonly trims: Array<Trim> = []
  readonly commits: Array<Commit> = []
  readonly committedReads: Array<CommittedRead> = []
  readonly ownerships: Array<Ownership> = []
  readonly changes: Array<Change> = []
  readonly topicsSeen: Array<TopicSeen> = []
  readonly crashes: Array<Crash> = []
  /** Answers that no client may get; each is a violation. */
  readonly surprises: Array<string> = []
  /** The partition of which a bit flipped. */
  rotted: string | undefined
  /** The rotten partition is offline, or a client saw the damage: it need not be read any more. */
  isRotSeen = false
  /** Requests of clients that ended, with an answer or without. */
  operations = 0
  private moment = 0
  private readonly world: SimWorld

  constructor(world: SimWorld) {
    this.world = world
  }

  /** A new moment, after all others. */
  now(): Moment {
    return ++this.moment
  }

  /** A client got an answer that it must not get. */
  surprise(who: string, what: string): void {
    this.world.note(who, `SURPRISE ${what}`)
    this.surprises.push(`${who}: ${what}`)
  }

  crashed(isPowerCut: boolean): void {
    this.crashes.push({ at: this.now(), atMicros: this.world.loop.nowMicros, isPowerCut })
  }

  /** Whether the power was cut after a moment and before another. */
  isPowerCutBetween(from: Moment, to: Moment): boolean {
    return this.crashes.some(({ at, isPowerCut }) => isPowerCut && at > from && at < to)
  }
}
