import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { validateMember } from "./members.ts"

/** What a Heartbeat comes to: the code, and whether the session begins anew. */
export interface HeartbeatOutcome {
  readonly errorCode: ErrorCode
  readonly renewSessionMs: number | undefined
}

/**
 * Heartbeat of a classic group. Changes no state and makes no record: only the session's deadline moves. Source:
 * GroupMetadataManager.classicGroupHeartbeatToClassicGroup.
 */
export const heartbeat = (
  group: ClassicGroup,
  memberId: string,
  groupInstanceId: string | null,
  generationId: number
): HeartbeatOutcome => {
  const error = validateMember(group, memberId, groupInstanceId)
  if (error !== ErrorCode.NONE) return { errorCode: error, renewSessionMs: undefined }
  if (generationId !== group.generation) return { errorCode: ErrorCode.ILLEGAL_GENERATION, renewSessionMs: undefined }
  return {
    errorCode: group.state === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE,
    renewSessionMs: group.members.get(memberId)!.sessionTimeoutMs
  }
}
