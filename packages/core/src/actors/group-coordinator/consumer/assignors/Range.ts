import type { Uuid } from "../../../../model/Uuid.ts"
import { type Assignor, type AssignorMember, type Draft, give } from "./Assignor.ts"

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Static members first, by instance id, so that a restart under a new member id changes nothing. */
const byIdentity = (a: AssignorMember, b: AssignorMember): number => {
  if (a.instanceId !== null && b.instanceId !== null) return compareText(a.instanceId, b.instanceId)
  if (a.instanceId !== null) return -1
  if (b.instanceId !== null) return 1
  return compareText(a.memberId, b.memberId)
}

/**
 * A contiguous range of each topic to each of its subscribers, in the same order for all topics: partitions of the same
 * number in topics of the same size go to the same member (co-partitioning). Source: RangeAssignor.
 */
export const Range: Assignor = {
  name: "range",
  assign: (members, partitionCounts) => {
    const sorted = [...members].sort(byIdentity)
    const subscribers = new Map<Uuid, Array<AssignorMember>>()
    for (const member of sorted) {
      for (const topicId of member.topicIds) {
        const others = subscribers.get(topicId)
        if (others === undefined) subscribers.set(topicId, [member])
        else others.push(member)
      }
    }
    const draft: Draft = new Map(sorted.map((member) => [member.memberId, new Map()]))
    for (const [topicId, topicMembers] of subscribers) {
      const count = partitionCounts.get(topicId) ?? 0
      const quota = Math.floor(count / topicMembers.length)
      const extra = count % topicMembers.length
      let next = 0
      topicMembers.forEach((member, i) => {
        const end = next + quota + (i < extra ? 1 : 0)
        for (; next < end; next++) give(draft, member.memberId, topicId, next)
      })
    }
    return draft
  }
}
