import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { validateMember } from "./members.ts"

/** In whose name offsets are committed. */
export interface CommitIdentity {
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** Generation or member epoch; negative for a commit from outside the group. */
  readonly generation: number
  readonly isTransactional: boolean
}

/** Whether the commit may be stored. Source: ClassicGroup.validateOffsetCommit. */
export const validateCommit = (group: ClassicGroup, identity: CommitIdentity): ErrorCode => {
  const { generation, groupInstanceId, isTransactional, memberId } = identity
  if (generation < 0 && group.state === "Empty") return ErrorCode.NONE
  if (generation >= 0 || memberId !== "" || groupInstanceId !== null) {
    const error = validateMember(group, memberId, groupInstanceId)
    if (error !== ErrorCode.NONE) return error
    if (generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION
  } else if (!isTransactional && group.state !== "Empty") return ErrorCode.UNKNOWN_MEMBER_ID
  if (!isTransactional && group.state === "CompletingRebalance") return ErrorCode.REBALANCE_IN_PROGRESS
  return ErrorCode.NONE
}
