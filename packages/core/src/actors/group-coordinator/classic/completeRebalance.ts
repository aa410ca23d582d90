import { ErrorCode } from "../../../model/ErrorCode.ts"
import {
  type ClassicDraft,
  type ClassicGroup,
  type ClassicMember,
  metadataOf,
  rebalanceTimeoutMs,
  transitionTo
} from "./ClassicGroup.ts"
import { cancel, type ClassicStep, completeJoin, type JoinReply, renewSession, schedule } from "./ClassicStep.ts"
import { groupMetadataRecord } from "./groupMetadataRecord.ts"
import { removeMember } from "./members.ts"
import { selectProtocol } from "./selectProtocol.ts"
import { subscribedTopicsOf } from "./subscribedTopics.ts"

/** What the leader is told about everybody. Source: ClassicGroup.currentClassicGroupMembers. */
const membersForLeader = (group: ClassicGroup): JoinReply["members"] =>
  [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: metadataOf(member, group.protocolName)
  }))

/** The answer to a member that is part of the current generation. */
export const joinAnswer = (group: ClassicGroup, member: ClassicMember, options: {
  readonly leader: string
  readonly withMembers: boolean
  readonly skipAssignment: boolean
}): JoinReply => ({
  errorCode: ErrorCode.NONE,
  generationId: group.generation,
  protocolType: group.protocolType,
  protocolName: group.protocolName,
  leader: options.leader,
  skipAssignment: options.skipAssignment,
  memberId: member.memberId,
  members: options.withMembers ? membersForLeader(group) : []
})

/** Lets a member that is here lead when the leader is not. Source: ClassicGroup.maybeElectNewJoinedLeader. */
const electJoinedLeader = (draft: ClassicDraft): boolean => {
  if (draft.leader === null) return false
  if (draft.members.get(draft.leader)?.awaitingJoin !== undefined) return true
  for (const member of draft.members.values()) {
    if (member.awaitingJoin !== undefined) {
      draft.leader = member.memberId
      return true
    }
  }
  return false
}

/** Begins a generation with the members that are here; one without members is written at once. */
const nextGeneration = (step: ClassicStep): void => {
  const { draft } = step
  draft.generation++
  draft.pendingSync.clear()
  draft.protocolName = draft.members.size > 0 ? selectProtocol(draft) : null
  draft.subscribedTopics = subscribedTopicsOf(draft)
  if (draft.members.size === 0) {
    transitionTo(draft, "Empty", step.nowMs)
    step.records.push(groupMetadataRecord(draft))
    return
  }
  transitionTo(draft, "CompletingRebalance", step.nowMs)
  for (const [memberId, member] of draft.members) {
    const isLeader = draft.leader === memberId
    const answer = joinAnswer(draft, member, {
      leader: draft.leader ?? "",
      withMembers: isLeader,
      skipAssignment: false
    })
    const next: ClassicMember = { ...completeJoin(step, member, answer), isNew: false }
    draft.members.set(memberId, next)
    renewSession(step, next)
    draft.pendingSync.add(memberId)
  }
  schedule(step, "Sync", "", rebalanceTimeoutMs(draft))
}

/**
 * Ends the join phase. Dynamic members that did not come back are out, static ones stay until their session ends. When
 * no member came back, the group waits once more. Source: GroupMetadataManager.completeClassicGroupJoin.
 */
export const completeRebalance = (step: ClassicStep): void => {
  const { draft } = step
  cancel(step, "Join", "")
  draft.initialDelay = undefined
  draft.newMemberAdded = false
  for (const member of [...draft.members.values()]) {
    if (member.awaitingJoin === undefined && member.groupInstanceId === null) {
      removeMember(draft, member.memberId)
      cancel(step, "Session", member.memberId)
    }
  }
  if (!electJoinedLeader(draft) && draft.members.size > 0) schedule(step, "Join", "", rebalanceTimeoutMs(draft))
  else nextGeneration(step)
}
