import { ErrorCode } from "../../../model/ErrorCode.ts"
import { hasAllMembersJoined, noBytes, rebalanceTimeoutMs, transitionTo } from "./ClassicGroup.ts"
import { cancel, type ClassicStep, completeSync, renewSession, schedule, syncError } from "./ClassicStep.ts"
import { completeRebalance } from "./completeRebalance.ts"

/**
 * Starts the join phase. From Empty the group waits the initial delay, in the hope that more members come; otherwise
 * the phase ends when all members are back or the longest rebalance timeout is over.
 * Source: GroupMetadataManager.prepareRebalance.
 */
export const prepareRebalance = (step: ClassicStep): void => {
  const { draft, settings } = step
  if (draft.state === "CompletingRebalance") {
    for (const [memberId, member] of draft.members) {
      const waiting = member.awaitingSync !== undefined
      const next = completeSync(step, { ...member, assignment: noBytes }, syncError(ErrorCode.REBALANCE_IN_PROGRESS))
      draft.members.set(memberId, next)
      if (waiting) renewSession(step, next)
    }
  }
  draft.pendingSync.clear()
  cancel(step, "Sync", "")
  const isInitial = draft.state === "Empty"
  transitionTo(draft, "PreparingRebalance", step.nowMs)
  if (isInitial) {
    const delayMs = settings.initialRebalanceDelayMs
    draft.newMemberAdded = false
    draft.initialDelay = { delayMs, remainingMs: Math.max(rebalanceTimeoutMs(draft) - delayMs, 0) }
    schedule(step, "Join", "", delayMs)
  } else if (hasAllMembersJoined(draft)) completeRebalance(step)
  else schedule(step, "Join", "", rebalanceTimeoutMs(draft))
}

/** Ends the join phase early when everybody is back, except during the initial delay. Source: maybeCompleteJoinPhase. */
export const maybeCompleteJoinPhase = (step: ClassicStep): void => {
  const { draft } = step
  if (draft.state !== "PreparingRebalance" || draft.previousState === "Empty") return
  if (hasAllMembersJoined(draft)) completeRebalance(step)
}

/** Source: GroupMetadataManager.maybePrepareRebalanceOrCompleteJoin. */
export const rebalanceOrCompleteJoin = (step: ClassicStep): void => {
  if (step.draft.state === "PreparingRebalance") maybeCompleteJoinPhase(step)
  else prepareRebalance(step)
}

/**
 * The join deadline passed: the initial delay is extended while members keep coming, up to the rebalance timeout;
 * otherwise the phase ends with those who are here. Source: tryCompleteInitialRebalanceElseSchedule.
 */
export const expireJoin = (step: ClassicStep): void => {
  const { draft, settings } = step
  if (draft.state !== "PreparingRebalance") return
  const delay = draft.initialDelay
  if (delay !== undefined && draft.newMemberAdded && delay.remainingMs !== 0) {
    draft.newMemberAdded = false
    const delayMs = Math.min(settings.initialRebalanceDelayMs, delay.remainingMs)
    draft.initialDelay = { delayMs, remainingMs: Math.max(delay.remainingMs - delay.delayMs, 0) }
    schedule(step, "Join", "", delayMs)
  } else completeRebalance(step)
}
