import type { GroupMetadataValue } from "../records/CoordinatorRecord.ts"
import { type ClassicGroup, type ClassicMember, emptyClassicGroup } from "./ClassicGroup.ts"
import { subscribedTopicsOf } from "./subscribedTopics.ts"

const memberFrom = (value: GroupMetadataValue, member: GroupMetadataValue["members"][number]): ClassicMember => ({
  memberId: member.memberId,
  groupInstanceId: member.groupInstanceId,
  clientId: member.clientId,
  clientHost: member.clientHost,
  rebalanceTimeoutMs: member.rebalanceTimeoutMs === -1 ? member.sessionTimeoutMs : member.rebalanceTimeoutMs,
  sessionTimeoutMs: member.sessionTimeoutMs,
  protocols: [{ name: value.protocol ?? "", metadata: member.subscription }],
  assignment: member.assignment,
  awaitingJoin: undefined,
  awaitingSync: undefined,
  isNew: false
})

/**
 * The group as a record alone tells it: Stable with members, else Empty. A living group's soft state is laid over it
 * afterwards. Source: GroupMetadataManager.replay(GroupMetadataKey, GroupMetadataValue).
 */
export const replayGroupMetadata = (groupId: string, value: GroupMetadataValue): ClassicGroup => {
  const group: ClassicGroup = {
    ...emptyClassicGroup(groupId, value.currentStateTimestampMs),
    state: value.members.length === 0 ? "Empty" : "Stable",
    protocolType: value.protocolType === "" ? null : value.protocolType,
    protocolName: value.protocol,
    generation: value.generation,
    leader: value.leader,
    members: new Map(value.members.map((member) => [member.memberId, memberFrom(value, member)])),
    staticMembers: new Map(
      value.members.flatMap((member) =>
        member.groupInstanceId === null ? [] : [[member.groupInstanceId, member.memberId] as const]
      )
    ),
    persisted: value
  }
  return { ...group, subscribedTopics: subscribedTopicsOf(group) }
}
