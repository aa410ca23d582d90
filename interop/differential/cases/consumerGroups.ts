import { apis } from "@kafka-broker/core/protocol"
import type { Case } from "../Case.ts"
import { eachGroupVersion, type GroupProbe, groupTest, type Peer, stableMember } from "../GroupProbe.ts"
import type { Body, Topic } from "../Probe.ts"
import { unknownId } from "../requests.ts"

const { ConsumerGroupDescribe, ConsumerGroupHeartbeat, DescribeGroups, OffsetCommit, OffsetFetch } = apis

const joining = (options: Body = {}): Body => ({
  memberId: "m1",
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 30_000,
  subscribedTopicNames: ["no-such-topic"],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
  ...options
})

/** A heartbeat that tells nothing new. */
const staying = (memberId: string, memberEpoch: number, options: Body = {}): Body => ({
  memberId,
  memberEpoch,
  ...options
})

const describeGroup = async (group: GroupProbe, label = "described"): Promise<void> => {
  await group.probe.send(ConsumerGroupDescribe, 1, { groupIds: [group.groupId], includeAuthorizedOperations: true }, {
    label
  })
}

/** Epoch after the first member joined a new group. */
const firstEpoch = 2

/** Heartbeats that own what they were told until `epoch` is reached; recorded are the epoch and what is owned then. */
const settle = async (group: GroupProbe, peer: Peer, joined: Body, epoch: number, label: string): Promise<Body> => {
  const deadline = Date.now() + 7_000
  const { memberId } = joined
  let { assignment, memberEpoch } = joined
  let owned = assignment?.topicPartitions ?? []
  while ((memberEpoch !== epoch || assignment !== null) && Date.now() < deadline) {
    const body = await peer.ask(ConsumerGroupHeartbeat, 0, staying(memberId, memberEpoch, { topicPartitions: owned }))
    if (body.errorCode !== 0) {
      group.record(ConsumerGroupHeartbeat, 0, body, `${label}, refused`)
      break
    }
    assignment = body.assignment
    memberEpoch = body.memberEpoch
    owned = assignment?.topicPartitions ?? owned
    if (memberEpoch !== epoch) await new Promise((resolve) => setTimeout(resolve, 30))
  }
  return group.record(ConsumerGroupHeartbeat, 0, { memberEpoch, topicPartitions: owned }, label)
}

const owning = (topic: Topic, ...partitions: ReadonlyArray<number>): Body => [{ topicId: topic.id, partitions }]

