import { apis } from "@kafka-broker/core/protocol"
import { type Case, eachOf } from "../Case.ts"
import {
  assignment,
  eachGroupVersion,
  GroupProbe,
  groupTest,
  joining,
  joinQuietly,
  protocol,
  stableMember,
  subscription
} from "../GroupProbe.ts"
import type { Body } from "../Probe.ts"

const { DescribeGroups, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } = apis

const leaving = (memberId: string, groupInstanceId: string | null = null): Body => ({
  memberId,
  members: [{ memberId, groupInstanceId, reason: "the case is over" }]
})

const describeGroup = async (group: GroupProbe, label: string): Promise<void> => {
  const body = await group.probe.quiet(DescribeGroups, 5, { groups: [group.groupId] })
  group.record(DescribeGroups, 5, body, label)
}

const joined: ReadonlyArray<Case> = [
  ...eachGroupVersion(JoinGroup, [0, 9], "a member lives alone", async (group, version) => {
    const member = group.peer()
    let answer = await member.send(JoinGroup, version, joining())
    if (answer.errorCode === 79) {
      await member.send(JoinGroup, version, joining({ memberId: answer.memberId }), "with its id")
        .then((body) => answer = body)
    }
    const { generationId, memberId } = answer
    const identity = { generationId, memberId, protocolType: "consumer", protocolName: "range" }
    const assignments = [{ memberId, assignment: assignment("a-topic", 0, 1) }]
    await member.send(Heartbeat, Math.min(version, 4), identity, "before the assignment")
    await member.send(SyncGroup, Math.min(version, 5), { ...identity, assignments })
    await member.send(SyncGroup, Math.min(version, 5), { ...identity, assignments: [] }, "again")
    await member.send(Heartbeat, Math.min(version, 4), identity)
    await describeGroup(group, "Stable")
    await member.send(LeaveGroup, Math.min(version, 5), leaving(memberId))
    await member.send(Heartbeat, Math.min(version, 4), identity, "after leaving")
    await member.send(LeaveGroup, Math.min(version, 5), leaving(memberId), "leaves again")
    await describeGroup(group, "Empty")
  }),
  ...eachGroupVersion(JoinGroup, [0, 9], "a second member, a leader and its follower", async (group, version) => {
    const first = await stableMember(group)
    const second = group.peer()
    const parked = joinQuietly(second, {}, version)
    const { generationId, memberId } = first
    const beat = { generationId, memberId }
    let heard = await first.peer.ask(Heartbeat, 4, beat)
    for (let tries = 0; heard.errorCode === 0 && tries < 200; tries++) heard = await first.peer.ask(Heartbeat, 4, beat)
    group.record(Heartbeat, 4, heard, "the first member hears of it")
    await first.peer.send(SyncGroup, 4, { ...beat, assignments: [] }, "the assignment during the join phase")
    const leader = await first.peer.send(JoinGroup, version, joining({ memberId }), "the leader")
    const follower = group.record(JoinGroup, version, await parked, "the follower")
    const stale = { generationId, memberId: follower.memberId }
    await second.send(Heartbeat, 4, stale, "of the generation before")
    const waiting = second.ask(SyncGroup, Math.min(version, 5), {
      generationId: follower.generationId,
      memberId: follower.memberId,
      protocolType: "consumer",
      protocolName: "range",
      assignments: []
    })
    await first.peer.send(SyncGroup, Math.min(version, 5), {
      generationId: leader.generationId,
      memberId,
      protocolType: "consumer",
      protocolName: "range",
      assignments: [
        { memberId, assignment: assignment("a-topic", 0) },
        { memberId: follower.memberId, assignment: assignment("a-topic", 1) },
        { memberId: "nobody", assignment: assignment("a-topic", 2) }
      ]
    }, "the leader's assignment")
    group.record(SyncGroup, version, await waiting, "the follower's assignment")
    await describeGroup(group, "Stable")
    await first.peer.send(LeaveGroup, 4, leaving(memberId), "the leader leaves")
    await second.send(Heartbeat, 3, { generationId: follower.generationId, memberId: follower.memberId }, "one is gone")
    await describeGroup(group, "PreparingRebalance")
  }),
  groupTest("JoinGroup: the protocol most members vote for", async (group) => {
    const preferences = [["a", "b", "c"], ["c", "b", "a"], ["b", "c"]]
    const peers = preferences.map(() => group.peer())
    const offers = preferences.map((names) => names.map((name) => protocol(name)))
    const first = await joinQuietly(peers[0]!, { protocols: offers[0] })
    group.record(JoinGroup, 9, first, "alone")
    const parked = joinQuietly(peers[1]!, { protocols: offers[1] })
    const alsoParked = parked.then(() => joinQuietly(peers[2]!, { protocols: offers[2] }))
    const rejoin = async (): Promise<Body> => {
      for (;;) {
        const beat = { generationId: first.generationId, memberId: first.memberId }
        if ((await peers[0]!.ask(Heartbeat, 4, beat)).errorCode === 27) break
      }
      return peers[0]!.ask(JoinGroup, 9, joining({ memberId: first.memberId, protocols: offers[0] }))
    }
    const two = await rejoin()
    const follower = await parked
    group.record(JoinGroup, 9, { ...follower, protocolName: "<either>" }, "two members, the follower")
    group.record(JoinGroup, 9, { ...two, protocolName: "<either>", members: two.members.length }, "two members")
    for (;;) {
      const beat = { generationId: two.generationId, memberId: first.memberId }
      if ((await peers[0]!.ask(Heartbeat, 4, beat)).errorCode === 27) break
    }
    const again = peers[0]!.ask(JoinGroup, 9, joining({ memberId: first.memberId, protocols: offers[0] }))
    const followerAgain = peers[1]!.ask(JoinGroup, 9, joining({ memberId: follower.memberId, protocols: offers[1] }))
    await Promise.all([again, followerAgain, alsoParked]).then(([leader, ...rest]) => {
      group.record(JoinGroup, 9, leader, "three members, the leader")
      for (const body of rest) group.record(JoinGroup, 9, body, "three members, a follower")
    })
  }),
  groupTest("JoinGroup: a pending member", async (group) => {
    const peer = group.peer()
    const { memberId } = await peer.send(JoinGroup, 9, joining())
    const beat = { generationId: 0, memberId }
    await describeGroup(group, "before it came back")
    await peer.send(Heartbeat, 4, { ...beat, generationId: -1 }, "of generation -1")
    await peer.send(Heartbeat, 4, beat)
    await peer.send(SyncGroup, 4, { ...beat, assignments: [] })
    await peer.send(LeaveGroup, 5, leaving(memberId))
    await peer.send(JoinGroup, 9, joining({ memberId }), "after leaving")
    const other = await peer.send(JoinGroup, 9, joining())
    await peer.send(JoinGroup, 9, joining({ memberId: other.memberId, protocolType: "connect" }), "as another type")
  }),
  groupTest("JoinGroup: a known member joins again", async (group) => {
    const { generationId, memberId, peer } = await stableMember(group)
    const again = await peer.send(JoinGroup, 9, joining({ memberId }), "the leader, with the same protocols")
    await peer.send(Heartbeat, 4, { generationId, memberId }, "of the generation before")
    const identity = { generationId: again.generationId, memberId }
    await peer.send(JoinGroup, 9, joining({ memberId }), "while completing, with the same protocols")
    await peer.send(JoinGroup, 9, joining({ memberId, protocols: [protocol("b")] }), "with others")
    await peer.send(SyncGroup, 4, { ...identity, assignments: [] }, "of a generation that is over")
    await describeGroup(group, "CompletingRebalance")
  })
]

