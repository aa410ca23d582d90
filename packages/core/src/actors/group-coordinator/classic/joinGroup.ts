import { ErrorCode } from "../../../model/ErrorCode.ts"
import { GroupLimits } from "../GroupLimits.ts"
import type { ReplyTo } from "../GroupEffect.ts"
import type { ClassicGroup, ClassicMember, ClassicProtocol } from "./ClassicGroup.ts"
import { noBytes } from "./ClassicGroup.ts"
import { type ClassicStep, joinError, reply, schedule } from "./ClassicStep.ts"
import { joinAnswer } from "./completeRebalance.ts"
import { emptyGroupMetadataRecord } from "./groupMetadataRecord.ts"
import { joinStaticMember } from "./joinStaticMember.ts"
import { addMember, removeMember, updateMember, validateMember } from "./members.ts"
import { rebalanceOrCompleteJoin } from "./rebalance.ts"
import { protocolsEqual, supportsProtocols } from "./selectProtocol.ts"

/** A JoinGroup as the machine sees it. Byte fields must not be views of a network buffer. */
export interface JoinCommand {
  readonly _tag: "Join"
  readonly replyTo: ReplyTo
  readonly groupId: string
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: ReadonlyArray<ClassicProtocol>
  /** Version 4+ for a dynamic member: an id must be fetched with a first request. Source: KIP-394. */
  readonly requiresKnownMemberId: boolean
  /** Version 9+. Source: KIP-814. */
  readonly supportsSkippingAssignment: boolean
  /** The random part of a new member id, made by the shell. */
  readonly freshUuid: string
}

/** Whether there is room for the member. Source: GroupMetadataManager.acceptJoiningMember. */
const acceptsMember = (group: ClassicGroup, memberId: string, maxSize: number): boolean => {
  if (memberId === "" && group.pendingJoin.size >= GroupLimits.pendingMembersMax) return false
  if (group.state === "Empty") return true
  const member = group.members.get(memberId)
  if (group.state !== "PreparingRebalance") return member !== undefined || group.members.size < maxSize
  if (member?.awaitingJoin !== undefined) return true
  let joined = 0
  for (const other of group.members.values()) if (other.awaitingJoin !== undefined) joined++
  return joined < maxSize
}

/** Adds the member of the request and starts or advances a rebalance. Source: addMemberThenRebalanceOrCompleteJoin. */
export const joinAsNewMember = (step: ClassicStep, command: JoinCommand, memberId: string): void => {
  const { draft, settings } = step
  const member: ClassicMember = {
    memberId,
    groupInstanceId: command.groupInstanceId,
    clientId: command.clientId,
    clientHost: command.clientHost,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs,
    sessionTimeoutMs: command.sessionTimeoutMs,
    protocols: command.protocols,
    assignment: noBytes,
    awaitingJoin: command.replyTo,
    awaitingSync: undefined,
    isNew: true
  }
  if (draft.state === "PreparingRebalance" && draft.previousState === "Empty") draft.newMemberAdded = true
  addMember(draft, member, command.protocolType)
  schedule(step, "Session", memberId, settings.newMemberJoinTimeoutMs)
  rebalanceOrCompleteJoin(step)
}

const joinNewMember = (step: ClassicStep, command: JoinCommand): void => {
  const { draft } = step
  if (!supportsProtocols(draft, command.protocolType, command.protocols)) {
    return reply(step, command.replyTo, joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, ""))
  }
  if (command.groupInstanceId !== null) return joinStaticMember(step, command, command.groupInstanceId)
  const memberId = `${command.clientId}-${command.freshUuid}`
  if (!command.requiresKnownMemberId) return joinAsNewMember(step, command, memberId)
  draft.pendingJoin.add(memberId)
  schedule(step, "Session", memberId, command.sessionTimeoutMs)
  reply(step, command.replyTo, joinError(ErrorCode.MEMBER_ID_REQUIRED, memberId))
}

/** Parks the request of a member that is back and starts or advances a rebalance. */
const rejoin = (step: ClassicStep, command: JoinCommand, member: ClassicMember): void => {
  if (member.awaitingJoin !== undefined && member.awaitingJoin !== command.replyTo) {
    // The client gave the older request up (a connection carries one at a time); nobody listens any more.
    reply(step, member.awaitingJoin, joinError(ErrorCode.UNKNOWN_MEMBER_ID, ""))
  }
  updateMember(step.draft, member, {
    protocols: command.protocols,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs,
    sessionTimeoutMs: command.sessionTimeoutMs,
    awaitingJoin: command.replyTo
  })
  rebalanceOrCompleteJoin(step)
}

const joinExistingMember = (step: ClassicStep, command: JoinCommand): void => {
  const { draft } = step
  const { memberId, replyTo } = command
  if (!supportsProtocols(draft, command.protocolType, command.protocols)) {
    return reply(step, replyTo, joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId))
  }
  // An id was given out to a dynamic member; with an instance id it is somebody else's.
  if (draft.pendingJoin.has(memberId) && command.groupInstanceId === null) {
    return joinAsNewMember(step, command, memberId)
  }
  const error = validateMember(draft, memberId, command.groupInstanceId)
  if (error !== ErrorCode.NONE) return reply(step, replyTo, joinError(error, memberId))
  const member = draft.members.get(memberId)!
  const isLeader = draft.leader === memberId
  const sameProtocols = protocolsEqual(member.protocols, command.protocols)
  switch (draft.state) {
    case "PreparingRebalance":
      return rejoin(step, command, member)
    case "CompletingRebalance": {
      if (!sameProtocols) return rejoin(step, command, member)
      const answer = { leader: draft.leader ?? "", withMembers: isLeader, skipAssignment: false }
      return reply(step, replyTo, joinAnswer(draft, member, answer))
    }
    case "Stable": {
      if (isLeader || !sameProtocols) return rejoin(step, command, member)
      const answer = { leader: draft.leader ?? "", withMembers: false, skipAssignment: false }
      return reply(step, replyTo, joinAnswer(draft, member, answer))
    }
    case "Empty":
      return reply(step, replyTo, joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId))
  }
}

/**
 * JoinGroup of a classic group. `isNew` says that the group was just made for this request: that it exists is then
 * written, unless the join wrote something already. Source: GroupMetadataManager.classicGroupJoinToClassicGroup.
 */
export const joinGroup = (step: ClassicStep, command: JoinCommand, isNew: boolean): void => {
  const { draft, settings } = step
  if (!acceptsMember(draft, command.memberId, settings.maxSize)) {
    if (command.memberId !== "") removeMember(draft, command.memberId)
    reply(step, command.replyTo, joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, ""))
  } else if (command.memberId === "") joinNewMember(step, command)
  else joinExistingMember(step, command)
  if (isNew && step.records.length === 0) step.records.push(emptyGroupMetadataRecord(draft))
}
