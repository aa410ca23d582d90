import type { GroupSettings } from "../../../config/broker-settings/GroupSettings.ts"
import type { ErrorCode } from "../../../model/ErrorCode.ts"
import type { ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import type { GroupEffect, GroupReply, TimerKind } from "../GroupEffect.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import type { ClassicDraft, ClassicMember } from "./ClassicGroup.ts"

/** Answer to a JoinGroup. The names are those of the response. */
export interface JoinReply {
  readonly errorCode: ErrorCode
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  readonly members: ReadonlyArray<{
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly metadata: Uint8Array
  }>
}

/** Answer to a SyncGroup. */
export interface SyncReply {
  readonly errorCode: ErrorCode
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Uint8Array
}

/** One transition in the making: the copy it writes to, and what it decides. */
export interface ClassicStep {
  readonly draft: ClassicDraft
  readonly records: Array<CoordinatorRecord>
  readonly effects: Array<GroupEffect>
  readonly nowMs: number
  readonly settings: GroupSettings
}

/** A JoinGroup answer that carries only a code and the member it is for. */
export const joinError = (errorCode: ErrorCode, memberId: string): JoinReply => ({
  errorCode,
  generationId: -1,
  protocolType: null,
  protocolName: null,
  leader: "",
  skipAssignment: false,
  memberId,
  members: []
})

/** A SyncGroup answer that carries only a code. */
export const syncError = (errorCode: ErrorCode): SyncReply => ({
  errorCode,
  protocolType: null,
  protocolName: null,
  assignment: new Uint8Array(0)
})

/** Answers a request. */
export const reply = (step: { readonly effects: Array<GroupEffect> }, to: ReplyTo, answer: GroupReply): void => {
  step.effects.push({ _tag: "Reply", to, reply: answer })
}

/** Answers a JoinGroup. */
export const replyJoin = (step: { readonly effects: Array<GroupEffect> }, to: ReplyTo, response: JoinReply): void =>
  reply(step, to, { _tag: "Join", response })

/** Answers a SyncGroup. */
export const replySync = (step: { readonly effects: Array<GroupEffect> }, to: ReplyTo, response: SyncReply): void =>
  reply(step, to, { _tag: "Sync", response })

/** (Re)starts a deadline. */
export const schedule = (
  step: { readonly effects: Array<GroupEffect> },
  timer: TimerKind,
  memberId: string,
  delayMs: number
): void => {
  step.effects.push({ _tag: "Schedule", deadline: { timer, memberId }, delayMs, ifAbsent: false })
}

/** Drops a deadline. */
export const cancel = (
  step: { readonly effects: Array<GroupEffect> },
  timer: TimerKind,
  memberId: string
): void => {
  step.effects.push({ _tag: "Cancel", deadline: { timer, memberId } })
}

/** Starts the member's session anew. */
export const renewSession = (step: ClassicStep, member: ClassicMember): void =>
  schedule(step, "Session", member.memberId, member.sessionTimeoutMs)

/** Answers the member's parked JoinGroup, if it has one. */
export const completeJoin = (
  step: { readonly effects: Array<GroupEffect> },
  member: ClassicMember,
  response: JoinReply
): ClassicMember => {
  if (member.awaitingJoin === undefined) return member
  replyJoin(step, member.awaitingJoin, response)
  return { ...member, awaitingJoin: undefined }
}

/** Answers the member's parked SyncGroup, if it has one. */
export const completeSync = (
  step: { readonly effects: Array<GroupEffect> },
  member: ClassicMember,
  response: SyncReply
): ClassicMember => {
  if (member.awaitingSync === undefined) return member
  replySync(step, member.awaitingSync, response)
  return { ...member, awaitingSync: undefined }
}
