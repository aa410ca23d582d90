/** What the broker's own client promises, against a whole broker. */
import { assert, describe, it } from "@effect/vitest"
import { apis } from "@kafka-broker/core/protocol"
import { Effect, Fiber, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { TestBroker } from "../src/TestBroker.ts"

const Order = Schema.Struct({ item: Schema.String, count: Schema.Number })

describe("a topic with formats", () => {
  it.effect("stores JSON by default, with keys as text", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      const topic = broker.topic("t")
      yield* topic.produce([{ key: "a", value: { n: 1 } }, { value: [true, null] }, { key: "a", value: null }])
      assert.deepStrictEqual(yield* broker.values("t"), [`{"n":1}`, "[true,null]", null])
      const seen = (yield* topic.records).map(({ key, offset, value }) => [offset, key, value])
      assert.deepStrictEqual(seen, [[0, "a", { n: 1 }], [1, null, [true, null]], [2, "a", null]])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("encodes and decodes by a schema, for groups too", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "orders" }])
      const orders = broker.topic("orders", { value: Order })
      yield* orders.produce([{ key: "42", value: { item: "lamp", count: 2 } }])
      const [consumed] = yield* orders.consume().pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(consumed?.value, { item: "lamp", count: 2 })
      const [member] = yield* orders.consumeAs("g").pipe(Stream.take(1), Stream.runCollect)
      assert.strictEqual(member?.value?.item, "lamp")
      yield* broker.topic("orders", { key: "bytes", value: "text" }).produce([{
        key: new Uint8Array([1]),
        value: "raw"
      }])
      assert.deepStrictEqual((yield* broker.values("orders")).at(-1), "raw")
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("says which record cannot be encoded, and which cannot be decoded", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "orders" }])
      const orders = broker.topic("orders", { value: Order })
      const wrong = { item: "lamp", count: "two" } as never
      const refused = yield* Effect.flip(orders.produce([{ value: { item: "a", count: 1 } }, { value: wrong }]))
      assert.match(refused.message, /^Produce orders: INVALID_RECORD: record 1: its value: .*number.*count/)
      assert.deepStrictEqual(yield* broker.values("orders"), [])
      yield* broker.produce("orders", [{ value: `{"item":"a","count":1}` }, { value: "no JSON" }])
      const poison = yield* Effect.flip(orders.records)
      assert.deepStrictEqual([poison.topic, poison.partition, poison.offset], ["orders", 0, 1])
      assert.match(poison.message, /^Fetch orders-0 at offset 1: INVALID_RECORD: its value: /)
    }).pipe(Effect.provide(TestBroker.layer())))
})

describe("consume", () => {
  it.effect("follows partitions that are added later, from their first record", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      const consuming = yield* broker.consume("t", { from: "latest" }).pipe(
        Stream.take(2),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* TestClock.adjust("1 second")
      yield* broker.request(apis.CreatePartitions, {
        topics: [{ name: "t", count: 3, assignments: null }],
        timeoutMs: 1000,
        validateOnly: false
      })
      yield* broker.produce("t", [{ partition: 2, value: "a" }, { partition: 1, value: "b" }])
      yield* TestClock.adjust("31 seconds")
      const records = yield* Fiber.join(consuming)
      assert.sameMembers(records.map(({ partition }) => partition), [1, 2])
    }).pipe(Effect.provide(TestBroker.layer())))
})

describe("errors", () => {
  it.effect("say what was asked, where, and what to do", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      const missing = yield* Effect.flip(broker.produce("nowhere", [{ value: "x" }]))
      assert.match(missing.message, /nowhere: UNKNOWN_TOPIC_OR_PARTITION: .* \(create the topic, /)
      yield* broker.createTopics([{ name: "t" }])
      const again = yield* Effect.flip(broker.createTopics([{ name: "t" }]))
      assert.deepStrictEqual([again.api, again.topic, again.name], ["CreateTopics", "t", "TOPIC_ALREADY_EXISTS"])
      const beyond = yield* Effect.flip(broker.produce("t", [{ partition: 7, value: "x" }]))
      assert.deepStrictEqual([beyond.api, beyond.topic, beyond.partition], ["Produce", "t", 7])
      const group = yield* Effect.flip(broker.describeGroup("none"))
      assert.deepStrictEqual([group.name, group.group], ["GROUP_ID_NOT_FOUND", "none"])
    }).pipe(Effect.provide(TestBroker.layer())))
})
