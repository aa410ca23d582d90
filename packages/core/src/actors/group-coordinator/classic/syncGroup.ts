import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import { type ClassicGroup, noBytes, transitionTo } from "./ClassicGroup.ts"
import {
  cancel,
  type ClassicStep,
  completeSync,
  renewSession,
  replySync,
  syncError,
  type SyncReply
} from "./ClassicStep.ts"
import { groupMetadataRecord } from "./groupMetadataRecord.ts"
import { validateMember } from "./members.ts"

/** A SyncGroup as the machine sees it. Byte fields must not be views of a network buffer. */
export interface SyncCommand {
  readonly _tag: "Sync"
  readonly replyTo: ReplyTo
  readonly groupId: string
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
  /** Null before version 5: not checked. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  /** By member id; only the leader's count. */
  readonly assignments: ReadonlyMap<string, Uint8Array>
}

const differs = (sent: string | null, own: string | null): boolean => sent !== null && own !== null && sent !== own

/** Source: GroupMetadataManager.validateSyncGroup. */
const validate = (group: ClassicGroup, command: SyncCommand): ErrorCode => {
  const error = validateMember(group, command.memberId, command.groupInstanceId)
  if (error !== ErrorCode.NONE) return error
  if (command.generationId !== group.generation) return ErrorCode.ILLEGAL_GENERATION
  return differs(command.protocolType, group.protocolType) || differs(command.protocolName, group.protocolName)
    ? ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    : ErrorCode.NONE
}

const answerFor = (group: ClassicGroup, assignment: Uint8Array): SyncReply => ({
  errorCode: ErrorCode.NONE,
  protocolType: group.protocolType,
  protocolName: group.protocolName,
  assignment
})

/** Stores what the leader decided and hands every waiting member its part. Source: setAndPropagateAssignment. */
const storeAssignment = (step: ClassicStep, command: SyncCommand): void => {
  const { draft } = step
  const record = groupMetadataRecord(draft, command.assignments)
  for (const [memberId, member] of draft.members) {
    const assignment = command.assignments.get(memberId) ?? noBytes
    const waiting = member.awaitingSync !== undefined
    const next = completeSync(step, { ...member, assignment }, answerFor(draft, assignment))
    draft.members.set(memberId, next)
    if (waiting) renewSession(step, next)
  }
  transitionTo(draft, "Stable", step.nowMs)
  step.records.push(record)
}

/**
 * SyncGroup of a classic group: followers wait for the leader, whose assignment is written before anybody learns it.
 * Source: GroupMetadataManager.classicGroupSyncToClassicGroup.
 */
export const syncGroup = (step: ClassicStep, command: SyncCommand): void => {
  const { draft } = step
  const { memberId, replyTo } = command
  const error = draft.state === "Empty" ? ErrorCode.UNKNOWN_MEMBER_ID : validate(draft, command)
  if (error !== ErrorCode.NONE) return replySync(step, replyTo, syncError(error))
  const member = draft.members.get(memberId)!
  switch (draft.state) {
    case "Empty":
    case "PreparingRebalance":
      return replySync(step, replyTo, syncError(ErrorCode.REBALANCE_IN_PROGRESS))
    case "CompletingRebalance": {
      // An older SyncGroup of the same member was given up by its client.
      if (member.awaitingSync !== undefined) {
        replySync(step, member.awaitingSync, syncError(ErrorCode.REBALANCE_IN_PROGRESS))
      }
      draft.members.set(memberId, { ...member, awaitingSync: replyTo })
      draft.pendingSync.delete(memberId)
      if (draft.pendingSync.size === 0) cancel(step, "Sync", "")
      if (draft.leader === memberId) storeAssignment(step, command)
      return
    }
    case "Stable":
      draft.pendingSync.delete(memberId)
      if (draft.pendingSync.size === 0) cancel(step, "Sync", "")
      return replySync(step, replyTo, answerFor(draft, member.assignment))
  }
}
