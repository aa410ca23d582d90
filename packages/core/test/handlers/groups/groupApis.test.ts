import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { DirectHandler, EffectHandler } from "../../../src/actors/connection/Handler.ts"
import { makeConsumerGroupDescribe } from "../../../src/handlers/ConsumerGroupDescribe.ts"
import { makeConsumerGroupHeartbeat } from "../../../src/handlers/ConsumerGroupHeartbeat.ts"
import { makeDeleteGroups } from "../../../src/handlers/DeleteGroups.ts"
import { makeDescribeGroups } from "../../../src/handlers/DescribeGroups.ts"
import { makeHeartbeat } from "../../../src/handlers/Heartbeat.ts"
import { makeJoinGroup } from "../../../src/handlers/JoinGroup.ts"
import { makeLeaveGroup } from "../../../src/handlers/LeaveGroup.ts"
import { makeListGroups } from "../../../src/handlers/ListGroups.ts"
import { makeOffsetCommit } from "../../../src/handlers/OffsetCommit.ts"
import { makeOffsetDelete } from "../../../src/handlers/OffsetDelete.ts"
import { makeOffsetFetch } from "../../../src/handlers/OffsetFetch.ts"
import { makeSyncGroup } from "../../../src/handlers/SyncGroup.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import type { AnyApi, RequestOf, ResponseInputOf } from "../../../src/protocol/schema/defineApi.ts"
import { ByteReader } from "../../../src/protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../../src/protocol/wire/ByteWriter.ts"
import { idOf } from "../../actors/partition-leader/testLeaders.ts"
import { ask } from "../testHandlers.ts"
import { groupBroker, joinRequest, ready } from "./groupFixtures.ts"

/** Asks, and sends the answer through the bytes of its version. */
const exchange = <Api extends AnyApi>(
  handler: DirectHandler<Api> | EffectHandler<Api>,
  version: number,
  request: RequestOf<Api>
): Effect.Effect<any> =>
  Effect.map(ask(handler, version, request), (response: ResponseInputOf<Api>) => {
    const writer = new ByteWriter()
    handler.api.response.encode(writer, version, response)
    return handler.api.response.decode(new ByteReader(writer.finishBytes()), version)
  })

const commitRequest = (change: object = {}): any => ({
  groupId: "g",
  generationIdOrMemberEpoch: -1,
  memberId: "",
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: [
    { name: "orders", topicId: idOf("orders"), partitions: partitions(0, 9) },
    { name: "ghost", topicId: idOf("ghost"), partitions: partitions(0) }
  ],
  ...change
})

const partitions = (...indexes: ReadonlyArray<number>) =>
  indexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: 5,
    committedLeaderEpoch: 1,
    committedMetadata: "m"
  }))

const codesOf = (topics: ReadonlyArray<any>) =>
  topics.map((topic) => topic.partitions.map((partition: any) => partition.errorCode))

