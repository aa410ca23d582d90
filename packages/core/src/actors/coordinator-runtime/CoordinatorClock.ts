import { Clock, Effect, FiberHandle } from "effect"
import type { Scope } from "effect"
import type { Coordination } from "./CoordinatorMachine.ts"
import type { PartitionDeadline } from "./CoordinatorPartition.ts"
import { CoordinatorTimers } from "./CoordinatorTimers.ts"

/** Deadlines run in one go before other fibers get their turn. */
const turnMax = 500

/** All deadlines of a coordinator. One fiber sleeps until the next of them; no other is made for them. */
export interface CoordinatorClock<C extends Coordination> {
  readonly timers: CoordinatorTimers<PartitionDeadline<C>>
  /** To be called after a deadline was set: the sleeper may have to get up earlier. */
  readonly wake: () => void
}

/** A clock without deadlines, which stops with the scope. */
export const makeCoordinatorClock = <C extends Coordination>(
  deadlineKey: (deadline: C["Deadline"]) => string
): Effect.Effect<CoordinatorClock<C>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const run = yield* FiberHandle.makeRuntime<never>()
    const timers = new CoordinatorTimers<PartitionDeadline<C>>(({ deadline, key, partition }) =>
      `${partition.partition}\u0000${key}\u0000${deadlineKey(deadline)}`
    )
    let sleepsUntilMs = Infinity
    /** While deadlines run the sleeper is awake, and looks for the next one by itself. */
    let isAwake = false
    const runDue = (): void => {
      isAwake = true
      // Should the fiber die of a defect, the next deadline starts another.
      sleepsUntilMs = Infinity
      try {
        for (let turn = 0; turn < turnMax; turn++) {
          const due = timers.takeDue(clock.currentTimeMillisUnsafe())
          if (due === undefined) break
          due.partition.expire(due)
        }
      } finally {
        isAwake = false
      }
    }
    const sleep = Effect.suspend(() => {
      const nextMs = timers.nextMs
      sleepsUntilMs = nextMs ?? Infinity
      if (nextMs === undefined) return Effect.never
      const delayMs = nextMs - clock.currentTimeMillisUnsafe()
      return delayMs > 0 ? Effect.sleep(delayMs) : Effect.yieldNow
    })
    const live = Effect.forever(Effect.andThen(sleep, Effect.sync(runDue)))
    run(live)
    return {
      timers,
      wake: () => {
        if (!isAwake && (timers.nextMs ?? Infinity) < sleepsUntilMs) run(live)
      }
    }
  })
