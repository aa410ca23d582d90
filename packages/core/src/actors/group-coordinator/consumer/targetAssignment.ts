import type { Uuid } from "../../../model/Uuid.ts"
import type { GroupTopic } from "../GroupTopics.ts"
import type { CoordinatorRecord, RegularExpressionValue } from "../records/CoordinatorRecord.ts"
import type { Assignor } from "./assignors/Assignor.ts"
import { Range } from "./assignors/Range.ts"
import { Uniform } from "./assignors/Uniform.ts"
import { type ConsumerGroup, type ConsumerMember, noPartitions, type Partitions } from "./ConsumerGroup.ts"
import { targetEpochRecord, targetRecord } from "./consumerRecords.ts"
import { subscribedTopicsOfMember } from "./subscription.ts"

/** The assignors by name; the first is the default. Source: `group.consumer.assignors`. */
export const assignors: ReadonlyMap<string, Assignor> = new Map([Uniform, Range].map((one) => [one.name, one]))

/** The class names by which Kafka's own assignors may be configured too. */
const classNames: ReadonlyMap<string, string> = new Map([
  ["org.apache.kafka.coordinator.group.assignor.UniformAssignor", Uniform.name],
  ["org.apache.kafka.coordinator.group.assignor.RangeAssignor", Range.name]
])

/** The assignor of members that ask for none: the first configured one that is known. */
export const defaultAssignor = (configured: ReadonlyArray<string>): string => {
  for (const name of configured) {
    const known = classNames.get(name) ?? name
    if (assignors.has(known)) return known
  }
  return Uniform.name
}

/** The name most members ask for, else the default. Source: ConsumerGroup.computePreferredServerAssignor. */
export const preferredAssignor = (members: Iterable<ConsumerMember>, defaultName: string): string => {
  const votes = new Map<string, number>()
  for (const { serverAssignor } of members) {
    if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1)
  }
  let preferred = defaultName
  let most = 0
  for (const [name, count] of votes) {
    if (count > most) {
      preferred = name
      most = count
    }
  }
  return preferred
}

const samePartitions = (a: Partitions, b: Partitions): boolean => {
  if (a.size !== b.size) return false
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId)
    if (others === undefined || others.size !== partitions.size) return false
    for (const partition of partitions) if (!others.has(partition)) return false
  }
  return true
}

/** A target assignment and the records that make it the group's. */
export interface TargetAssignment {
  readonly records: ReadonlyArray<CoordinatorRecord>
  readonly target: ReadonlyMap<string, Partitions>
}

/**
 * Assigns all partitions of the topics to `members` (the group's, with the one that speaks already updated) for
 * `epoch`. Only members whose part changed get a record. Source: TargetAssignmentBuilder.
 */
export const computeTarget = (group: ConsumerGroup, options: {
  readonly epoch: number
  readonly members: ReadonlyMap<string, ConsumerMember>
  readonly regularExpressions: ReadonlyMap<string, RegularExpressionValue>
  /** Of all members together, only those that exist. */
  readonly topics: ReadonlyArray<GroupTopic>
  readonly defaultAssignor: string
}): TargetAssignment => {
  const { epoch, members, regularExpressions, topics } = options
  const idByName = new Map<string, Uuid>(topics.map((topic) => [topic.name, topic.id]))
  const assignor = assignors.get(preferredAssignor(members.values(), options.defaultAssignor)) ?? Uniform
  const target = assignor.assign(
    [...members.values()].map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      topicIds: subscribedTopicsOfMember(member, regularExpressions).flatMap((name) => idByName.get(name) ?? []),
      current: group.target.get(member.memberId) ?? noPartitions
    })),
    new Map(topics.map((topic) => [topic.id, topic.partitionCount]))
  )
  const records: Array<CoordinatorRecord> = []
  for (const memberId of members.keys()) {
    const next = target.get(memberId) ?? noPartitions
    const old = group.target.get(memberId)
    if (old === undefined || !samePartitions(old, next)) records.push(targetRecord(group.groupId, memberId, next))
  }
  records.push(targetEpochRecord(group.groupId, epoch))
  return { records, target }
}
