import type { CoordinatorRecord, OwnedPartitionsValue } from "../records/CoordinatorRecord.ts"
import {
  type ConsumerGroup,
  type ConsumerMember,
  memberStates,
  type OwnedPartitions,
  type Partitions
} from "./ConsumerGroup.ts"

const ownedValues = (owned: OwnedPartitions): ReadonlyArray<OwnedPartitionsValue> =>
  [...owned].map(([topicId, partitions]) => ({
    topicId,
    partitions: [...partitions.keys()],
    assignmentEpochs: [...partitions.values()]
  }))

/** The subscription of a member. */
export const memberRecord = (groupId: string, member: ConsumerMember): CoordinatorRecord => ({
  _tag: "ConsumerGroupMember",
  groupId,
  memberId: member.memberId,
  value: {
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: member.subscribedTopicNames,
    subscribedTopicRegex: member.subscribedTopicRegex,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    serverAssignor: member.serverAssignor,
    classicMemberMetadata: member.classic
  }
})

/** A new epoch of the group. */
export const epochRecord = (groupId: string, epoch: number, metadataHash: number): CoordinatorRecord => ({
  _tag: "ConsumerGroupMetadata",
  groupId,
  value: { epoch, metadataHash }
})

/** What a member is to own in the end. */
export const targetRecord = (groupId: string, memberId: string, target: Partitions): CoordinatorRecord => ({
  _tag: "ConsumerGroupTargetAssignmentMember",
  groupId,
  memberId,
  value: { topicPartitions: [...target].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions] })) }
})

/** The epoch the target assignment belongs to. */
export const targetEpochRecord = (groupId: string, assignmentEpoch: number): CoordinatorRecord => ({
  _tag: "ConsumerGroupTargetAssignmentMetadata",
  groupId,
  value: { assignmentEpoch }
})

/** What a member owns now. */
export const currentRecord = (groupId: string, member: ConsumerMember): CoordinatorRecord => ({
  _tag: "ConsumerGroupCurrentMemberAssignment",
  groupId,
  memberId: member.memberId,
  value: {
    memberEpoch: member.memberEpoch,
    previousMemberEpoch: member.previousMemberEpoch,
    state: Math.max(memberStates.indexOf(member.state), 0),
    assignedPartitions: ownedValues(member.assigned),
    partitionsPendingRevocation: ownedValues(member.pendingRevocation)
  }
})

/** Removes a member: what it owns, what it should own, what it is. */
export const memberTombstones = (groupId: string, memberId: string): ReadonlyArray<CoordinatorRecord> => [
  { _tag: "ConsumerGroupCurrentMemberAssignment", groupId, memberId, value: null },
  { _tag: "ConsumerGroupTargetAssignmentMember", groupId, memberId, value: null },
  { _tag: "ConsumerGroupMember", groupId, memberId, value: null }
]

/** Removes a whole group. Source: ConsumerGroup.createGroupTombstoneRecords. */
export const groupTombstones = (group: ConsumerGroup): ReadonlyArray<CoordinatorRecord> => {
  const { groupId } = group
  return [
    ...[...group.members.keys()].flatMap((memberId) => memberTombstones(groupId, memberId)),
    { _tag: "ConsumerGroupTargetAssignmentMetadata", groupId, value: null },
    ...[...group.regularExpressions.keys()].map((regularExpression): CoordinatorRecord => ({
      _tag: "ConsumerGroupRegularExpression",
      groupId,
      regularExpression,
      value: null
    })),
    { _tag: "ConsumerGroupPartitionMetadata", groupId, value: null },
    { _tag: "ConsumerGroupMetadata", groupId, value: null }
  ]
}
