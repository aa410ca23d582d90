import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { GroupCoordinator } from "../../../src/actors/group-coordinator/GroupCoordinator.ts"
import { coordinatorPartition } from "../../../src/model/coordinatorPartition.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { decodeRecord } from "../../../src/actors/group-coordinator/records/decodeRecord.ts"
import { decompressPayload } from "../../../src/protocol/records/Compression.ts"
import { forEachRecord } from "../../../src/protocol/records/Record.ts"
import { idOf, testCodecs, testLeaders, topicImage, World } from "../partition-leader/testLeaders.ts"
import { bytes } from "./commands.ts"
import { context, joinRequest, settle, someTopics, someTopicsAtEpoch, startCoordinator } from "./testCoordinator.ts"

type Service = GroupCoordinator["Service"]

/** One member in a stable group of its own. */
const joinAlone = Effect.fnUntraced(function*(coordinator: Service) {
  const required = yield* coordinator.joinGroup(joinRequest(), context)
  assert.strictEqual(required.errorCode, ErrorCode.MEMBER_ID_REQUIRED)
  const joining = yield* Effect.forkChild(
    coordinator.joinGroup(joinRequest({ memberId: required.memberId }), context),
    { startImmediately: true }
  )
  yield* settle
  const { generationId, memberId } = yield* Fiber.join(joining)
  const synced = yield* coordinator.syncGroup({
    groupId: "g",
    generationId,
    memberId,
    groupInstanceId: null,
    protocolType: "consumer",
    protocolName: "range",
    assignments: [{ memberId, assignment: bytes("mine") }]
  }, context)
  assert.deepStrictEqual(synced.assignment, bytes("mine"))
  return { generationId, memberId }
})

const commitOf = (memberId: string, generation: number, offset: number) => ({
  groupId: "g",
  generationIdOrMemberEpoch: generation,
  memberId,
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: [{
    name: "orders",
    partitions: [{ partitionIndex: 1, committedOffset: offset, committedLeaderEpoch: 3, committedMetadata: "note" }]
  }]
})

const fetchOf = (coordinator: Service) =>
  coordinator.fetchOffsets({
    groupId: "g",
    memberId: null,
    memberEpoch: -1,
    topics: [{ name: "orders", partitionIndexes: [1, 2] }],
    requireStable: false
  })

