import type { Uuid } from "../../../../model/Uuid.ts"
import type { Partitions } from "../ConsumerGroup.ts"

/** A member as an assignor sees it. */
export interface AssignorMember {
  readonly memberId: string
  readonly instanceId: string | null
  /** Topics that exist, in a fixed order. */
  readonly topicIds: ReadonlyArray<Uuid>
  /** What the present target gives it. */
  readonly current: Partitions
}

/** Divides partitions among members. Source: ConsumerGroupPartitionAssignor. */
export interface Assignor {
  readonly name: string
  /** Every partition of a topic goes to exactly one of its subscribers; `partitionCounts` has all their topics. */
  readonly assign: (
    members: ReadonlyArray<AssignorMember>,
    partitionCounts: ReadonlyMap<Uuid, number>
  ) => ReadonlyMap<string, Partitions>
}

/** An assignment in the making. */
export type Draft = Map<string, Map<Uuid, Set<number>>>

/** Gives a member one partition. */
export const give = (draft: Draft, memberId: string, topicId: Uuid, partition: number): void => {
  let topics = draft.get(memberId)
  if (topics === undefined) draft.set(memberId, topics = new Map())
  let partitions = topics.get(topicId)
  if (partitions === undefined) topics.set(topicId, partitions = new Set())
  partitions.add(partition)
}

/** Whether all members subscribe to the same topics. */
export const isHomogeneous = (members: ReadonlyArray<AssignorMember>): boolean => {
  const first = members[0]
  if (first === undefined) return true
  return members.every((member) =>
    member.topicIds.length === first.topicIds.length &&
    member.topicIds.every((topicId, i) => topicId === first.topicIds[i])
  )
}
