import { type ClassicMember, noBytes } from "./ClassicGroup.ts"
import { type ClassicStep, schedule } from "./ClassicStep.ts"
import type { JoinCommand } from "./JoinCommand.ts"
import { addMember } from "./members.ts"
import { rebalanceOrCompleteJoin } from "./rebalance.ts"

/** Adds the member of the request and starts or advances a rebalance. Source: addMemberThenRebalanceOrCompleteJoin. */
export const joinAsNewMember = (step: ClassicStep, command: JoinCommand, memberId: string): void => {
  const { draft, settings } = step
  const member: ClassicMember = {
    memberId,
    groupInstanceId: command.groupInstanceId,
    clientId: command.clientId,
    clientHost: command.clientHost,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs,
    sessionTimeoutMs: command.sessionTimeoutMs,
    protocols: command.protocols,
    assignment: noBytes,
    awaitingJoin: command.replyTo,
    awaitingSync: undefined,
    isNew: true
  }
  if (draft.state === "PreparingRebalance" && draft.previousState === "Empty") draft.newMemberAdded = true
  addMember(draft, member, command.protocolType)
  schedule(step, "Session", memberId, settings.newMemberJoinTimeoutMs)
  rebalanceOrCompleteJoin(step)
}
