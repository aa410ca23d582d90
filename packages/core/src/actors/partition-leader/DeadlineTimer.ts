import { Effect } from "effect"
import type { Clock, Fiber } from "effect"

/** Something whose waiting appends or fetches time out. */
export interface Expiring {
  /** Answers what is due; returns when the next is, in milliseconds since the epoch, Infinity when none is. */
  readonly expire: (nowMs: number) => number
}

/**
 * One timer for many waiting requests. It is set to the earliest deadline and not moved when that request is answered,
 * which nearly every one is long before: under load it fires once per request timeout.
 */
export class DeadlineTimer {
  private readonly clock: Clock.Clock
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  private readonly watched = new Set<Expiring>()
  private dueMs = Infinity
  /** Sleeps until `dueMs`. */
  private sleeper: Fiber.Fiber<void> | undefined = undefined

  constructor(clock: Clock.Clock, fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>) {
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
    // Clients choose deadlines, weeks ahead if they like: one that is no longer the earliest must not sleep on.
    this.sleeper?.interruptUnsafe()
    this.dueMs = dueMs
    const delayMs = Math.max(0, dueMs - this.clock.currentTimeMillisUnsafe())
    this.sleeper = this.fork(Effect.andThen(Effect.sleep(delayMs), Effect.sync(() => this.fire(dueMs))))
  }

  private fire(dueMs: number): void {
    if (this.dueMs !== dueMs) return
    this.dueMs = Infinity
    this.sleeper = undefined
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
