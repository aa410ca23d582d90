import { ErrorCode } from "../../../model/ErrorCode.ts"
import { type ClassicGroup, isSubscribedToTopic, usesConsumerProtocol } from "../classic/ClassicGroup.ts"
import { schedule } from "../classic/ClassicStep.ts"
import { validateCommit } from "../classic/validateCommit.ts"
import { groupTombstones } from "../consumer/consumerRecords.ts"
import { isSubscribedTo } from "../consumer/subscription.ts"
import { validateConsumerCommit } from "../consumer/validateCommit.ts"
import type { GroupEffect } from "../GroupEffect.ts"
import { commitOffsets } from "../offsets/commit.ts"
import { hasPendingOfGroup } from "../offsets/OffsetState.ts"
import {
  deleteAllOffsets,
  deleteOffsets,
  deleteOffsetsOfTopics,
  expireOffsets,
  type ExpiryRule
} from "../offsets/remove.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import type { CommitCommand, DeleteGroupCommand, DeleteOffsetsCommand, TopicsDeletedCommand } from "./GroupCommand.ts"
import {
  answerOnly,
  codeReply,
  type GroupDecision,
  type GroupEnvironment,
  nothing,
  type OffsetsReply
} from "./GroupDecision.ts"
import type { Group, PartitionState } from "./PartitionState.ts"

const refused = (errorCode: ErrorCode): OffsetsReply => ({ errorCode, topics: [] })

const isSubscribed = (group: Group, topic: string): boolean =>
  group._tag === "Classic" ? isSubscribedToTopic(group, topic) : isSubscribedTo(group, topic)

const isEmpty = (group: Group): boolean => group._tag === "Classic" ? group.state === "Empty" : group.members.size === 0

const decision = (
  records: ReadonlyArray<CoordinatorRecord>,
  effects: ReadonlyArray<GroupEffect>
): GroupDecision => ({ records, effects, soft: undefined })

/** The code for a commit as a whole. Source: OffsetMetadataManager.validateOffsetCommit, validateTransactionalOffsetCommit. */
const commitError = (group: Group | undefined, command: CommitCommand, environment: GroupEnvironment): ErrorCode => {
  const { apiVersion, identity } = command
  if (group === undefined) {
    if (identity.generation < 0) return ErrorCode.NONE
    return !identity.isTransactional && apiVersion >= 9 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION
  }
  if (group._tag === "Classic") return validateCommit(group, identity)
  const error = validateConsumerCommit(group, { ...identity, apiVersion }, command.topics, environment.topics)
  // A transaction's commit knows no member epochs.
  return identity.isTransactional && error === ErrorCode.STALE_MEMBER_EPOCH ? ErrorCode.ILLEGAL_GENERATION : error
}

/** A commit is a sign of life of a classic member. */
const renewal = (group: Group | undefined, command: CommitCommand): ReadonlyArray<GroupEffect> => {
  if (group?._tag !== "Classic" || command.identity.isTransactional) return []
  const member = group.members.get(command.identity.memberId)
  if (member === undefined || (group.state !== "Stable" && group.state !== "PreparingRebalance")) return []
  const effects: Array<GroupEffect> = []
  schedule({ effects }, "Session", member.memberId, member.sessionTimeoutMs)
  return effects
}

/** OffsetCommit and TxnOffsetCommit. Source: OffsetMetadataManager.commitOffset, commitTransactionalOffset. */
export const decideCommit = (
  group: Group | undefined,
  command: CommitCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const { groupId, replyTo } = command
  const errorCode = commitError(group, command, environment)
  if (errorCode !== ErrorCode.NONE) return answerOnly(replyTo, { _tag: "Offsets", response: refused(errorCode) })
  const { records, topics } = commitOffsets({
    groupId,
    topics: command.topics,
    metadataMaxSize: environment.settings.offsetMetadataMaxSize,
    nowMs: environment.nowMs,
    retentionTimeMs: command.retentionTimeMs
  })
  const response: OffsetsReply = { errorCode, topics }
  return decision(records, [...renewal(group, command), {
    _tag: "Reply",
    to: replyTo,
    reply: { _tag: "Offsets", response }
  }])
}

/** Source: ClassicGroup.validateOffsetDelete: the topics of a group that is not of consumers cannot be known. */
const deleteOffsetsError = (group: Group | undefined): ErrorCode => {
  if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND
  return group._tag === "Classic" && group.state !== "Empty" && !usesConsumerProtocol(group)
    ? ErrorCode.NON_EMPTY_GROUP
    : ErrorCode.NONE
}

