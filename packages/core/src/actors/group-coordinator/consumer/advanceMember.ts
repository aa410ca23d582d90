import { ErrorCode } from "../../../model/ErrorCode.ts"
import { cancel, schedule } from "../classic/ClassicStep.ts"
import type { ClassicMemberMetadataValue } from "../records/CoordinatorRecord.ts"
import { Refusal } from "../Refusal.ts"
import { type ConsumerGroup, type ConsumerMember, noPartitions, ownerEpoch } from "./ConsumerGroup.ts"
import { currentRecord, epochRecord, memberRecord } from "./consumerRecords.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"
import { isUnchanged, reconcile, type ReportedPartitions } from "./reconcile.ts"
import { awaitsRefresh, updateRegularExpressions } from "./regularExpressions.ts"
import { metadataHash, subscribedTopics } from "./subscription.ts"
import { computeTarget, defaultAssignor } from "./targetAssignment.ts"

const sameTexts = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a === b || (a.length === b.length && a.every((text, i) => text === b[i]))

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])

const sameClassic = (a: ClassicMemberMetadataValue | null, b: ClassicMemberMetadataValue | null): boolean => {
  if (a === null || b === null) return a === b
  return a.sessionTimeoutMs === b.sessionTimeoutMs &&
    a.supportedProtocols.length === b.supportedProtocols.length &&
    a.supportedProtocols.every((protocol, i) => {
      const other = b.supportedProtocols[i]!
      return protocol.name === other.name && sameBytes(protocol.metadata, other.metadata)
    })
}

const sameSubscription = (a: ConsumerMember, b: ConsumerMember): boolean =>
  sameTexts(a.subscribedTopicNames, b.subscribedTopicNames) &&
  (a.subscribedTopicRegex ?? "") === (b.subscribedTopicRegex ?? "")

const sameMetadata = (a: ConsumerMember, b: ConsumerMember): boolean =>
  a.instanceId === b.instanceId && a.rackId === b.rackId && a.clientId === b.clientId &&
  a.clientHost === b.clientHost && a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
  a.serverAssignor === b.serverAssignor && a.subscribedTopicRegex === b.subscribedTopicRegex &&
  sameTexts(a.subscribedTopicNames, b.subscribedTopicNames) && sameClassic(a.classic, b.classic)

/** Watches over a member that must give partitions up. Members of the classic protocol are watched by join and sync. */
const watchRevocation = (step: ConsumerStep, member: ConsumerMember): void => {
  if (member.classic !== null) return
  if (member.state === "UnrevokedPartitions") {
    schedule(step, "MemberRebalance", member.memberId, member.rebalanceTimeoutMs)
  } else cancel(step, "MemberRebalance", member.memberId)
}

/**
 * Takes over what a member says and brings it one step forward: its subscription is stored; the group gets a new epoch
 * when the subscription or the topics behind it changed; a new epoch gets a target assignment; the member moves towards
 * it. `member` is the member as the group knows it (fresh for a new one). Source:
 * GroupMetadataManager.consumerGroupHeartbeat.
 */
export const advanceMember = (step: ConsumerStep, group: ConsumerGroup, options: {
  readonly member: ConsumerMember
  readonly updated: ConsumerMember
  readonly reported: ReportedPartitions
}): ConsumerMember | Refusal => {
  const { member, reported, updated } = options
  const { groupId } = group
  const isNew = !group.members.has(updated.memberId)
  if (isNew || !sameMetadata(member, updated)) step.records.push(memberRecord(groupId, updated))
  const regularExpressions = updateRegularExpressions(step, group, member, updated)
  if (regularExpressions instanceof Refusal) return regularExpressions

  let bump = isNew || !sameSubscription(member, updated)
  let epoch = group.groupEpoch
  const members = (): ReadonlyMap<string, ConsumerMember> => new Map(group.members).set(updated.memberId, updated)
  if (bump || step.topics.endOffset !== group.checkedImageOffset) {
    const hash = metadataHash(subscribedTopics(members().values(), regularExpressions, step.topics))
    bump ||= hash !== group.metadataHash
    if (bump) step.records.push(epochRecord(groupId, ++epoch, hash))
    if (!awaitsRefresh(regularExpressions, step.topics, step.nowMs)) step.checkedImageOffset = step.topics.endOffset
  }

  let targetEpoch = group.targetEpoch
  let target = group.target.get(updated.memberId) ?? noPartitions
  if (epoch > targetEpoch) {
    const all = members()
    const computed = computeTarget(group, {
      epoch,
      members: all,
      regularExpressions,
      topics: subscribedTopics(all.values(), regularExpressions, step.topics),
      defaultAssignor: defaultAssignor(step.settings.consumerAssignors)
    })
    step.records.push(...computed.records)
    target = computed.target.get(updated.memberId) ?? noPartitions
    targetEpoch = epoch
  }

  const next = reconcile(updated, {
    targetEpoch,
    target,
    reported,
    ownerEpoch: (topicId, partition) => ownerEpoch(group, topicId, partition)
  })
  if (next === undefined) {
    return new Refusal(
      ErrorCode.FENCED_MEMBER_EPOCH,
      "The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin."
    )
  }
  if (!isUnchanged(updated, next)) {
    step.records.push(currentRecord(groupId, next))
    watchRevocation(step, next)
  }
  return next
}
