import { Effect, FiberHandle } from "effect"
import type { Scope } from "effect"
import { Deadlines } from "./Deadlines.ts"

/** Deadlines run in one go before other fibers get their turn. */
const turnMax = 500

/** All deadlines of an actor. One fiber sleeps until the next of them, and none when there is none. */
export interface DeadlineClock<Payload, Key> {
  readonly deadlines: Deadlines<Payload, Key>
  /** To be called after a deadline was set: the sleeper may have to get up earlier. */
  readonly wake: () => void
}

/** A clock without deadlines, which stops with the scope; `expire` is called with each that passed, and must not throw. */
export const makeDeadlineClock = Effect.fnUntraced(function*<Payload, Key>(
  keyOf: (payload: Payload) => Key,
  expire: (payload: Payload) => void,
  /** The clock of the deadlines, in milliseconds. */
  now: () => number
): Effect.fn.Return<DeadlineClock<Payload, Key>, never, Scope.Scope> {
  const run = yield* FiberHandle.makeRuntime<never>()
  const deadlines = new Deadlines<Payload, Key>(keyOf)
  let sleepsUntilMs = Infinity
  /** While deadlines run the sleeper is awake, and looks for the next one by itself. */
  let isAwake = false
  const runDue = (): void => {
    isAwake = true
    // Should the fiber die of a defect, the next deadline starts another.
    sleepsUntilMs = Infinity
    try {
      for (let turn = 0; turn < turnMax; turn++) {
        const due = deadlines.takeDue(now())
        if (due === undefined) break
        expire(due)
      }
    } finally {
      isAwake = false
    }
  }
  const sleepUntil = (atMs: number): Effect.Effect<void> => {
    sleepsUntilMs = atMs
    const delayMs = atMs - now()
    return delayMs > 0 ? Effect.sleep(delayMs) : Effect.yieldNow
  }
  const live = Effect.gen(function*() {
    for (let nextMs = deadlines.nextMs; nextMs !== undefined; nextMs = deadlines.nextMs) {
      yield* sleepUntil(nextMs)
      runDue()
    }
  })
  return {
    deadlines,
    wake: () => {
      if (!isAwake && (deadlines.nextMs ?? Infinity) < sleepsUntilMs) run(live)
    }
  }
})
