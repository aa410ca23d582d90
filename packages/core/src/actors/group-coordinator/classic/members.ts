import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import type { ClassicDraft, ClassicGroup, ClassicMember, ClassicProtocol } from "./ClassicGroup.ts"
import { type ClassicStep, completeJoin, completeSync, joinError, syncError } from "./ClassicStep.ts"

/** Puts a new member into the group; the first becomes the leader. Source: ClassicGroup.add. */
export const addMember = (draft: ClassicDraft, member: ClassicMember, protocolType: string): void => {
  if (draft.members.size === 0) draft.protocolType = protocolType
  if (member.groupInstanceId !== null) draft.staticMembers.set(member.groupInstanceId, member.memberId)
  draft.leader ??= member.memberId
  draft.members.set(member.memberId, member)
  draft.pendingJoin.delete(member.memberId)
}

/** Takes a member (or a pending id) out; the oldest of the others inherits the lead. Source: ClassicGroup.remove. */
export const removeMember = (draft: ClassicDraft, memberId: string): void => {
  const member = draft.members.get(memberId)
  draft.members.delete(memberId)
  if (
    member !== undefined && member.groupInstanceId !== null &&
    draft.staticMembers.get(member.groupInstanceId) === memberId
  ) draft.staticMembers.delete(member.groupInstanceId)
  if (draft.leader === memberId) {
    const next = draft.members.keys().next()
    draft.leader = next.done === true ? null : next.value
  }
  draft.pendingJoin.delete(memberId)
  draft.pendingSync.delete(memberId)
}

/** Takes over what a rejoining member says about itself and parks its request. Source: ClassicGroup.updateMember. */
export const updateMember = (draft: ClassicDraft, member: ClassicMember, update: {
  readonly protocols: ReadonlyArray<ClassicProtocol>
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly awaitingJoin: ReplyTo | undefined
}): ClassicMember => {
  const next: ClassicMember = { ...member, ...update }
  draft.members.set(member.memberId, next)
  return next
}

/**
 * Gives the place of a static member to a new member id; whoever waited under the old id is fenced. The place in the
 * order of joining is kept. Source: ClassicGroup.replaceStaticMember.
 */
export const replaceStaticMember = (
  step: ClassicStep,
  groupInstanceId: string,
  oldMemberId: string,
  newMemberId: string
): ClassicMember => {
  const { draft } = step
  const old = draft.members.get(oldMemberId)
  if (old === undefined) throw new Error(`group ${draft.groupId} has no member ${oldMemberId} to replace`)
  const fenced = ErrorCode.FENCED_INSTANCE_ID
  const replaced: ClassicMember = {
    ...completeSync(step, completeJoin(step, old, joinError(fenced, oldMemberId)), syncError(fenced)),
    memberId: newMemberId,
    isNew: false
  }
  const members = [...draft.members.values()]
  draft.members.clear()
  for (const member of members) {
    if (member.memberId === oldMemberId) draft.members.set(newMemberId, replaced)
    else draft.members.set(member.memberId, member)
  }
  if (draft.leader === oldMemberId) draft.leader = newMemberId
  if (draft.pendingSync.delete(oldMemberId)) draft.pendingSync.add(newMemberId)
  draft.staticMembers.set(groupInstanceId, newMemberId)
  step.effects.push({ _tag: "Cancel", deadline: { timer: "Session", memberId: oldMemberId } })
  return replaced
}

/** The code for a request in the name of a member, NONE when it may speak. Source: ClassicGroup.validateMember. */
export const validateMember = (
  group: ClassicGroup,
  memberId: string,
  groupInstanceId: string | null
): ErrorCode => {
  if (groupInstanceId !== null) {
    const owner = group.staticMembers.get(groupInstanceId)
    if (owner === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (owner !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  return group.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
}
