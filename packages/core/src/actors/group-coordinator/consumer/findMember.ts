import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import { Refusal } from "../Refusal.ts"
import {
  type ConsumerGroup,
  type ConsumerMember,
  forkOf,
  newConsumerMember,
  noPartitions,
  staticLeaveEpoch
} from "./ConsumerGroup.ts"
import { currentRecord, memberRecord, memberTombstones, targetRecord } from "./consumerRecords.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"
import { cancelMemberTimers } from "./leave.ts"
import type { ReportedPartitions } from "./reconcile.ts"
import { replayConsumer } from "./replay.ts"

/** Who speaks, and in which group: a replaced static member is found in a copy of the group. */
export interface FoundMember {
  readonly group: ConsumerGroup
  readonly member: ConsumerMember
}

const unknownMember = (group: ConsumerGroup, memberId: string): Refusal =>
  new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${group.groupId}.`)

/** Whether the member owns nothing that the coordinator did not give it. */
const ownsOnlyAssigned = (reported: ReportedPartitions, member: ConsumerMember): boolean =>
  reported !== undefined &&
  reported.every((topic) => {
    const assigned = member.assigned.get(topic.topicId)
    return assigned !== undefined && topic.partitions.every((partition) => assigned.has(partition))
  })

/**
 * The epoch a member names must be its own; the one before is taken too, because the answer that told the new one may
 * have been lost. Source: throwIfConsumerGroupMemberEpochIsInvalid.
 */
const epochRefusal = (member: ConsumerMember, received: number, reported: ReportedPartitions): Refusal | undefined => {
  if (received === 0 || received === member.memberEpoch) return undefined
  if (received < member.memberEpoch && received === member.previousMemberEpoch && ownsOnlyAssigned(reported, member)) {
    return undefined
  }
  return new Refusal(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${received > member.memberEpoch ? "greater" : "smaller"} member epoch ` +
      `(${received}) than the one known by the group coordinator (${member.memberEpoch}). ` +
      "The member must abandon all its partitions and rejoin."
  )
}

/** Moves the place of a static member to a new member id, which starts over at epoch 0 with the same partitions. */
const replaceStatic = (
  step: ConsumerStep,
  base: ConsumerGroup,
  old: ConsumerMember,
  memberId: string
): FoundMember => {
  const { groupId } = base
  const member: ConsumerMember = { ...old, memberId, memberEpoch: 0, previousMemberEpoch: 0 }
  const records: ReadonlyArray<CoordinatorRecord> = [
    ...memberTombstones(groupId, old.memberId),
    memberRecord(groupId, member),
    targetRecord(groupId, memberId, base.target.get(old.memberId) ?? noPartitions),
    currentRecord(groupId, member)
  ]
  if (old.memberId !== memberId) cancelMemberTimers(step, old.memberId)
  const group = forkOf(base)
  for (const record of records) replayConsumer(group, record)
  step.records.push(...records)
  return { group, member }
}

/** A static member that must be there already, under this member id. */
const findStatic = (
  group: ConsumerGroup,
  memberId: string,
  instanceId: string
): ConsumerMember | Refusal => {
  const owner = group.staticMembers.get(instanceId)
  const member = owner === undefined ? undefined : group.members.get(owner)
  if (member === undefined) return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`)
  if (member.memberId !== memberId) {
    return new Refusal(
      ErrorCode.FENCED_INSTANCE_ID,
      `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`
    )
  }
  return member
}

/** A member of the group as it names itself. Source: GroupMetadataManager.validateConsumerGroupMember. */
export const requireMember = (
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null
): ConsumerMember | Refusal =>
  instanceId === null
    ? group.members.get(memberId) ?? unknownMember(group, memberId)
    : findStatic(group, memberId, instanceId)

/** Source: getOrMaybeSubscribeDynamicConsumerGroupMember, getOrMaybeSubscribeStaticConsumerGroupMember. */
export const findMember = (step: ConsumerStep, group: ConsumerGroup, options: {
  readonly memberId: string
  readonly instanceId: string | null
  readonly memberEpoch: number
  readonly reported: ReportedPartitions
  readonly create: boolean
  readonly usesClassicProtocol: boolean
}): FoundMember | Refusal => {
  const { create, instanceId, memberEpoch, memberId, reported, usesClassicProtocol } = options
  if (instanceId === null || !create) {
    const known = create ? group.members.get(memberId) : requireMember(group, memberId, instanceId)
    if (known instanceof Refusal) return known
    const member = known ?? newConsumerMember(memberId)
    const refusal = usesClassicProtocol ? undefined : epochRefusal(member, memberEpoch, reported)
    return refusal ?? { group, member }
  }
  const owner = group.staticMembers.get(instanceId)
  const old = owner === undefined ? undefined : group.members.get(owner)
  if (old === undefined) return { group, member: group.members.get(memberId) ?? newConsumerMember(memberId) }
  if (!usesClassicProtocol && old.classic === null && old.memberEpoch !== staticLeaveEpoch) {
    return new Refusal(
      ErrorCode.UNRELEASED_INSTANCE_ID,
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is ` +
        `owned by ${old.memberId} member.`
    )
  }
  return replaceStatic(step, group, old, memberId)
}
