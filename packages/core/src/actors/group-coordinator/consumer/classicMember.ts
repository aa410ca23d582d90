import type { Uuid } from "../../../model/Uuid.ts"
import { ErrorCode } from "../../../model/ErrorCode.ts"
import { type ClassicGroup, type ClassicProtocol, consumerProtocolType } from "../classic/ClassicGroup.ts"
import { cancel, type JoinReply, schedule, type SyncReply } from "../classic/ClassicStep.ts"
import type { JoinCommand } from "../classic/JoinCommand.ts"
import type { LeavingMember, LeftMember } from "../classic/leaveGroup.ts"
import type { SyncCommand } from "../classic/syncGroup.ts"
import { readSubscription } from "../ConsumerProtocolBytes.ts"
import { Refusal } from "../Refusal.ts"
import { advanceMember } from "./advanceMember.ts"
import { classicMemberCount, type ConsumerGroup, type ConsumerMember, forkOf, ownerEpoch } from "./ConsumerGroup.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"
import { findMember, requireMember } from "./findMember.ts"
import { removeConsumerMembers } from "./leave.ts"
import { assignedBytes, canDowngrade, downgrade } from "./migrate.ts"
import { replayConsumer } from "./replay.ts"

/** Whether all classic members of the group know one of the protocols. Source: ConsumerGroup.supportsClassicProtocols. */
const supports = (group: ConsumerGroup, type: string, protocols: ReadonlyArray<ClassicProtocol>): boolean => {
  if (type !== consumerProtocolType || protocols.length === 0) return false
  const count = classicMemberCount(group)
  return protocols.some(({ name }) => {
    let known = 0
    for (const { classic } of group.members.values()) {
      if (classic?.supportedProtocols.some((protocol) => protocol.name === name) === true) known++
    }
    return known === count
  })
}

const ownedByName = (
  step: ConsumerStep,
  owned: ReadonlyArray<{ readonly topic: string; readonly partitions: ReadonlyArray<number> }>
): ReadonlyArray<{ readonly topicId: Uuid; readonly partitions: ReadonlyArray<number> }> =>
  owned.flatMap(({ partitions, topic }) => {
    const id = step.topics.byName(topic)?.id
    return id === undefined ? [] : [{ topicId: id, partitions }]
  })

/** What a JoinGroup to a consumer group comes to; `classic` when the group became classic through it. */
export interface JoinOutcome {
  readonly reply: JoinReply
  readonly classic: ClassicGroup | undefined
}

const answer = (memberId: string, generationId: number, protocolName: string | null): JoinReply => ({
  errorCode: ErrorCode.NONE,
  generationId,
  protocolType: consumerProtocolType,
  protocolName,
  leader: "",
  skipAssignment: false,
  memberId,
  members: []
})

/**
 * A member of the classic protocol joins a consumer group: it is always a follower, answered at once, and fetches its
 * assignment by SyncGroup. When it takes the place of the last member of the new protocol, the group becomes classic.
 * Source: GroupMetadataManager.classicGroupJoinToConsumerGroup.
 */
export const joinConsumerGroup = (
  step: ConsumerStep,
  base: ConsumerGroup,
  command: JoinCommand
): JoinOutcome | Refusal => {
  const instanceId = command.groupInstanceId
  const isUnknown = command.memberId === ""
  const memberId = isUnknown ? command.freshUuid : command.memberId
  if (base.members.size >= step.settings.consumerMaxSize && !base.members.has(memberId)) {
    return new Refusal(ErrorCode.GROUP_MAX_SIZE_REACHED, "The consumer group has reached its maximum capacity.")
  }
  if (!supports(base, command.protocolType, command.protocols)) {
    return new Refusal(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, `Member ${memberId}'s protocols are not supported.`)
  }
  if (isUnknown && command.requiresKnownMemberId) {
    const required = { ...answer(memberId, -1, null), errorCode: ErrorCode.MEMBER_ID_REQUIRED, protocolType: null }
    return { reply: required, classic: undefined }
  }
  const first = command.protocols[0]!
  const subscription = readSubscription(first.metadata)
  if (subscription === undefined) {
    return new Refusal(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "Malformed embedded consumer protocol.")
  }
  const replacedId = instanceId === null ? undefined : base.staticMembers.get(instanceId)
  const downgrades = replacedId !== undefined && replacedId !== memberId &&
    (canDowngrade(base, step.settings, replacedId) || isLastOfNewProtocol(step, base, replacedId))
  const found = findMember(step, base, {
    memberId,
    instanceId,
    memberEpoch: -1,
    reported: [],
    create: instanceId === null || isUnknown,
    usesClassicProtocol: true
  })
  if (found instanceof Refusal) return found
  const { group, member } = found
  const recordsBefore = step.records.length
  const updated: ConsumerMember = {
    ...member,
    instanceId: instanceId ?? member.instanceId,
    rackId: subscription.rackId ?? member.rackId,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
    clientId: command.clientId,
    clientHost: command.clientHost,
    classic: { sessionTimeoutMs: command.sessionTimeoutMs, supportedProtocols: command.protocols }
  }
  const reported = ownedByName(step, subscription.ownedPartitions)
  const next = advanceMember(step, group, { member, updated, reported })
  if (next instanceof Refusal) return next
  cancel(step, "MemberJoin", memberId)
  cancel(step, "MemberRebalance", memberId)
  const reply = answer(memberId, next.memberEpoch, first.name)
  if (downgrades) {
    const after = forkOf(group)
    for (const record of step.records.slice(recordsBefore)) replayConsumer(after, record)
    return { reply, classic: downgrade(step, after) }
  }
  schedule(step, "Session", memberId, command.sessionTimeoutMs)
  schedule(step, "MemberSync", memberId, command.rebalanceTimeoutMs)
  return { reply, classic: undefined }
}

