import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import { type ClassicGroup, metadataOf, noBytes } from "./ClassicGroup.ts"

/**
 * The record that stores a generation: its members with their assignments. `assignments` overrides what the members
 * hold. Source: GroupCoordinatorRecordHelpers.newGroupMetadataRecord.
 */
export const groupMetadataRecord = (
  group: ClassicGroup,
  assignments?: ReadonlyMap<string, Uint8Array>
): CoordinatorRecord => ({
  _tag: "GroupMetadata",
  groupId: group.groupId,
  value: {
    protocolType: group.protocolType ?? "",
    generation: group.generation,
    protocol: group.protocolName,
    leader: group.leader,
    currentStateTimestampMs: group.stateTimestampMs,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      sessionTimeoutMs: member.sessionTimeoutMs,
      subscription: metadataOf(member, group.protocolName),
      assignment: assignments === undefined ? member.assignment : assignments.get(member.memberId) ?? noBytes
    }))
  }
})

/** The record that tells a group exists before its first generation. Source: newEmptyGroupMetadataRecord. */
export const emptyGroupMetadataRecord = (group: ClassicGroup): CoordinatorRecord => ({
  _tag: "GroupMetadata",
  groupId: group.groupId,
  value: {
    protocolType: "",
    generation: 0,
    protocol: null,
    leader: null,
    currentStateTimestampMs: group.stateTimestampMs,
    members: []
  }
})
