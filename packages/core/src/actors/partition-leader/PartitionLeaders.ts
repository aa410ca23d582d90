import { Clock, Context, Effect, FiberSet, Layer, Semaphore } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import { makeTopicSettingsOf, type TopicSettingsOf } from "../../config/TopicSettings.ts"
import { LogStore } from "../../log/LogStore.ts"
import { LeadershipChanges, type TopicChange } from "../../metadata/LeadershipChanges.ts"
import type { MetadataImage, TopicImage } from "../../metadata/MetadataImage.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { directoryName } from "../../model/TopicPartition.ts"
import { Compression } from "../../seams/Compression.ts"
import { Tick } from "../../seams/Tick.ts"
import { DeadlineTimer } from "./DeadlineTimer.ts"
import type { ActorServices } from "./ActorServices.ts"
import { PartitionActor } from "./PartitionActor.ts"
import type { PartitionLeader } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"

export type { AppendOptions, AppendResult, PartitionLeader, PartitionView } from "./PartitionLeader.ts"

/** What the leaders know of their broker. */
interface LeadershipOptions {
  /** The broker id under which the image assigns partitions to this process. */
  readonly brokerId: number
  readonly topicSettings: TopicSettingsOf
}

/** The actors of the led partitions, and how they follow the image. */
class LedPartitions {
  private readonly topics = new Map<string, Array<PartitionActor | undefined>>()
  private readonly services: ActorServices
  private readonly options: LeadershipOptions

  constructor(services: ActorServices, options: LeadershipOptions) {
    this.services = services
    this.options = options
  }

  *actors(): Iterable<PartitionActor> {
    for (const partitions of this.topics.values()) {
      for (const actor of partitions) if (actor !== undefined) yield actor
    }
  }

  readonly find = (topic: string, partition: number): PartitionLeader | undefined => this.topics.get(topic)?.[partition]

  readonly apply = Effect.fnUntraced({ self: this }, function*(
    previous: MetadataImage,
    next: MetadataImage,
    changes: ReadonlyArray<TopicChange>
  ) {
    for (const { before, after } of changes) {
      if (before !== undefined && before.id !== after?.id) yield* this.removeTopic(before)
      if (after !== undefined) yield* this.followTopic(next, after)
    }
    if (this.brokerDefaultsChanged(previous, next)) {
      for (const topic of this.topics.keys()) {
        const image = next.topic(topic)
        if (image !== undefined) yield* this.followTopic(next, image)
      }
    }
  })

  /** A broker that stops, or leads nothing any more. */
  stopAll(): Effect.Effect<void> {
    const actors = Array.from(this.actors())
    this.topics.clear()
    return Effect.forEach(actors, (actor) => actor.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER), {
      // A log that closes writes and syncs several files, and of descriptors a process has few.
      concurrency: PartitionLeaderLimits.closesMax,
      discard: true
    })
  }

  private brokerDefaultsChanged(previous: MetadataImage, next: MetadataImage): boolean {
    const brokerId = String(this.options.brokerId)
    return previous.configs("BROKER", "") !== next.configs("BROKER", "") ||
      previous.configs("BROKER", brokerId) !== next.configs("BROKER", brokerId)
  }

  private *followTopic(image: MetadataImage, topic: TopicImage): Generator<Effect.Effect<any>, void, any> {
    const settings = this.options.topicSettings(image, topic)
    const actors = this.topics.get(topic.name) ?? []
    for (const partitionImage of topic.partitions) {
      const { partition, leader, leaderEpoch } = partitionImage
      const actor = actors[partition]
      if (leader !== this.options.brokerId) {
        actors[partition] = undefined
        if (actor !== undefined) yield* actor.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER)
        continue
      }
      if (actor !== undefined && actor.leaderEpoch !== leaderEpoch) actor.changeEpoch(leaderEpoch)
      const led = actor ?? new PartitionActor({
        topicPartition: { topic: topic.name, partition },
        topicId: topic.id,
        leaderEpoch,
        settings,
        services: this.services
      })
      led.follow(settings, partitionImage)
      actors[partition] = led
    }
    this.topics.set(topic.name, actors)
  }

  private *removeTopic(topic: TopicImage): Generator<Effect.Effect<any>, void, any> {
    const actors = this.topics.get(topic.name) ?? []
    this.topics.delete(topic.name)
    for (const actor of actors) {
      if (actor !== undefined) yield* actor.stop(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }
    for (const { partition } of topic.partitions) {
      const topicPartition = { topic: topic.name, partition }
      yield* Effect.catch(
        this.services.logStore.remove(topicPartition),
        // The topic is gone for every client; what is left on disk is found as a stray at the next start.
        (error) => Effect.logError(`Log of deleted partition ${directoryName(topicPartition)} remains`, error)
      )
    }
  }
}

/** Puts idle partitions to rest, now and then. */
const restIdle = (partitions: LedPartitions, clock: Clock.Clock): Effect.Effect<void> =>
  Effect.sync(() => {
    const unusedSinceMs = clock.currentTimeMillisUnsafe() - PartitionLeaderLimits.idleRestMs
    for (const actor of partitions.actors()) actor.restIfUnused(unusedSinceMs)
  })

/** A log that is opened forgets its producers by itself. */
const expireProducers = (partitions: LedPartitions): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const actor of partitions.actors()) actor.expireProducers()
  })

const every = (intervalMs: number, task: Effect.Effect<void>): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(Effect.sleep(intervalMs), task))

/** The partition leaders that live in this broker. */
export class PartitionLeaders extends Context.Service<PartitionLeaders, {
  /** The leader, or undefined when this broker does not lead the partition. A plain map look-up. */
  readonly find: (topic: string, partition: number) => PartitionLeader | undefined
}>()("@kafka-broker/core/actors/partition-leader/PartitionLeaders") {
  /**
   * Leaders that follow the images told to `LeadershipChanges`; none before the first. Closing the scope answers what is
   * queued, then closes every log.
   */
  static readonly layer: Layer.Layer<
    PartitionLeaders | LeadershipChanges,
    never,
    LogStore | Tick | Compression | BrokerConfig
  > = Layer.effectContext(Effect.gen(function*() {
    const config = yield* BrokerConfig
    const clock = yield* Clock.Clock
    const fibers = yield* FiberSet.make()
    const run = yield* FiberSet.runtime(fibers)()
    const fork = (effect: Effect.Effect<void>) => void run(effect)
    const partitions = new LedPartitions({
      logStore: yield* LogStore,
      tick: yield* Tick,
      clock,
      codecs: yield* Compression,
      producerExpirationMs: config.transactions.producerIdExpirationMs,
      isAcksAllSynced: config.acksAllDurability === "sync",
      syncs: Semaphore.makeUnsafe(PartitionLeaderLimits.syncsMax),
      deadlines: new DeadlineTimer(clock, run),
      fork
    }, { brokerId: config.nodeId, topicSettings: makeTopicSettingsOf(config.properties) })
    yield* Effect.addFinalizer(() => partitions.stopAll())
    yield* Effect.forkScoped(every(PartitionLeaderLimits.restSweepMs, restIdle(partitions, clock)))
    yield* Effect.forkScoped(
      every(config.transactions.producerIdExpirationCheckIntervalMs, expireProducers(partitions))
    )
    return Context.make(PartitionLeaders, { find: partitions.find }).pipe(
      Context.add(LeadershipChanges, { apply: partitions.apply })
    )
  }))
}