describe("group handlers", () => {
  it.effect.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    "JoinGroup and SyncGroup version %i make a group",
    (version) =>
      Effect.gen(function*() {
        yield* ready
        const join = yield* makeJoinGroup
        const sync = yield* makeSyncGroup
        const first = version < 4 ? "" : (yield* exchange(join, version, joinRequest())).memberId
        const joining = yield* Effect.forkChild(exchange(join, version, joinRequest({ memberId: first })), {
          startImmediately: true
        })
        // The initial rebalance delay, after which the group begins.
        yield* TestClock.adjust(3001)
        const joined = yield* Fiber.join(joining)
        assert.strictEqual(joined.errorCode, ErrorCode.NONE)
        assert.strictEqual(joined.generationId, 1)
        assert.strictEqual(joined.protocolName, "range")
        assert.strictEqual(joined.leader, joined.memberId)
        const synced = yield* exchange(sync, Math.min(version, 5), {
          groupId: "g",
          generationId: 1,
          memberId: joined.memberId,
          groupInstanceId: null,
          protocolType: "consumer",
          protocolName: "range",
          assignments: [{ memberId: joined.memberId, assignment: Uint8Array.of(7) }]
        })
        assert.deepStrictEqual(synced.assignment, Uint8Array.of(7))
        const described = (yield* exchange(yield* makeDescribeGroups, Math.min(version, 6), {
          groups: ["g"],
          includeAuthorizedOperations: true
        })).groups[0]
        assert.strictEqual(described.groupState, "Stable")
        assert.strictEqual(described.members[0].clientHost, "/127.0.0.1")
        const leave = yield* makeLeaveGroup
        const leaveVersion = Math.min(version, 5)
        const leaving = {
          groupId: "g",
          memberId: joined.memberId,
          members: [{ memberId: joined.memberId, groupInstanceId: null, reason: null }]
        }
        assert.strictEqual((yield* exchange(leave, leaveVersion, leaving)).errorCode, ErrorCode.NONE)
        const again = yield* exchange(leave, leaveVersion, leaving)
        const code = leaveVersion < 3 ? again.errorCode : again.members[0].errorCode
        assert.strictEqual(code, ErrorCode.UNKNOWN_MEMBER_ID)
      }).pipe(Effect.provide(groupBroker()))
  )

  it.effect("an error of a JoinGroup has an empty protocol name before version 7, and none from then on", () =>
    Effect.gen(function*() {
      yield* ready
      const join = yield* makeJoinGroup
      assert.strictEqual((yield* exchange(join, 6, joinRequest({ groupId: "" }))).protocolName, "")
      assert.isNull((yield* exchange(join, 7, joinRequest({ groupId: "" }))).protocolName)
    }).pipe(Effect.provide(groupBroker())))

  it.effect("SyncGroup 5 must tell protocol type and name", () =>
    Effect.gen(function*() {
      yield* ready
      const reply = yield* exchange(yield* makeSyncGroup, 5, {
        groupId: "g",
        generationId: 1,
        memberId: "m",
        groupInstanceId: null,
        protocolType: null,
        protocolName: null,
        assignments: []
      })
      assert.strictEqual(reply.errorCode, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    }).pipe(Effect.provide(groupBroker())))

  it.effect.each([2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "OffsetCommit version %i commits what exists and names what does not",
    (version) =>
      Effect.gen(function*() {
        yield* ready
        const reply = yield* exchange(yield* makeOffsetCommit, version, commitRequest())
        assert.deepStrictEqual(codesOf(reply.topics), [[0, 3], [version >= 10 ? 100 : 3]])
      }).pipe(Effect.provide(groupBroker()))
  )

  it.effect.each([1, 2, 3, 4, 5, 6, 7])(
    "OffsetFetch version %i answers for one group",
    (version) =>
      Effect.gen(function*() {
        yield* ready
        yield* exchange(yield* makeOffsetCommit, 9, commitRequest())
        const reply = yield* exchange(yield* makeOffsetFetch, version, {
          groupId: "g",
          topics: [{ name: "orders", partitionIndexes: [0, 1] }],
          groups: [],
          requireStable: false
        })
        assert.deepStrictEqual(reply.topics[0].partitions.map((one: any) => one.committedOffset), [5, -1])
        assert.deepStrictEqual(codesOf(reply.topics), [[0, 0]])
      }).pipe(Effect.provide(groupBroker()))
  )

  it.effect.each([8, 9, 10])(
    "OffsetFetch version %i answers for several groups, also for all their topics",
    (version) =>
      Effect.gen(function*() {
        yield* ready
        yield* exchange(yield* makeOffsetCommit, 9, commitRequest())
        const group = (groupId: string, topics: any) => ({ groupId, memberId: null, memberEpoch: -1, topics })
        const reply = yield* exchange(yield* makeOffsetFetch, version, {
          groupId: "",
          topics: null,
          groups: [
            group("g", null),
            group("nobody", [{ name: "orders", topicId: idOf("orders"), partitionIndexes: [0] }]),
            group("g", [{ name: "ghost", topicId: idOf("ghost"), partitionIndexes: [0] }])
          ],
          requireStable: true
        })
        assert.deepStrictEqual(reply.groups.map((one: any) => one.errorCode), [0, 0, 0])
        assert.deepStrictEqual(reply.groups[0].topics[0].partitions[0].committedOffset, 5)
        if (version >= 10) assert.strictEqual(reply.groups[0].topics[0].topicId, idOf("orders"))
        assert.strictEqual(reply.groups[1].topics[0].partitions[0].committedOffset, -1)
        assert.deepStrictEqual(codesOf(reply.groups[2].topics), [[version >= 10 ? 100 : 0]])
      }).pipe(Effect.provide(groupBroker()))
  )

  it.effect("an unknown group is dead before DescribeGroups 6, and an error from then on", () =>
    Effect.gen(function*() {
      yield* ready
      const describe = yield* makeDescribeGroups
      const request = { groups: ["ghost"], includeAuthorizedOperations: false }
      const dead = (yield* exchange(describe, 5, request)).groups[0]
      assert.deepStrictEqual([dead.errorCode, dead.groupState], [0, "Dead"])
      const missing = (yield* exchange(describe, 6, request)).groups[0]
      assert.deepStrictEqual([missing.errorCode, missing.errorMessage], [69, "Group ghost not found."])
    }).pipe(Effect.provide(groupBroker())))

  it.effect.each([0, 1])(
    "ConsumerGroupHeartbeat and ConsumerGroupDescribe version %i show a member",
    (version) =>
      Effect.gen(function*() {
        yield* ready
        const reply = yield* exchange(yield* makeConsumerGroupHeartbeat, version, {
          groupId: "g",
          memberId: version === 0 ? "" : "m",
          memberEpoch: 0,
          instanceId: null,
          rackId: null,
          rebalanceTimeoutMs: 1000,
          subscribedTopicNames: ["orders"],
          subscribedTopicRegex: null,
          serverAssignor: "range",
          topicPartitions: []
        })
        assert.strictEqual(reply.errorCode, 0)
        assert.strictEqual(reply.assignment.topicPartitions[0].partitions.length, 4)
        const described = (yield* exchange(yield* makeConsumerGroupDescribe, version, {
          groupIds: ["g", "ghost"],
          includeAuthorizedOperations: true
        })).groups
        assert.deepStrictEqual(described.map((one: any) => one.errorCode), [0, 69])
        assert.strictEqual(described[0].assignorName, "range")
        assert.strictEqual(described[0].members[0].memberId, reply.memberId)
        assert.strictEqual(described[0].members[0].memberType, version === 0 ? -1 : 1)
        assert.strictEqual(described[0].members[0].assignment.topicPartitions[0].topicName, "orders")
      }).pipe(Effect.provide(groupBroker()))
  )

  it.effect.each([0, 1, 2, 3, 4, 5])(
    "ListGroups version %i lists what may be seen",
    (version) =>
      Effect.gen(function*() {
        yield* ready
        const commit = yield* makeOffsetCommit
        for (const groupId of ["seen", "hidden"]) yield* exchange(commit, 9, commitRequest({ groupId }))
        const reply = yield* exchange(yield* makeListGroups, version, { statesFilter: [], typesFilter: [] })
        assert.deepStrictEqual(reply.groups.map((group: any) => group.groupId), ["seen"])
        if (version >= 4) assert.strictEqual(reply.groups[0].groupState, "Empty")
        if (version >= 5) assert.strictEqual(reply.groups[0].groupType, "classic")
      }).pipe(Effect.provide(groupBroker("DESCRIBE CLUSTER kafka-cluster", "DESCRIBE GROUP hidden")))
  )

  it.effect("OffsetDelete and DeleteGroups remove offsets and groups", () =>
    Effect.gen(function*() {
      yield* ready
      yield* exchange(yield* makeOffsetCommit, 9, commitRequest())
      const topic = (name: string) => ({ name, partitions: [{ partitionIndex: 0 }] })
      const removed = yield* exchange(yield* makeOffsetDelete, 0, {
        groupId: "g",
        topics: [topic("ghost"), topic("orders"), topic("payments")]
      })
      assert.deepStrictEqual(codesOf(removed.topics), [[3], [0], [29]])
      const deleted = yield* exchange(yield* makeDeleteGroups, 2, { groupsNames: ["g", "g", "ghost"] })
      assert.deepStrictEqual(deleted.results, [
        { groupId: "g", errorCode: 0 },
        { groupId: "ghost", errorCode: 69 }
      ])
    }).pipe(Effect.provide(groupBroker("READ TOPIC payments"))))
})

describe("who may not", () => {
  const denied = groupBroker("READ GROUP g", "DESCRIBE GROUP g", "DELETE GROUP g")

  it.effect("gets 30 from every group API, before anything else is looked at", () =>
    Effect.gen(function*() {
      const code = (response: any) => response.errorCode
      assert.strictEqual(code(yield* exchange(yield* makeJoinGroup, 9, joinRequest())), 30)
      const asMember = { groupId: "g", generationId: 1, memberId: "m", groupInstanceId: null }
      const protocol = { protocolType: "consumer", protocolName: "range", assignments: [] }
      assert.strictEqual(code(yield* exchange(yield* makeSyncGroup, 5, { ...asMember, ...protocol })), 30)
      assert.strictEqual(code(yield* exchange(yield* makeHeartbeat, 4, asMember)), 30)
      assert.strictEqual(code(yield* exchange(yield* makeLeaveGroup, 5, { ...asMember, members: [] })), 30)
      const committed = yield* exchange(yield* makeOffsetCommit, 9, commitRequest())
      assert.deepStrictEqual(codesOf(committed.topics), [[30, 30], [30]])
      const fetch = yield* makeOffsetFetch
      const single = {
        groupId: "g",
        topics: [{ name: "orders", partitionIndexes: [0] }],
        groups: [],
        requireStable: false
      }
      assert.deepStrictEqual(codesOf((yield* exchange(fetch, 1, single)).topics), [[30]])
      assert.strictEqual(code(yield* exchange(fetch, 7, single)), 30)
      assert.strictEqual(code(yield* exchange(yield* makeOffsetDelete, 0, { groupId: "g", topics: [] })), 30)
      const deleted = yield* exchange(yield* makeDeleteGroups, 2, { groupsNames: ["g"] })
      assert.strictEqual(deleted.results[0].errorCode, 30)
      const described = yield* exchange(yield* makeDescribeGroups, 6, {
        groups: ["g"],
        includeAuthorizedOperations: true
      })
      assert.strictEqual(described.groups[0].errorCode, 30)
    }).pipe(Effect.provide(denied)))

  it.effect("gets 29 for topics, one by one, and for the whole heartbeat", () =>
    Effect.gen(function*() {
      yield* ready
      const committed = yield* exchange(yield* makeOffsetCommit, 9, commitRequest())
      assert.deepStrictEqual(codesOf(committed.topics), [[29, 29], [3]])
      const beat = yield* exchange(yield* makeConsumerGroupHeartbeat, 1, {
        groupId: "g",
        memberId: "m",
        memberEpoch: 0,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: 1000,
        subscribedTopicNames: ["orders"],
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: []
      })
      assert.strictEqual(beat.errorCode, 29)
    }).pipe(Effect.provide(groupBroker("READ TOPIC orders", "DESCRIBE TOPIC orders"))))
})
