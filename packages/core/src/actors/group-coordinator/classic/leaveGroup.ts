import { ErrorCode } from "../../../model/ErrorCode.ts"
import { cancel, type ClassicStep, completeJoin, completeSync, joinError, syncError } from "./ClassicStep.ts"
import { removeMember, validateMember } from "./members.ts"
import { maybeCompleteJoinPhase, prepareRebalance } from "./rebalance.ts"

/** Who is to leave. An empty member id with an instance id is an administrator's removal of a static member. */
export interface LeavingMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** The answer for one of them. */
export interface LeftMember extends LeavingMember {
  readonly errorCode: ErrorCode
}

const dismiss = (step: ClassicStep, memberId: string): void => {
  const { draft } = step
  cancel(step, "Session", memberId)
  const member = draft.members.get(memberId)
  if (member !== undefined) {
    const unknown = ErrorCode.UNKNOWN_MEMBER_ID
    completeSync(step, completeJoin(step, member, joinError(unknown, "")), syncError(unknown))
  }
  removeMember(draft, memberId)
}

const leaveOne = (step: ClassicStep, member: LeavingMember): ErrorCode => {
  const { draft } = step
  if (member.memberId === "") {
    const owner = member.groupInstanceId === null ? undefined : draft.staticMembers.get(member.groupInstanceId)
    if (owner === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    dismiss(step, owner)
    return ErrorCode.NONE
  }
  if (!draft.pendingJoin.has(member.memberId)) {
    const error = validateMember(draft, member.memberId, member.groupInstanceId)
    if (error !== ErrorCode.NONE) return error
  }
  dismiss(step, member.memberId)
  return ErrorCode.NONE
}

/**
 * LeaveGroup of a classic group, one code per member; the members that are left rebalance at once. Source:
 * GroupMetadataManager.classicGroupLeaveToClassicGroup.
 */
export const leaveGroup = (
  step: ClassicStep,
  members: ReadonlyArray<LeavingMember>
): ReadonlyArray<LeftMember> => {
  const left = members.map((member) => ({ ...member, errorCode: leaveOne(step, member) }))
  if (left.some((member) => member.errorCode === ErrorCode.NONE)) {
    const { state } = step.draft
    if (state === "Stable" || state === "CompletingRebalance") prepareRebalance(step)
    else maybeCompleteJoinPhase(step)
  }
  return left
}
