import { Clock, Effect, Latch } from "effect"
import { LogLimits } from "./LogLimits.ts"
import type { LogStoreError } from "./LogStore.ts"

/** A log as the clock sees it. */
export interface FlushedLog {
  /** Whether there is something that `flushOverdue` will flush. */
  readonly isFlushPending: boolean
  /** Flushes what is due at `nowMs`, in milliseconds since the epoch. */
  readonly flushOverdue: (nowMs: number) => Effect.Effect<void, LogStoreError>
}

/** Flushes the logs of a store when it is due: after a roll, or after `flush.ms`. Sleeps while no log can come due. */
export class FlushClock {
  readonly #pending = new Set<FlushedLog>()
  readonly #hasPending = Latch.makeUnsafe(false)

  /** The log has something that comes due. */
  readonly watch = (log: FlushedLog): void => {
    this.#pending.add(log)
    this.#hasPending.openUnsafe()
  }

  /** Never ends. */
  get run(): Effect.Effect<never> {
    return Effect.forever(
      Effect.andThen(this.#hasPending.await, Effect.delay(this.#flushDue, LogLimits.flushCheckIntervalMs))
    )
  }

  get #flushDue(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      for (const log of [...this.#pending]) {
        // The failure stays with the log, whose next append reports it.
        yield* Effect.ignore(log.flushOverdue(now))
        if (!log.isFlushPending) this.#pending.delete(log)
      }
      if (this.#pending.size === 0) this.#hasPending.closeUnsafe()
    })
  }
}
