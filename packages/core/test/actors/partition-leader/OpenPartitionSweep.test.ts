import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { DeadlineTimer } from "../../../src/actors/partition-leader/DeadlineTimer.ts"
import { OpenPartitionSweep } from "../../../src/actors/partition-leader/OpenPartitionSweep.ts"
import type { PartitionActor } from "../../../src/actors/partition-leader/PartitionActor.ts"

const named = (name: string) => ({ topicId: name }) as PartitionActor

const make = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const run = Effect.runForkWith(yield* Effect.context<never>())
  let timers = 0
  const deadlines = new DeadlineTimer(clock, (effect) => {
    timers++
    return run(effect)
  })
  const visited: Array<string> = []
  const sweep = new OpenPartitionSweep(deadlines, 1_000, (actor, nowMs) => visited.push(`${actor.topicId} at ${nowMs}`))
  return { sweep, visited, timers: () => timers }
})

describe("OpenPartitionSweep", () => {
  it.effect("visits every open partition once in each interval", () =>
    Effect.gen(function*() {
      const { sweep, visited } = yield* make
      const [a, b] = [named("a"), named("b")]
      sweep.add(a, 0)
      yield* TestClock.adjust(600)
      sweep.add(b, 600)
      yield* TestClock.adjust(400)
      sweep.delete(a)
      yield* TestClock.adjust(1_000)
      assert.deepStrictEqual(visited, ["a at 1000", "b at 1000", "b at 2000"])
    }))

  it.effect("has no timer while no partition is open, for a year, and begins again with the next", () =>
    Effect.gen(function*() {
      const { sweep, timers, visited } = yield* make
      const a = named("a")
      sweep.add(a, 0)
      sweep.delete(a)
      yield* TestClock.adjust(1_000)
      const before = timers()
      yield* TestClock.adjust("365 days")
      assert.strictEqual(timers(), before)
      const nowMs = yield* Clock.currentTimeMillis
      sweep.add(a, nowMs)
      yield* TestClock.adjust(1_000)
      assert.deepStrictEqual(visited, [`a at ${nowMs + 1_000}`])
    }))
})
