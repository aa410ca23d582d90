import type { Uuid } from "../../../model/Uuid.ts"
import { ErrorCode } from "../../../model/ErrorCode.ts"
import { schedule } from "../classic/ClassicStep.ts"
import type { ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import { Refusal } from "../Refusal.ts"
import { advanceMember } from "./advanceMember.ts"
import { type ConsumerGroup, type ConsumerMember, type OwnedPartitions } from "./ConsumerGroup.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"
import { findMember } from "./findMember.ts"
import { ownsSame, type ReportedPartitions } from "./reconcile.ts"

/** A ConsumerGroupHeartbeat; fields of the request. Null means "as before". */
export interface ConsumerHeartbeatRequest {
  readonly groupId: string
  readonly memberId: string
  /** 0 joins, -1 leaves, -2 leaves for a while. */
  readonly memberEpoch: number
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly rebalanceTimeoutMs: number
  readonly subscribedTopicNames: ReadonlyArray<string> | null
  readonly subscribedTopicRegex: string | null
  readonly serverAssignor: string | null
  readonly topicPartitions: ReadonlyArray<{ readonly topicId: Uuid; readonly partitions: ReadonlyArray<number> }> | null
}

/** A ConsumerGroupHeartbeat as the machine sees it: the shell filled the member id of a client that joins without one. */
export interface ConsumerHeartbeatCommand extends ConsumerHeartbeatRequest {
  readonly _tag: "ConsumerHeartbeat"
  readonly replyTo: ReplyTo
  readonly clientId: string
  readonly clientHost: string
  /** Whether whoever speaks may see a topic that its regular expression matches. */
  readonly mayDescribe: (topic: string) => boolean
}

/** Answer to a ConsumerGroupHeartbeat. */
export interface ConsumerHeartbeatReply {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  readonly assignment: {
    readonly topicPartitions: ReadonlyArray<{ readonly topicId: Uuid; readonly partitions: ReadonlyArray<number> }>
  } | null
}

/** The answer that refuses. */
export const heartbeatRefusal = (refusal: Refusal): ConsumerHeartbeatReply => ({
  errorCode: refusal.errorCode,
  errorMessage: refusal.message,
  memberId: null,
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  assignment: null
})

const sortedNames = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)].sort()

const sameNames = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i])

/** The member with what the request changes about it; the names keep their array when they are the same. */
const updatedBy = (member: ConsumerMember, command: ConsumerHeartbeatCommand): ConsumerMember => {
  const names = command.subscribedTopicNames === null ? undefined : sortedNames(command.subscribedTopicNames)
  return {
    ...member,
    instanceId: command.instanceId ?? member.instanceId,
    rackId: command.rackId ?? member.rackId,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : command.rebalanceTimeoutMs,
    serverAssignor: command.serverAssignor ?? member.serverAssignor,
    subscribedTopicNames: names === undefined || sameNames(names, member.subscribedTopicNames)
      ? member.subscribedTopicNames
      : names,
    subscribedTopicRegex: command.subscribedTopicRegex ?? member.subscribedTopicRegex,
    clientId: command.clientId,
    clientHost: command.clientHost,
    classic: null
  }
}

const assignmentOf = (assigned: OwnedPartitions): NonNullable<ConsumerHeartbeatReply["assignment"]> => ({
  topicPartitions: [...assigned].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()] }))
})

/**
 * A heartbeat of a member that joins or stays. The answer repeats the assignment only when it changed or the request
 * told everything. Source: GroupMetadataManager.consumerGroupHeartbeat.
 */
export const consumerHeartbeat = (
  step: ConsumerStep,
  base: ConsumerGroup,
  command: ConsumerHeartbeatCommand
): ConsumerHeartbeatReply | Refusal => {
  const { memberEpoch, memberId } = command
  const isJoining = memberEpoch === 0
  if (base.members.size >= step.settings.consumerMaxSize && !base.members.has(memberId)) {
    const size = step.settings.consumerMaxSize
    return new Refusal(
      ErrorCode.GROUP_MAX_SIZE_REACHED,
      `The consumer group has reached its maximum capacity of ${size} members.`
    )
  }
  const reported: ReportedPartitions = command.topicPartitions ?? undefined
  const found = findMember(step, base, {
    memberId,
    instanceId: command.instanceId,
    memberEpoch,
    reported,
    create: isJoining,
    usesClassicProtocol: false
  })
  if (found instanceof Refusal) return found
  const { group, member } = found
  const updated = updatedBy(member, command)
  const next = advanceMember(step, group, { member, updated, reported })
  if (next instanceof Refusal) return next
  schedule(step, "Session", memberId, step.settings.consumerSessionTimeoutMs)
  if (member.classic !== null) {
    step.effects.push({ _tag: "Cancel", deadline: { timer: "MemberJoin", memberId } })
    step.effects.push({ _tag: "Cancel", deadline: { timer: "MemberSync", memberId } })
  }
  const isFull = isJoining ||
    (command.rebalanceTimeoutMs !== -1 && command.topicPartitions !== null &&
      (command.subscribedTopicNames !== null || command.subscribedTopicRegex !== null))
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    memberId,
    memberEpoch: next.memberEpoch,
    heartbeatIntervalMs: step.settings.consumerHeartbeatIntervalMs,
    assignment: isFull || !ownsSame(member, next) ? assignmentOf(next.assigned) : null
  }
}

/** The answer to a member that left. */
export const leftReply = (memberId: string, memberEpoch: number): ConsumerHeartbeatReply => ({
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  memberId,
  memberEpoch,
  heartbeatIntervalMs: 0,
  assignment: null
})
