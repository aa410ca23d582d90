import type { Change, TopicSeen } from "../History.ts"
import type { Checker } from "./Facts.ts"

interface Known {
  partitions: number
  topicId: string | undefined
  readonly configs: Map<string, string>
}

const apply = (known: Known, { what }: Change): void => {
  switch (what._tag) {
    case "Create":
      known.partitions = what.partitions
      known.topicId = undefined
      known.configs.clear()
      return
    case "Delete":
      known.partitions = 0
      known.topicId = undefined
      known.configs.clear()
      return
    case "Grow":
      known.partitions = what.partitions
      return
    case "Configure":
      known.configs.set(what.key, what.value)
  }
}

const compare = function*(known: Known, seen: TopicSeen): Iterable<string> {
  const { configs, partitions, topic, topicId } = seen
  if (partitions !== known.partitions) {
    yield `${topic} has ${partitions} partitions, where ${known.partitions} were acknowledged`
  }
  if (partitions > 0) {
    if (known.topicId !== undefined && known.topicId !== topicId) yield `${topic} has another id than before`
    known.topicId = topicId
  }
  if (configs === undefined) return
  for (const [key, value] of known.configs) {
    if (configs.get(key) !== value) yield `${topic} has ${key}=${configs.get(key)}, where ${value} was acknowledged`
  }
}

/** Topics, partition counts and configs are as they were acknowledged; each topic has one client that changes it. */
export const topicsAsAcknowledged: Checker = function*({ history }) {
  const known = new Map<string, Known>()
  const changes = history.changes.filter(({ isAcknowledged }) => isAcknowledged)
  const events = [...changes, ...history.topicsSeen].sort((one, other) => one.answeredAt - other.answeredAt)
  for (const event of events) {
    let ofTopic = known.get(event.topic)
    if (ofTopic === undefined) {
      known.set(event.topic, ofTopic = { partitions: 0, topicId: undefined, configs: new Map() })
    }
    if ("what" in event) apply(ofTopic, event)
    else yield* compare(ofTopic, event)
  }
}
