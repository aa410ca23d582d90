import type { GroupSettings } from "../../../config/broker-settings/GroupSettings.ts"
import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { Uuid } from "../../../model/Uuid.ts"
import { encodeConsumerAssignment } from "../../../protocol/apis/ConsumerProtocol.ts"
import {
  type ClassicGroup,
  type ClassicMember,
  consumerProtocolType,
  emptyClassicGroup,
  metadataOf,
  usesConsumerProtocol
} from "../classic/ClassicGroup.ts"
import { cancel, completeJoin, completeSync, joinError, schedule, syncError } from "../classic/ClassicStep.ts"
import { groupMetadataRecord } from "../classic/groupMetadataRecord.ts"
import { selectProtocol } from "../classic/selectProtocol.ts"
import { subscribedTopicsOf } from "../classic/subscribedTopics.ts"
import { readAssignment, readSubscription, subscriptionVersion } from "../ConsumerProtocolBytes.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import { Refusal } from "../Refusal.ts"
import {
  classicMemberCount,
  type ConsumerGroup,
  type ConsumerMember,
  emptyConsumerGroup,
  newConsumerMember,
  noPartitions,
  type Partitions
} from "./ConsumerGroup.ts"
import {
  currentRecord,
  epochRecord,
  groupTombstones,
  memberRecord,
  targetEpochRecord,
  targetRecord
} from "./consumerRecords.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"
import { replayConsumer } from "./replay.ts"

const allowsUpgrade = (settings: GroupSettings): boolean =>
  settings.consumerMigrationPolicy === "upgrade" || settings.consumerMigrationPolicy === "bidirectional"

const allowsDowngrade = (settings: GroupSettings): boolean =>
  settings.consumerMigrationPolicy === "downgrade" || settings.consumerMigrationPolicy === "bidirectional"

/** The partitions of an assignment by topic id; topics that are gone drop out. */
const partitionsByName = (
  assigned: ReadonlyArray<{ readonly topic: string; readonly partitions: ReadonlyArray<number> }>,
  topics: GroupTopics
): Partitions => {
  const result = new Map<Uuid, Set<number>>()
  for (const { partitions, topic } of assigned) {
    const id = topics.byName(topic)?.id
    if (id !== undefined && partitions.length > 0) result.set(id, new Set(partitions))
  }
  return result
}

/** A classic member as a member of a consumer group, with what it is assigned; undefined when its bytes are malformed. */
const upgradedMember = (
  group: ClassicGroup,
  member: ClassicMember,
  topics: GroupTopics
): readonly [ConsumerMember, Partitions] | undefined => {
  const subscription = readSubscription(metadataOf(member, group.protocolName ?? member.protocols[0]?.name ?? null))
  const assignment = readAssignment(member.assignment)
  // What a client-side assignor put beside the assignment would be lost.
  if (subscription === undefined || assignment === undefined || (assignment.userData?.length ?? 0) > 0) return undefined
  const target = partitionsByName(assignment.assignedPartitions, topics)
  const { generation } = group
  return [{
    ...newConsumerMember(member.memberId),
    memberEpoch: generation,
    previousMemberEpoch: generation,
    instanceId: member.groupInstanceId,
    rackId: subscription.rackId,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
    assigned: new Map(
      [...target].map(([id, partitions]) => [id, new Map([...partitions].map((p) => [p, generation]))])
    ),
    classic: { sessionTimeoutMs: member.sessionTimeoutMs, supportedProtocols: member.protocols }
  }, target]
}

/**
 * Turns a classic group of consumers into a consumer group, because a member of the new protocol comes. Members that
 * wait are told to rebalance; the generation becomes the epoch. Source: GroupMetadataManager.convertToConsumerGroup.
 */