/** A group of one member of the new protocol becomes classic when a classic member takes its place. */
const isLastOfNewProtocol = (step: ConsumerStep, group: ConsumerGroup, memberId: string): boolean => {
  const policy = step.settings.consumerMigrationPolicy
  return group.members.size === 1 && group.members.get(memberId)?.classic === null &&
    (policy === "downgrade" || policy === "bidirectional")
}

const requireClassic = (
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null
): ConsumerMember | Refusal => {
  const member = requireMember(group, memberId, instanceId)
  if (member instanceof Refusal || member.classic !== null) return member
  return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} does not use the classic protocol.`)
}

const illegalGeneration = (member: ConsumerMember, generation: number): Refusal | undefined =>
  member.memberEpoch === generation ? undefined : new Refusal(
    ErrorCode.ILLEGAL_GENERATION,
    `The request generation id ${generation} is not equal to the member epoch ${member.memberEpoch} of member ` +
      `${member.memberId}.`
  )

/** The member must come back within its rebalance timeout. */
const expectJoin = (step: ConsumerStep, member: ConsumerMember): void => {
  step.effects.push({
    _tag: "Schedule",
    deadline: { timer: "MemberJoin", memberId: member.memberId },
    delayMs: member.rebalanceTimeoutMs,
    ifAbsent: true
  })
}

/** Source: GroupMetadataManager.classicGroupSyncToConsumerGroup. */
export const syncConsumerGroup = (
  step: ConsumerStep,
  group: ConsumerGroup,
  command: SyncCommand
): SyncReply | Refusal => {
  const member = requireClassic(group, command.memberId, command.groupInstanceId)
  if (member instanceof Refusal) return member
  const stale = illegalGeneration(member, command.generationId)
  if (stale !== undefined) return stale
  const protocolName = member.classic!.supportedProtocols[0]?.name ?? ""
  if (
    (command.protocolType !== null && command.protocolType !== consumerProtocolType) ||
    (command.protocolName !== null && command.protocolName !== protocolName)
  ) {
    return new Refusal(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "The protocol is not the one of the join response.")
  }
  if (group.groupEpoch > member.memberEpoch && member.state !== "UnrevokedPartitions") {
    expectJoin(step, member)
    return new Refusal(ErrorCode.REBALANCE_IN_PROGRESS, "A new rebalance is triggered; the member should rejoin.")
  }
  cancel(step, "MemberSync", member.memberId)
  schedule(step, "Session", member.memberId, member.classic!.sessionTimeoutMs)
  return {
    errorCode: ErrorCode.NONE,
    protocolType: command.protocolType,
    protocolName: command.protocolName,
    assignment: assignedBytes(member, step.topics)
  }
}

/** Whether a partition the member is to get still has another owner. Source: ConsumerGroup.waitingOnUnreleasedPartition. */
const waitsForOthers = (group: ConsumerGroup, member: ConsumerMember): boolean => {
  for (const [topicId, partitions] of group.target.get(member.memberId) ?? []) {
    const assigned = member.assigned.get(topicId)
    for (const partition of partitions) {
      if (assigned?.has(partition) !== true && ownerEpoch(group, topicId, partition) !== -1) return true
    }
  }
  return false
}

/** Source: GroupMetadataManager.classicGroupHeartbeatToConsumerGroup. */
export const heartbeatConsumerGroup = (step: ConsumerStep, group: ConsumerGroup, command: {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
}): ErrorCode => {
  const member = requireClassic(group, command.memberId, command.groupInstanceId)
  if (member instanceof Refusal) return member.errorCode
  const stale = illegalGeneration(member, command.generationId)
  if (stale !== undefined) return stale.errorCode
  schedule(step, "Session", member.memberId, member.classic!.sessionTimeoutMs)
  const mustRejoin = member.memberEpoch < group.groupEpoch || member.state === "UnrevokedPartitions" ||
    (member.state === "UnreleasedPartitions" && !waitsForOthers(group, member))
  if (!mustRejoin) return ErrorCode.NONE
  expectJoin(step, member)
  return ErrorCode.REBALANCE_IN_PROGRESS
}

/**
 * Takes out members of either protocol, as administrators ask, and answers with the identities they were named by, which
 * is how clients find their answers. Source: classicGroupLeaveToConsumerGroup.
 */
export const leaveConsumerGroup = (
  step: ConsumerStep,
  group: ConsumerGroup,
  members: ReadonlyArray<LeavingMember>
): ReadonlyArray<LeftMember> => {
  const left = new Set<string>()
  const answers = members.map((leaving): LeftMember => {
    const owner = leaving.groupInstanceId === null ? undefined : group.staticMembers.get(leaving.groupInstanceId)
    const memberId = leaving.memberId === "" && owner !== undefined ? owner : leaving.memberId
    const member = requireMember(group, memberId, leaving.groupInstanceId)
    if (member instanceof Refusal) return { ...leaving, errorCode: member.errorCode }
    left.add(member.memberId)
    return { ...leaving, errorCode: ErrorCode.NONE }
  })
  if (left.size > 0) removeConsumerMembers(step, group, [...left])
  return answers
}
