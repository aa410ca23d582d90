import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeClientConnection } from "../../src/client/ClientConnection.ts"
import { type GroupMemberOptions, makeGroupMember } from "../../src/client/GroupMember.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import type { Uuid } from "../../src/model/Uuid.ts"
import { type Answer, makeScriptedBroker } from "./scriptedBroker.ts"

const topicId = "AAAAAAAAAAAAAAAAAAAABA" as Uuid
const options: GroupMemberOptions = {
  group: "g",
  memberId: "m",
  topics: ["t"],
  assignor: null,
  instanceId: null,
  maxPollIntervalMs: 60_000
}

const beat = (memberEpoch: number, partitions?: ReadonlyArray<number>): Answer => ({
  errorCode: 0,
  memberEpoch,
  heartbeatIntervalMs: 5_000,
  assignment: partitions === undefined ? null : { topicPartitions: [{ topicId, partitions }] }
})
const refused = (errorCode: ErrorCode): Answer => ({ errorCode, memberEpoch: 0, heartbeatIntervalMs: 0 })

/** A coordinator whose n-th answer to a heartbeat is the n-th given; then it repeats the last. */
const coordinatorOf = (...answers: ReadonlyArray<Answer>) => {
  let turn = 0
  const broker = makeScriptedBroker(({ api, body }) => {
    if (api === "FindCoordinator") {
      return { coordinators: [{ key: "g", nodeId: 1, host: "h", port: 1, errorCode: 0, errorMessage: "" }] }
    }
    if (body.memberEpoch < 0) return { errorCode: 0, memberEpoch: body.memberEpoch, heartbeatIntervalMs: 0 }
    return answers[Math.min(turn++, answers.length - 1)]!
  })
  return { broker, epochs: () => broker.requests.map(({ api, body }) => body.memberEpoch ?? api) }
}

const start = Effect.fnUntraced(function*(broker: ReturnType<typeof makeScriptedBroker>, given = options) {
  const member = yield* makeGroupMember(yield* makeClientConnection(broker.endpoint, "test"), given)
  return { member, none: member.assignment() }
})

describe("GroupMember", () => {
  it.effect("joins telling everything, tells at once what it took over, then nothing but its epoch", () =>
    Effect.gen(function*() {
      const { broker } = coordinatorOf(beat(1, [0, 1]), beat(1))
      const { member, none } = yield* start(broker)
      yield* member.awaitChange(none)
      assert.deepStrictEqual(member.assignment().topics, [{ topicId, partitions: [0, 1] }])
      member.acknowledge(member.assignment())
      yield* TestClock.adjust("4 seconds")
      yield* TestClock.adjust("5 seconds")
      const told = broker.requests.map((
        { body }
      ) => [body.memberEpoch, body.subscribedTopicNames, body.topicPartitions])
      assert.deepStrictEqual(told.slice(0, 3), [
        [0, ["t"], []],
        [1, ["t"], [{ topicId, partitions: [0, 1] }]],
        [1, null, null]
      ])
    }))

  it.effect("looks for the coordinator and waits while it loads, telling everything each time", () =>
    Effect.gen(function*() {
      const { broker, epochs } = coordinatorOf(
        refused(ErrorCode.NOT_COORDINATOR),
        refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS),
        refused(ErrorCode.COORDINATOR_NOT_AVAILABLE),
        beat(1, [0])
      )
      const { member, none } = yield* start(broker)
      yield* member.awaitChange(none)
      assert.deepStrictEqual(epochs(), [0, "FindCoordinator", 0, 0, "FindCoordinator", 0])
      const heartbeats = broker.requests.filter(({ api }) => api === "ConsumerGroupHeartbeat")
      assert.isTrue(heartbeats.every(({ body }) => body.subscribedTopicNames !== null))
    }))

  it.effect("joins again when it is fenced, in another stint and owning nothing", () =>
    Effect.gen(function*() {
      for (const code of [ErrorCode.FENCED_MEMBER_EPOCH, ErrorCode.UNKNOWN_MEMBER_ID]) {
        const { broker, epochs } = coordinatorOf(beat(3, [0]), refused(code), beat(5, [0]))
        const { member, none } = yield* start(broker)
        yield* member.awaitChange(none)
        const before = member.assignment()
        yield* TestClock.adjust("5 seconds")
        yield* Effect.repeat(Effect.yieldNow, { times: 5 })
        assert.deepStrictEqual(epochs().slice(0, 3), [0, 3, 0])
        assert.strictEqual(member.epoch(), 5)
        assert.notStrictEqual(member.assignment().stint, before.stint)
        member.acknowledge(before)
        yield* TestClock.adjust("1 second")
        assert.lengthOf(epochs(), 3)
      }
    }).pipe(Effect.scoped))

  it.effect("tells what went wrong when the membership cannot be kept", () =>
    Effect.gen(function*() {
      const { broker } = coordinatorOf(beat(1, [0]), refused(ErrorCode.UNRELEASED_INSTANCE_ID))
      const { member, none } = yield* start(broker)
      yield* member.awaitChange(none)
      const assignment = member.assignment()
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Effect.flip(member.awaitChange(assignment))).name, "UNRELEASED_INSTANCE_ID")
    }))

  it.effect("leaves when it does not poll for too long, and joins again with the next poll", () =>
    Effect.gen(function*() {
      const { broker, epochs } = coordinatorOf(beat(1, [0]), beat(1))
      const { member, none } = yield* start(broker)
      yield* member.awaitChange(none)
      member.endPoll(0)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(member.epoch(), 0)
      assert.strictEqual(epochs().at(-1), -1)
      member.beginPoll()
      yield* TestClock.adjust("1 second")
      assert.strictEqual(epochs().at(-1), 0)
    }))

  it.effect("leaves with its scope: for good, or for a while as a static member", () =>
    Effect.gen(function*() {
      for (const [instanceId, left] of [[null, -1], ["i", -2]] as const) {
        const { broker, epochs } = coordinatorOf(beat(1, [0]))
        yield* Effect.scoped(Effect.gen(function*() {
          const { member, none } = yield* start(broker, { ...options, instanceId })
          yield* member.awaitChange(none)
        }))
        assert.deepStrictEqual(epochs(), [0, left])
        assert.strictEqual(broker.connectionCount(), 0)
      }
    }))
})
