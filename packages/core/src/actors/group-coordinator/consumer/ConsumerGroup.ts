import type { Uuid } from "../../../model/Uuid.ts"
import type { ClassicMemberMetadataValue, RegularExpressionValue } from "../records/CoordinatorRecord.ts"

/** Partitions by topic id. */
export type Partitions = ReadonlyMap<Uuid, ReadonlySet<number>>

/** Partitions by topic id, each with the member epoch at which it came to its owner. Source: KIP-1251. */
export type OwnedPartitions = ReadonlyMap<Uuid, ReadonlyMap<number, number>>

/**
 * Where a member stands between the epochs. `Unknown` is a state number of a later version. Source: MemberState.
 *
 * - `Stable`: owns what its epoch gives it.
 * - `UnrevokedPartitions`: must give partitions up before it may move on.
 * - `UnreleasedPartitions`: waits for partitions that others still own.
 */
export type MemberState = "Stable" | "UnrevokedPartitions" | "UnreleasedPartitions" | "Unknown"

/** The states by their number in records. */
export const memberStates: ReadonlyArray<MemberState> = ["Stable", "UnrevokedPartitions", "UnreleasedPartitions"]

/** The member epoch of who leaves. Source: ConsumerGroupHeartbeatRequest. */
export const leaveEpoch = -1
/** The member epoch of a static member that will be back. */
export const staticLeaveEpoch = -2

/** A member of a consumer group. Never changed in place. Source: ConsumerGroupMember. */
export interface ConsumerMember {
  readonly memberId: string
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly rebalanceTimeoutMs: number
  readonly clientId: string
  readonly clientHost: string
  /** Sorted, without repetition. */
  readonly subscribedTopicNames: ReadonlyArray<string>
  /** Null or empty when the member subscribes by name only. */
  readonly subscribedTopicRegex: string | null
  readonly serverAssignor: string | null
  readonly assigned: OwnedPartitions
  readonly pendingRevocation: OwnedPartitions
  /** Set for a member that speaks the classic protocol. */
  readonly classic: ClassicMemberMetadataValue | null
}

/**
 * A consumer group, wholly durable: changed by `replay` only. Only `checkedImageOffset` is soft, a note that saves work.
 * Source: ConsumerGroup, ModernGroup.
 */
export interface ConsumerGroup {
  readonly _tag: "Consumer"
  readonly groupId: string
  groupEpoch: number
  /** Of the topics subscribed to, at `groupEpoch`; 0 for none. */
  metadataHash: number
  /** Epoch of `target`; below `groupEpoch` when a new one is due. */
  targetEpoch: number
  readonly members: Map<string, ConsumerMember>
  /** Member id by instance id. */
  readonly staticMembers: Map<string, string>
  readonly target: Map<string, Partitions>
  /** Epoch of the member that owns a partition or has not given it up: nobody else may get it. */
  readonly owners: Map<Uuid, Map<number, { readonly memberId: string; readonly epoch: number }>>
  readonly regularExpressions: Map<string, RegularExpressionValue>
  /** End offset of the newest metadata image that `metadataHash` was compared with; -1 before the first. */
  checkedImageOffset: number
}

/** Source: ConsumerGroup.ConsumerGroupState. */
export type ConsumerGroupState = "Empty" | "Assigning" | "Reconciling" | "Stable"

/** A group nobody joined yet; its first member makes its epoch 2, as in Kafka since 4.1. Source: ModernGroup. */
export const emptyConsumerGroup = (groupId: string): ConsumerGroup => ({
  _tag: "Consumer",
  groupId,
  groupEpoch: 1,
  metadataHash: 0,
  targetEpoch: 0,
  members: new Map(),
  staticMembers: new Map(),
  target: new Map(),
  owners: new Map(),
  regularExpressions: new Map(),
  checkedImageOffset: -1
})

/** A copy to decide on, for the few requests that first turn the group into another and then go on. */
export const forkOf = (group: ConsumerGroup): ConsumerGroup => ({
  ...group,
  members: new Map(group.members),
  staticMembers: new Map(group.staticMembers),
  target: new Map(group.target),
  owners: new Map([...group.owners].map(([topicId, partitions]) => [topicId, new Map(partitions)])),
  regularExpressions: new Map(group.regularExpressions)
})

/** A member of which nothing is known yet. */
export const newConsumerMember = (memberId: string): ConsumerMember => ({
  memberId,
  memberEpoch: 0,
  previousMemberEpoch: -1,
  state: "Stable",
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: -1,
  clientId: "",
  clientHost: "",
  subscribedTopicNames: [],
  subscribedTopicRegex: null,
  serverAssignor: null,
  assigned: new Map(),
  pendingRevocation: new Map(),
  classic: null
})

/** Nothing. */
export const noPartitions: Partitions = new Map()

/** Whether the member has all that this target gives it. Source: ModernGroupMember.isReconciledTo. */
export const isReconciledTo = (member: ConsumerMember, targetEpoch: number): boolean =>
  member.state === "Stable" && member.memberEpoch === targetEpoch

/** Source: ConsumerGroup.maybeUpdateGroupState. */
export const consumerGroupState = (group: ConsumerGroup): ConsumerGroupState => {
  if (group.members.size === 0) return "Empty"
  if (group.groupEpoch > group.targetEpoch) return "Assigning"
  for (const member of group.members.values()) if (!isReconciledTo(member, group.targetEpoch)) return "Reconciling"
  return "Stable"
}

/** Epoch of the owner of a partition, -1 when it is free. Source: ConsumerGroup.currentPartitionEpoch. */
export const ownerEpoch = (group: ConsumerGroup, topicId: Uuid, partition: number): number =>
  group.owners.get(topicId)?.get(partition)?.epoch ?? -1

/** Members that speak the classic protocol. */
export const classicMemberCount = (group: ConsumerGroup): number => {
  let count = 0
  for (const member of group.members.values()) if (member.classic !== null) count++
  return count
}

/** The epoch at which the member got the partition, also while it gives it up; undefined when it is not its own. */
export const assignmentEpochOf = (member: ConsumerMember, topicId: Uuid, partition: number): number | undefined =>
  member.assigned.get(topicId)?.get(partition) ?? member.pendingRevocation.get(topicId)?.get(partition)