const lives: ReadonlyArray<Case> = [
  ...eachGroupVersion(ConsumerGroupHeartbeat, [0, 1], "a member joins, stays and leaves", async (group, version) => {
    const topic = await group.probe.topic({ partitions: 3 })
    const peer = group.peer()
    const send = (label: string, body: Body) => peer.send(ConsumerGroupHeartbeat, version, body, label)
    const joined = await peer.ask(ConsumerGroupHeartbeat, version, joining({ subscribedTopicNames: [topic.name] }))
    await settle(group, peer, joined, firstEpoch, "joined")
    await send("stays", staying("m1", firstEpoch))
    await send("says what it owns", staying("m1", firstEpoch, { topicPartitions: owning(topic, 0, 1, 2) }))
    await send("says everything", {
      ...joining({ subscribedTopicNames: [topic.name], memberEpoch: firstEpoch }),
      topicPartitions: owning(topic, 0, 1, 2)
    })
    await describeGroup(group)
    await send("a later epoch", staying("m1", 5))
    await send("an unknown member", staying("m2", firstEpoch))
    await send("an unknown group", { groupId: group.probe.name(), ...staying("m1", firstEpoch) })
    await send("the epoch before, without partitions", { ...staying("m1", 0) })
    await send("leaves", staying("m1", -1))
    await send("leaves again", staying("m1", -1))
    await send("stays after leaving", staying("m1", firstEpoch))
    await describeGroup(group, "described in the end")
  }),
  groupTest("ConsumerGroupHeartbeat v0: the broker names the member", async (group) => {
    const peer = group.peer()
    const body = await peer.send(ConsumerGroupHeartbeat, 0, joining({ memberId: "" }))
    await peer.send(ConsumerGroupHeartbeat, 0, staying(body.memberId, body.memberEpoch), "stays")
  }),
  groupTest("ConsumerGroupHeartbeat: two members share", async (group) => {
    const topic = await group.probe.topic({ partitions: 4 })
    const names = { subscribedTopicNames: [topic.name] }
    const [one, two] = [group.peer(), group.peer()]
    const first = await one.ask(ConsumerGroupHeartbeat, 1, joining(names))
    const alone = await settle(group, one, first, firstEpoch, "alone")
    const second = await two.ask(ConsumerGroupHeartbeat, 1, joining({ ...names, memberId: "m2" }))
    const count = (body: Body): number => body.topicPartitions.flatMap((each: Body) => each.partitions).length
    const shared = await settle(
      group,
      one,
      {
        ...alone,
        memberId: "m1",
        assignment: { topicPartitions: alone.topicPartitions }
      },
      firstEpoch + 1,
      "the first gives up"
    )
    const gained = await settle(group, two, second, firstEpoch + 1, "the second takes over")
    group.record(ConsumerGroupHeartbeat, 1, [count(shared), count(gained)], "how many each")
    await two.send(ConsumerGroupHeartbeat, 1, staying("m2", -1), "the second leaves")
    await settle(
      group,
      one,
      { ...shared, memberId: "m1", assignment: { topicPartitions: shared.topicPartitions } },
      firstEpoch + 2,
      "alone"
    )
    await describeGroup(group)
  }),
  ...["range", "uniform"].map((serverAssignor) =>
    groupTest(`ConsumerGroupHeartbeat: the ${serverAssignor} assignor`, async (group) => {
      const [a, b] = [await group.probe.topic({ partitions: 3 }), await group.probe.topic({ partitions: 2 })]
      const peer = group.peer()
      const subscribedTopicNames = [a.name, b.name]
      const joined = await peer.ask(ConsumerGroupHeartbeat, 0, joining({ subscribedTopicNames, serverAssignor }))
      await settle(group, peer, joined, firstEpoch, "joined")
      await describeGroup(group)
    })
  ),
  groupTest("ConsumerGroupHeartbeat: a static member goes for a while and comes back", async (group) => {
    const topic = await group.probe.topic({ partitions: 2 })
    const options = { instanceId: "static", subscribedTopicNames: [topic.name] }
    const peer = group.peer()
    const send = (label: string, body: Body) => peer.send(ConsumerGroupHeartbeat, 1, body, label)
    await settle(group, peer, await peer.ask(ConsumerGroupHeartbeat, 1, joining(options)), firstEpoch, "joined")
    await send("another with the same instance", joining({ ...options, memberId: "m2" }))
    await send("leaves for a while without its instance", staying("m1", -2))
    await send("leaves for a while", staying("m1", -2, { instanceId: "static" }))
    await send("is heard although it left", staying("m1", firstEpoch, { instanceId: "static" }))
    await describeGroup(group, "gone")
    const back = await peer.ask(ConsumerGroupHeartbeat, 1, joining({ ...options, memberId: "m2" }))
    await settle(group, peer, back, firstEpoch, "back")
    await send("the old one", staying("m1", firstEpoch, { instanceId: "static" }))
    await send("an instance nobody has", staying("m2", firstEpoch, { instanceId: "other" }))
    await send("leaves for good", staying("m2", -1, { instanceId: "static" }))
    await describeGroup(group, "left")
  }),
  groupTest("ConsumerGroupHeartbeat: a regular expression", async (group) => {
    const wanted = await group.probe.topic({ name: group.probe.name("-regex-a"), partitions: 2 })
    await group.probe.topic({ name: group.probe.name("-other") })
    const peer = group.peer()
    const subscribedTopicRegex = `${group.probe.prefix}-\\d+-regex-.*`
    const joined = await peer.ask(
      ConsumerGroupHeartbeat,
      1,
      joining({ subscribedTopicNames: null, subscribedTopicRegex })
    )
    const deadline = Date.now() + 7_000
    let body = joined
    let owned: Body = joined.assignment?.topicPartitions ?? []
    while (owned.length === 0 && Date.now() < deadline) {
      body = await peer.ask(ConsumerGroupHeartbeat, 1, staying("m1", body.memberEpoch, { topicPartitions: owned }))
      owned = body.assignment?.topicPartitions ?? owned
    }
    group.record(ConsumerGroupHeartbeat, 1, { topicPartitions: owned, wanted: wanted.name }, "what it reads")
    const [described] = (await group.probe.quiet(ConsumerGroupDescribe, 1, { groupIds: [group.groupId] })).groups
    const { memberType, subscribedTopicNames, subscribedTopicRegex: regex } = described.members[0]
    group.record(ConsumerGroupDescribe, 1, { memberType, subscribedTopicNames, regex }, "described")
    await peer.send(ConsumerGroupHeartbeat, 1, staying("m1", body.memberEpoch, { subscribedTopicRegex: "(a" }), "bad")
  })
]

