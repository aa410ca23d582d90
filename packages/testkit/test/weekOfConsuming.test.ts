import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { TestBroker } from "../src/TestBroker.ts"

const hours = 7 * 24
/** Heartbeats every quarter of an hour: with Kafka's five seconds a week has a quarter of a million of them. */
const properties = {
  "group.consumer.heartbeat.interval.ms": "900000",
  "group.consumer.max.heartbeat.interval.ms": "900000",
  "group.consumer.session.timeout.ms": "3600000",
  "group.consumer.max.session.timeout.ms": "3600000"
} as const
const options = { maxWaitMs: 3_600_000, maxPollIntervalMs: 7_200_000 }

describe("a week of two members, one of which comes and goes", () => {
  it.effect("delivers every record exactly once, as all handovers are clean", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t", partitions: 6 }])
      const seen = new Map<string, number>()
      let byVisitor = 0
      const member = (isVisitor: boolean) =>
        broker.consumeAs("g", ["t"], options).pipe(
          Stream.runForEach(({ value }) =>
            Effect.sync(() => {
              const text = new TextDecoder().decode(value ?? undefined)
              seen.set(text, (seen.get(text) ?? 0) + 1)
              if (isVisitor) byVisitor++
            })
          ),
          Effect.forkChild({ startImmediately: true })
        )
      yield* member(false)
      let visitor: Fiber.Fiber<void, unknown> | undefined
      for (let hour = 0; hour < hours; hour++) {
        if (hour % 9 === 3) visitor = yield* member(true)
        if (hour % 9 === 8 && visitor !== undefined) yield* Fiber.interrupt(visitor)
        yield* broker.produce("t", Array.from({ length: 6 }, (_, i) => ({ partition: i, value: `${hour}-${i}` })))
        yield* TestClock.adjust("1 hour")
      }
      assert.strictEqual(seen.size, hours * 6)
      assert.deepStrictEqual([...seen].filter(([, count]) => count !== 1), [])
      assert.isAbove(byVisitor, hours)
      assert.deepStrictEqual((yield* broker.lag("g")).map(({ committed, lag }) => [committed, lag]), [
        ...Array.from({ length: 6 }, () => [hours, 0])
      ])
    }).pipe(Effect.provide(TestBroker.layer({ properties }))), 300_000)
})
