import { assert, describe, it } from "@effect/vitest"
import type { CodeReply, LeaveReply } from "../../../../src/actors/group-coordinator/machine/GroupDecision.ts"
import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { decodeConsumerAssignment, encodeConsumerAssignment } from "../../../../src/protocol/apis/ConsumerProtocol.ts"
import { consumer, type ConsumerHeartbeatReply, join, type JoinReply, sync, type SyncReply } from "../commands.ts"
import { durablePart, GroupSimulation } from "../GroupSimulation.ts"

const settings = { initialRebalanceDelayMs: 0 }

/** One classic member that has all four partitions of `orders`. */
const classicGroup = (change: Partial<GroupSimulation["settings"]> = {}) => {
  const group = new GroupSimulation({ settings: { ...settings, ...change } })
  const to = group.send(join({ freshUuid: "u" }))
  group.advance(0)
  const { generationId, memberId } = group.answer<JoinReply>(to)!
  const assignment = encodeConsumerAssignment({
    assignedPartitions: [{ topic: "orders", partitions: [0, 1, 2, 3] }],
    userData: null
  })
  group.ask(sync(memberId, generationId, {}, { assignments: new Map([[memberId, assignment]]) }))
  return { group, generationId, memberId }
}

const heartbeat = (group: GroupSimulation, memberId: string, generationId: number) =>
  group.ask<CodeReply>({ _tag: "Heartbeat", groupId: "g", memberId, groupInstanceId: null, generationId }).errorCode

describe("moving between the protocols", () => {
  it("a member of the new protocol turns a classic group into a consumer group, online", () => {
    const { generationId, group, memberId } = classicGroup()
    const joined = group.ask<ConsumerHeartbeatReply>(consumer("n"))
    assert.strictEqual(joined.memberEpoch, generationId + 1)
    assert.deepStrictEqual(joined.assignment, { topicPartitions: [] })
    assert.deepStrictEqual(group.lastRecords[0], { _tag: "GroupMetadata", groupId: "g", value: null })
    assert.deepStrictEqual(durablePart(group.state), durablePart(group.replayed()))

    assert.strictEqual(heartbeat(group, memberId, generationId), ErrorCode.REBALANCE_IN_PROGRESS)
    const rejoined = group.ask<JoinReply>(join({ memberId }))
    assert.strictEqual(rejoined.errorCode, ErrorCode.NONE)
    assert.deepStrictEqual(rejoined.members, [])
    const synced = group.ask<SyncReply>(sync(memberId, rejoined.generationId))
    assert.strictEqual(decodeConsumerAssignment(synced.assignment).assignedPartitions[0]?.partitions.length, 2)
    const told = group.ask<ConsumerHeartbeatReply>(consumer("n", {
      memberEpoch: joined.memberEpoch,
      topicPartitions: []
    }))
    assert.strictEqual(told.assignment?.topicPartitions[0]?.partitions.length, 2)
  })

  it("the group turns back when its last member of the new protocol leaves, and rebalances", () => {
    const { group, memberId } = classicGroup()
    group.ask(consumer("n"))
    const rejoined = group.ask<JoinReply>(join({ memberId }))
    group.ask(sync(memberId, rejoined.generationId))
    group.ask(consumer("n", { memberEpoch: -1 }))
    const found = group.state.groups.get("g")
    assert.isTrue(found?._tag === "Classic" && found.state === "PreparingRebalance")
    assert.deepStrictEqual(durablePart(group.state), durablePart(group.replayed()))
    const generation = found?._tag === "Classic" ? found.generation : -1
    assert.strictEqual(heartbeat(group, memberId, generation), ErrorCode.REBALANCE_IN_PROGRESS)
    const again = group.ask<JoinReply>(join({ memberId }))
    assert.strictEqual(again.generationId, generation + 1)
  })

  it("is refused when the policy says so", () => {
    const { group } = classicGroup({ consumerMigrationPolicy: "disabled" })
    const before = durablePart(group.state)
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(consumer("n")).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
    assert.deepStrictEqual(durablePart(group.state), before)
  })

  it("a group of another type is refused, with the reason", () => {
    const group = new GroupSimulation({ settings })
    group.send(join({ freshUuid: "u", protocolType: "connect" }))
    group.advance(0)
    const refused = group.ask<ConsumerHeartbeatReply>(consumer("n"))
    assert.strictEqual(refused.errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
    assert.strictEqual(
      refused.errorMessage,
      "Cannot upgrade classic group g to consumer group because the group does not use the consumer embedded protocol."
    )
  })

  it("LeaveGroup takes out members of the new protocol too, as administrators ask", () => {
    const group = new GroupSimulation({ settings })
    group.ask(consumer("n"))
    const members = [{ memberId: "n", groupInstanceId: null }, { memberId: "ghost", groupInstanceId: null }]
    assert.deepStrictEqual(
      group.ask<LeaveReply>({ _tag: "Leave", groupId: "g", members }).members.map(({ errorCode }) => errorCode),
      [ErrorCode.NONE, ErrorCode.UNKNOWN_MEMBER_ID]
    )
    const heartbeat = group.ask<ConsumerHeartbeatReply>(consumer("n", { memberEpoch: 2 }))
    assert.strictEqual(heartbeat.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it("LeaveGroup answers with the identities that were sent, though a static member was named by its instance", () => {
    const group = new GroupSimulation({ settings })
    group.ask(consumer("n", { instanceId: "i" }))
    group.ask(consumer("m"))
    const members = [
      { memberId: "", groupInstanceId: "i" },
      { memberId: "", groupInstanceId: "ghost" },
      { memberId: "m", groupInstanceId: null },
      { memberId: "m", groupInstanceId: null }
    ]
    assert.deepStrictEqual(group.ask<LeaveReply>({ _tag: "Leave", groupId: "g", members }).members, [
      { memberId: "", groupInstanceId: "i", errorCode: ErrorCode.NONE },
      { memberId: "", groupInstanceId: "ghost", errorCode: ErrorCode.UNKNOWN_MEMBER_ID },
      { memberId: "m", groupInstanceId: null, errorCode: ErrorCode.NONE },
      { memberId: "m", groupInstanceId: null, errorCode: ErrorCode.NONE }
    ])
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(consumer("n", { memberEpoch: 1 })).errorCode, 25)
  })

  it("an empty group takes either protocol", () => {
    const { group, memberId } = classicGroup()
    group.ask({ _tag: "Leave", groupId: "g", members: [{ memberId, groupInstanceId: null }] })
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(consumer("n")).memberEpoch, 2)
    group.ask(consumer("n", { memberEpoch: -1 }))
    const to = group.send(join())
    group.advance(0)
    assert.strictEqual(group.answer<JoinReply>(to)!.generationId, 1)
  })
})