const badRequests: Readonly<Record<string, Body>> = {
  "an empty group id": { groupId: "", ...joining() },
  "a blank group id": { groupId: "  ", ...joining() },
  "an empty member id": joining({ memberId: "" }),
  "an empty member id in a later epoch": staying("", 3),
  "an empty instance": joining({ instanceId: "" }),
  "an empty rack": joining({ rackId: "" }),
  "no rebalance timeout": joining({ rebalanceTimeoutMs: -1 }),
  "rebalance timeout 0": joining({ rebalanceTimeoutMs: 0 }),
  "rebalance timeout -5": joining({ rebalanceTimeoutMs: -5 }),
  "no partitions": joining({ topicPartitions: null }),
  "partitions when joining": joining({ topicPartitions: [{ topicId: unknownId, partitions: [0] }] }),
  "no subscription": joining({ subscribedTopicNames: null }),
  "an empty subscription": joining({ subscribedTopicNames: [] }),
  "the same topic twice": joining({ subscribedTopicNames: ["a", "a"] }),
  "a topic without a name": joining({ subscribedTopicNames: [""] }),
  "an unknown assignor": joining({ serverAssignor: "sticky" }),
  "an assignor without a name": joining({ serverAssignor: "" }),
  "epoch -3": staying("m1", -3),
  "epoch -2 without an instance": staying("m1", -2),
  "epoch -2 of an unknown group": staying("m1", -2, { instanceId: "static" }),
  "epoch -1 of an unknown group": staying("m1", -1),
  "epoch 3 of an unknown group": staying("m1", 3)
}

const refused: ReadonlyArray<Case> = [
  ...Object.entries(badRequests).flatMap(([name, body]) =>
    eachGroupVersion(ConsumerGroupHeartbeat, [0, 1], name, async (group, version) => {
      const view = ({ memberEpoch: _, ...rest }: Body): Body => rest
      // A first assignment may follow the first answer: only what refuses is compared whole.
      const answer = await group.peer().ask(ConsumerGroupHeartbeat, version, body)
      group.record(ConsumerGroupHeartbeat, version, answer.errorCode === 0 ? view(answer) : answer)
    })
  ),
  ...["(a", "a{2000}", "[[:alpha:]", "(?=a)b", "\\1", "", "a**", "\\pN+", "(?i)A"].map((subscribedTopicRegex) =>
    groupTest(
      `ConsumerGroupHeartbeat: the regular expression ${JSON.stringify(subscribedTopicRegex)}`,
      async (group) => {
        const body = joining({ subscribedTopicNames: null, subscribedTopicRegex })
        const view = ({ errorCode, errorMessage }: Body): Body => ({ errorCode, errorMessage })
        const answer = await group.peer().ask(ConsumerGroupHeartbeat, 1, body)
        group.record(ConsumerGroupHeartbeat, 1, view(answer))
      }
    )
  ),
  groupTest("ConsumerGroupHeartbeat: a group of the classic protocol that cannot move", async (group) => {
    await stableMember(group, { protocolType: "connect" })
    await group.peer().send(ConsumerGroupHeartbeat, 1, joining())
    await group.peer().send(ConsumerGroupHeartbeat, 1, staying("m1", 2), "stays")
  }),
  groupTest("LeaveGroup: a static member of the new protocol, named by its instance", async (group) => {
    await group.peer().ask(ConsumerGroupHeartbeat, 1, joining({ instanceId: "static" }))
    const members = [
      { memberId: "", groupInstanceId: "nobody" },
      { memberId: "other", groupInstanceId: "static" },
      { memberId: "", groupInstanceId: "static" },
      { memberId: "", groupInstanceId: "static" }
    ]
    await group.peer().send(apis.LeaveGroup, 4, { members }, "leaves")
    await group.peer().send(ConsumerGroupHeartbeat, 1, staying("m1", 1, { instanceId: "static" }), "stays")
  }),
  groupTest("JoinGroup: a group of the new protocol", async (group) => {
    await group.peer().ask(ConsumerGroupHeartbeat, 1, joining())
    const peer = group.peer()
    await peer.send(apis.JoinGroup, 9, {
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId: "",
      protocolType: "connect",
      protocols: [{ name: "x", metadata: Buffer.alloc(0) }]
    }, "as another type")
    const members = [{ memberId: "m1", groupInstanceId: null }]
    await peer.send(apis.LeaveGroup, 4, { members }, "the member of the new protocol leaves as if classic")
    await peer.send(apis.Heartbeat, 4, { generationId: 1, memberId: "m1" }, "its heartbeat as if classic")
    await peer.send(apis.SyncGroup, 4, { generationId: 1, memberId: "m1", assignments: [] }, "its SyncGroup")
    await peer.send(apis.Heartbeat, 4, { generationId: 1, memberId: "nobody" }, "an unknown member")
  })
]

