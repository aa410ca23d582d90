import { assert, describe, it } from "@effect/vitest"
import { apis, buildBatch, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Net from "node:net"
import { TestBroker, type TestBrokerShape } from "../src/TestBroker.ts"

const BROKER = 4
const SET = 0
const DELETE = 1

/** Changes a dynamic config of all brokers; null takes it away. */
const alter = Effect.fnUntraced(function*(broker: TestBrokerShape, name: string, value: string | null) {
  const { responses } = yield* broker.request(apis.IncrementalAlterConfigs, {
    resources: [{
      resourceType: BROKER,
      resourceName: "",
      configs: [{ name, configOperation: value === null ? DELETE : SET, value }]
    }],
    validateOnly: false
  })
  assert.strictEqual(responses[0]?.errorCode, 0, responses[0]?.errorMessage ?? "")
})

/** Whether a new connection stays open until an answer comes. */
const isServed = (broker: TestBrokerShape) =>
  Effect.promise(() =>
    new Promise<boolean>((resolve) => {
      const socket = Net.connect(broker.port, broker.host)
      // ApiVersions 0 with correlation id 1 and no client id.
      socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]))
      socket.on("data", () => {
        socket.destroy()
        resolve(true)
      })
      socket.on("close", () => resolve(false))
      socket.on("error", () => resolve(false))
    })
  )

describe("a dynamic config of the broker acts at once", () => {
  it.live("max.connections, max.connections.per.ip and its overrides", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      assert.isTrue(yield* isServed(broker))
      yield* alter(broker, "max.connections.per.ip.overrides", "127.0.0.1:0")
      assert.isFalse(yield* isServed(broker))
      yield* alter(broker, "max.connections.per.ip.overrides", "10.0.0.1:0")
      assert.isTrue(yield* isServed(broker))
      yield* alter(broker, "max.connections.per.ip", "0")
      assert.isFalse(yield* isServed(broker))
      yield* alter(broker, "max.connections.per.ip", null)
      assert.isTrue(yield* isServed(broker))
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("producer.id.expiration.ms", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      const records = buildBatch([{ value: new Uint8Array(1), timestamp: 0 }], {
        producerId: 7,
        producerEpoch: 0,
        baseSequence: 0
      })
      yield* broker.request(apis.Produce, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: "t", topicId: Uuid.zero, partitionData: [{ index: 0, records }] }]
      }, 11)
      const producers = Effect.map(
        broker.request(apis.DescribeProducers, { topics: [{ name: "t", partitionIndexes: [0] }] }),
        ({ topics }) => topics[0]!.partitions[0]!.activeProducers.map(({ producerId }) => producerId)
      )
      yield* TestClock.adjust("11 minutes")
      assert.deepStrictEqual(yield* producers, [7])
      yield* alter(broker, "producer.id.expiration.ms", "60000")
      yield* TestClock.adjust("11 minutes")
      assert.deepStrictEqual(yield* producers, [])
    }).pipe(Effect.provide(TestBroker.layer())))
})
