import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { TestBroker } from "../src/TestBroker.ts"

const startTopic = Effect.fnUntraced(function*(name: string) {
  const broker = yield* TestBroker
  yield* broker.createTopics([{ name, partitions: 2 }])
  for (let i = 0; i < 6; i++) {
    yield* broker.produce(name, [{ partition: i % 2, value: `${i}`, timestamp: 1_000 * i }])
  }
  return broker
})

describe("offsets of a group", () => {
  it.effect("are committed from outside, and the lag follows", () =>
    Effect.gen(function*() {
      const broker = yield* startTopic("t")
      yield* broker.commitOffsets("g", [{ topic: "t", partition: 1, offset: 1 }, {
        topic: "t",
        partition: 0,
        offset: 3
      }])
      assert.deepStrictEqual(yield* broker.committed("g"), [
        { topic: "t", partition: 0, offset: 3 },
        { topic: "t", partition: 1, offset: 1 }
      ])
      assert.deepStrictEqual(yield* broker.lag("g"), [
        { topic: "t", partition: 0, committed: 3, end: 3, lag: 0 },
        { topic: "t", partition: 1, committed: 1, end: 3, lag: 2 }
      ])
      yield* broker.produce("t", [{ partition: 0, value: "x" }])
      assert.deepStrictEqual((yield* broker.lag("g")).map(({ lag }) => lag), [1, 2])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("are refused for a partition that does not exist, and none is stored for it", () =>
    Effect.gen(function*() {
      const broker = yield* startTopic("t")
      const refused = yield* Effect.flip(broker.commitOffsets("g", [{ topic: "t", partition: 9, offset: 1 }]))
      assert.strictEqual(refused.name, "UNKNOWN_TOPIC_OR_PARTITION")
      assert.deepStrictEqual(yield* broker.committed("g"), [])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("are reset to both ends, to an offset within the partition, and to a time", () =>
    Effect.gen(function*() {
      const broker = yield* startTopic("t")
      const resetTo = (to: Parameters<typeof broker.resetOffsets>[2]) =>
        Effect.map(broker.resetOffsets("g", "t", to), (offsets) => offsets.map(({ offset }) => offset))
      assert.deepStrictEqual(yield* resetTo("latest"), [3, 3])
      assert.deepStrictEqual(yield* resetTo("earliest"), [0, 0])
      assert.deepStrictEqual(yield* resetTo({ offset: 2 }), [2, 2])
      assert.deepStrictEqual(yield* resetTo({ offset: 99 }), [3, 3])
      assert.deepStrictEqual(yield* resetTo({ timestamp: 3_500 }), [2, 2])
      assert.deepStrictEqual(yield* resetTo({ timestamp: 4_500 }), [3, 2])
      assert.deepStrictEqual((yield* broker.committed("g")).map(({ offset }) => offset), [3, 2])
      const [again] = yield* broker.consumeAs("g", ["t"]).pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual([again?.partition, again?.offset], [1, 2])
    }).pipe(Effect.provide(TestBroker.layer())))
})

describe("a group with a member", () => {
  it.effect("is described, is neither deleted nor reset, and is gone when deleted after it left", () =>
    Effect.gen(function*() {
      const broker = yield* startTopic("t")
      const fiber = yield* broker.consumeAs("g", ["t"], { instanceId: "i-1", assignor: "range" }).pipe(
        Stream.runDrain,
        Effect.forkChild({ startImmediately: true })
      )
      // The member joins by its own requests, which take turns of the event loop and no time of the clock.
      const joined = Effect.filterOrFail(broker.describeGroup("g"), ({ state }) => state === "Stable")
      yield* Effect.retry(Effect.tapError(joined, () => TestClock.adjust("1 second")), { times: 60 })
      assert.deepStrictEqual((yield* broker.lag("g")).map(({ lag }) => lag), [0, 0])
      const described = yield* broker.describeGroup("g")
      assert.deepInclude(described, { groupId: "g", state: "Stable", type: "consumer", assignor: "range" })
      assert.deepInclude(described.members[0], {
        instanceId: "i-1",
        clientId: "kafka-broker-in-process-consumer",
        assignment: [{ topic: "t", partition: 0 }, { topic: "t", partition: 1 }]
      })
      assert.strictEqual((yield* Effect.flip(broker.deleteGroup("g"))).name, "NON_EMPTY_GROUP")
      assert.strictEqual((yield* Effect.flip(broker.resetOffsets("g", "t", "earliest"))).name, "UNKNOWN_MEMBER_ID")
      yield* Fiber.interrupt(fiber)
      // A static member may come back until its session ends.
      assert.lengthOf((yield* broker.describeGroup("g")).members, 1)
      yield* TestClock.adjust("1 minute")
      yield* broker.deleteGroup("g")
      assert.deepStrictEqual(yield* broker.groups, [])
      assert.strictEqual((yield* Effect.flip(broker.lag("g"))).name, "GROUP_ID_NOT_FOUND")
    }).pipe(Effect.provide(TestBroker.layer())))
})
