import { assert, describe, it } from "@effect/vitest"
import { fetchOffsets } from "../../../../src/actors/group-coordinator/offsets/fetch.ts"
import {
  emptyOffsetState,
  replayMarker,
  replayOffset
} from "../../../../src/actors/group-coordinator/offsets/OffsetState.ts"
import type { CodeReply, OffsetsReply } from "../../../../src/actors/group-coordinator/machine/GroupDecision.ts"
import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { beat, commit, consumer, join, stableGroup } from "../commands.ts"
import { durablePart, GroupSimulation } from "../GroupSimulation.ts"

const hour = 3_600_000

const committed = (group: GroupSimulation): number | undefined =>
  fetchOffsets(group.state.offsets, "g", [{ name: "orders", partitionIndexes: [0] }], false)[0]?.partitions[0]
    ?.committedOffset

const deleteOffsets = (group: GroupSimulation, topic = "orders") =>
  group.ask<OffsetsReply>({ _tag: "DeleteOffsets", groupId: "g", topics: [{ name: topic, partitions: [0, 1] }] })

const expire = (group: GroupSimulation): void => {
  group.send({ _tag: "ExpireOffsets", groupId: "g" })
}

describe("OffsetCommit", () => {
  it("from outside a group makes a simple group of offsets alone", () => {
    const group = new GroupSimulation()
    assert.strictEqual(group.ask<OffsetsReply>(commit("", -1, 5)).errorCode, ErrorCode.NONE)
    assert.deepStrictEqual(group.lastRecords, [{
      _tag: "OffsetCommit",
      groupId: "g",
      topic: "orders",
      partition: 0,
      value: { offset: 5, leaderEpoch: -1, metadata: "", commitTimestampMs: 1_000_000, expireTimestampMs: -1 }
    }])
    assert.strictEqual(committed(group), 5)
  })

  it("answers Kafka's code for everybody who may not commit, and stores nothing", () => {
    const group = new GroupSimulation()
    const code = (memberId: string, generation: number, change = {}) =>
      group.ask<OffsetsReply>(commit(memberId, generation, 9, change)).errorCode
    assert.strictEqual(code("m", 1), ErrorCode.GROUP_ID_NOT_FOUND)
    assert.strictEqual(code("m", 1, { apiVersion: 8 }), ErrorCode.ILLEGAL_GENERATION)
    const { generation, members: [leader] } = stableGroup(group, 2, (i) => i === 0 ? { groupInstanceId: "i" } : {})
    const before = durablePart(group.state)
    assert.strictEqual(code("ghost", generation), ErrorCode.UNKNOWN_MEMBER_ID)
    assert.strictEqual(code(leader!, generation - 1), ErrorCode.ILLEGAL_GENERATION)
    assert.strictEqual(code("", -1), ErrorCode.UNKNOWN_MEMBER_ID)
    const fenced = { memberId: "ghost", groupInstanceId: "i", generation, isTransactional: false }
    assert.strictEqual(code("ghost", generation, { identity: fenced }), ErrorCode.FENCED_INSTANCE_ID)
    assert.deepStrictEqual(durablePart(group.state), before)
    group.send(join({ memberId: leader!, groupInstanceId: "i" }))
    group.advance(10_001)
    assert.strictEqual(code(leader!, generation + 1), ErrorCode.REBALANCE_IN_PROGRESS)
  })

  it("refuses only the partition whose metadata is too long", () => {
    const group = new GroupSimulation()
    const partition = (partitionIndex: number, length: number) => ({
      partitionIndex,
      committedOffset: 1,
      committedLeaderEpoch: -1,
      committedMetadata: "x".repeat(length)
    })
    const topics = [{ name: "orders", partitions: [partition(0, 4096), partition(1, 4097)] }]
    assert.deepStrictEqual(group.ask<OffsetsReply>(commit("", -1, 1, { topics })).topics[0]?.partitions, [
      { partitionIndex: 0, errorCode: ErrorCode.NONE },
      { partitionIndex: 1, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE }
    ])
    assert.strictEqual(group.lastRecords.length, 1)
  })

  it("is a sign of life", () => {
    const group = new GroupSimulation()
    const { generation, members: [only] } = stableGroup(group, 1)
    for (let i = 0; i < 5; i++) {
      group.advance(9000)
      assert.strictEqual(group.ask<OffsetsReply>(commit(only!, generation)).errorCode, ErrorCode.NONE)
    }
  })

  it("of a consumer group is bound to the member epoch, but good for partitions owned since", () => {
    const group = new GroupSimulation()
    group.ask(consumer("m"))
    assert.strictEqual(group.ask<OffsetsReply>(commit("m", 2)).errorCode, ErrorCode.NONE)
    assert.strictEqual(group.ask<OffsetsReply>(commit("m", 3)).errorCode, ErrorCode.STALE_MEMBER_EPOCH)
    assert.strictEqual(
      group.ask<OffsetsReply>(commit("m", 2, 1, { apiVersion: 8 })).errorCode,
      ErrorCode.UNSUPPORTED_VERSION
    )
    assert.strictEqual(group.ask<OffsetsReply>(commit("ghost", 2)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
    group.ask(consumer("m", { memberEpoch: 2, subscribedTopicNames: ["orders", "payments"], topicPartitions: null }))
    assert.strictEqual(group.ask<OffsetsReply>(commit("m", 2)).errorCode, ErrorCode.NONE)
    const newer = [{
      name: "payments",
      partitions: [{ partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }]
    }]
    assert.strictEqual(
      group.ask<OffsetsReply>(commit("m", 2, 1, { topics: newer })).errorCode,
      ErrorCode.STALE_MEMBER_EPOCH
    )
    group.ask(beat("m", 3))
  })
})

describe("offsets of transactions", () => {
  const value = (offset: number) => ({
    offset,
    leaderEpoch: -1,
    metadata: "",
    commitTimestampMs: 0,
    expireTimestampMs: -1
  })
  const record = (offset: number) => ({ groupId: "g", topic: "t", partition: 0, value: value(offset) })
  const fetch = (state: ReturnType<typeof emptyOffsetState>, requireStable = false) =>
    fetchOffsets(state, "g", [{ name: "t", partitionIndexes: [0] }], requireStable)[0]!.partitions[0]!

  it("count when the transaction commits, and are unstable until it ends", () => {
    const state = emptyOffsetState()
    replayOffset(state, record(5), 77)
    assert.strictEqual(fetch(state).committedOffset, -1)
    assert.strictEqual(fetch(state, true).errorCode, ErrorCode.UNSTABLE_OFFSET_COMMIT)
    replayMarker(state, 77, true)
    assert.strictEqual(fetch(state, true).committedOffset, 5)
  })

  it("are forgotten when it aborts, and never replace a later plain commit", () => {
    const state = emptyOffsetState()
    replayOffset(state, record(5), 77)
    replayMarker(state, 77, false)
    assert.strictEqual(fetch(state).committedOffset, -1)
    replayOffset(state, record(6), 77)
    replayOffset(state, record(9), -1)
    replayMarker(state, 77, true)
    assert.strictEqual(fetch(state).committedOffset, 9)
  })
})

describe("OffsetDelete and DeleteGroups", () => {
  it("keep the offsets of topics somebody subscribes to", () => {
    const group = new GroupSimulation()
    assert.strictEqual(deleteOffsets(group).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
    const { generation, members: [only] } = stableGroup(group, 1)
    group.ask(commit(only!, generation))
    assert.deepStrictEqual(deleteOffsets(group).topics[0]?.partitions.map((one) => one.errorCode), [
      ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC,
      ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
    ])
    const remove = { _tag: "DeleteGroup", groupId: "g" } as const
    assert.strictEqual(group.ask<CodeReply>(remove).errorCode, ErrorCode.NON_EMPTY_GROUP)
    group.ask({ _tag: "Leave", groupId: "g", members: [{ memberId: only!, groupInstanceId: null }] })
    assert.deepStrictEqual(deleteOffsets(group).topics[0]?.partitions.map((one) => one.errorCode), [0, 0])
    assert.strictEqual(committed(group), -1)
    assert.strictEqual(group.ask<CodeReply>(remove).errorCode, ErrorCode.NONE)
    assert.strictEqual(group.ask<CodeReply>(remove).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
    assert.deepStrictEqual(durablePart(group.replayed()), { groups: [], offsets: [] })
  })

  it("of a living group that is not of consumers are refused", () => {
    const group = new GroupSimulation()
    stableGroup(group, 1, () => ({ protocolType: "connect" }))
    assert.strictEqual(deleteOffsets(group).errorCode, ErrorCode.NON_EMPTY_GROUP)
  })
})

describe("expiry", () => {
  const settings = { offsetsRetentionMs: 24 * hour }

  it("of a simple group counts from each commit, of an emptied one from when it was emptied", () => {
    const simple = new GroupSimulation({ settings })
    simple.ask(commit("", -1))
    simple.advance(24 * hour - 1)
    expire(simple)
    assert.strictEqual(committed(simple), 1)
    simple.advance(1)
    expire(simple)
    assert.strictEqual(simple.state.groups.size, 0)

    const emptied = new GroupSimulation({ settings })
    const { generation, members: [only] } = stableGroup(emptied, 1, () => ({ sessionTimeoutMs: 1_800_000 }))
    emptied.ask(commit(only!, generation))
    emptied.advance(1_800_000)
    emptied.advance(24 * hour - 1)
    expire(emptied)
    assert.strictEqual(committed(emptied), 1)
    emptied.advance(1)
    expire(emptied)
    assert.strictEqual(committed(emptied), -1)
  })

  it("spares what a stable group of consumers subscribes to", () => {
    const group = new GroupSimulation({ settings: { offsetsRetentionMs: 1000 } })
    const { generation, members: [only] } = stableGroup(group, 1, () => ({ sessionTimeoutMs: 1_800_000 }))
    const other = [{
      name: "payments",
      partitions: [{ partitionIndex: 0, committedOffset: 3, committedLeaderEpoch: -1, committedMetadata: null }]
    }]
    group.ask(commit(only!, generation))
    group.ask(commit(only!, generation, 1, { topics: other }))
    group.advance(2000)
    expire(group)
    assert.strictEqual(committed(group), 1)
    assert.isUndefined(group.state.offsets.committed.get("g")?.get("payments"))
  })

  it("keeps a retention that the client asked for", () => {
    const group = new GroupSimulation({ settings })
    group.ask(commit("", -1, 1, { retentionTimeMs: 1000, apiVersion: 4 }))
    group.advance(1000)
    expire(group)
    assert.strictEqual(committed(group), -1)
  })
})
