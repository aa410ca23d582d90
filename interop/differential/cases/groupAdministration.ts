import { apis } from "@kafka-broker/core/protocol"
import { type Case, eachVersion } from "../Case.ts"
import { eachGroupVersion, type GroupProbe, joining, protocol, stableMember } from "../GroupProbe.ts"
import type { Body } from "../Probe.ts"

const { ConsumerGroupHeartbeat, DeleteGroups, DescribeGroups, FindCoordinator, JoinGroup, ListGroups, OffsetCommit } =
  apis

/** Groups of other cases are on the same broker. */
const ownGroups = (group: GroupProbe) => (body: Body): Body => ({
  ...body,
  groups: body.groups.filter(({ groupId }: Body) => groupId.startsWith(group.probe.prefix))
})

/** A consumer of the new protocol in a group of its own. */
const consumerGroup = async (group: GroupProbe, topics: ReadonlyArray<string> = ["no-such-topic"]): Promise<string> => {
  const groupId = group.probe.name("-consumers")
  await group.peer().send(ConsumerGroupHeartbeat, 0, {
    groupId,
    memberId: "m",
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: topics,
    topicPartitions: []
  }, "a consumer of the new protocol")
  return groupId
}

/** A group that holds nothing but offsets. */
const offsetGroup = async (group: GroupProbe): Promise<string> => {
  const topic = await group.probe.topic()
  const groupId = group.probe.name("-offsets")
  await group.peer().send(OffsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: "",
    groupInstanceId: null,
    topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: "" }] }]
  }, "offsets")
  return groupId
}

const describing: ReadonlyArray<Case> = [
  ...eachGroupVersion(DescribeGroups, [0, 6], "groups of every kind", async (group, version) => {
    await stableMember(group, { groupInstanceId: "static" })
    const [consumers, offsets, other] = [await consumerGroup(group), await offsetGroup(group), group.probe.name()]
    const send = (label: string, groups: ReadonlyArray<string>, includeAuthorizedOperations = false) =>
      group.probe.send(DescribeGroups, version, { groups, includeAuthorizedOperations }, { label })
    await send("its own", [group.groupId])
    await send("with operations", [group.groupId], true)
    await send("unknown", [other], true)
    await send("of the new protocol", [consumers], true)
    await send("offsets only", [offsets])
    await send("an empty id", [""])
    await send("none", [])
    await send("several", [other, group.groupId])
    await send("twice", [group.groupId, group.groupId])
  })
]

const listing: ReadonlyArray<Case> = [
  ...eachGroupVersion(ListGroups, [0, 5], "groups by state and type", async (group, version) => {
    await stableMember(group)
    await consumerGroup(group)
    await offsetGroup(group)
    const connect = group.probe.name("-connect")
    await group.peer().send(JoinGroup, 3, {
      groupId: connect,
      ...joining({ protocolType: "connect", protocols: [protocol("sessioned")] })
    })
    const view = ownGroups(group)
    const send = (label: string, statesFilter: ReadonlyArray<string>, typesFilter: ReadonlyArray<string>) =>
      group.probe.send(ListGroups, version, { statesFilter, typesFilter }, { label, view })
    await send("all", [], [])
    if (version >= 4) {
      for (const state of ["Stable", "stable", "Empty", "CompletingRebalance", "Dead", "Assigning", "nonsense", ""]) {
        await send(`state "${state}"`, [state], [])
      }
      await send("two states", ["Stable", "Empty"], [])
    }
    if (version >= 5) {
      for (const type of ["classic", "Consumer", "share", "streams", "nonsense", ""]) {
        await send(`type "${type}"`, [], [type])
      }
      await send("a state and a type", ["Empty"], ["classic"])
      await send("one of two types", [], ["consumer", "nonsense"])
    }
  })
]

const deleting: ReadonlyArray<Case> = [
  ...eachGroupVersion(DeleteGroups, [0, 2], "groups of every kind", async (group, version) => {
    const { memberId, peer } = await stableMember(group)
    const [consumers, offsets, other] = [await consumerGroup(group), await offsetGroup(group), group.probe.name()]
    const send = (label: string, groupsNames: ReadonlyArray<string>) =>
      group.probe.send(DeleteGroups, version, { groupsNames }, { label })
    await send("with members", [group.groupId])
    await send("of the new protocol, with members", [consumers])
    await send("unknown", [other])
    await send("an empty id", [""])
    await send("none", [])
    await send("offsets only, and an unknown one", [offsets, other])
    await send("again", [offsets])
    await peer.send(apis.LeaveGroup, 3, { members: [{ memberId, groupInstanceId: null }] })
    await send("after its member left", [group.groupId])
    await group.probe.send(DescribeGroups, 6, { groups: [group.groupId] })
    await group.peer().send(ConsumerGroupHeartbeat, 0, { groupId: consumers, memberId: "m", memberEpoch: -1 })
    await send("of the new protocol, after its member left", [consumers])
    await group.probe.send(ListGroups, 5, { statesFilter: [], typesFilter: [] }, { view: ownGroups(group) })
  })
]

const finding: ReadonlyArray<Case> = eachVersion(FindCoordinator, [0, 6], "of groups", async (probe, version) => {
  const found = (body: Body): boolean => (version < 4 ? body : body.coordinators[0]).errorCode !== 15
  const [key, other] = [probe.name(), probe.name()]
  await probe.until(FindCoordinator, version, { key, keyType: 0, coordinatorKeys: [key] }, found)
  await probe.send(FindCoordinator, version, { key: "", keyType: 0, coordinatorKeys: ["", other] }, { label: "empty" })
  if (version >= 4) {
    await probe.send(FindCoordinator, version, { keyType: 0, coordinatorKeys: [key, key] }, { label: "twice" })
  }
})

export const groupAdministrationCases: ReadonlyArray<Case> = [...describing, ...listing, ...deleting, ...finding]
