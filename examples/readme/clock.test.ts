import { assert, it } from "@effect/vitest"
import { TestBroker } from "@kafka-broker/testkit"
import { Effect } from "effect"
import { TestClock } from "effect/testing"

it.effect("the broker's time is the test's time", () =>
  Effect.gen(function*() {
    const broker = yield* TestBroker
    yield* broker.createTopics([{ name: "ticks", configs: { "message.timestamp.type": "LogAppendTime" } }])
    yield* broker.produce("ticks", [{ value: "before" }])
    yield* TestClock.adjust("1 hour")
    yield* broker.produce("ticks", [{ value: "after" }])
    const [before, after] = yield* broker.records("ticks")
    assert.strictEqual(after!.timestamp - before!.timestamp, 3_600_000)
  }).pipe(Effect.provide(TestBroker.layer())))