describe("GroupCoordinator", () => {
  it.effect("stops waiting: joins and syncs that wait for others are told to look elsewhere, a commit under way is not", () =>
    Effect.gen(function*() {
      yield* someTopics
      const coordinator = yield* startCoordinator({ "group.initial.rebalance.delay.ms": "60000" })
      const { memberId } = yield* coordinator.joinGroup(joinRequest(), context)
      const joining = yield* Effect.forkChild(coordinator.joinGroup(joinRequest({ memberId }), context), {
        startImmediately: true
      })
      const committing = yield* Effect.forkChild(
        coordinator.commitOffsets({ ...commitOf("", -1, 7), groupId: "other" }, context),
        { startImmediately: true }
      )
      coordinator.stopWaiting()
      yield* settle
      assert.strictEqual((yield* Fiber.join(joining)).errorCode, ErrorCode.NOT_COORDINATOR)
      assert.strictEqual((yield* Fiber.join(committing)).topics[0]?.partitions[0]?.errorCode, ErrorCode.NONE)
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("carries a group from the first join to committed offsets, and all of it through a restart", () =>
    Effect.gen(function*() {
      yield* someTopics
      const before = yield* Effect.scoped(Effect.gen(function*() {
        const coordinator = yield* startCoordinator()
        const member = yield* joinAlone(coordinator)
        const reply = yield* coordinator.commitOffsets(commitOf(member.memberId, member.generationId, 42), context)
        assert.deepStrictEqual(reply, {
          errorCode: ErrorCode.NONE,
          topics: [{ name: "orders", partitions: [{ partitionIndex: 1, errorCode: ErrorCode.NONE }] }]
        })
        return { member, described: yield* coordinator.describeClassic("g") }
      }))
      const coordinator = yield* startCoordinator()
      assert.deepStrictEqual(yield* coordinator.describeClassic("g"), before.described)
      assert.strictEqual(before.described.groupState, "Stable")
      assert.strictEqual(before.described.members[0]?.clientHost, "/127.0.0.1")
      const { generationId, memberId } = before.member
      assert.strictEqual(
        yield* coordinator.heartbeat({ groupId: "g", generationId, memberId, groupInstanceId: null }),
        ErrorCode.NONE
      )
      assert.deepStrictEqual((yield* fetchOf(coordinator)).topics, [{
        name: "orders",
        partitions: [
          {
            partitionIndex: 1,
            committedOffset: 42,
            committedLeaderEpoch: 3,
            metadata: "note",
            errorCode: ErrorCode.NONE
          },
          { partitionIndex: 2, committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode: ErrorCode.NONE }
        ]
      }])
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("writes Kafka's own records to the partition that the group's hash chooses", () =>
    Effect.gen(function*() {
      yield* someTopics
      const { logs } = yield* World
      const coordinator = yield* startCoordinator()
      yield* coordinator.commitOffsets({ ...commitOf("", -1, 7), groupId: "tool" }, context)
      const found: Array<unknown> = []
      for (const batch of logs.log("__consumer_offsets", coordinatorPartition("tool", 4)).batches) {
        forEachRecord(batch, 0, decompressPayload(testCodecs, batch, 0, 1_000_000), (record) => {
          found.push(decodeRecord(record.key!, record.value))
        })
      }
      assert.deepStrictEqual(found, [{
        _tag: "OffsetCommit",
        groupId: "tool",
        topic: "orders",
        partition: 1,
        value: { offset: 7, leaderEpoch: 3, metadata: "note", commitTimestampMs: 1, expireTimestampMs: -1 }
      }])
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("removes a member whose session ends, and tells nobody else's", () =>
    Effect.gen(function*() {
      yield* someTopics
      const coordinator = yield* startCoordinator()
      const { generationId, memberId } = yield* joinAlone(coordinator)
      const beat = coordinator.heartbeat({ groupId: "g", generationId, memberId, groupInstanceId: null })
      for (let i = 0; i < 5; i++) {
        yield* TestClock.adjust(9000)
        assert.strictEqual(yield* beat, ErrorCode.NONE)
      }
      yield* TestClock.adjust(10_001)
      assert.strictEqual(yield* beat, ErrorCode.UNKNOWN_MEMBER_ID)
      assert.strictEqual((yield* coordinator.describeClassic("g")).groupState, "Empty")
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("measures sessions by a clock that no change of the time of day moves", () =>
    Effect.gen(function*() {
      yield* someTopics
      const testClock = yield* Clock.Clock
      let setByMs = 0
      const setClock: Clock.Clock = Object.create(testClock, {
        currentTimeMillisUnsafe: { value: () => testClock.currentTimeMillisUnsafe() + setByMs }
      })
      const coordinator = yield* Effect.provideService(startCoordinator(), Clock.Clock, setClock)
      const { generationId, memberId } = yield* joinAlone(coordinator)
      const beat = coordinator.heartbeat({ groupId: "g", generationId, memberId, groupInstanceId: null })
      setByMs = 3_600_000
      yield* TestClock.adjust(9000)
      assert.strictEqual(yield* beat, ErrorCode.NONE)
      yield* TestClock.adjust(9000)
      assert.strictEqual(yield* beat, ErrorCode.NONE)
      setByMs = -3_600_000
      yield* TestClock.adjust(10_001)
      assert.strictEqual(yield* beat, ErrorCode.UNKNOWN_MEMBER_ID)
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("forgets a group and its offsets when the retention is over", () =>
    Effect.gen(function*() {
      yield* someTopics
      const coordinator = yield* startCoordinator({ "offsets.retention.minutes": "60" })
      yield* coordinator.commitOffsets(commitOf("", -1, 7), context)
      yield* TestClock.adjust("50 minutes")
      assert.strictEqual((yield* fetchOf(coordinator)).topics[0]?.partitions[0]?.committedOffset, 7)
      yield* TestClock.adjust("20 minutes")
      assert.strictEqual((yield* fetchOf(coordinator)).topics[0]?.partitions[0]?.committedOffset, -1)
      assert.deepStrictEqual((yield* coordinator.listGroups([], [])).groups, [])
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("answers that it is not the coordinator when the partition is led elsewhere, also to those who wait", () =>
    Effect.gen(function*() {
      yield* someTopics
      const { become } = yield* World
      const coordinator = yield* startCoordinator({ "group.initial.rebalance.delay.ms": "3000" })
      const waiting = yield* Effect.forkChild(
        coordinator.joinGroup(joinRequest(), { ...context, apiVersion: 3 }),
        { startImmediately: true }
      )
      yield* become(topicImage("orders"))
      assert.strictEqual((yield* fetchOf(coordinator)).errorCode, ErrorCode.NOT_COORDINATOR)
      yield* TestClock.adjust(3001)
      assert.strictEqual((yield* Fiber.join(waiting)).errorCode, ErrorCode.NOT_COORDINATOR)
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("answers that it loads until the partition is read; heartbeats are kept calm meanwhile", () =>
    Effect.gen(function*() {
      const early = yield* startCoordinator()
      yield* someTopics
      assert.strictEqual((yield* fetchOf(early)).errorCode, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      const beat = early.heartbeat({ groupId: "g", generationId: 1, memberId: "m", groupInstanceId: null })
      assert.strictEqual(yield* beat, ErrorCode.NONE)
      yield* settle
      assert.strictEqual((yield* fetchOf(early)).errorCode, ErrorCode.NONE)
      assert.strictEqual(yield* beat, ErrorCode.UNKNOWN_MEMBER_ID)
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("refuses absurd requests with Kafka's codes and keeps no trace of them", () =>
    Effect.gen(function*() {
      yield* someTopics
      const { logs } = yield* World
      const coordinator = yield* startCoordinator()
      const join = (change: Parameters<typeof joinRequest>[0]) =>
        Effect.map(coordinator.joinGroup(joinRequest(change), context), (reply) => reply.errorCode)
      assert.strictEqual(yield* join({ groupId: "" }), ErrorCode.INVALID_GROUP_ID)
      assert.strictEqual(yield* join({ sessionTimeoutMs: 5999 }), ErrorCode.INVALID_SESSION_TIMEOUT)
      assert.strictEqual(yield* join({ sessionTimeoutMs: 1_800_001 }), ErrorCode.INVALID_SESSION_TIMEOUT)
      assert.strictEqual(
        yield* join({ protocols: [{ name: "range", metadata: new Uint8Array(600_000) }] }),
        ErrorCode.INVALID_REQUEST
      )
      const commit = yield* coordinator.commitOffsets(commitOf("ghost", 5, 1), context)
      assert.strictEqual(commit.errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
      assert.strictEqual(yield* coordinator.deleteGroup("ghost"), ErrorCode.GROUP_ID_NOT_FOUND)
      assert.deepStrictEqual((yield* coordinator.listGroups([], [])).groups, [])
      for (let i = 0; i < 4; i++) assert.strictEqual(logs.log("__consumer_offsets", i).batches.length, 0)
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("assigns partitions to consumers of the new protocol and describes them", () =>
    Effect.gen(function*() {
      yield* someTopics
      const coordinator = yield* startCoordinator()
      const reply = yield* coordinator.consumerGroupHeartbeat(
        {
          groupId: "g",
          memberId: "m",
          memberEpoch: 0,
          instanceId: null,
          rackId: null,
          rebalanceTimeoutMs: 30_000,
          subscribedTopicNames: null,
          subscribedTopicRegex: "ord.*",
          serverAssignor: null,
          topicPartitions: []
        },
        { ...context, apiVersion: 1 },
        () => true
      )
      assert.deepStrictEqual(reply, {
        errorCode: ErrorCode.NONE,
        errorMessage: null,
        memberId: "m",
        memberEpoch: 2,
        heartbeatIntervalMs: 5000,
        assignment: { topicPartitions: [{ topicId: idOf("orders"), partitions: [0, 1, 2, 3] }] }
      })
      const described = yield* coordinator.describeConsumer("g")
      assert.strictEqual(described.groupState, "Stable")
      assert.strictEqual(described.assignorName, "uniform")
      assert.deepStrictEqual((yield* coordinator.listGroups(["stable"], ["consumer"])).groups, [
        { groupId: "g", protocolType: "consumer", groupState: "Stable", groupType: "consumer" }
      ])
      assert.deepStrictEqual((yield* coordinator.listGroups([], ["classic"])).groups, [])
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("answers whoever waits when the log fails, and takes up what the log holds under the next leadership", () =>
    Effect.gen(function*() {
      yield* someTopics
      const { logs } = yield* World
      const coordinator = yield* startCoordinator()
      const { generationId, memberId } = yield* joinAlone(coordinator)
      yield* coordinator.commitOffsets(commitOf(memberId, generationId, 1), context)
      logs.appendFailure = "Storage"
      const lost = yield* coordinator.commitOffsets(commitOf(memberId, generationId, 2), context)
      assert.strictEqual(lost.errorCode, ErrorCode.NOT_COORDINATOR)
      logs.appendFailure = undefined
      yield* someTopicsAtEpoch(1)
      assert.strictEqual((yield* fetchOf(coordinator)).errorCode, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      // The log is closed and opened again first.
      for (let turn = 0; turn < 10; turn++) {
        yield* settle
        if ((yield* fetchOf(coordinator)).errorCode === ErrorCode.NONE) break
      }
      assert.strictEqual((yield* fetchOf(coordinator)).topics[0]?.partitions[0]?.committedOffset, 1)
      const beat = { groupId: "g", generationId, memberId, groupInstanceId: null }
      assert.strictEqual(yield* coordinator.heartbeat(beat), ErrorCode.NONE)
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))

  it.effect("refuses what no record can hold, and goes on", () =>
    Effect.gen(function*() {
      yield* someTopics
      const coordinator = yield* startCoordinator()
      const { generationId, memberId } = yield* joinAlone(coordinator)
      const huge = Array.from({ length: 40_000 }, (_, partitionIndex) => ({
        partitionIndex,
        committedOffset: 1,
        committedLeaderEpoch: -1,
        committedMetadata: "x".repeat(50)
      }))
      const commit = { ...commitOf(memberId, generationId, 1), topics: [{ name: "orders", partitions: huge }] }
      assert.strictEqual((yield* coordinator.commitOffsets(commit, context)).errorCode, ErrorCode.UNKNOWN_SERVER_ERROR)
      assert.strictEqual((yield* fetchOf(coordinator)).topics[0]?.partitions[0]?.committedOffset, -1)
      const beat = { groupId: "g", generationId, memberId, groupInstanceId: null }
      assert.strictEqual(yield* coordinator.heartbeat(beat), ErrorCode.NONE)
    }).pipe(Effect.scoped, Effect.provide(testLeaders)))
})
