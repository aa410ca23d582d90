import { Clock, Effect, Latch } from "effect"
import { LogLimits } from "./LogLimits.ts"
import type { LogStoreError } from "./LogStore.ts"

/** A log as the clock sees it. */
export interface FlushedLog {
  /** When `flushOverdue` has something to flush, in milliseconds since the epoch; undefined while it never has. */
  readonly flushDueMs: number | undefined
  /** Flushes what is due at `nowMs`, in milliseconds since the epoch. */
  readonly flushOverdue: (nowMs: number) => Effect.Effect<void, LogStoreError>
}

/** Flushes the logs of a store when it is due: after a roll, or after `flush.ms`. Sleeps until the first comes due. */
export class FlushClock {
  readonly #pending = new Set<FlushedLog>()
  /** Open when a log comes due before the clock would look. */
  readonly #sooner = Latch.makeUnsafe(false)
  /** When the clock looks next, in milliseconds since the epoch. */
  #nextMs = Infinity

  /** The log has something that comes due. */
  readonly watch = (log: FlushedLog): void => {
    this.#pending.add(log)
    if ((log.flushDueMs ?? Infinity) < this.#nextMs) this.#sooner.openUnsafe()
  }

  /** Never ends. */
  get run(): Effect.Effect<never> {
    return Effect.forever(Effect.gen({ self: this }, function*() {
      this.#sooner.closeUnsafe()
      let dueMs = Infinity
      for (const log of this.#pending) {
        if (log.flushDueMs === undefined) this.#pending.delete(log)
        else dueMs = Math.min(dueMs, log.flushDueMs)
      }
      this.#nextMs = dueMs
      if (dueMs === Infinity) return yield* this.#sooner.await
      const now = yield* Clock.currentTimeMillis
      // Logs that come due shortly after one another are flushed together.
      const waitMs = Math.max(dueMs - now, LogLimits.flushCheckIntervalMs)
      const isDue = yield* Effect.raceFirst(
        Effect.as(Effect.sleep(waitMs), true),
        Effect.as(dueMs <= now ? Effect.never : this.#sooner.await, false)
      )
      if (isDue) yield* this.#flushDue
    }))
  }

  get #flushDue(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      // The failure stays with the log, whose next append reports it.
      for (const log of [...this.#pending]) yield* Effect.ignore(log.flushOverdue(now))
    })
  }
}
