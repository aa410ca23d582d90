import { ErrorCode } from "../../../model/ErrorCode.ts"
import { type ClassicGroup, emptyClassicGroup } from "../classic/ClassicGroup.ts"
import { joinError, reply, replyJoin, replySync, schedule, syncError } from "../classic/ClassicStep.ts"
import { expirePendingSync, expireSession } from "../classic/expireMember.ts"
import { heartbeat } from "../classic/heartbeat.ts"
import type { JoinCommand } from "../classic/JoinCommand.ts"
import { joinGroup } from "../classic/joinGroup.ts"
import { leaveGroup } from "../classic/leaveGroup.ts"
import { expireJoin, prepareRebalance } from "../classic/rebalance.ts"
import { type SyncCommand, syncGroup } from "../classic/syncGroup.ts"
import type { ConsumerGroup } from "../consumer/ConsumerGroup.ts"
import { groupTombstones } from "../consumer/consumerRecords.ts"
import {
  heartbeatConsumerGroup,
  joinConsumerGroup,
  leaveConsumerGroup,
  syncConsumerGroup
} from "../consumer/classicMember.ts"
import type { GroupReply } from "../GroupEffect.ts"
import { Refusal } from "../Refusal.ts"
import type { HeartbeatCommand, LeaveCommand, TimerCommand } from "./GroupCommand.ts"
import {
  answerOnly,
  classicDecision,
  classicStep,
  codeReply,
  consumerDecision,
  consumerStep,
  type GroupDecision,
  type GroupEnvironment,
  type LeaveReply,
  nothing
} from "./GroupDecision.ts"
import type { Group } from "./PartitionState.ts"

const joinToConsumer = (group: ConsumerGroup, command: JoinCommand, environment: GroupEnvironment): GroupDecision => {
  const step = consumerStep(environment)
  const outcome = joinConsumerGroup(step, group, command)
  if (outcome instanceof Refusal) {
    return answerOnly(command.replyTo, { _tag: "Join", response: joinError(outcome.errorCode, command.memberId) })
  }
  replyJoin(step, command.replyTo, outcome.reply)
  return consumerDecision(group.groupId, step, outcome.classic)
}

/** JoinGroup. Source: GroupMetadataManager.classicGroupJoin. */
export const decideJoin = (
  group: Group | undefined,
  command: JoinCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const { groupId, memberId } = command
  if (group?._tag === "Consumer" && group.members.size > 0) return joinToConsumer(group, command, environment)
  const isNew = group === undefined || group._tag === "Consumer"
  if (isNew && memberId !== "") {
    return answerOnly(command.replyTo, { _tag: "Join", response: joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId) })
  }
  const classic: ClassicGroup = isNew ? emptyClassicGroup(groupId, environment.nowMs) : group
  const step = classicStep(classic, environment)
  // An empty consumer group makes room.
  if (group?._tag === "Consumer") step.records.push(...groupTombstones(group))
  const tombstones = step.records.splice(0)
  joinGroup(step, command, isNew)
  step.records.unshift(...tombstones)
  return classicDecision(step)
}

/** SyncGroup. Source: GroupMetadataManager.classicGroupSync. */
export const decideSync = (
  group: Group | undefined,
  command: SyncCommand,
  environment: GroupEnvironment
): GroupDecision => {
  if (group === undefined || group.members.size === 0) {
    return answerOnly(command.replyTo, { _tag: "Sync", response: syncError(ErrorCode.UNKNOWN_MEMBER_ID) })
  }
  if (group._tag === "Classic") {
    const step = classicStep(group, environment)
    syncGroup(step, command)
    return classicDecision(step)
  }
  const step = consumerStep(environment)
  const outcome = syncConsumerGroup(step, group, command)
  replySync(step, command.replyTo, outcome instanceof Refusal ? syncError(outcome.errorCode) : outcome)
  return consumerDecision(group.groupId, step)
}

/** Heartbeat: touches nothing but the session's deadline. Source: GroupMetadataManager.classicGroupHeartbeat. */
export const decideHeartbeat = (
  group: Group | undefined,
  command: HeartbeatCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const { generationId, groupId, groupInstanceId, memberId, replyTo } = command
  if (group === undefined) return answerOnly(replyTo, codeReply(ErrorCode.UNKNOWN_MEMBER_ID))
  if (group._tag === "Consumer") {
    const step = consumerStep(environment)
    const errorCode = heartbeatConsumerGroup(step, group, command)
    reply(step, replyTo, codeReply(errorCode))
    return consumerDecision(groupId, step)
  }
  const { errorCode, renewSessionMs } = heartbeat(group, memberId, groupInstanceId, generationId)
  const decision = answerOnly(replyTo, codeReply(errorCode))
  if (renewSessionMs === undefined) return decision
  const effects = [...decision.effects]
  schedule({ effects }, "Session", memberId, renewSessionMs)
  return { ...decision, effects }
}

/** LeaveGroup. Source: GroupMetadataManager.classicGroupLeave. */
export const decideLeave = (
  group: Group | undefined,
  command: LeaveCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const answer = (members: LeaveReply["members"]): GroupReply => ({
    _tag: "Leave",
    response: { errorCode: ErrorCode.NONE, members }
  })
  if (group === undefined) {
    const unknown = command.members.map((member) => ({ ...member, errorCode: ErrorCode.UNKNOWN_MEMBER_ID }))
    return answerOnly(command.replyTo, answer(unknown))
  }
  if (group._tag === "Classic") {
    const step = classicStep(group, environment)
    reply(step, command.replyTo, answer(leaveGroup(step, command.members)))
    return classicDecision(step)
  }
  const step = consumerStep(environment)
  reply(step, command.replyTo, answer(leaveConsumerGroup(step, group, command.members)))
  return consumerDecision(group.groupId, step)
}

/** A deadline of a classic group. */
export const decideClassicTimer = (
  group: ClassicGroup,
  command: TimerCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const step = classicStep(group, environment)
  if (command.timer === "Session") expireSession(step, command.memberId)
  else if (command.timer === "Join") expireJoin(step)
  else if (command.timer === "Sync") expirePendingSync(step)
  else return nothing
  return classicDecision(step)
}

/** Sessions begin when the group was loaded; one above its size limit rebalances. Source: GroupMetadataManager.onLoaded. */
export const decideClassicLoaded = (group: ClassicGroup, environment: GroupEnvironment): GroupDecision => {
  const step = classicStep(group, environment)
  for (const member of group.members.values()) schedule(step, "Session", member.memberId, member.sessionTimeoutMs)
  if (group.members.size > environment.settings.maxSize) prepareRebalance(step)
  return classicDecision(step)
}
