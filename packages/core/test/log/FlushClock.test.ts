import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { FlushClock } from "../../src/log/FlushClock.ts"
import { LogLimits } from "../../src/log/LogLimits.ts"

/** A log with something to flush at a time; notes when it was looked at. */
class PendingLog {
  readonly looksMs: Array<number> = []
  flushDueMs: number | undefined

  constructor(flushDueMs: number) {
    this.flushDueMs = flushDueMs
  }

  flushOverdue(nowMs: number): Effect.Effect<void> {
    return Effect.sync(() => {
      this.looksMs.push(nowMs)
      if (this.flushDueMs !== undefined && this.flushDueMs <= nowMs) this.flushDueMs = undefined
    })
  }
}

const interval = LogLimits.flushCheckIntervalMs

describe("FlushClock", () => {
  it.effect("flushes a log once it is due, and sleeps before and after", () =>
    Effect.gen(function*() {
      const clock = new FlushClock()
      yield* Effect.forkScoped(clock.run)
      yield* TestClock.adjust("1 hour")
      const log = new PendingLog(7_200_000)
      clock.watch(log)
      yield* TestClock.adjust("365 days")
      assert.deepStrictEqual(log.looksMs, [7_200_000])
    }))

  it.effect("flushes what is due at once within an interval, together with others", () =>
    Effect.gen(function*() {
      const clock = new FlushClock()
      yield* Effect.forkScoped(clock.run)
      const rolled = new PendingLog(0)
      const soon = new PendingLog(interval - 1)
      clock.watch(rolled)
      yield* TestClock.adjust(1)
      clock.watch(soon)
      yield* TestClock.adjust(interval - 1)
      assert.deepStrictEqual([rolled.looksMs, soon.looksMs], [[interval], [interval]])
    }))

  it.effect("wakes for a log that comes due before those it waits for", () =>
    Effect.gen(function*() {
      const clock = new FlushClock()
      yield* Effect.forkScoped(clock.run)
      const late = new PendingLog(86_400_000)
      clock.watch(late)
      yield* TestClock.adjust("1 hour")
      const rolled = new PendingLog(yield* Clock.currentTimeMillis)
      clock.watch(rolled)
      yield* TestClock.adjust(interval)
      assert.deepStrictEqual(rolled.looksMs, [3_600_000 + interval])
      yield* TestClock.adjust("2 days")
      assert.deepStrictEqual(late.looksMs.at(-1), 86_400_000)
    }))
})
