import { apis } from "@kafka-broker/core/protocol"
import type { Case } from "../Case.ts"
import { eachGroupVersion, type GroupProbe, groupTest, joining, protocol, stableMember } from "../GroupProbe.ts"
import type { Body, Topic } from "../Probe.ts"
import { unknownTopic } from "../requests.ts"

const { DeleteTopics, DescribeGroups, JoinGroup, OffsetCommit, OffsetDelete, OffsetFetch } = apis

const largeMetadata = "m".repeat(4_097)

interface Commit {
  readonly topic: Topic
  readonly partition?: number
  readonly offset?: number
  readonly metadata?: string | null
  readonly leaderEpoch?: number
}

/** An OffsetCommit of any version; from outside the group unless said otherwise. */
const committing = (commits: ReadonlyArray<Commit>, options: Body = {}): Body => ({
  generationIdOrMemberEpoch: -1,
  memberId: "",
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: commits.map(({ leaderEpoch, metadata, offset, partition, topic }) => ({
    name: topic.name,
    topicId: topic.id,
    partitions: [{
      partitionIndex: partition ?? 0,
      committedOffset: offset ?? 5,
      committedLeaderEpoch: leaderEpoch ?? -1,
      committedMetadata: metadata === undefined ? "note" : metadata
    }]
  })),
  ...options
})

/** An OffsetFetch of any version about one group; null asks for all topics. */
const fetching = (
  groupId: string,
  topics: ReadonlyArray<readonly [Topic, ReadonlyArray<number>]> | null,
  options: Body = {}
): Body => {
  const wanted = topics?.map(([{ id, name }, partitionIndexes]) => ({ name, topicId: id, partitionIndexes })) ?? null
  return {
    groupId,
    topics: wanted,
    groups: [{ groupId, memberId: null, memberEpoch: -1, topics: wanted, ...options }],
    requireStable: false
  }
}

const fetchAll = async (group: GroupProbe, label: string): Promise<void> => {
  await group.probe.send(OffsetFetch, 8, fetching(group.groupId, null), { label })
}

