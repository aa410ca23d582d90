import { Effect } from "effect"
import type { Clock } from "effect"

/** Something whose waiting appends time out. */
export interface Expiring {
  /** Answers what is due; returns when the next is, in milliseconds since the epoch, Infinity when none is. */
  readonly expire: (nowMs: number) => number
}

/**
 * One timer for all appends that wait for stable storage. It is set to the earliest deadline and not moved when that
 * append is answered, which nearly every one is long before: under load it fires once per request timeout.
 */
export class AckTimer {
  private readonly clock: Clock.Clock
  private readonly fork: (effect: Effect.Effect<void>) => void
  private readonly watched = new Set<Expiring>()
  private dueMs = Infinity

  constructor(clock: Clock.Clock, fork: (effect: Effect.Effect<void>) => void) {
    this.clock = clock
    this.fork = fork
  }

  /** Asks `expiring` at `dueMs` or before, until it is forgotten or nothing of it is due any more. */
  watch(expiring: Expiring, dueMs: number): void {
    this.watched.add(expiring)
    if (dueMs < this.dueMs) this.set(dueMs)
  }

  forget(expiring: Expiring): void {
    this.watched.delete(expiring)
  }

  private set(dueMs: number): void {
    this.dueMs = dueMs
    const delayMs = Math.max(0, dueMs - this.clock.currentTimeMillisUnsafe())
    this.fork(Effect.andThen(Effect.sleep(delayMs), Effect.sync(() => this.fire(dueMs))))
  }

  private fire(dueMs: number): void {
    // Set to an earlier time since: that one looks after everything.
    if (this.dueMs !== dueMs) return
    this.dueMs = Infinity
    const nowMs = this.clock.currentTimeMillisUnsafe()
    let nextMs = Infinity
    for (const expiring of this.watched) {
      const next = expiring.expire(nowMs)
      if (next === Infinity) this.watched.delete(expiring)
      nextMs = Math.min(nextMs, next)
    }
    if (nextMs < this.dueMs) this.set(nextMs)
  }
}
