import type { Uuid } from "../../../../model/Uuid.ts"
import type { AssignorMember, Draft } from "./Assignor.ts"
import { give } from "./Assignor.ts"

/** Rounds of balancing over all topics; each moves at least one partition, and two or three suffice in practice. */
const roundsMax = 100

/** Members of one topic with the shares of all topics they hold. */
class Balance {
  readonly draft: Draft = new Map()
  private readonly loads = new Map<string, number>()
  private readonly subscribers = new Map<Uuid, Array<string>>()

  constructor(members: ReadonlyArray<AssignorMember>) {
    for (const member of members) {
      this.draft.set(member.memberId, new Map())
      this.loads.set(member.memberId, 0)
      for (const topicId of member.topicIds) {
        const others = this.subscribers.get(topicId)
        if (others === undefined) this.subscribers.set(topicId, [member.memberId])
        else others.push(member.memberId)
      }
    }
  }

  /** Topics with the fewest subscribers first: they have the least choice. */
  topics(): ReadonlyArray<Uuid> {
    return [...this.subscribers].sort(([, a], [, b]) => a.length - b.length).map(([topicId]) => topicId)
  }

  load(memberId: string): number {
    return this.loads.get(memberId) ?? 0
  }

  add(memberId: string, topicId: Uuid, partition: number): void {
    give(this.draft, memberId, topicId, partition)
    this.loads.set(memberId, this.load(memberId) + 1)
  }

  private remove(memberId: string, topicId: Uuid, partition: number): void {
    const partitions = this.draft.get(memberId)!.get(topicId)!
    partitions.delete(partition)
    if (partitions.size === 0) this.draft.get(memberId)!.delete(topicId)
    this.loads.set(memberId, this.load(memberId) - 1)
  }

  leastLoaded(topicId: Uuid): string {
    const members = this.subscribers.get(topicId)!
    let least = members[0]!
    for (const member of members) if (this.load(member) < this.load(least)) least = member
    return least
  }

  /** The most loaded member that has a partition of the topic to give. */
  private mostLoaded(topicId: Uuid): string | undefined {
    let most: string | undefined
    for (const member of this.subscribers.get(topicId)!) {
      if (!this.draft.get(member)!.has(topicId)) continue
      if (most === undefined || this.load(member) > this.load(most)) most = member
    }
    return most
  }

  /** Moves partitions of the topic until no move makes the shares more equal; true when it moved any. */
  level(topicId: Uuid): boolean {
    let moved = false
    for (;;) {
      const from = this.mostLoaded(topicId)
      const to = this.leastLoaded(topicId)
      if (from === undefined || this.load(from) - this.load(to) <= 1) return moved
      const partition = this.draft.get(from)!.get(topicId)!.values().next().value!
      this.remove(from, topicId, partition)
      this.add(to, topicId, partition)
      moved = true
    }
  }
}

/**
 * Members subscribe to different topics: everybody keeps what it may keep, free partitions go to the least loaded
 * subscriber, then single partitions move while that makes shares more equal (each move lowers the sum of squares, so
 * this ends). Not the steps of Kafka's UniformHeterogeneousAssignmentBuilder, but its aims: balance first, then
 * stickiness.
 */
export const assignMixed = (
  members: ReadonlyArray<AssignorMember>,
  partitionCounts: ReadonlyMap<Uuid, number>
): Draft => {
  const balance = new Balance(members)
  const topics = balance.topics()
  const taken = new Map<Uuid, Set<number>>(topics.map((topicId) => [topicId, new Set()]))
  for (const member of members) {
    for (const topicId of member.topicIds) {
      const topicTaken = taken.get(topicId)!
      for (const partition of member.current.get(topicId) ?? []) {
        if (partition >= (partitionCounts.get(topicId) ?? 0) || topicTaken.has(partition)) continue
        topicTaken.add(partition)
        balance.add(member.memberId, topicId, partition)
      }
    }
  }
  for (const topicId of topics) {
    const count = partitionCounts.get(topicId) ?? 0
    const topicTaken = taken.get(topicId)!
    for (let partition = 0; partition < count; partition++) {
      if (!topicTaken.has(partition)) balance.add(balance.leastLoaded(topicId), topicId, partition)
    }
  }
  for (let round = 0; round < roundsMax; round++) {
    let moved = false
    for (const topicId of topics) if (balance.level(topicId)) moved = true
    if (!moved) break
  }
  return balance.draft
}