const commits: ReadonlyArray<Case> = [
  ...eachGroupVersion(OffsetCommit, [2, 10], "a group without members", async (group, version) => {
    const topic = await group.probe.topic({ partitions: 2 })
    const peer = group.peer()
    const send = (label: string, ...args: Parameters<typeof committing>) =>
      peer.send(OffsetCommit, version, committing(...args), label)
    await send("two partitions", [{ topic }, { topic, partition: 1, offset: 7, leaderEpoch: 3, metadata: null }])
    await fetchAll(group, "after two partitions")
    await send("an older offset", [{ topic, offset: 1, metadata: "" }])
    await send("a negative offset", [{ topic, offset: -1 }])
    await send("an offset far below zero", [{ topic, offset: -5 }])
    await send("metadata too large", [{ topic, partition: 1, metadata: largeMetadata }])
    await send("metadata as large as may be", [{ topic, partition: 1, metadata: largeMetadata.slice(1) }])
    await send("an unknown partition", [{ topic, partition: 2 }])
    await send("partition -1", [{ topic, partition: -1 }])
    await send("an unknown topic", [{ topic: unknownTopic }])
    await send("one that is unknown and one that is not", [{ topic: unknownTopic }, { topic, offset: 9 }])
    await send("no topics", [])
    await send("a generation", [{ topic }], { generationIdOrMemberEpoch: 1, memberId: "nobody" })
    await send("a member without generation", [{ topic }], { memberId: "nobody" })
    await send("an empty group id", [{ topic }], { groupId: "" })
    await send("an unknown group and a generation", [{ topic }], {
      groupId: group.probe.name(),
      generationIdOrMemberEpoch: 1,
      memberId: "nobody"
    })
    if (version < 5) await send("a retention time", [{ topic, offset: 11 }], { retentionTimeMs: 60_000 })
    if (version >= 7) await send("an instance", [{ topic }], { groupInstanceId: "static" })
    await fetchAll(group, "in the end")
    await group.probe.send(DescribeGroups, 5, { groups: [group.groupId] })
  }),
  ...eachGroupVersion(OffsetCommit, [2, 10], "a Stable group", async (group, version) => {
    const topic = await group.probe.topic()
    const { generationId, memberId, peer } = await stableMember(group)
    const send = (label: string, options: Body) =>
      peer.send(OffsetCommit, version, committing([{ topic }], options), label)
    const identity = { generationIdOrMemberEpoch: generationId, memberId }
    await send("its member", identity)
    await send("the next generation", { ...identity, generationIdOrMemberEpoch: generationId + 1 })
    await send("the generation before", { ...identity, generationIdOrMemberEpoch: generationId - 1 })
    await send("its member without a generation", { memberId })
    await send("an unknown member", { ...identity, memberId: "nobody" })
    await send("its generation without a member", { ...identity, memberId: "" })
    await send("from outside", {})
    if (version >= 7) await send("an instance nobody has", { ...identity, groupInstanceId: "static" })
    await peer.send(JoinGroup, 9, joining({ memberId, protocols: [protocol("other")] }), "joins again")
    await send("while completing, the generation before", identity)
    await send("while completing", { ...identity, generationIdOrMemberEpoch: generationId + 1 })
    await fetchAll(group, "in the end")
  }),
  groupTest("OffsetCommit: a static member that is fenced", async (group) => {
    const topic = await group.probe.topic()
    const options = { groupInstanceId: "static" }
    const { generationId, memberId, peer } = await stableMember(group, options)
    const back = await group.peer().send(JoinGroup, 9, joining(options), "back")
    const identity = { generationIdOrMemberEpoch: generationId, memberId, ...options }
    await peer.send(OffsetCommit, 8, committing([{ topic }], identity), "the old one")
    await peer.send(OffsetCommit, 8, committing([{ topic }], { ...identity, memberId: back.memberId }), "the new one")
  }),
  groupTest("OffsetCommit: the same partition twice", async (group) => {
    const topic = await group.probe.topic()
    const [{ partitions }] = committing([{ topic }]).topics
    const twice = [{ name: topic.name, partitions: [...partitions, { ...partitions[0], committedOffset: 6 }] }]
    await group.peer().send(OffsetCommit, 8, committing([], { topics: twice }))
    await fetchAll(group, "the last one")
  }),
  groupTest("OffsetCommit: a topic that is deleted and made again", async (group) => {
    const topic = await group.probe.topic()
    const peer = group.peer()
    await peer.send(OffsetCommit, 9, committing([{ topic }]))
    await group.probe.send(DeleteTopics, 5, { topicNames: [topic.name], timeoutMs: 5_000 })
    const isGone = (body: Body) => body.groups[0].topics.length === 0
    await group.probe.until(OffsetFetch, 8, fetching(group.groupId, null), isGone, { label: "its offsets are gone" })
    await peer.send(OffsetCommit, 9, committing([{ topic }]), "to no topic")
    await peer.send(OffsetCommit, 10, committing([{ topic }]), "to no topic")
    await peer.send(OffsetFetch, 10, fetching(group.groupId, [[topic, [0]]]), "of no topic")
  })
]

