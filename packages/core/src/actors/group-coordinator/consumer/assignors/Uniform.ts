import type { Uuid } from "../../../../model/Uuid.ts"
import { type Assignor, type AssignorMember, type Draft, give, isHomogeneous } from "./Assignor.ts"
import { assignMixed } from "./uniformMixed.ts"

/** Partitions no member has, topic by topic. */
const unassigned = (
  members: ReadonlyArray<AssignorMember>,
  partitionCounts: ReadonlyMap<Uuid, number>,
  topicIds: ReadonlyArray<Uuid>
): Array<readonly [Uuid, number]> => {
  const free: Array<readonly [Uuid, number]> = []
  for (const topicId of topicIds) {
    const taken = new Set<number>()
    for (const member of members) for (const partition of member.current.get(topicId) ?? []) taken.add(partition)
    const count = partitionCounts.get(topicId) ?? 0
    for (let partition = 0; partition < count; partition++) if (!taken.has(partition)) free.push([topicId, partition])
  }
  return free
}

/**
 * All members subscribe to the same topics: everybody keeps what it has up to its quota, and what is over goes to
 * whoever is below. Source: UniformHomogeneousAssignmentBuilder.
 */
const assignSame = (
  members: ReadonlyArray<AssignorMember>,
  partitionCounts: ReadonlyMap<Uuid, number>
): Draft => {
  const topicIds = members[0]?.topicIds ?? []
  const draft: Draft = new Map(members.map((member) => [member.memberId, new Map()]))
  if (topicIds.length === 0) return draft
  const free = unassigned(members, partitionCounts, topicIds)
  const total = topicIds.reduce((sum, topicId) => sum + (partitionCounts.get(topicId) ?? 0), 0)
  const quota = Math.floor(total / members.length)
  let extra = total % members.length
  const wanting: Array<readonly [string, number]> = []
  const given = new Map<Uuid, Set<number>>(topicIds.map((topicId) => [topicId, new Set()]))
  for (const member of members) {
    let left = quota
    if (extra > 0) {
      left++
      extra--
    }
    for (const [topicId, partitions] of member.current) {
      const topicGiven = given.get(topicId)
      if (topicGiven === undefined) continue
      const count = partitionCounts.get(topicId) ?? 0
      for (const partition of partitions) {
        // A topic made anew with fewer partitions, or a target that gave one partition twice, must not survive.
        if (partition >= count || topicGiven.has(partition)) continue
        topicGiven.add(partition)
        if (left > 0) {
          left--
          give(draft, member.memberId, topicId, partition)
        } else free.push([topicId, partition])
      }
    }
    if (left > 0) wanting.push([member.memberId, left])
  }
  let next = 0
  for (const [memberId, left] of wanting) {
    for (let i = 0; i < left && next < free.length; i++) {
      const [topicId, partition] = free[next++]!
      give(draft, memberId, topicId, partition)
    }
  }
  return draft
}

/** Equal shares with as few moves as possible; the default. Source: UniformAssignor. */
export const Uniform: Assignor = {
  name: "uniform",
  assign: (members, partitionCounts) =>
    isHomogeneous(members) ? assignSame(members, partitionCounts) : assignMixed(members, partitionCounts)
}