const refused: ReadonlyArray<Case> = [
  ...[0, 3, 5, 9].flatMap((version) =>
    eachOf<Body>(
      {
        "session timeout 1": { sessionTimeoutMs: 1 },
        "session timeout -1": { sessionTimeoutMs: -1 },
        "session timeout 5999": { sessionTimeoutMs: 5_999 },
        "session timeout 1800001": { sessionTimeoutMs: 1_800_001 },
        "an empty group id": { groupId: "" },
        "an empty group id and a bad timeout": { groupId: "", sessionTimeoutMs: 1 },
        "no protocols": { protocols: [] },
        "an empty protocol type": { protocolType: "" },
        "a protocol type of its own": { protocolType: "connect", protocols: [protocol("x")] },
        "metadata that is no subscription": { protocols: [protocol("range", Buffer.from([0, 1, 2]))] },
        "empty metadata": { protocols: [protocol("range", Buffer.alloc(0))] },
        "an unknown member of an unknown group": { memberId: "nobody" },
        "a bad session timeout and an unknown member": { memberId: "nobody", sessionTimeoutMs: 1 }
      },
      (name) => `JoinGroup v${version}: ${name}`,
      async (probe, options) => {
        const group = new GroupProbe(probe, probe.name("-group"))
        await group.ready()
        const { errorCode } = await probe.send(JoinGroup, version, { groupId: group.groupId, ...joining(options) })
        // A group of nobody but a pending member may be gone again in Kafka, or not.
        if (errorCode !== 79) await probe.send(DescribeGroups, 6, { groups: [group.groupId] })
      }
    )
  ),
  ...eachOf<Body>(
    {
      "another protocol type": { protocolType: "connect" },
      "no common protocol": { protocols: [protocol("mine")] },
      "no protocols": { protocols: [] },
      "an empty protocol type": { protocolType: "" },
      "an unknown member": { memberId: "nobody" },
      "an unknown static member": { memberId: "nobody", groupInstanceId: "static" }
    },
    (name) => `JoinGroup: ${name}, of a Stable group`,
    async (probe, options) => {
      const group = new GroupProbe(probe, probe.name("-group"))
      await group.ready()
      await stableMember(group)
      const other = group.peer()
      for (const version of [3, 4, 9]) await other.send(JoinGroup, version, joining(options))
      await describeGroup(group, "afterwards")
      group.close()
    }
  ),
  ...eachOf(
    { "32767 characters": "g".repeat(32_767), "a space": " ", "a NUL": "\0", "emoji": "👥🧵", "a slash": "../../x" },
    (name) => `JoinGroup: a group id of ${name}`,
    async (probe, groupId) => {
      const group = new GroupProbe(probe, groupId + probe.prefix.slice(groupId.length > 1_000 ? 99 : 0))
      await group.ready()
      const first = await probe.send(JoinGroup, 9, { groupId: group.groupId, ...joining() })
      const { memberId } = first
      const next = await probe.send(JoinGroup, 9, { groupId: group.groupId, ...joining({ memberId }) })
      await probe.send(SyncGroup, 4, {
        groupId: group.groupId,
        generationId: next.generationId,
        memberId,
        assignments: []
      })
      await probe.send(DescribeGroups, 6, { groups: [group.groupId] })
    }
  )
]

