import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@kafka-broker/core"
import { apis } from "@kafka-broker/core/protocol"
import { Context, Deferred, Effect, Fiber, Layer, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { TestBroker } from "../src/TestBroker.ts"

const valueOf = ({ value }: Client.GroupRecord): string => new TextDecoder().decode(value ?? undefined)

/** A member that runs beside the test and tells every record it got. */
const startMember = Effect.fnUntraced(
  function*(group: string, topics: ReadonlyArray<string>, options?: Client.ConsumeAsOptions) {
    const broker = yield* TestBroker
    const records = yield* Queue.unbounded<Client.GroupRecord>()
    const fiber = yield* broker.consumeAs(group, topics, options).pipe(
      Stream.runForEach((record) => Queue.offer(records, record)),
      Effect.forkChild({ startImmediately: true })
    )
    return { fiber, records, next: Queue.take(records) }
  }
)

/** Until the group has members enough and stands still; only turns of the event loop pass, the clock is not moved. */
const untilMembers = Effect.fnUntraced(function*(group: string, count: number) {
  const broker = yield* TestBroker
  for (let turn = 0; turn < 1_000; turn++) {
    const listed = (yield* broker.groups).some(({ groupId }) => groupId === group)
    if (listed && (yield* broker.describeGroup(group)).members.length === count) return
    yield* Effect.yieldNow
  }
  assert.fail(`the group did not get ${count} members`)
})

const keyed = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ partition: i % 4, value: `${from + i}` }))

