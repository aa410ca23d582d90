/** How a service is tested: a real broker in memory, made for one test, asked afterwards what it holds and what it saw. */
import { assert, describe, it } from "@effect/vitest"
import { TestBroker } from "@kafka-broker/testkit"
import { Effect, Fiber } from "effect"
import kafkajs from "kafkajs"
import { countWords } from "../src/countWords.ts"

describe("countWords", () => {
  it.effect("counts words across lines", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "lines" }, { name: "counts" }])
      const service = yield* Effect.forkChild(countWords(2))
      yield* broker.produce("lines", [{ value: "to be or" }, { value: "not to be" }])
      yield* Fiber.join(service)
      assert.deepStrictEqual(yield* broker.values("counts"), ["1", "1", "1", "1", "2", "2"])
    }).pipe(Effect.provide(TestBroker.layer())))
})

describe("a service that brings its own Kafka client", () => {
  it.effect("reaches the broker through its port, and the test sees its requests", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "audit" }])
      yield* Effect.promise(async () => {
        const kafka = new kafkajs.Kafka({ clientId: "my-service", brokers: [broker.bootstrap] })
        const producer = kafka.producer()
        await producer.connect()
        await producer.send({ topic: "audit", messages: [{ value: "signed in" }] })
        await producer.disconnect()
      })
      assert.deepStrictEqual(yield* broker.values("audit"), ["signed in"])
      const seen = (yield* broker.requests).filter(({ api, clientId }) =>
        api === "Produce" && clientId === "my-service"
      )
      assert.strictEqual(seen.length, 1)
    }).pipe(Effect.provide(TestBroker.layer())))
})
