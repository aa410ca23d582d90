import { Effect, Random } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import type { BrokerSettings } from "../../config/BrokerSettings.ts"
import type { TopicImage } from "../../metadata/MetadataImage.ts"
import { Metadata } from "../../metadata/Metadata.ts"
import { randomUuid } from "../../model/randomUuid.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import { Controller } from "./Controller.ts"
import type { CreatableTopic, CreateTopicsReply } from "./createTopics.ts"

/** A request to make topics, from a client or from the broker itself. */
export interface TopicCreationOptions {
  readonly topics: ReadonlyArray<CreatableTopic>
  readonly validateOnly: boolean
  /** Names whose configs the reply may show. */
  readonly describable: ReadonlyArray<string>
}

/** Makes topics through the controller: draws ids, fills in the broker's defaults. */
export const makeTopicCreation = Effect.gen(function*() {
  const controller = yield* Controller
  const config = yield* BrokerConfig
  return Effect.fnUntraced(function*(options: TopicCreationOptions) {
    const topicIds = yield* Effect.forEach(options.topics, () => randomUuid)
    const placementSeed = yield* Random.nextIntBetween(0, 1 << 30)
    return yield* controller.run({
      _tag: "CreateTopics",
      ...options,
      topicIds,
      placementSeed,
      defaultPartitionCount: config.numPartitions,
      defaultReplicationFactor: config.defaultReplicationFactor
    }).pipe(Effect.catch((error) => Effect.succeed({ _tag: "Refused" as const, error })))
  })
})

/**
 * A topic with the broker's defaults or, for a coordinator's topic, with that coordinator's settings. Such a topic gets
 * no more replicas than there are brokers; Kafka would wait for more brokers.
 * Source: AutoTopicCreationManager.creatableTopic.
 */
export const automaticTopic = (name: string, config: BrokerSettings, brokerCount: number): CreatableTopic => {
  const internal = name === TopicName.groupMetadata
    ? config.offsetsTopic
    : name === TopicName.transactionState
    ? config.transactionTopic
    : undefined
  if (internal === undefined) {
    return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }
  }
  const replicationFactor = Math.max(1, Math.min(internal.replicationFactor, brokerCount))
  const minInSyncReplicas = Math.min(internal.minIsr, replicationFactor)
  return {
    name,
    numPartitions: internal.partitions,
    replicationFactor,
    assignments: [],
    configs: [
      { name: "cleanup.policy", value: "compact" },
      { name: "segment.bytes", value: String(internal.segmentBytes) },
      ...(name === TopicName.groupMetadata
        ? [{ name: "compression.type", value: "producer" }]
        : [
          { name: "compression.type", value: "uncompressed" },
          { name: "unclean.leader.election.enable", value: "false" },
          { name: "min.insync.replicas", value: String(minInSyncReplicas) }
        ])
    ]
  }
}

/**
 * Makes sure that a coordinator's topic exists and answers it; undefined when the controller refuses to make it.
 * Concurrent calls make it once.
 */
export const makeEnsureInternalTopic = Effect.gen(function*() {
  const create = yield* makeTopicCreation
  const metadata = yield* Metadata
  const config = yield* BrokerConfig
  return Effect.fnUntraced(function*(name: string): Effect.fn.Return<TopicImage | undefined> {
    const existing = metadata.current().topic(name)
    if (existing !== undefined) return existing
    const alive = metadata.current().brokers().filter((broker) => !broker.fenced).length
    const reply: CreateTopicsReply = yield* create({
      topics: [automaticTopic(name, config, alive)],
      validateOnly: false,
      describable: []
    })
    const made = metadata.current().topic(name)
    if (made === undefined) yield* Effect.logWarning(`Internal topic ${name} was not created`, reply)
    return made
  })
})