const offsets: ReadonlyArray<Case> = [
  groupTest("OffsetCommit: a group of the new protocol", async (group) => {
    const topic = await group.probe.topic()
    const peer = group.peer()
    const joined = await peer.ask(ConsumerGroupHeartbeat, 1, joining({ subscribedTopicNames: [topic.name] }))
    await settle(group, peer, joined, firstEpoch, "joined")
    const topics = [{
      name: topic.name,
      topicId: topic.id,
      partitions: [{ partitionIndex: 0, committedOffset: 3, committedMetadata: "" }]
    }]
    for (const version of [2, 8, 9, 10]) {
      const send = (label: string, memberId: string, generationIdOrMemberEpoch: number) =>
        peer.send(OffsetCommit, version, { memberId, generationIdOrMemberEpoch, topics }, `v${version} ${label}`)
      await send("its member", "m1", firstEpoch)
      await send("a later epoch", "m1", firstEpoch + 1)
      await send("an earlier epoch", "m1", firstEpoch - 1)
      await send("epoch -1", "m1", -1)
      await send("an unknown member", "m2", firstEpoch)
      await send("from outside", "", -1)
    }
    for (const version of [8, 9, 10]) {
      const wanted = [{ name: topic.name, topicId: topic.id, partitionIndexes: [0] }]
      const send = (label: string, memberId: string | null, memberEpoch: number) =>
        peer.send(
          OffsetFetch,
          version,
          { groups: [{ groupId: group.groupId, memberId, memberEpoch, topics: wanted }] },
          `v${version} ${label}`
        )
      await send("its member", "m1", firstEpoch)
      await send("another epoch", "m1", firstEpoch + 1)
      await send("an unknown member", "m2", firstEpoch)
      await send("an administrator", null, -1)
    }
    await peer.send(apis.OffsetDelete, 0, { topics: [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }] })
  })
]

const describing: ReadonlyArray<Case> = eachGroupVersion(
  ConsumerGroupDescribe,
  [0, 1],
  "groups of every kind",
  async (group, version) => {
    const topic = await group.probe.topic({ partitions: 2 })
    const classic = group.probe.name("-classic")
    await group.probe.quiet(apis.JoinGroup, 3, {
      groupId: classic,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId: "",
      protocolType: "connect",
      protocols: [{ name: "x", metadata: Buffer.alloc(0) }]
    })
    const peer = group.peer()
    const joined = await peer.ask(
      ConsumerGroupHeartbeat,
      1,
      joining({ subscribedTopicNames: [topic.name], rackId: "r" })
    )
    await settle(group, peer, joined, firstEpoch, "joined")
    const send = (label: string, groupIds: ReadonlyArray<string>, includeAuthorizedOperations = false) =>
      group.probe.send(ConsumerGroupDescribe, version, { groupIds, includeAuthorizedOperations }, { label })
    await send("its own", [group.groupId])
    await send("with operations", [group.groupId], true)
    await send("unknown", [group.probe.name()], true)
    await send("of the classic protocol", [classic], true)
    await send("an empty id", [""])
    await send("none", [])
    await send("twice", [group.groupId, group.groupId])
    await group.probe.send(DescribeGroups, 6, { groups: [group.groupId] })
  }
)

export const consumerGroupCases: ReadonlyArray<Case> = [...lives, ...refused, ...offsets, ...describing]