export const upgrade = (step: ConsumerStep, classic: ClassicGroup): ConsumerGroup | Refusal => {
  const { groupId } = classic
  const refused = (why: string): Refusal =>
    new Refusal(
      ErrorCode.GROUP_ID_NOT_FOUND,
      `Cannot upgrade classic group ${groupId} to consumer group because ${why}.`
    )
  if (!allowsUpgrade(step.settings)) return refused("online upgrade is disabled")
  if (!usesConsumerProtocol(classic)) return refused("the group does not use the consumer embedded protocol")
  if (classic.members.size > step.settings.consumerMaxSize) {
    return refused("the group size exceeds the consumer group maximum size")
  }
  const pairs: Array<readonly [ConsumerMember, Partitions]> = []
  for (const member of classic.members.values()) {
    const upgraded = upgradedMember(classic, member, step.topics)
    if (upgraded === undefined) return refused("the embedded consumer protocol is malformed")
    pairs.push(upgraded)
  }
  for (const member of classic.members.values()) {
    const rebalance = ErrorCode.REBALANCE_IN_PROGRESS
    completeSync(step, completeJoin(step, member, joinError(rebalance, member.memberId)), syncError(rebalance))
    schedule(step, "Session", member.memberId, member.sessionTimeoutMs)
  }
  for (const memberId of classic.pendingJoin) cancel(step, "Session", memberId)
  cancel(step, "Join", "")
  cancel(step, "Sync", "")
  const consumerRecords: ReadonlyArray<CoordinatorRecord> = [
    ...pairs.map(([member]) => memberRecord(groupId, member)),
    epochRecord(groupId, classic.generation, 0),
    ...pairs.map(([member, target]) => targetRecord(groupId, member.memberId, target)),
    targetEpochRecord(groupId, classic.generation),
    ...pairs.map(([member]) => currentRecord(groupId, member))
  ]
  step.records.push({ _tag: "GroupMetadata", groupId, value: null }, ...consumerRecords)
  const group = emptyConsumerGroup(groupId)
  for (const record of consumerRecords) replayConsumer(group, record)
  return group
}

/** Whether the group may become classic once `leavingMemberId`, the last of the new protocol, is gone. */
export const canDowngrade = (
  group: ConsumerGroup,
  settings: GroupSettings,
  leavingMemberId: string
): boolean => {
  const leaving = group.members.get(leavingMemberId)
  return leaving !== undefined && leaving.classic === null &&
    classicMemberCount(group) === group.members.size - 1 && group.members.size > 1 &&
    allowsDowngrade(settings) && group.members.size - 1 <= settings.maxSize
}

const assignmentBytes = (target: Partitions, topics: GroupTopics, version: number): Uint8Array =>
  encodeConsumerAssignment({
    assignedPartitions: [...target].flatMap(([id, partitions]) => {
      const topic = topics.byId(id)
      return topic === undefined ? [] : [{ topic: topic.name, partitions: [...partitions].sort((a, b) => a - b) }]
    }),
    userData: null
  }, version)

/**
 * Turns a consumer group whose members all speak the classic protocol into a classic one: the epoch becomes the
 * generation, the targets become the assignments. Source: ClassicGroup.fromConsumerGroup.
 */
export const downgrade = (step: ConsumerStep, group: ConsumerGroup): ClassicGroup => {
  const members = new Map<string, ClassicMember>()
  for (const member of group.members.values()) {
    if (member.classic === null) throw new Error(`member ${member.memberId} does not speak the classic protocol`)
    members.set(member.memberId, {
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      sessionTimeoutMs: member.classic.sessionTimeoutMs,
      protocols: member.classic.supportedProtocols,
      assignment: new Uint8Array(0),
      awaitingJoin: undefined,
      awaitingSync: undefined,
      isNew: false
    })
    schedule(step, "Session", member.memberId, member.classic.sessionTimeoutMs)
    for (const timer of ["MemberJoin", "MemberSync", "MemberRebalance"] as const) cancel(step, timer, member.memberId)
  }
  const base: ClassicGroup = {
    ...emptyClassicGroup(group.groupId, step.nowMs),
    state: "Stable",
    protocolType: consumerProtocolType,
    generation: group.groupEpoch,
    leader: [...members.keys()][0] ?? null,
    members,
    staticMembers: new Map(group.staticMembers)
  }
  const protocolName = selectProtocol(base)
  for (const [memberId, member] of members) {
    const version = subscriptionVersion(metadataOf(member, protocolName))
    const target = group.target.get(memberId) ?? noPartitions
    members.set(memberId, { ...member, assignment: assignmentBytes(target, step.topics, version) })
  }
  const named = { ...base, protocolName }
  const classic = { ...named, subscribedTopics: subscribedTopicsOf(named) }
  step.records.push(...groupTombstones(group), groupMetadataRecord(classic))
  return classic
}

/** The assignment of a member as the classic protocol carries it. */
export const assignedBytes = (member: ConsumerMember, topics: GroupTopics): Uint8Array => {
  const metadata = member.classic?.supportedProtocols[0]?.metadata
  const assigned = new Map([...member.assigned].map(([id, partitions]) => [id, new Set(partitions.keys())]))
  return assignmentBytes(assigned, topics, metadata === undefined ? 0 : subscriptionVersion(metadata))
}
