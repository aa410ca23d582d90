import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { once } from "node:events"
import * as Net from "node:net"
import { Uuid } from "../../core/src/model/Uuid.ts"
import { Fetch } from "../../core/src/protocol/apis/Fetch.ts"
import { encodeRequest } from "../../core/src/protocol/Frame.ts"
import { TestBroker } from "../src/TestBroker.ts"

const stoppedAt = (ms: number) => Layer.effectDiscard(TestClock.setTime(ms))

describe("TestBroker", () => {
  it.effect("keeps what it is given and shows it without a consumer", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "orders", partitions: 2 }])
      const placed = yield* broker.produce("orders", [
        { partition: 0, value: "first" },
        { partition: 1, value: "second" },
        { partition: 0, value: null }
      ])
      assert.deepStrictEqual(placed, [
        { partition: 0, offset: 0 },
        { partition: 1, offset: 0 },
        { partition: 0, offset: 1 }
      ])
      assert.deepStrictEqual(yield* broker.values("orders"), ["first", null, "second"])
      assert.deepStrictEqual(yield* broker.listTopics, ["orders"])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("stamps records with the time of the test's clock", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t", configs: { "message.timestamp.type": "LogAppendTime" } }])
      yield* broker.produce("t", [{ value: "a" }])
      yield* TestClock.adjust("1 hour")
      yield* broker.produce("t", [{ value: "b" }])
      const records = yield* broker.records("t")
      assert.deepStrictEqual(records.map(({ timestamp }) => timestamp), [1_000, 3_601_000])
    }).pipe(Effect.provide(Layer.provideMerge(TestBroker.layer(), stoppedAt(1_000)))))

  it.effect("takes the records of a client that keeps the real time, under the test's clock", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }, {
        name: "strict",
        configs: { "message.timestamp.after.max.ms": "1000" }
      }])
      const realMs = 1_790_000_000_000
      yield* broker.produce("t", [{ value: "a", timestamp: realMs }])
      const [record] = yield* broker.records("t")
      assert.strictEqual(record?.timestamp, realMs)
      const refused = yield* Effect.flip(broker.produce("strict", [{ value: "a", timestamp: realMs }]))
      assert.strictEqual(refused.name, "INVALID_TIMESTAMP")
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("wakes a waiting consumer when a record arrives, whatever the clock says", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      const consumer = yield* broker.consume("t", { maxWaitMs: 3_600_000 }).pipe(
        Stream.take(2),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* broker.produce("t", [{ key: "k", value: "1" }])
      yield* broker.produce("t", [{ key: "k", value: "2" }])
      const records = yield* Fiber.join(consumer)
      assert.deepStrictEqual(records.map(({ offset }) => offset), [0, 1])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("fails with Kafka's error", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      const unknown = yield* Effect.flip(broker.produce("missing", [{ value: "x" }]))
      assert.strictEqual(unknown.name, "UNKNOWN_TOPIC_OR_PARTITION")
      const invalid = yield* Effect.flip(broker.createTopics([{ name: "no spaces" }]))
      assert.strictEqual(invalid.code, 17)
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("lets two brokers live in one process, each with its own port and records", () =>
    Effect.gen(function*() {
      const one = yield* Effect.provide(TestBroker, TestBroker.layer({ properties: { "node.id": "1" } }), {
        local: true
      })
      const two = yield* Effect.provide(TestBroker, TestBroker.layer({ properties: { "node.id": "2" } }), {
        local: true
      })
      assert.notStrictEqual(one.port, two.port)
      assert.notStrictEqual(one.clusterId, two.clusterId)
    }))

  it.effect("stops though the clock stands still, with a client that waits and never closes", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(TestBroker.layer(), scope)
      const { host, port } = Context.get(services, TestBroker)
      const socket = Net.connect({ host, port, allowHalfOpen: true })
      yield* Effect.promise(() => once(socket, "connect"))
      // A Fetch that waits for an hour.
      const waiting = encodeRequest(Fetch, 4, { correlationId: 1, clientId: "c" }, {
        maxWaitMs: 3_600_000,
        minBytes: 1,
        maxBytes: 1,
        isolationLevel: 0,
        forgottenTopicsData: [],
        topics: [{
          topic: "t",
          topicId: Uuid.zero,
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }]
        }]
      })
      const broker = Context.get(services, TestBroker)
      yield* broker.createTopics([{ name: "t" }])
      for (const chunk of waiting) socket.write(chunk)
      yield* Effect.promise(async () => {
        while (!(await Effect.runPromise(broker.requests)).some(({ api }) => api === "Fetch")) {
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
      yield* Scope.close(scope, Exit.void)
      socket.destroy()
    }))
})
