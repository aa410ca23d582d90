import { assert, it } from "@effect/vitest"
import { TestBroker } from "@kafka-broker/testkit"
import { Effect } from "effect"
import { sendGreetings } from "../src/standalone-with-kafkajs.ts"

it.live("kafkajs creates a topic and produces to it", () =>
  Effect.gen(function*() {
    const broker = yield* TestBroker
    const ends = yield* Effect.promise(() => sendGreetings(broker.bootstrap, "greetings"))
    assert.deepStrictEqual([...ends], [[0, "2"]])
    assert.deepStrictEqual(yield* broker.values("greetings"), ["hello", "hallo"])
  }).pipe(Effect.provide(TestBroker.layer())))
