import { noBytes } from "./ClassicGroup.ts"
import { type ClassicStep, completeJoin, renewSession } from "./ClassicStep.ts"
import { joinAnswer } from "./completeRebalance.ts"
import { groupMetadataRecord } from "./groupMetadataRecord.ts"
import { joinAsNewMember } from "./joinAsNewMember.ts"
import type { JoinCommand } from "./JoinCommand.ts"
import { replaceStaticMember, updateMember } from "./members.ts"
import { maybeCompleteJoinPhase, prepareRebalance, rebalanceOrCompleteJoin } from "./rebalance.ts"
import { selectProtocol } from "./selectProtocol.ts"

/**
 * A static member that comes without a member id: a first start, or a restart that takes the place over. A quick return
 * to a stable group that would choose the same protocol costs no rebalance: the new id is written and the member is
 * told the current generation. Version 9+ tells a returning leader to skip the assignment; older ones get the old
 * leader's id, so that they do not think they lead. Source: KIP-345, KIP-814,
 * GroupMetadataManager.updateStaticMemberThenRebalanceOrCompleteJoin.
 */
export const joinStaticMember = (step: ClassicStep, command: JoinCommand, groupInstanceId: string): void => {
  const { draft } = step
  const memberId = `${groupInstanceId}-${command.freshUuid}`
  const oldMemberId = draft.staticMembers.get(groupInstanceId)
  if (oldMemberId === undefined) return joinAsNewMember(step, command, memberId)

  const oldLeader = draft.leader
  const replaced = replaceStaticMember(step, groupInstanceId, oldMemberId, memberId)
  renewSession(step, replaced)
  const member = updateMember(draft, replaced, {
    protocols: command.protocols,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs,
    sessionTimeoutMs: command.sessionTimeoutMs,
    awaitingJoin: command.replyTo
  })
  switch (draft.state) {
    case "Stable": {
      if (draft.protocolName !== selectProtocol(draft)) return rebalanceOrCompleteJoin(step)
      const isLeader = draft.leader === memberId
      const skips = command.supportsSkippingAssignment
      const answer = joinAnswer(draft, member, {
        leader: (skips ? draft.leader : oldLeader) ?? "",
        withMembers: skips && isLeader,
        skipAssignment: skips && isLeader
      })
      draft.members.set(memberId, completeJoin(step, member, answer))
      step.records.push(groupMetadataRecord(draft))
      return
    }
    case "CompletingRebalance":
      draft.members.set(memberId, { ...member, assignment: noBytes })
      return prepareRebalance(step)
    case "PreparingRebalance":
      return maybeCompleteJoinPhase(step)
    case "Empty":
      throw new Error(`empty group ${draft.groupId} has the static member ${groupInstanceId}`)
  }
}
