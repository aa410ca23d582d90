import type { Uuid } from "../../../model/Uuid.ts"
import { type ConsumerMember, isReconciledTo, type OwnedPartitions, type Partitions } from "./ConsumerGroup.ts"

/** What the member says it owns; undefined when it did not say. */
export type ReportedPartitions =
  | ReadonlyArray<{
    readonly topicId: Uuid
    readonly partitions: ReadonlyArray<number>
  }>
  | undefined

/** What reconciling a member needs to know. */
export interface Reconciliation {
  readonly targetEpoch: number
  readonly target: Partitions
  readonly reported: ReportedPartitions
  /** Epoch of a partition's present owner, -1 when it is free. */
  readonly ownerEpoch: (topicId: Uuid, partition: number) => number
}

/** Whether the member still has, or may still have, one of the partitions it must give up. */
const stillOwns = (reported: ReportedPartitions, revoked: OwnedPartitions): boolean => {
  if (reported === undefined) return true
  return reported.some((topic) => {
    const partitions = revoked.get(topic.topicId)
    return partitions !== undefined && topic.partitions.some((partition) => partitions.has(partition))
  })
}

const put = (
  map: Map<Uuid, Map<number, number>>,
  topicId: Uuid,
  partition: number,
  epoch: number
): void => {
  let partitions = map.get(topicId)
  if (partitions === undefined) map.set(topicId, partitions = new Map())
  partitions.set(partition, epoch)
}

/**
 * One step towards the target, in this order: keep what is both owned and wanted; give up the rest; only then take what
 * is new and free. Source: CurrentAssignmentBuilder.computeNextAssignment.
 */
const nextAssignment = (
  member: ConsumerMember,
  memberEpoch: number,
  { ownerEpoch, reported, target, targetEpoch }: Reconciliation
): ConsumerMember => {
  const assigned = new Map<Uuid, Map<number, number>>()
  const revoked = new Map<Uuid, Map<number, number>>()
  for (const [topicId, partitions] of member.assigned) {
    const wanted = target.get(topicId)
    for (const [partition, epoch] of partitions) {
      put(wanted?.has(partition) === true ? assigned : revoked, topicId, partition, epoch)
    }
  }
  const moved = (epoch: number): Pick<ConsumerMember, "memberEpoch" | "previousMemberEpoch"> => ({
    memberEpoch: epoch,
    previousMemberEpoch: member.memberEpoch
  })
  if (revoked.size > 0 && stillOwns(reported, revoked)) {
    return { ...member, ...moved(memberEpoch), state: "UnrevokedPartitions", assigned, pendingRevocation: revoked }
  }
  let hasUnreleased = false
  for (const [topicId, partitions] of target) {
    const owned = member.assigned.get(topicId)
    for (const partition of partitions) {
      if (owned?.has(partition) === true) continue
      if (ownerEpoch(topicId, partition) === -1) put(assigned, topicId, partition, targetEpoch)
      else hasUnreleased = true
    }
  }
  return {
    ...member,
    ...moved(targetEpoch),
    state: hasUnreleased ? "UnreleasedPartitions" : "Stable",
    assigned,
    pendingRevocation: new Map()
  }
}

/**
 * The member after one step of reconciliation, the same object when nothing changes, undefined when it must be fenced:
 * its state is one this version does not know and it still owns partitions. Source: CurrentAssignmentBuilder.build.
 */
export const reconcile = (member: ConsumerMember, reconciliation: Reconciliation): ConsumerMember | undefined => {
  if (isReconciledTo(member, reconciliation.targetEpoch)) return member
  switch (member.state) {
    case "Stable":
      return nextAssignment(member, member.memberEpoch, reconciliation)
    case "UnrevokedPartitions":
      return stillOwns(reconciliation.reported, member.pendingRevocation)
        ? member
        : nextAssignment(member, member.memberEpoch + 1, reconciliation)
    case "UnreleasedPartitions":
      return nextAssignment(member, member.memberEpoch, reconciliation)
    case "Unknown":
      return reconciliation.reported?.length === 0
        ? nextAssignment(member, reconciliation.targetEpoch, reconciliation)
        : undefined
  }
}

/** Whether two members own the same partitions. */
export const ownsSame = (a: ConsumerMember, b: ConsumerMember): boolean => sameOwned(a.assigned, b.assigned)

const sameOwned = (a: OwnedPartitions, b: OwnedPartitions): boolean => {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId)
    if (others === undefined || others.size !== partitions.size) return false
    for (const partition of partitions.keys()) if (!others.has(partition)) return false
  }
  return true
}

/** Whether the step left the member as it was, so that nothing needs to be written. */
export const isUnchanged = (a: ConsumerMember, b: ConsumerMember): boolean =>
  a === b || (a.memberEpoch === b.memberEpoch && a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state && sameOwned(a.assigned, b.assigned) && sameOwned(a.pendingRevocation, b.pendingRevocation))
