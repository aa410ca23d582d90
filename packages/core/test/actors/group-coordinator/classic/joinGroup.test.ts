import { assert, describe, it } from "@effect/vitest"
import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { bytes, join, type JoinReply, stableGroup, subscription, sync, type SyncReply } from "../commands.ts"
import { GroupSimulation } from "../GroupSimulation.ts"

describe("JoinGroup of a classic group", () => {
  it("gives a dynamic member an id first, and writes that the group exists", () => {
    const group = new GroupSimulation()
    const answer = group.ask<JoinReply>(join({ requiresKnownMemberId: true, freshUuid: "u" }))
    assert.deepStrictEqual(answer, {
      errorCode: ErrorCode.MEMBER_ID_REQUIRED,
      generationId: -1,
      protocolType: null,
      protocolName: null,
      leader: "",
      skipAssignment: false,
      memberId: "client-u",
      members: []
    })
    assert.deepStrictEqual(group.lastRecords, [{
      _tag: "GroupMetadata",
      groupId: "g",
      value: {
        protocolType: "",
        generation: 0,
        protocol: null,
        leader: null,
        currentStateTimestampMs: 1_000_000,
        members: []
      }
    }])
    assert.strictEqual(group.timerAt("Session", "client-u"), 10_000)
  })

  it("forgets an id nobody came back for within the session timeout", () => {
    const group = new GroupSimulation()
    const { memberId } = group.ask<JoinReply>(join({ requiresKnownMemberId: true }))
    group.advance(10_001)
    const answer = group.ask<JoinReply>(join({ memberId, requiresKnownMemberId: true }))
    assert.strictEqual(answer.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it("refuses an unknown group with a member id and leaves nothing behind", () => {
    const group = new GroupSimulation()
    const answer = group.ask<JoinReply>(join({ memberId: "somebody" }))
    assert.strictEqual(answer.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
    assert.strictEqual(answer.memberId, "somebody")
    assert.strictEqual(group.state.groups.size, 0)
    assert.deepStrictEqual(group.log, [])
  })

  it("refuses an empty protocol type and an empty protocol list", () => {
    for (const change of [{ protocolType: "" }, { protocols: [] }]) {
      const answer = new GroupSimulation().ask<JoinReply>(join(change))
      assert.strictEqual(answer.errorCode, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    }
  })

  it("refuses a protocol that not all members know, and another protocol type", () => {
    const group = new GroupSimulation()
    stableGroup(group, 1)
    const other = [{ name: "sticky", metadata: bytes("") }]
    for (const change of [{ protocols: other }, { protocolType: "connect" }]) {
      assert.strictEqual(group.ask<JoinReply>(join(change)).errorCode, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    }
  })

  it("waits the initial delay, extends it for every newcomer and ends it at the rebalance timeout", () => {
    const group = new GroupSimulation()
    const joins = [group.send(join({ rebalanceTimeoutMs: 7000 }))]
    for (let i = 0; i < 3; i++) {
      group.advance(2000)
      joins.push(group.send(join({ rebalanceTimeoutMs: 7000 })))
    }
    assert.isTrue(joins.every((to) => group.answer(to) === undefined))
    group.advance(999)
    assert.isTrue(joins.every((to) => group.answer(to) === undefined))
    group.advance(1)
    const answers = joins.map((to) => group.answer<JoinReply>(to)!)
    assert.deepStrictEqual(answers.map((answer) => answer.generationId), [1, 1, 1, 1])
    assert.deepStrictEqual(answers.map((answer) => answer.members.length), [4, 0, 0, 0])
    assert.isTrue(answers.every((answer) => answer.leader === answers[0]!.memberId))
  })

  it("tells only the leader about the members, with their metadata of the chosen protocol", () => {
    const group = new GroupSimulation({ settings: { initialRebalanceDelayMs: 0 } })
    const to = group.send(join({ protocols: [{ name: "range", metadata: bytes("m") }] }))
    group.advance(0)
    const answer = group.answer<JoinReply>(to)!
    assert.strictEqual(answer.protocolName, "range")
    assert.strictEqual(answer.protocolType, "consumer")
    assert.deepStrictEqual(answer.members, [{
      memberId: answer.memberId,
      groupInstanceId: null,
      metadata: bytes("m")
    }])
  })

  it("chooses the protocol with the most votes among those that all know", () => {
    const group = new GroupSimulation()
    const known = (...names: ReadonlyArray<string>) => names.map((name) => ({ name, metadata: subscription("orders") }))
    const joins = [known("a", "b", "c"), known("c", "b"), known("c", "b")].map((protocols) =>
      group.send(join({ protocols }))
    )
    group.advance(12_000)
    assert.strictEqual(group.answer<JoinReply>(joins[0]!)!.protocolName, "c")
  })

  it("answers a follower that rejoins unchanged with the current generation, and rebalances for the leader", () => {
    const group = new GroupSimulation()
    const { members: [leader, follower], generation } = stableGroup(group, 2)
    const answer = group.ask<JoinReply>(join({ memberId: follower! }))
    assert.strictEqual(answer.generationId, generation)
    assert.strictEqual(answer.errorCode, ErrorCode.NONE)
    const rejoin = group.send(join({ memberId: leader! }))
    assert.isUndefined(group.answer(rejoin))
    assert.strictEqual(
      group.state.groups.get("g")?._tag === "Classic" && group.ask<{ errorCode: number }>({
        _tag: "Heartbeat",
        groupId: "g",
        memberId: follower!,
        groupInstanceId: null,
        generationId: generation
      }).errorCode,
      ErrorCode.REBALANCE_IN_PROGRESS
    )
  })

  it("drops members that do not come back within the rebalance timeout", () => {
    const group = new GroupSimulation()
    const { members: [leader, follower] } = stableGroup(group, 2, () => ({ sessionTimeoutMs: 300_000 }))
    const rejoin = group.send(join({ memberId: leader!, sessionTimeoutMs: 300_000 }))
    group.advance(60_000)
    assert.strictEqual(group.answer<JoinReply>(rejoin)!.members.length, 1)
    const late = group.ask<JoinReply>(join({ memberId: follower! }))
    assert.strictEqual(late.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it("refuses members above group.max.size", () => {
    const group = new GroupSimulation({ settings: { maxSize: 2 } })
    stableGroup(group, 2)
    assert.strictEqual(group.ask<JoinReply>(join()).errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED)
  })
})

describe("static members", () => {
  const identity = (member: number) => ({ groupInstanceId: `i${member}` })

  it("come back under a new id without a rebalance, and fence the old id", () => {
    const group = new GroupSimulation()
    const { members: [, old], generation } = stableGroup(group, 2, identity)
    const answer = group.ask<JoinReply>(join({ groupInstanceId: "i1", freshUuid: "new" }))
    assert.strictEqual(answer.generationId, generation)
    assert.strictEqual(answer.memberId, "i1-new")
    assert.strictEqual(answer.skipAssignment, false)
    const record = group.lastRecords[0]!
    assert.isTrue(
      record._tag === "GroupMetadata" && record.value?.members.some((m) => m.memberId === "i1-new") === true
    )
    const fenced = group.ask<SyncReply>(sync(old!, generation, {}, { groupInstanceId: "i1" }))
    assert.strictEqual(fenced.errorCode, ErrorCode.FENCED_INSTANCE_ID)
    const fetched = group.ask<SyncReply>(sync("i1-new", generation, {}, { groupInstanceId: "i1" }))
    assert.deepStrictEqual(fetched.assignment, bytes("a1"))
  })

  it("that led get told to skip the assignment from version 9 on, and an older leader's id before", () => {
    const group = new GroupSimulation()
    const { members: [old] } = stableGroup(group, 2, identity)
    const before = group.ask<JoinReply>(join({ groupInstanceId: "i0", supportsSkippingAssignment: false }))
    assert.strictEqual(before.leader, old)
    assert.deepStrictEqual(before.members, [])
    const after = group.ask<JoinReply>(join({ groupInstanceId: "i0" }))
    assert.isTrue(after.skipAssignment)
    assert.strictEqual(after.leader, after.memberId)
    assert.strictEqual(after.members.length, 2)
  })

  it("stay in the group through a rebalance they miss, until their session ends", () => {
    const group = new GroupSimulation()
    const { members: [leader] } = stableGroup(group, 2, (i) => ({ ...identity(i), sessionTimeoutMs: 100_000 }))
    const rejoin = group.send(join({ memberId: leader!, groupInstanceId: "i0", sessionTimeoutMs: 100_000 }))
    group.advance(60_000)
    assert.strictEqual(group.answer<JoinReply>(rejoin)!.members.length, 2)
  })
})