const staticMembers: ReadonlyArray<Case> = [
  ...eachGroupVersion(JoinGroup, [5, 9], "a static member comes back under a new id", async (group, version) => {
    const options = { groupInstanceId: "static" }
    const old = await stableMember(group, options)
    const peer = group.peer()
    const back = await peer.send(JoinGroup, version, joining(options), "back")
    const oldIdentity = { generationId: old.generationId, memberId: old.memberId, ...options }
    await old.peer.send(Heartbeat, 4, oldIdentity, "the old one")
    await old.peer.send(Heartbeat, 4, { ...oldIdentity, groupInstanceId: null }, "the old one without its instance")
    await old.peer.send(SyncGroup, 4, { ...oldIdentity, assignments: [] }, "the old one")
    await old.peer.send(JoinGroup, 9, joining({ memberId: old.memberId, ...options }), "the old one")
    await old.peer.send(LeaveGroup, 5, leaving(old.memberId, "static"), "the old one")
    const identity = { generationId: back.generationId, memberId: back.memberId, ...options }
    await peer.send(Heartbeat, 4, identity)
    await peer.send(SyncGroup, 4, { ...identity, assignments: [] })
    await describeGroup(group, "Stable")
    await peer.send(JoinGroup, version, joining({ memberId: back.memberId, ...options }), "again, known")
  }),
  groupTest("JoinGroup: a static member comes back with another subscription", async (group) => {
    const options = { groupInstanceId: "static" }
    await stableMember(group, options)
    const peer = group.peer()
    const protocols = [protocol("range", subscription("b-topic"))]
    await peer.send(JoinGroup, 9, joining({ ...options, protocols }), "back")
    await describeGroup(group, "CompletingRebalance")
  }),
  groupTest("JoinGroup: a static follower comes back", async (group) => {
    const leader = await stableMember(group)
    const options = { groupInstanceId: "static" }
    const peer = group.peer()
    const parked = peer.ask(JoinGroup, 9, joining(options))
    for (;;) if ((await leader.peer.ask(Heartbeat, 4, leader)).errorCode === 27) break
    const again = await leader.peer.send(JoinGroup, 9, joining({ memberId: leader.memberId }), "the leader")
    const follower = group.record(JoinGroup, 9, await parked, "the follower")
    await leader.peer.send(SyncGroup, 4, {
      generationId: again.generationId,
      memberId: leader.memberId,
      assignments: [{ memberId: follower.memberId, assignment: assignment("a-topic", 1) }]
    })
    const back = await group.peer().send(JoinGroup, 9, joining(options), "the follower is back")
    await group.peer().send(SyncGroup, 4, {
      generationId: back.generationId,
      memberId: back.memberId,
      ...options,
      assignments: []
    }, "its assignment")
    await leader.peer.send(Heartbeat, 4, { generationId: again.generationId, memberId: leader.memberId }, "the leader")
  })
]

