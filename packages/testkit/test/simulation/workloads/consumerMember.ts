import { apis, ErrorCode, type ResponseOf, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { GroupConsumption, isFenced } from "../client/GroupConsumption.ts"
import { findCoordinator } from "../client/findCoordinator.ts"
import { WireClient } from "../client/WireClient.ts"
import { attempt, backOff, codeName, isRetriable, type MakeWorkload, think, untilAnswered } from "../Setting.ts"

const REBALANCE_TIMEOUT_MS = 3_000
/** As the world sets `group.consumer.session.timeout.ms`. */
const SESSION_TIMEOUT_MS = 3_000

/** The group that all members of the new protocol join. */
const GROUP = "consumer-group"

type Assignment = NonNullable<ResponseOf<typeof apis.ConsumerGroupHeartbeat>["assignment"]>

/**
 * A member of a group under KIP-848: it gives up what the group takes from it and says so, then takes what it is given.
 * Now and then it leaves, or is silent for longer than its session. Source: ConsumerMembershipManager.
 */
export const consumerMember: MakeWorkload = (setting, name, random, operations) => {
  const { history, world } = setting
  const client = new WireClient(world, name)
  const topics = setting.topics.filter(({ isMixed }) => !isMixed)
  const topicNames = new Map<string, string>()
  const topicIds = new Map<string, Assignment["topicPartitions"][number]["topicId"]>()
  const consumption = new GroupConsumption(setting, client, random, {
    group: GROUP,
    protocol: "consumer",
    member: name,
    keptForMs: Math.min(SESSION_TIMEOUT_MS, REBALANCE_TIMEOUT_MS)
  })
  let life = 0
  let epoch = 0
  /** What it owns has changed since the group was told, or may have. */
  let mustTell = true
  let done = 0

  const memberId = () => `${name}-${life}`

  const ownedPartitions = () => {
    const byTopic = new Map<string, Array<number>>()
    for (const { position } of consumption.owned.values()) {
      const others = byTopic.get(position.topic)
      if (others === undefined) byTopic.set(position.topic, [position.partition])
      else others.push(position.partition)
    }
    return [...byTopic].map(([topic, partitions]) => ({ topicId: topicIds.get(topic)!, partitions }))
  }

  const takeOver = Effect.fnUntraced(function*(assignment: Assignment, sentMicros: number): Effect.fn.Return<void> {
    const wanted = new Map<string, { topic: string; partition: number }>()
    for (const { partitions, topicId } of assignment.topicPartitions) {
      const topic = topicNames.get(String(topicId))
      if (topic === undefined) {
        history.surprise(name, `is given partitions of an unknown topic ${String(topicId)}`)
        continue
      }
      for (const partition of partitions) wanted.set(`${topic}-${partition}`, { topic, partition })
    }
    const taken = [...consumption.owned.keys()].filter((key) => !wanted.has(key))
    consumption.giveUp(taken)
    const byTopic = new Map<string, Array<number>>()
    for (const [key, { partition, topic }] of wanted) {
      if (consumption.owned.has(key)) continue
      const others = byTopic.get(topic)
      if (others === undefined) byTopic.set(topic, [partition])
      else others.push(partition)
    }
    mustTell ||= taken.length > 0 || byTopic.size > 0
    for (const [topic, partitions] of byTopic) yield* consumption.own(topic, partitions, epoch, sentMicros)
  })

  const heartbeat = Effect.fnUntraced(function*(): Effect.fn.Return<void> {
    const sentMicros = world.loop.nowMicros
    const tellsAll = mustTell || epoch === 0
    mustTell = false
    const tried = yield* attempt(
      setting,
      client.request(apis.ConsumerGroupHeartbeat, 1, {
        groupId: GROUP,
        memberId: memberId(),
        memberEpoch: epoch,
        ...(tellsAll
          ? {
            rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
            subscribedTopicNames: topics.map((topic) => topic.name),
            topicPartitions: ownedPartitions()
          }
          : {})
      })
    )
    if (tried._tag === "NoAnswer") {
      mustTell = true
      return yield* backOff(random)
    }
    const { assignment, errorCode, memberEpoch } = tried.value
    if (errorCode === ErrorCode.NONE) {
      epoch = memberEpoch
      consumption.kept(sentMicros)
      if (assignment !== null) yield* takeOver(assignment, sentMicros)
      return
    }
    mustTell = true
    if (isFenced(errorCode)) {
      consumption.giveUp()
      epoch = 0
    } else if (!isRetriable(errorCode)) history.surprise(name, `ConsumerGroupHeartbeat answered ${codeName(errorCode)}`)
    yield* backOff(random)
  })

  const leave = Effect.suspend(() => {
    consumption.giveUp()
    const body = { groupId: GROUP, memberId: memberId(), memberEpoch: -1 }
    return Effect.tap(attempt(setting, client.request(apis.ConsumerGroupHeartbeat, 1, body)), () =>
      Effect.sync(() => {
        // Whether the group heard of it is not known, so a new member comes instead.
        life++
        epoch = 0
        mustTell = true
      }))
  })

  const learnTopicIds = untilAnswered(
    setting,
    random,
    () =>
      client.request(apis.Metadata, 12, {
        topics: topics.map((topic) => ({ name: topic.name, topicId: Uuid.zero })),
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false
      }),
    (answer) => {
      if (answer.topics.some(({ errorCode }) => errorCode !== ErrorCode.NONE)) return undefined
      for (const { name: topic, topicId } of answer.topics) {
        topicNames.set(String(topicId), topic!)
        topicIds.set(topic!, topicId)
      }
      return true
    }
  )

  return {
    name,
    run: Effect.gen(function*() {
      yield* findCoordinator(setting, client, random, GROUP)
      yield* learnTopicIds
      while (done < operations && !setting.isOver) {
        done++
        yield* heartbeat()
        if (epoch > 0) {
          const isMember = yield* consumption.consume({ memberId: memberId(), epoch: () => epoch })
          if (!isMember) mustTell = true
        }
        if (random.chance(0.03)) yield* leave
        if (random.chance(0.03)) yield* Effect.sleep(SESSION_TIMEOUT_MS + random.below(3_000))
        yield* think(setting, random)
      }
      yield* leave
      consumption.close()
      client.close()
    })
  }
}