const fetches: ReadonlyArray<Case> = [
  ...eachGroupVersion(OffsetFetch, [1, 10], "what is committed and what is not", async (group, version) => {
    const [one, two, none] = [
      await group.probe.topic({ partitions: 2 }),
      await group.probe.topic(),
      await group.probe.topic()
    ]
    const peer = group.peer()
    const topics = [{ topic: one, leaderEpoch: 2 }, { topic: one, partition: 1, metadata: null }, { topic: two }]
    await peer.send(OffsetCommit, 8, committing(topics))
    const send = (label: string, body: Body) => peer.send(OffsetFetch, version, body, label)
    const { groupId } = group
    await send("everything and more", fetching(groupId, [[one, [0, 1, 2, -1]], [two, [0]], [none, [0]]]))
    await send("an unknown topic", fetching(groupId, [[unknownTopic, [0]]]))
    await send("unknown and known topics", fetching(groupId, [[unknownTopic, [0]], [two, [0]]]))
    await send("the same partition twice", fetching(groupId, [[two, [0, 0]]]))
    await send("no partitions", fetching(groupId, [[one, []]]))
    await send("no topics", fetching(groupId, []))
    await send("an unknown group", fetching(group.probe.name(), [[one, [0]]]))
    await send("an empty group id", fetching("", [[one, [0]]]))
    if (version >= 2) {
      await send("all topics", fetching(groupId, null))
      await send("all topics of an unknown group", fetching(group.probe.name(), null))
    }
    if (version >= 7) await send("stable", { ...fetching(groupId, [[one, [0]]]), requireStable: true })
    if (version >= 8) {
      const [mine, other] = [fetching(groupId, [[two, [0]]]), fetching(group.probe.name(), null)]
      await send("several groups", { ...mine, groups: [...mine.groups, ...other.groups] })
      await send("the same group twice", { ...mine, groups: [...mine.groups, ...mine.groups] })
      await send("no groups", { ...mine, groups: [] })
    }
    if (version >= 9) {
      await send(
        "a member of a group without members",
        fetching(groupId, [[two, [0]]], { memberId: "m", memberEpoch: 1 })
      )
      await send("epoch -1 with a member", fetching(groupId, [[two, [0]]], { memberId: "m" }))
    }
  })
]

const deleting = (topics: ReadonlyArray<readonly [Topic, ReadonlyArray<number>]>): Body => ({
  topics: topics.map(([{ name }, partitions]) => ({
    name,
    partitions: partitions.map((partitionIndex) => ({ partitionIndex }))
  }))
})

const deletions: ReadonlyArray<Case> = [
  groupTest("OffsetDelete: a group without members", async (group) => {
    const topic = await group.probe.topic({ partitions: 3 })
    const peer = group.peer()
    await peer.send(OffsetCommit, 8, committing([{ topic }, { topic, partition: 1 }]))
    const send = (label: string, body: Body) => peer.send(OffsetDelete, 0, body, label)
    await send("nothing", deleting([]))
    await send("a partition without a commit, an unknown one", deleting([[topic, [2, 9]]]))
    await send("an unknown topic", deleting([[unknownTopic, [0]]]))
    await send("one that is committed, and an unknown topic", deleting([[topic, [0]], [unknownTopic, [0]]]))
    await fetchAll(group, "what is left")
    await send("again", deleting([[topic, [0]]]))
    await send("an unknown group", { groupId: group.probe.name(), ...deleting([[topic, [0]]]) })
    await send("an empty group id", { groupId: "", ...deleting([[topic, [0]]]) })
    await send("the last one", deleting([[topic, [1]]]))
    await group.probe.send(DescribeGroups, 6, { groups: [group.groupId] })
  }),
  groupTest("OffsetDelete: a group that consumes", async (group) => {
    const [read, other] = [await group.probe.topic(), await group.probe.topic()]
    const peer = group.peer()
    await peer.send(OffsetCommit, 8, committing([{ topic: read }, { topic: other }]))
    const name = Buffer.from(read.name)
    const metadata = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, name.length]), name, Buffer.alloc(4, 255)])
    await stableMember(group, { protocols: [protocol("range", metadata)] })
    await peer.send(OffsetDelete, 0, deleting([[read, [0]], [other, [0]]]))
    await fetchAll(group, "what is left")
  }),
  groupTest("OffsetDelete: a group of another type", async (group) => {
    const topic = await group.probe.topic()
    const peer = group.peer()
    await peer.send(OffsetCommit, 8, committing([{ topic }]))
    await stableMember(group, { protocolType: "connect", protocols: [protocol("sessioned")] })
    await peer.send(OffsetDelete, 0, deleting([[topic, [0]]]))
  })
]

export const groupOffsetCases: ReadonlyArray<Case> = [...commits, ...fetches, ...deletions]
