import { ErrorCode } from "../../../model/ErrorCode.ts"
import { prepareRebalance } from "../classic/rebalance.ts"
import { reply, schedule } from "../classic/ClassicStep.ts"
import {
  type ConsumerGroup,
  type ConsumerMember,
  emptyConsumerGroup,
  forkOf,
  leaveEpoch,
  staticLeaveEpoch
} from "../consumer/ConsumerGroup.ts"
import { memberTombstones } from "../consumer/consumerRecords.ts"
import type { ConsumerStep } from "../consumer/ConsumerStep.ts"
import { requireMember } from "../consumer/findMember.ts"
import {
  consumerHeartbeat,
  type ConsumerHeartbeatCommand,
  type ConsumerHeartbeatReply,
  heartbeatRefusal,
  leftReply
} from "../consumer/heartbeat.ts"
import type { GroupReply } from "../GroupEffect.ts"
import { cancelMemberTimers, leaveForAWhile, removeConsumerMembers } from "../consumer/leave.ts"
import { canDowngrade, downgrade, upgrade } from "../consumer/migrate.ts"
import { replayConsumer } from "../consumer/replay.ts"
import { Refusal } from "../Refusal.ts"
import type { TimerCommand } from "./GroupCommand.ts"
import {
  answerOnly,
  classicStep,
  consumerDecision,
  consumerStep,
  type GroupDecision,
  type GroupEnvironment,
  nothing
} from "./GroupDecision.ts"
import type { Group } from "./PartitionState.ts"

/**
 * Takes a member out. When only members of the classic protocol are left, the group becomes classic and rebalances.
 * Source: GroupMetadataManager.consumerGroupFenceMember.
 */
const fence = (
  step: ConsumerStep,
  group: ConsumerGroup,
  member: ConsumerMember,
  environment: GroupEnvironment
): GroupDecision => {
  const { groupId } = group
  if (!canDowngrade(group, environment.settings, member.memberId)) {
    removeConsumerMembers(step, group, [member.memberId])
    return consumerDecision(groupId, step)
  }
  const after = forkOf(group)
  for (const record of memberTombstones(groupId, member.memberId)) {
    step.records.push(record)
    replayConsumer(after, record)
  }
  cancelMemberTimers(step, member.memberId)
  const classic = classicStep(downgrade(step, after), environment)
  prepareRebalance(classic)
  step.records.push(...classic.records)
  step.effects.push(...classic.effects)
  return consumerDecision(groupId, step, classic.draft)
}

const heartbeatReply = (response: ConsumerHeartbeatReply): GroupReply => ({ _tag: "ConsumerHeartbeat", response })

const leave = (
  group: ConsumerGroup,
  command: ConsumerHeartbeatCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const { groupId, memberEpoch, memberId, replyTo } = command
  const member = requireMember(group, memberId, command.instanceId)
  if (member instanceof Refusal) return answerOnly(replyTo, heartbeatReply(heartbeatRefusal(member)))
  const step = consumerStep(environment)
  reply(step, replyTo, heartbeatReply(leftReply(memberId, memberEpoch)))
  if (memberEpoch === leaveEpoch) return fence(step, group, member, environment)
  leaveForAWhile(step, group, member)
  return consumerDecision(groupId, step)
}

/** The group a heartbeat is for, made or upgraded when the member joins. Source: getOrMaybeCreateConsumerGroup. */
const groupFor = (
  step: ConsumerStep,
  group: Group | undefined,
  groupId: string,
  memberEpoch: number
): ConsumerGroup | Refusal => {
  if (group?._tag === "Consumer") return group
  if (memberEpoch !== 0) {
    const unknown = memberEpoch < 0 ? `Group ${groupId} not found.` : `Consumer group ${groupId} not found.`
    return new Refusal(
      ErrorCode.GROUP_ID_NOT_FOUND,
      group === undefined ? unknown : `Group ${groupId} is not a consumer group.`
    )
  }
  if (group === undefined) return emptyConsumerGroup(groupId)
  if (group.state !== "Empty") return upgrade(step, group)
  step.records.push({ _tag: "GroupMetadata", groupId, value: null })
  for (const memberId of group.pendingJoin) {
    step.effects.push({ _tag: "Cancel", deadline: { timer: "Session", memberId } })
  }
  return emptyConsumerGroup(groupId)
}

/** ConsumerGroupHeartbeat. Source: GroupMetadataManager.consumerGroupHeartbeat. */
export const decideConsumerHeartbeat = (
  group: Group | undefined,
  command: ConsumerHeartbeatCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const { groupId, memberEpoch, replyTo } = command
  const step = consumerStep(environment, command.mayDescribe)
  const base = groupFor(step, group, groupId, memberEpoch)
  if (base instanceof Refusal) return answerOnly(replyTo, heartbeatReply(heartbeatRefusal(base)))
  if (memberEpoch === leaveEpoch || memberEpoch === staticLeaveEpoch) return leave(base, command, environment)
  const outcome = consumerHeartbeat(step, base, command)
  if (outcome instanceof Refusal) return answerOnly(replyTo, heartbeatReply(heartbeatRefusal(outcome)))
  reply(step, replyTo, heartbeatReply(outcome))
  return consumerDecision(groupId, step)
}

/** A deadline of a member of a consumer group: it is out. */
export const decideConsumerTimer = (
  group: ConsumerGroup,
  command: TimerCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const member = group.members.get(command.memberId)
  if (member === undefined) return nothing
  const isOver = command.timer === "Session" ||
    (command.timer === "MemberRebalance" ? member.state === "UnrevokedPartitions" : command.timer.startsWith("Member"))
  return isOver ? fence(consumerStep(environment), group, member, environment) : nothing
}

/** Sessions begin when the group was loaded. Source: GroupMetadataManager.onLoaded. */
export const decideConsumerLoaded = (group: ConsumerGroup, environment: GroupEnvironment): GroupDecision => {
  const step = consumerStep(environment)
  for (const member of group.members.values()) {
    const sessionMs = member.classic?.sessionTimeoutMs ?? environment.settings.consumerSessionTimeoutMs
    schedule(step, "Session", member.memberId, sessionMs)
    if (member.state === "UnrevokedPartitions" && member.classic === null) {
      schedule(step, "MemberRebalance", member.memberId, member.rebalanceTimeoutMs)
    }
  }
  return consumerDecision(group.groupId, step)
}
