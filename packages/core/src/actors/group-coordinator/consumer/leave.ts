import type { ConsumerGroup, ConsumerMember } from "./ConsumerGroup.ts"
import { staticLeaveEpoch } from "./ConsumerGroup.ts"
import { currentRecord, epochRecord, memberTombstones } from "./consumerRecords.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"
import { cancel } from "../classic/ClassicStep.ts"
import { metadataHash, subscribedTopics } from "./subscription.ts"

/** Drops every deadline of a member. */
export const cancelMemberTimers = (step: ConsumerStep, memberId: string): void => {
  for (const timer of ["Session", "MemberRebalance", "MemberJoin", "MemberSync"] as const) cancel(step, timer, memberId)
}

/**
 * Takes members out, for good: their partitions are free at once, and the group gets a new epoch, whose target is
 * computed when another member speaks. Source: GroupMetadataManager.consumerGroupFenceMember.
 */
export const removeConsumerMembers = (
  step: ConsumerStep,
  group: ConsumerGroup,
  memberIds: ReadonlyArray<string>
): void => {
  const { groupId } = group
  const left = new Map(group.members)
  for (const memberId of memberIds) {
    step.records.push(...memberTombstones(groupId, memberId))
    cancelMemberTimers(step, memberId)
    left.delete(memberId)
  }
  const regularExpressions = new Map(group.regularExpressions)
  for (const regularExpression of group.regularExpressions.keys()) {
    if ([...left.values()].some((member) => member.subscribedTopicRegex === regularExpression)) continue
    regularExpressions.delete(regularExpression)
    step.records.push({ _tag: "ConsumerGroupRegularExpression", groupId, regularExpression, value: null })
  }
  const hash = metadataHash(subscribedTopics(left.values(), regularExpressions, step.topics))
  step.records.push(epochRecord(groupId, group.groupEpoch + 1, hash))
}

/**
 * A static member that will be back keeps its partitions until its session ends. Source:
 * GroupMetadataManager.consumerGroupStaticMemberGroupLeave.
 */
export const leaveForAWhile = (step: ConsumerStep, group: ConsumerGroup, member: ConsumerMember): void => {
  step.records.push(
    currentRecord(group.groupId, { ...member, memberEpoch: staticLeaveEpoch, pendingRevocation: new Map() })
  )
}