/** OffsetDelete. Source: OffsetMetadataManager.deleteOffsets. */
export const decideDeleteOffsets = (
  state: PartitionState,
  group: Group | undefined,
  command: DeleteOffsetsCommand
): GroupDecision => {
  const { groupId, replyTo } = command
  const errorCode = deleteOffsetsError(group)
  if (group === undefined || errorCode !== ErrorCode.NONE) {
    return answerOnly(replyTo, { _tag: "Offsets", response: refused(errorCode) })
  }
  const { records, topics } = deleteOffsets(state.offsets, {
    groupId,
    topics: command.topics,
    // An empty group subscribes to nothing, whatever its last members did.
    isSubscribed: (topic) => !isEmpty(group) && isSubscribed(group, topic)
  })
  const response: OffsetsReply = { errorCode, topics }
  return decision(records, [{ _tag: "Reply", to: replyTo, reply: { _tag: "Offsets", response } }])
}

const tombstones = (group: Group): ReadonlyArray<CoordinatorRecord> =>
  group._tag === "Consumer"
    ? groupTombstones(group)
    : [{ _tag: "GroupMetadata", groupId: group.groupId, value: null }]

const forgetPending = (group: Group): ReadonlyArray<GroupEffect> =>
  group._tag === "Consumer"
    ? []
    : [...group.pendingJoin].map((memberId) => ({ _tag: "Cancel", deadline: { timer: "Session", memberId } }) as const)

/** One group of a DeleteGroups. Source: GroupCoordinatorShard.deleteGroups. */
export const decideDeleteGroup = (
  state: PartitionState,
  group: Group | undefined,
  command: DeleteGroupCommand
): GroupDecision => {
  const { groupId, replyTo } = command
  if (group === undefined) return answerOnly(replyTo, codeReply(ErrorCode.GROUP_ID_NOT_FOUND))
  if (!isEmpty(group)) return answerOnly(replyTo, codeReply(ErrorCode.NON_EMPTY_GROUP))
  return decision([...deleteAllOffsets(state.offsets, groupId), ...tombstones(group)], [
    ...forgetPending(group),
    { _tag: "Reply", to: replyTo, reply: codeReply(ErrorCode.NONE) }
  ])
}

/** Source: ClassicGroup.offsetExpirationCondition. */
const classicExpiryRule = (group: ClassicGroup): ExpiryRule | undefined => {
  const byCommit = (timestampMs: number): number => timestampMs
  if (group.protocolType === null) return { since: byCommit, isSubscribed: () => false }
  if (group.state === "Empty") {
    const since = (timestampMs: number): number => group.stateTimestampMs === -1 ? timestampMs : group.stateTimestampMs
    return { since, isSubscribed: () => false }
  }
  return usesConsumerProtocol(group) && group.subscribedTopics !== null && group.state === "Stable"
    ? { since: byCommit, isSubscribed: (topic) => isSubscribedToTopic(group, topic) }
    : undefined
}

/**
 * Forgets offsets whose time is over, and the group itself when it is empty and has none left. Source:
 * GroupCoordinatorShard.cleanupGroupMetadata.
 */
export const decideExpireOffsets = (
  state: PartitionState,
  group: Group,
  environment: GroupEnvironment
): GroupDecision => {
  const { groupId } = group
  const rule = group._tag === "Classic"
    ? classicExpiryRule(group)
    : { since: (timestampMs: number) => timestampMs, isSubscribed: (topic: string) => isSubscribedTo(group, topic) }
  const { allExpired, records } = expireOffsets(state.offsets, {
    groupId,
    rule,
    nowMs: environment.nowMs,
    retentionMs: environment.settings.offsetsRetentionMs
  })
  const isOver = allExpired && isEmpty(group) && !hasPendingOfGroup(state.offsets, groupId)
  if (isOver) return decision([...records, ...tombstones(group)], forgetPending(group))
  return records.length === 0 ? nothing : decision(records, [])
}

/** Topics were deleted: a topic of the same name made later begins without offsets. */
export const decideTopicsDeleted = (state: PartitionState, { groupId, topics }: TopicsDeletedCommand): GroupDecision =>
  decision(deleteOffsetsOfTopics(state.offsets, groupId, topics), [])
