import { assert, describe, it } from "@effect/vitest"
import { describeClassicGroup } from "../../../../src/actors/group-coordinator/classic/describe.ts"
import type { CodeReply, LeaveReply } from "../../../../src/actors/group-coordinator/machine/GroupDecision.ts"
import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { bytes, join, type JoinReply, stableGroup, subscription, sync, type SyncReply } from "../commands.ts"
import { durablePart, GroupSimulation } from "../GroupSimulation.ts"

const heartbeat = (
  group: GroupSimulation,
  memberId: string,
  generationId: number,
  groupInstanceId: string | null = null
) => group.ask<CodeReply>({ _tag: "Heartbeat", groupId: "g", memberId, groupInstanceId, generationId }).errorCode

const leave = (group: GroupSimulation, ...members: ReadonlyArray<readonly [string, string | null]>) =>
  group.ask<LeaveReply>({
    _tag: "Leave",
    groupId: "g",
    members: members.map(([memberId, groupInstanceId]) => ({ memberId, groupInstanceId }))
  })

const stateOf = (group: GroupSimulation): string | undefined => {
  const found = group.state.groups.get("g")
  return found?._tag === "Classic" ? found.state : undefined
}

describe("SyncGroup of a classic group", () => {
  it("writes the leader's assignment and answers everybody, those left out with nothing", () => {
    const group = new GroupSimulation()
    const joins = [group.send(join({ freshUuid: "a" })), group.send(join({ freshUuid: "b" }))]
    group.advance(9000)
    assert.strictEqual(group.answer<JoinReply>(joins[0]!)!.generationId, 1)
    const follower = group.send(sync("client-b", 1))
    assert.isUndefined(group.answer(follower))
    const leader = group.ask<SyncReply>(sync("client-a", 1, { "client-a": "all" }))
    assert.deepStrictEqual(leader, {
      errorCode: ErrorCode.NONE,
      protocolType: "consumer",
      protocolName: "range",
      assignment: bytes("all")
    })
    assert.deepStrictEqual(group.answer<SyncReply>(follower)!.assignment, new Uint8Array(0))
    const member = (memberId: string, assignment: string) => ({
      memberId,
      groupInstanceId: null,
      clientId: "client",
      clientHost: "/127.0.0.1",
      rebalanceTimeoutMs: 60_000,
      sessionTimeoutMs: 10_000,
      subscription: subscription("orders"),
      assignment: bytes(assignment)
    })
    assert.deepStrictEqual(group.lastRecords, [{
      _tag: "GroupMetadata",
      groupId: "g",
      value: {
        protocolType: "consumer",
        generation: 1,
        protocol: "range",
        leader: "client-a",
        currentStateTimestampMs: 1_006_000,
        members: [member("client-a", "all"), member("client-b", "")]
      }
    }])
    assert.strictEqual(stateOf(group), "Stable")
  })

  it("answers Kafka's code for every wrong request and leaves the group alone", () => {
    const group = new GroupSimulation()
    const { generation, members: [leader] } = stableGroup(group, 2)
    const before = durablePart(group.state)
    const code = (memberId: string, generationId: number, change = {}) =>
      group.ask<SyncReply>(sync(memberId, generationId, {}, change)).errorCode
    assert.strictEqual(code("ghost", generation), ErrorCode.UNKNOWN_MEMBER_ID)
    assert.strictEqual(code(leader!, generation - 1), ErrorCode.ILLEGAL_GENERATION)
    assert.strictEqual(code(leader!, generation, { protocolType: "connect" }), ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    assert.strictEqual(code(leader!, generation, { protocolName: "sticky" }), ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    assert.strictEqual(code(leader!, generation, { groupInstanceId: "nobody" }), ErrorCode.UNKNOWN_MEMBER_ID)
    assert.strictEqual(code(leader!, generation, { groupId: "other" }), ErrorCode.UNKNOWN_MEMBER_ID)
    assert.deepStrictEqual(durablePart(group.state), before)
    group.send(join({ memberId: leader! }))
    assert.strictEqual(code(leader!, generation), ErrorCode.REBALANCE_IN_PROGRESS)
  })

  it("drops members that do not sync within the rebalance timeout", () => {
    const group = new GroupSimulation()
    const joins = Array.from({ length: 2 }, () => group.send(join({ sessionTimeoutMs: 300_000 })))
    group.advance(9000)
    const [leader, follower] = joins.map((to) => group.answer<JoinReply>(to)!.memberId)
    group.ask(sync(leader!, 1, {}))
    group.advance(60_001)
    assert.strictEqual(stateOf(group), "PreparingRebalance")
    assert.strictEqual(heartbeat(group, follower!, 1), ErrorCode.UNKNOWN_MEMBER_ID)
    assert.strictEqual(heartbeat(group, leader!, 1), ErrorCode.REBALANCE_IN_PROGRESS)
  })

  it("tells waiting members to rejoin when somebody joins before the leader decided", () => {
    const group = new GroupSimulation()
    const joins = Array.from({ length: 2 }, () => group.send(join()))
    group.advance(9000)
    const follower = group.answer<JoinReply>(joins[1]!)!.memberId
    const waiting = group.send(sync(follower, 1))
    group.send(join())
    assert.strictEqual(group.answer<SyncReply>(waiting)!.errorCode, ErrorCode.REBALANCE_IN_PROGRESS)
    assert.strictEqual(stateOf(group), "PreparingRebalance")
  })
})

describe("Heartbeat of a classic group", () => {
  it("answers Kafka's code for every state and identity, and writes nothing", () => {
    const group = new GroupSimulation()
    assert.strictEqual(heartbeat(group, "m", 1), ErrorCode.UNKNOWN_MEMBER_ID)
    const { generation, members: [leader] } = stableGroup(group, 2, (i) => i === 0 ? { groupInstanceId: "i" } : {})
    const batches = group.log.length
    assert.strictEqual(heartbeat(group, leader!, generation, "i"), ErrorCode.NONE)
    assert.strictEqual(heartbeat(group, leader!, generation + 1, "i"), ErrorCode.ILLEGAL_GENERATION)
    assert.strictEqual(heartbeat(group, "ghost", generation, "i"), ErrorCode.FENCED_INSTANCE_ID)
    assert.strictEqual(heartbeat(group, "ghost", generation), ErrorCode.UNKNOWN_MEMBER_ID)
    assert.strictEqual(group.log.length, batches)
  })
})

describe("LeaveGroup of a classic group", () => {
  it("answers one code per member and rebalances the rest", () => {
    const group = new GroupSimulation()
    const { members: [first, second] } = stableGroup(group, 3, (i) => i === 0 ? { groupInstanceId: "i" } : {})
    assert.deepStrictEqual(leave(group, ["", "i"], [second!, null], ["ghost", null], ["", null], [first!, "x"]), {
      errorCode: ErrorCode.NONE,
      members: [
        { memberId: "", groupInstanceId: "i", errorCode: ErrorCode.NONE },
        { memberId: second!, groupInstanceId: null, errorCode: ErrorCode.NONE },
        { memberId: "ghost", groupInstanceId: null, errorCode: ErrorCode.UNKNOWN_MEMBER_ID },
        { memberId: "", groupInstanceId: null, errorCode: ErrorCode.UNKNOWN_MEMBER_ID },
        { memberId: first!, groupInstanceId: "x", errorCode: ErrorCode.UNKNOWN_MEMBER_ID }
      ]
    })
    assert.strictEqual(stateOf(group), "PreparingRebalance")
  })

  it("of one member shows the assignments of the others until they are assigned anew", () => {
    const group = new GroupSimulation()
    const { members: [first, second] } = stableGroup(group, 2)
    const assigned = () => {
      const found = group.state.groups.get("g")
      if (found?._tag !== "Classic") return undefined
      return describeClassicGroup(found).members.find(({ memberId }) => memberId === second)?.memberAssignment
    }
    const before = assigned()
    assert.isAbove(before!.length, 0)
    leave(group, [first!, null])
    assert.strictEqual(stateOf(group), "PreparingRebalance")
    assert.deepStrictEqual(assigned(), before)
  })

  it("of the last member empties the group, and writes it", () => {
    const group = new GroupSimulation()
    const { members: [only] } = stableGroup(group, 1)
    leave(group, [only!, null])
    assert.strictEqual(stateOf(group), "Empty")
    const [record] = group.lastRecords
    assert.isTrue(
      record?._tag === "GroupMetadata" && record.value?.generation === 2 && record.value.members.length === 0
    )
  })

  it("of an unknown group answers every member as unknown", () => {
    const group = new GroupSimulation()
    assert.deepStrictEqual(leave(group, ["m", null]), {
      errorCode: ErrorCode.NONE,
      members: [{ memberId: "m", groupInstanceId: null, errorCode: ErrorCode.UNKNOWN_MEMBER_ID }]
    })
  })
})

describe("a classic group that was loaded", () => {
  it("is stable with the members and assignments of its last record, whose sessions begin anew", () => {
    const group = new GroupSimulation()
    const { generation, members } = stableGroup(group, 2)
    group.crash()
    assert.strictEqual(stateOf(group), "Stable")
    for (const memberId of members) assert.strictEqual(group.timerAt("Session", memberId), 10_000)
    assert.deepStrictEqual(group.ask<SyncReply>(sync(members[1]!, generation)).assignment, bytes("a1"))
    group.advance(10_001)
    assert.strictEqual(stateOf(group), "Empty")
  })
})
