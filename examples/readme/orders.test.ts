import { assert, it } from "@effect/vitest"
import { TestBroker } from "@kafka-broker/testkit"
import { Effect } from "effect"
import kafkajs from "kafkajs"

it.live("an order is sent once, under its key", () =>
  Effect.gen(function*() {
    const broker = yield* TestBroker
    yield* broker.createTopics([{ name: "orders" }])
    const producer = new kafkajs.Kafka({ brokers: [broker.bootstrap] }).producer()
    yield* Effect.promise(async () => {
      await producer.connect()
      await producer.send({ topic: "orders", messages: [{ key: "42", value: "lamp" }] })
      await producer.disconnect()
    })
    assert.deepStrictEqual(yield* broker.values("orders"), ["lamp"])
    assert.lengthOf((yield* broker.requests).filter(({ api }) => api === "Produce"), 1)
  }).pipe(Effect.provide(TestBroker.layer())))
