import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { FlushClock } from "../../src/log/FlushClock.ts"
import { LogLimits } from "../../src/log/LogLimits.ts"

/** A log that is flushed once it was looked at `looksLeft` times. */
class PendingLog {
  looks = 0
  looksLeft: number

  constructor(looksLeft: number) {
    this.looksLeft = looksLeft
  }

  get isFlushPending(): boolean {
    return this.looksLeft > 0
  }

  flushOverdue(): Effect.Effect<void> {
    return Effect.sync(() => {
      this.looks++
      this.looksLeft--
    })
  }
}

describe("FlushClock", () => {
  it.effect("looks at a log from when something can come due until it is flushed, and sleeps else", () =>
    Effect.gen(function*() {
      const clock = new FlushClock()
      yield* Effect.forkScoped(clock.run)
      yield* TestClock.adjust("1 hour")
      const log = new PendingLog(3)
      clock.watch(log)
      yield* TestClock.adjust(LogLimits.flushCheckIntervalMs - 1)
      assert.strictEqual(log.looks, 0)
      yield* TestClock.adjust(1)
      assert.strictEqual(log.looks, 1)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(log.looks, 3)
      log.looksLeft = 1
      clock.watch(log)
      yield* TestClock.adjust(LogLimits.flushCheckIntervalMs)
      assert.strictEqual(log.looks, 4)
    }))
})
