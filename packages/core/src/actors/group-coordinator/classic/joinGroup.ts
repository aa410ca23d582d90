import { ErrorCode } from "../../../model/ErrorCode.ts"
import { GroupLimits } from "../GroupLimits.ts"
import type { ClassicGroup, ClassicMember } from "./ClassicGroup.ts"
import { type ClassicStep, joinError, replyJoin, schedule } from "./ClassicStep.ts"
import { joinAnswer } from "./completeRebalance.ts"
import { emptyGroupMetadataRecord } from "./groupMetadataRecord.ts"
import { joinAsNewMember } from "./joinAsNewMember.ts"
import type { JoinCommand } from "./JoinCommand.ts"
import { joinStaticMember } from "./joinStaticMember.ts"
import { removeMember, updateMember, validateMember } from "./members.ts"
import { rebalanceOrCompleteJoin } from "./rebalance.ts"
import { protocolsEqual, supportsProtocols } from "./selectProtocol.ts"

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

const joinNewMember = (step: ClassicStep, command: JoinCommand): void => {
  const { draft } = step
  if (!supportsProtocols(draft, command.protocolType, command.protocols)) {
    return replyJoin(step, command.replyTo, joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, ""))
  }
  if (command.groupInstanceId !== null) return joinStaticMember(step, command, command.groupInstanceId)
  const memberId = `${command.clientId}-${command.freshUuid}`
  if (!command.requiresKnownMemberId) return joinAsNewMember(step, command, memberId)
  draft.pendingJoin.add(memberId)
  schedule(step, "Session", memberId, command.sessionTimeoutMs)
  replyJoin(step, command.replyTo, joinError(ErrorCode.MEMBER_ID_REQUIRED, memberId))
}

/** Parks the request of a member that is back and starts or advances a rebalance. */
const rejoin = (step: ClassicStep, command: JoinCommand, member: ClassicMember): void => {
  if (member.awaitingJoin !== undefined && member.awaitingJoin !== command.replyTo) {
    // The client gave the older request up (a connection carries one at a time); its answer goes nowhere.
    replyJoin(step, member.awaitingJoin, joinError(ErrorCode.UNKNOWN_MEMBER_ID, ""))
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
    return replyJoin(step, replyTo, joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId))
  }
  // An id was given out to a dynamic member; with an instance id it is somebody else's.
  if (draft.pendingJoin.has(memberId) && command.groupInstanceId === null) {
    return joinAsNewMember(step, command, memberId)
  }
  const error = validateMember(draft, memberId, command.groupInstanceId)
  if (error !== ErrorCode.NONE) return replyJoin(step, replyTo, joinError(error, memberId))
  const member = draft.members.get(memberId)!
  const isLeader = draft.leader === memberId
  const sameProtocols = protocolsEqual(member.protocols, command.protocols)
  switch (draft.state) {
    case "PreparingRebalance":
      return rejoin(step, command, member)
    case "CompletingRebalance": {
      if (!sameProtocols) return rejoin(step, command, member)
      const answer = { leader: draft.leader ?? "", withMembers: isLeader, skipAssignment: false }
      return replyJoin(step, replyTo, joinAnswer(draft, member, answer))
    }
    case "Stable": {
      if (isLeader || !sameProtocols) return rejoin(step, command, member)
      const answer = { leader: draft.leader ?? "", withMembers: false, skipAssignment: false }
      return replyJoin(step, replyTo, joinAnswer(draft, member, answer))
    }
    case "Empty":
      return replyJoin(step, replyTo, joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId))
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
    replyJoin(step, command.replyTo, joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, ""))
  } else if (command.memberId === "") joinNewMember(step, command)
  else joinExistingMember(step, command)
  if (isNew && step.records.length === 0) step.records.push(emptyGroupMetadataRecord(draft))
}
