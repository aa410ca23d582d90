import { subscriptionTopics } from "../ConsumerProtocolBytes.ts"
import { type ClassicGroup, metadataOf, usesConsumerProtocol } from "./ClassicGroup.ts"

/**
 * Topics in the subscriptions of all members; null when the protocol type is not `consumer` or a subscription cannot be
 * read. Source: ClassicGroup.computeSubscribedTopics.
 */
export const subscribedTopicsOf = (group: ClassicGroup): ReadonlySet<string> | null => {
  if (!usesConsumerProtocol(group)) return null
  const topics = new Set<string>()
  if (group.members.size === 0) return topics
  if (group.protocolName === null) return null
  for (const member of group.members.values()) {
    const memberTopics = subscriptionTopics(metadataOf(member, group.protocolName))
    if (memberTopics === undefined) return null
    for (const topic of memberTopics) topics.add(topic)
  }
  return topics
}
