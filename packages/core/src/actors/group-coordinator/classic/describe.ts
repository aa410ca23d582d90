import { type ClassicGroup, metadataOf, noBytes } from "./ClassicGroup.ts"

/** A classic group as DescribeGroups shows it. */
export interface ClassicDescription {
  readonly groupId: string
  readonly groupState: string
  readonly protocolType: string
  readonly protocolData: string
  readonly members: ReadonlyArray<{
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly clientId: string
    readonly clientHost: string
    readonly memberMetadata: Uint8Array
    readonly memberAssignment: Uint8Array
  }>
}

/** What is shown in place of a group that is not there (`Dead`), or not to be seen. */
export const noClassicGroup = (groupId: string, groupState: "Dead" | ""): ClassicDescription => ({
  groupId,
  groupState,
  protocolType: "",
  protocolData: "",
  members: []
})

/** Protocol and metadata are shown in state Stable only, assignments always. Source: ClassicGroup.asDescribedGroup. */
export const describeClassicGroup = (group: ClassicGroup): ClassicDescription => {
  const isStable = group.state === "Stable"
  return {
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? "",
    protocolData: isStable ? group.protocolName ?? "" : "",
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? metadataOf(member, group.protocolName) : noBytes,
      memberAssignment: member.assignment
    }))
  }
}