describe("consumeAs", () => {
  it.effect("commits each record after it was worked on, and the next member goes on there", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      yield* broker.produce("t", [{ value: "a" }, { value: "b" }, { value: "c" }])
      const first = yield* broker.consumeAs("g", ["t"]).pipe(Stream.take(2), Stream.map(valueOf), Stream.runCollect)
      assert.deepStrictEqual(first, ["a", "b"])
      assert.deepStrictEqual(yield* broker.committed("g"), [{ topic: "t", partition: 0, offset: 2 }])
      assert.deepStrictEqual(yield* broker.groups, [{ groupId: "g", state: "Empty", type: "consumer" }])
      const second = yield* broker.consumeAs("g", ["t"]).pipe(Stream.take(1), Stream.map(valueOf), Stream.runCollect)
      assert.deepStrictEqual(second, ["c"])
      assert.deepStrictEqual(yield* broker.lag("g"), [{ topic: "t", partition: 0, committed: 3, end: 3, lag: 0 }])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("does not commit the record whose work failed or was interrupted", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      yield* broker.produce("t", [{ value: "a" }, { value: "b" }])
      const failed = yield* broker.consumeAs("g", ["t"]).pipe(
        Stream.runForEach((record) => record.offset === 1 ? Effect.fail("broken") : Effect.void),
        Effect.flip
      )
      assert.strictEqual(failed, "broken")
      assert.deepStrictEqual(yield* broker.committed("g"), [{ topic: "t", partition: 0, offset: 1 }])
      const begun = yield* Deferred.make<void>()
      const working = yield* broker.consumeAs("g", ["t"]).pipe(
        Stream.runForEach(() => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)),
        Effect.forkChild
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(working)
      assert.deepStrictEqual(yield* broker.committed("g"), [{ topic: "t", partition: 0, offset: 1 }])
      assert.deepStrictEqual((yield* broker.describeGroup("g")).members, [])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("commits only what it is told to when commits are manual", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      yield* broker.produce("t", [{ value: "a" }, { value: "b" }, { value: "c" }])
      yield* broker.consumeAs("g", ["t"], { commit: "manual" }).pipe(
        Stream.take(3),
        Stream.runForEach((record) => record.offset === 1 ? record.commit : Effect.void)
      )
      assert.deepStrictEqual(yield* broker.lag("g"), [{ topic: "t", partition: 0, committed: 2, end: 3, lag: 1 }])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("begins at the end when asked to, and gets what comes then", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      yield* broker.produce("t", [{ value: "old" }])
      const member = yield* startMember("g", ["t"], { from: "latest" })
      yield* untilMembers("g", 1)
      // It has yet to ask where the end is.
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      yield* broker.produce("t", [{ value: "new" }])
      assert.strictEqual(valueOf(yield* member.next), "new")
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("shares partitions with a member that joins, and takes them back when it leaves, each record once", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t", partitions: 4 }])
      yield* broker.produce("t", keyed(8))
      const one = yield* startMember("g", ["t"])
      const seen: Array<string> = []
      for (let i = 0; i < 8; i++) seen.push(valueOf(yield* one.next))
      const two = yield* startMember("g", ["t"])
      yield* untilMembers("g", 2)
      yield* TestClock.adjust("15 seconds")
      const { members, state } = yield* broker.describeGroup("g")
      assert.strictEqual(state, "Stable")
      assert.deepStrictEqual(members.map(({ assignment }) => assignment.length), [2, 2])
      yield* broker.produce("t", keyed(8, 8))
      for (const member of [one, two]) for (let i = 0; i < 4; i++) seen.push(valueOf(yield* member.next))
      yield* Fiber.interrupt(two.fiber)
      yield* TestClock.adjust("15 seconds")
      yield* broker.produce("t", keyed(4, 16))
      for (let i = 0; i < 4; i++) seen.push(valueOf(yield* one.next))
      assert.sameMembers(seen, Array.from({ length: 20 }, (_, i) => `${i}`))
      assert.strictEqual(yield* Queue.size(one.records), 0)
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("joins again after it was thrown out, and goes on from what was committed", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      yield* broker.produce("t", [{ value: "a" }])
      const member = yield* startMember("g", ["t"])
      assert.strictEqual(valueOf(yield* member.next), "a")
      const [before] = (yield* broker.describeGroup("g")).members
      yield* broker.request(apis.ConsumerGroupHeartbeat, { groupId: "g", memberId: before!.memberId, memberEpoch: -1 })
      assert.deepStrictEqual((yield* broker.describeGroup("g")).members, [])
      yield* TestClock.adjust("6 seconds")
      yield* broker.produce("t", [{ value: "b" }])
      assert.strictEqual(valueOf(yield* member.next), "b")
      assert.lengthOf((yield* broker.describeGroup("g")).members, 1)
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("loses its partitions when it works longer than it may, and its late commit is refused", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      yield* broker.produce("t", [{ value: "a" }])
      const begun = yield* Deferred.make<Client.GroupRecord>()
      yield* broker.consumeAs("g", ["t"], { commit: "manual", maxPollIntervalMs: 60_000 }).pipe(
        Stream.runForEach((record) => Effect.andThen(Deferred.succeed(begun, record), Effect.never)),
        Effect.forkChild
      )
      const record = yield* Deferred.await(begun)
      yield* TestClock.adjust("55 seconds")
      assert.lengthOf((yield* broker.describeGroup("g")).members, 1)
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual((yield* broker.describeGroup("g")).members, [])
      assert.strictEqual((yield* Effect.flip(record.commit)).name, "STALE_MEMBER_EPOCH")
      const other = yield* startMember("g", ["t"])
      assert.strictEqual(valueOf(yield* other.next), "a")
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("survives a clock that jumps by an hour", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      const member = yield* startMember("g", ["t"])
      yield* untilMembers("g", 1)
      const [before] = (yield* broker.describeGroup("g")).members
      yield* TestClock.adjust("1 hour")
      const [after] = (yield* broker.describeGroup("g")).members
      assert.strictEqual(after?.memberId, before!.memberId)
      yield* broker.produce("t", [{ value: "a" }])
      assert.strictEqual(valueOf(yield* member.next), "a")
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("goes on with the other topics when one is deleted, and finds one made later", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "kept" }, { name: "gone" }])
      const member = yield* startMember("g", ["kept", "gone", "later"])
      yield* broker.produce("gone", [{ value: "1" }])
      assert.strictEqual(valueOf(yield* member.next), "1")
      yield* broker.deleteTopics(["gone"])
      yield* broker.produce("kept", [{ value: "2" }])
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(valueOf(yield* member.next), "2")
      yield* broker.createTopics([{ name: "later" }])
      yield* broker.produce("later", [{ value: "3" }])
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(valueOf(yield* member.next), "3")
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("ends with an error when the broker closes, and does not hold it up", () =>
    Effect.gen(function*() {
      const broker = yield* Effect.scoped(Effect.gen(function*() {
        const broker = Context.get(yield* Layer.build(TestBroker.layer()), TestBroker)
        yield* broker.createTopics([{ name: "t" }])
        yield* broker.produce("t", [{ value: "a" }])
        const got = yield* Deferred.make<void>()
        const consuming = yield* broker.consumeAs("g", ["t"]).pipe(
          Stream.runForEach(() => Deferred.succeed(got, undefined)),
          Effect.flip,
          Effect.forkDetach
        )
        yield* Deferred.await(got)
        return { consuming, produce: broker.produce }
      }))
      assert.strictEqual((yield* Fiber.join(broker.consuming)).name, "NETWORK_EXCEPTION")
      assert.strictEqual((yield* Effect.flip(broker.produce("t", [{ value: "b" }]))).name, "NETWORK_EXCEPTION")
    }))

  it.effect("fails when the group has no name", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "t" }])
      const invalid = yield* Effect.flip(broker.consumeAs("", ["t"]).pipe(Stream.runDrain))
      assert.strictEqual(invalid.name, "INVALID_REQUEST")
    }).pipe(Effect.provide(TestBroker.layer())))
})
