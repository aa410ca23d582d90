import { ErrorCode } from "../../../model/ErrorCode.ts"
import { hasAllMembersJoined } from "./ClassicGroup.ts"
import { cancel, type ClassicStep, completeJoin, completeSync, joinError, syncError } from "./ClassicStep.ts"
import { completeRebalance } from "./completeRebalance.ts"
import { removeMember } from "./members.ts"
import { prepareRebalance } from "./rebalance.ts"

/**
 * Removes a member whose heartbeat did not come in time, or an id that no member took. A member that waits for an answer
 * is alive, unless it is new. Source: GroupMetadataManager.expireClassicGroupMemberHeartbeat.
 */
export const expireSession = (step: ClassicStep, memberId: string): void => {
  const { draft } = step
  const member = draft.members.get(memberId)
  if (member === undefined) {
    if (!draft.pendingJoin.delete(memberId)) return
    if (draft.state === "PreparingRebalance" && hasAllMembersJoined(draft)) completeRebalance(step)
    return
  }
  if (!member.isNew && (member.awaitingJoin !== undefined || member.awaitingSync !== undefined)) return
  const unknown = ErrorCode.UNKNOWN_MEMBER_ID
  completeSync(step, completeJoin(step, member, joinError(unknown, "")), syncError(unknown))
  removeMember(draft, memberId)
  if (draft.state === "Stable" || draft.state === "CompletingRebalance") prepareRebalance(step)
  else if (draft.state === "PreparingRebalance" && hasAllMembersJoined(draft)) completeRebalance(step)
}

/**
 * Members that did not ask for their assignment within the rebalance timeout are out, and the others begin again.
 * Source: GroupMetadataManager.expirePendingSync.
 */
export const expirePendingSync = (step: ClassicStep): void => {
  const { draft } = step
  if (draft.state !== "CompletingRebalance" && draft.state !== "Stable") return
  if (draft.pendingSync.size === 0) return
  for (const memberId of [...draft.pendingSync]) {
    removeMember(draft, memberId)
    cancel(step, "Session", memberId)
  }
  prepareRebalance(step)
}
