import { Clock, Effect, Latch } from "effect"
import type { GroupTimer } from "./CoordinatorPartition.ts"
import { GroupTimers } from "./GroupTimers.ts"

/** Deadlines run in one go before other fibers get their turn. */
const turnMax = 500

/** All deadlines of a coordinator, and the one fiber that sleeps until the next of them. */
export interface GroupClock {
  readonly timers: GroupTimers<GroupTimer>
  /** To be called after a deadline was set: the sleeper may have to get up earlier. */
  readonly wake: () => void
  /** Runs the deadlines for ever. */
  readonly run: Effect.Effect<never>
}

/** A clock without deadlines. */
export const makeGroupClock: Effect.Effect<GroupClock> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const latch = yield* Latch.make(false)
  const timers = new GroupTimers<GroupTimer>(({ groupId, memberId, partition, timer }) =>
    `${partition.partition}\u0000${groupId}\u0000${timer}\u0000${memberId}`
  )
  let sleepsUntilMs = Infinity
  const runDue = (): void => {
    for (let turn = 0; turn < turnMax; turn++) {
      const due = timers.takeDue(clock.currentTimeMillisUnsafe())
      if (due === undefined) return
      due.partition.expire(due)
    }
  }
  const sleep = Effect.suspend(() => {
    const nextMs = timers.nextMs
    sleepsUntilMs = nextMs ?? Infinity
    if (nextMs === undefined) return latch.await
    const delayMs = nextMs - clock.currentTimeMillisUnsafe()
    return delayMs > 0 ? Effect.raceFirst(Effect.sleep(delayMs), latch.await) : Effect.yieldNow
  })
  return {
    timers,
    wake: () => {
      if ((timers.nextMs ?? Infinity) < sleepsUntilMs) latch.openUnsafe()
    },
    run: Effect.forever(Effect.andThen(
      sleep,
      Effect.sync(() => {
        latch.closeUnsafe()
        runDue()
      })
    ))
  }
})
