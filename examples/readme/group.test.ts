import { assert, it } from "@effect/vitest"
import { TestBroker } from "@kafka-broker/testkit"
import { Effect, Stream } from "effect"

it.effect("a group goes on where it stopped", () =>
  Effect.gen(function*() {
    const broker = yield* TestBroker
    yield* broker.createTopics([{ name: "orders" }])
    yield* broker.produce("orders", [{ value: "lamp" }, { value: "desk" }])
    yield* broker.consumeAs("billing", ["orders"]).pipe(Stream.take(1), Stream.runDrain)
    const [behind] = yield* broker.lag("billing")
    assert.deepStrictEqual(behind, { topic: "orders", partition: 0, committed: 1, end: 2, lag: 1 })
    const [next] = yield* broker.consumeAs("billing", ["orders"]).pipe(Stream.take(1), Stream.runCollect)
    assert.strictEqual(new TextDecoder().decode(next!.value!), "desk")
  }).pipe(Effect.provide(TestBroker.layer())))
