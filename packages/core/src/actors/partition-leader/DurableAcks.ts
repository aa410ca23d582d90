/**
 * What becomes of appends with acks -1 between their write and their sync: group commit. One sync of the log answers
 * all that wait when it begins, and while it runs the next group gathers; appends go on meanwhile. The high watermark
 * does not pass what waits, so nobody reads data with acks -1 that a power cut could still take.
 */
import { Effect } from "effect"
import type { Cause, Clock, Semaphore } from "effect"
import type { LogStoreError, PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { DeadlineTimer } from "./DeadlineTimer.ts"
import { appended, failedAppend, timedOut } from "./Rejection.ts"
import { answersAtDurableEnd, type WriteGroup } from "./writeGroup.ts"

/** What the waiting appends of all partitions of a broker share. */
export interface DurabilityServices {
  readonly clock: Clock.Clock
  /** Starts a fiber that lives no longer than the leaders. */
  readonly fork: (effect: Effect.Effect<void>) => void
  /** Bounds the syncs under way; those that wait for their turn take it in order, and gather more until then. */
  readonly syncs: Semaphore.Semaphore
  readonly deadlines: DeadlineTimer
}

/** The leader whose appends wait. */
export interface DurableAcksOwner {
  /** The log is durable up to `durableEndOffset`: shows it to readers, after `answer` told the producers. */
  readonly onDurable: (log: PartitionLog, answer: () => void) => void
  /** A sync failed: takes the partition out of service and calls `failAll`. */
  readonly onFailure: (cause: Cause.Cause<LogStoreError>) => Effect.Effect<void>
  /** No sync is under way any more. */
  readonly onRest: () => unknown
}

/** The appends of one write that wait. */
interface WaitingWrite {
  readonly writtenAtMs: number
  /** Offset of the first record that readers may not see before the sync; -1 when the write only repeats older ones. */
  readonly heldFromOffset: number
  /** Exclusive end of what must be durable before the appends are answered. */
  endOffset: number
  /** Those not answered yet, with their places in `group`. */
  places: ReadonlyArray<number>
  readonly group: WriteGroup
  readonly log: PartitionLog
  /** When the first of `places` times out; Infinity when none is left. */
  dueMs: number
}

/** The appends of one partition that wait for stable storage, in the order of their writes. */
export class DurableAcks {
  private readonly services: DurabilityServices
  private readonly owner: DurableAcksOwner
  private writes: Array<WaitingWrite> = []
  isSyncing = false

  constructor(services: DurabilityServices, owner: DurableAcksOwner) {
    this.services = services
    this.owner = owner
  }

  /** Exclusive end of what readers may see of a log. Source: Partition.maybeIncrementLeaderHW, where replicas decide. */
  highWatermarkOf(log: PartitionLog): number {
    for (const { heldFromOffset } of this.writes) {
      if (heldFromOffset >= 0) return Math.max(heldFromOffset, log.durableEndOffset)
    }
    return log.logEndOffset
  }

  /** Lets the appends of a write that succeeded wait for the sync; they time out from now on. */
  add(group: WriteGroup, log: PartitionLog): void {
    const writtenAtMs = this.services.clock.currentTimeMillisUnsafe()
    const places: Array<number> = []
    for (let i = 0; i < group.appends.length; i++) if (answersAtDurableEnd(group, i)) places.push(i)
    const write: WaitingWrite = {
      writtenAtMs,
      heldFromOffset: group.acksAllFromOffset,
      endOffset: group.acksAllEndOffset,
      places,
      group,
      log,
      dueMs: Infinity
    }
    write.dueMs = dueMsOf(write)
    this.writes.push(write)
    this.services.deadlines.watch(this, write.dueMs)
  }

  /** Begins to sync unless a sync is under way, which is followed by the next one by itself. */
  sync(log: PartitionLog): void {
    if (this.isSyncing || this.writes.length === 0) return
    this.isSyncing = true
    this.services.fork(Effect.gen({ self: this }, function*() {
      yield* Effect.catchCause(this.syncAll(log), (cause) => this.owner.onFailure(cause))
      this.isSyncing = false
      this.owner.onRest()
    }))
  }

  /** Answers everything that waits with an error. */
  failAll(errorCode: ErrorCode): void {
    const writes = this.writes
    this.writes = []
    this.services.deadlines.forget(this)
    for (const { group, places } of writes) {
      for (const i of places) group.appends[i]!.complete(failedAppend(errorCode))
    }
  }

  /**
   * Answers 7 to what waited for too long; its data stays in the log, and hidden from readers until it is durable.
   * Returns when the next append is due, Infinity when none is. Source: DelayedProduce.onExpiration.
   */
  expire(nowMs: number): number {
    let dueMs = Infinity
    for (const write of this.writes) {
      if (write.dueMs <= nowMs) expireWrite(write, nowMs)
      dueMs = Math.min(dueMs, write.dueMs)
    }
    this.joinAnswered()
    return dueMs
  }

  /** Writes without anybody left who waits become one, so that a disk that hangs does not make the list grow. */
  private joinAnswered(): void {
    const joined: Array<WaitingWrite> = []
    for (const write of this.writes) {
      const last = joined[joined.length - 1]
      const isAnswered = last !== undefined && last.places.length === 0 && write.places.length === 0
      if (isAnswered && last.heldFromOffset >= 0) last.endOffset = Math.max(last.endOffset, write.endOffset)
      else joined.push(write)
    }
    this.writes = joined
  }

  private syncAll(log: PartitionLog): Effect.Effect<void, LogStoreError> {
    return Effect.gen({ self: this }, function*() {
      while (this.writes.length > 0) {
        const { endOffset } = this.writes[0]!
        yield* this.services.syncs.withPermit(log.flush)
        // The partition may have failed meanwhile for another reason; nobody waits then.
        if (this.writes.length === 0) return
        if (log.durableEndOffset < endOffset) return yield* Effect.die(new Error("a sync missed what it should cover"))
        this.owner.onDurable(log, this.takeDurable(log))
      }
    })
  }

  /** Takes what is durable off the list; the returned function answers it. */
  private takeDurable(log: PartitionLog): () => void {
    let count = 0
    while (count < this.writes.length && this.writes[count]!.endOffset <= log.durableEndOffset) count++
    const durable = this.writes.splice(0, count)
    if (this.writes.length === 0) this.services.deadlines.forget(this)
    return () => {
      for (const write of durable) {
        for (const place of write.places) answer(write, place, appended)
      }
    }
  }
}

const dueMsOf = ({ group, places, writtenAtMs }: WaitingWrite): number => {
  let timeoutMs = Infinity
  for (const place of places) timeoutMs = Math.min(timeoutMs, group.appends[place]!.options.timeoutMs)
  return writtenAtMs + timeoutMs
}

const answer = ({ group, log }: WaitingWrite, place: number, result: typeof appended): void => {
  const decision = group.decisions[place]!
  if (decision._tag === "Reject") return
  group.appends[place]!.complete(result(decision.baseOffset, decision.logAppendTimeMs, log.logStartOffset))
}

const expireWrite = (write: WaitingWrite, nowMs: number): void => {
  const { group, places, writtenAtMs } = write
  const isDue = (place: number): boolean => writtenAtMs + group.appends[place]!.options.timeoutMs <= nowMs
  write.places = places.filter((place) => !isDue(place))
  write.dueMs = dueMsOf(write)
  for (const place of places) if (isDue(place)) answer(write, place, timedOut)
}