const strangers: ReadonlyArray<Case> = [
  ...eachGroupVersion(SyncGroup, [0, 5], "refused", async (group, version) => {
    const { generationId, memberId, peer } = await stableMember(group)
    const known = { generationId, memberId, protocolType: "consumer", protocolName: "range", assignments: [] }
    const send = (label: string, options: Body) => peer.send(SyncGroup, version, { ...known, ...options }, label)
    await send("an unknown group", { groupId: group.probe.name() })
    await send("an empty group id", { groupId: "" })
    await send("an unknown member", { memberId: "nobody" })
    await send("no member", { memberId: "" })
    await send("the next generation", { generationId: generationId + 1 })
    await send("generation -1", { generationId: -1 })
    await send("an unknown member of another generation", { memberId: "nobody", generationId: 99 })
    if (version >= 3) await send("an instance nobody has", { groupInstanceId: "static" })
    if (version >= 5) {
      await send("another protocol type", { protocolType: "connect" })
      await send("another protocol", { protocolName: "sticky" })
      await send("neither type nor protocol", { protocolType: null, protocolName: null })
    }
  }),
  ...eachGroupVersion(Heartbeat, [0, 4], "refused", async (group, version) => {
    const { generationId, memberId, peer } = await stableMember(group)
    const send = (label: string, options: Body) =>
      peer.send(Heartbeat, version, { generationId, memberId, ...options }, label)
    await send("an unknown group", { groupId: group.probe.name() })
    await send("an empty group id", { groupId: "" })
    await send("an unknown member", { memberId: "nobody" })
    await send("no member", { memberId: "" })
    await send("the next generation", { generationId: generationId + 1 })
    await send("generation -1", { generationId: -1 })
    if (version >= 3) await send("an instance nobody has", { groupInstanceId: "static" })
  }),
  ...eachGroupVersion(LeaveGroup, [0, 5], "of an unknown group, without an id, of nobody", async (group, version) => {
    const peer = group.peer()
    await peer.send(LeaveGroup, version, { groupId: group.probe.name(), ...leaving("nobody") }, "an unknown group")
    await peer.send(LeaveGroup, version, { groupId: "", ...leaving("nobody") }, "an empty group id")
    await stableMember(group)
    await peer.send(LeaveGroup, version, leaving("nobody"), "an unknown member")
    await peer.send(LeaveGroup, version, leaving(""), "no member")
    if (version >= 3) await peer.send(LeaveGroup, version, { members: [] }, "an empty batch")
  }),
  ...eachGroupVersion(LeaveGroup, [3, 5], "a batch of members", async (group, version) => {
    const { memberId, peer } = await stableMember(group, { groupInstanceId: "static" })
    const members = [
      { memberId: "nobody", groupInstanceId: null },
      { memberId: "nobody", groupInstanceId: "unknown" },
      { memberId: "", groupInstanceId: "unknown" },
      { memberId: "nobody", groupInstanceId: "static" },
      { memberId: "", groupInstanceId: "static" },
      { memberId, groupInstanceId: "static" }
    ]
    await peer.send(LeaveGroup, version, { members })
    await describeGroup(group, "afterwards")
  })
]

export const groupMembershipCases: ReadonlyArray<Case> = [...joined, ...refused, ...staticMembers, ...strangers]
