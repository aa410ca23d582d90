import type { GroupTopic, GroupTopics } from "../GroupTopics.ts"
import type { RegularExpressionValue } from "../records/CoordinatorRecord.ts"
import type { ConsumerGroup, ConsumerMember } from "./ConsumerGroup.ts"

/** Topics that exist among those a member subscribes to, by name and by regular expression. */
export const subscribedTopicsOfMember = (
  member: ConsumerMember,
  regularExpressions: ReadonlyMap<string, RegularExpressionValue>
): ReadonlyArray<string> => {
  const matched = member.subscribedTopicRegex === null || member.subscribedTopicRegex === ""
    ? undefined
    : regularExpressions.get(member.subscribedTopicRegex)
  if (matched === undefined || matched.topics.length === 0) return member.subscribedTopicNames
  return [...new Set([...member.subscribedTopicNames, ...matched.topics])].sort()
}

/** All topics of the group that exist, by name in order. */
export const subscribedTopics = (
  members: Iterable<ConsumerMember>,
  regularExpressions: ReadonlyMap<string, RegularExpressionValue>,
  topics: GroupTopics
): ReadonlyArray<GroupTopic> => {
  const names = new Set<string>()
  for (const member of members) for (const name of subscribedTopicsOfMember(member, regularExpressions)) names.add(name)
  return [...names].sort().flatMap((name) => topics.byName(name) ?? [])
}

/** Whether any member subscribes to the topic. Source: ModernGroup.isSubscribedToTopic. */
export const isSubscribedTo = (group: ConsumerGroup, topic: string): boolean => {
  for (const member of group.members.values()) {
    if (subscribedTopicsOfMember(member, group.regularExpressions).includes(topic)) return true
  }
  return false
}

/**
 * A number that changes with the topics, their ids and partition counts; 0 for no topic, below 2^53. The value is our
 * own: another coordinator that computes another one merely assigns once more. Source: KIP-1101.
 */
export const metadataHash = (topics: ReadonlyArray<GroupTopic>): number => {
  if (topics.length === 0) return 0
  let high = 0x811c9dc5
  let low = 0x01000193
  for (const topic of topics) {
    const text = `${topic.name}\u0000${topic.id}\u0000${topic.partitionCount}\u0000`
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      high = Math.imul(high ^ unit, 0x01000193)
      low = Math.imul(low + unit, 0x9e3779b1) ^ (low >>> 15)
    }
  }
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0) + 1
}
