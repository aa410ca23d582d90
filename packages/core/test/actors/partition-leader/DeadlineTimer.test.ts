import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, FiberSet } from "effect"
import { TestClock } from "effect/testing"
import { DeadlineTimer } from "../../../src/actors/partition-leader/DeadlineTimer.ts"

const makeTimer = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const fibers = yield* FiberSet.make()
  const run = yield* FiberSet.runtime(fibers)()
  return { timer: new DeadlineTimer(clock, run), fibers }
})

/** Waits for one deadline, and notes when it was asked. */
const waiting = (dueMs: number) => {
  const askedAtMs: Array<number> = []
  return {
    askedAtMs,
    dueMs,
    expire: (nowMs: number) => {
      askedAtMs.push(nowMs)
      return dueMs <= nowMs ? Infinity : dueMs
    }
  }
}

const week = 7 * 24 * 3_600_000

describe("DeadlineTimer", () => {
  it.effect("asks everyone at the earliest deadline, then at the next", () =>
    Effect.gen(function*() {
      const { timer } = yield* makeTimer
      const late = waiting(5_000)
      const early = waiting(1_000)
      for (const each of [late, early]) timer.watch(each, each.dueMs)
      yield* TestClock.adjust(999)
      assert.deepStrictEqual(early.askedAtMs, [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual([early.askedAtMs, late.askedAtMs], [[1_000], [1_000]])
      yield* TestClock.adjust(4_000)
      assert.deepStrictEqual([early.askedAtMs, late.askedAtMs], [[1_000], [1_000, 5_000]])
    }).pipe(Effect.scoped))

  it.effect("keeps one fiber, however often an earlier deadline follows a later one", () =>
    Effect.gen(function*() {
      const { fibers, timer } = yield* makeTimer
      let nowMs = 0
      for (let round = 0; round < 20; round++) {
        for (const delayMs of [week, 60_000, 1_000]) {
          const each = waiting(nowMs + delayMs)
          timer.watch(each, each.dueMs)
          if (delayMs > 1_000) timer.forget(each)
        }
        yield* Effect.yieldNow
        assert.strictEqual(yield* FiberSet.size(fibers), 1)
        yield* TestClock.adjust(1_000)
        nowMs += 1_000
      }
      assert.strictEqual(yield* FiberSet.size(fibers), 0)
    }).pipe(Effect.scoped))
})
