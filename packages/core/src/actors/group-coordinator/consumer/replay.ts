import type { Uuid } from "../../../model/Uuid.ts"
import type { CoordinatorRecord, OwnedPartitionsValue } from "../records/CoordinatorRecord.ts"
import {
  type ConsumerGroup,
  type ConsumerMember,
  leaveEpoch,
  memberStates,
  newConsumerMember,
  type OwnedPartitions
} from "./ConsumerGroup.ts"

const ownedFrom = (topics: ReadonlyArray<OwnedPartitionsValue>): OwnedPartitions =>
  new Map(
    topics.map((topic) => [
      topic.topicId,
      new Map(topic.partitions.map((partition, i) => [partition, topic.assignmentEpochs[i] ?? 0]))
    ])
  )

/**
 * Frees what the member owned, except what another took over since: after compaction a later owner's record may come
 * before the earlier owner's last one.
 */
const release = (group: ConsumerGroup, member: ConsumerMember): void => {
  for (const owned of [member.assigned, member.pendingRevocation]) {
    for (const [topicId, partitions] of owned) {
      const owners = group.owners.get(topicId)
      if (owners === undefined) continue
      for (const partition of partitions.keys()) {
        if (owners.get(partition)?.memberId === member.memberId) owners.delete(partition)
      }
      if (owners.size === 0) group.owners.delete(topicId)
    }
  }
}

const claim = (group: ConsumerGroup, member: ConsumerMember): void => {
  for (const owned of [member.assigned, member.pendingRevocation]) {
    for (const [topicId, partitions] of owned) {
      let owners = group.owners.get(topicId)
      if (owners === undefined) group.owners.set(topicId, owners = new Map())
      for (const partition of partitions.keys()) {
        owners.set(partition, { memberId: member.memberId, epoch: member.memberEpoch })
      }
    }
  }
}

const putMember = (group: ConsumerGroup, member: ConsumerMember): void => {
  const old = group.members.get(member.memberId)
  if (old !== undefined) release(group, old)
  group.members.set(member.memberId, member)
  claim(group, member)
  if (member.instanceId !== null) group.staticMembers.set(member.instanceId, member.memberId)
}

const dropMember = (group: ConsumerGroup, memberId: string): void => {
  const old = group.members.get(memberId)
  if (old === undefined) return
  release(group, old)
  group.members.delete(memberId)
  if (old.instanceId !== null && group.staticMembers.get(old.instanceId) === memberId) {
    group.staticMembers.delete(old.instanceId)
  }
}

type MemberRecord = CoordinatorRecord & { readonly _tag: "ConsumerGroupMember" }
type CurrentRecord = CoordinatorRecord & { readonly _tag: "ConsumerGroupCurrentMemberAssignment" }

const replayMember = (group: ConsumerGroup, { memberId, value }: MemberRecord): void => {
  if (value === null) return dropMember(group, memberId)
  putMember(group, {
    ...(group.members.get(memberId) ?? newConsumerMember(memberId)),
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    subscribedTopicNames: value.subscribedTopicNames,
    subscribedTopicRegex: value.subscribedTopicRegex,
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    serverAssignor: value.serverAssignor,
    classic: value.classicMemberMetadata
  })
}

const replayCurrent = (group: ConsumerGroup, { memberId, value }: CurrentRecord): void => {
  const old = group.members.get(memberId)
  if (value !== null) {
    return putMember(group, {
      ...(old ?? newConsumerMember(memberId)),
      memberEpoch: value.memberEpoch,
      previousMemberEpoch: value.previousMemberEpoch,
      state: memberStates[value.state] ?? "Unknown",
      assigned: ownedFrom(value.assignedPartitions),
      pendingRevocation: ownedFrom(value.partitionsPendingRevocation)
    })
  }
  if (old === undefined) return
  putMember(group, {
    ...old,
    memberEpoch: leaveEpoch,
    previousMemberEpoch: leaveEpoch,
    assigned: new Map(),
    pendingRevocation: new Map()
  })
}

const partitionsFrom = (
  topics: ReadonlyArray<{ readonly topicId: Uuid; readonly partitions: ReadonlyArray<number> }>
): ReadonlyMap<Uuid, ReadonlySet<number>> => new Map(topics.map((topic) => [topic.topicId, new Set(topic.partitions)]))

/**
 * Applies one record to its group; returns false when the record removes the group. Tolerates the gaps compaction
 * leaves: a tombstone may come without what it removes. Source: the `replay` methods of GroupMetadataManager.
 */
export const replayConsumer = (group: ConsumerGroup, record: CoordinatorRecord): boolean => {
  switch (record._tag) {
    case "ConsumerGroupMetadata":
      if (record.value === null) return false
      group.groupEpoch = record.value.epoch
      group.metadataHash = record.value.metadataHash
      return true
    case "ConsumerGroupMember":
      replayMember(group, record)
      return true
    case "ConsumerGroupTargetAssignmentMetadata":
      group.targetEpoch = record.value === null ? -1 : record.value.assignmentEpoch
      return true
    case "ConsumerGroupTargetAssignmentMember":
      if (record.value === null) group.target.delete(record.memberId)
      else group.target.set(record.memberId, partitionsFrom(record.value.topicPartitions))
      return true
    case "ConsumerGroupCurrentMemberAssignment":
      replayCurrent(group, record)
      return true
    case "ConsumerGroupRegularExpression":
      if (record.value === null) group.regularExpressions.delete(record.regularExpression)
      else group.regularExpressions.set(record.regularExpression, record.value)
      return true
    default:
      return true
  }
}
