import { Effect } from "effect"
import type { TopicSettings, TopicSettingsOf } from "../../config/TopicSettings.ts"
import type { TopicChange } from "../../metadata/LeadershipChanges.ts"
import type { MetadataImage, TopicImage } from "../../metadata/MetadataImage.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { directoryName } from "../../model/TopicPartition.ts"
import type { ActorServices } from "./ActorServices.ts"
import { PartitionActor } from "./PartitionActor.ts"
import type { PartitionLeader } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"

/** What the leaders know of their broker. */
export interface LeadershipOptions {
  /** The broker id under which the image assigns partitions to this process. */
  readonly brokerId: number
  readonly topicSettings: TopicSettingsOf
}

const noActors: Array<PartitionActor | undefined> = []

/** A topic whose partitions are led here or elsewhere, as the newest image says. */
interface FollowedTopic {
  image: TopicImage
  settings: TopicSettings
  /** By partition; those that somebody asked for. Shared by all topics that nobody asked for. */
  actors: Array<PartitionActor | undefined>
}

/**
 * The leaders of the led partitions, and how they follow the image. A partition that nobody asked for costs nothing here:
 * its actor is made by the first `find`, and stays as long as the partition is led, so that its leader is one object.
 */
export class LedPartitions {
  private readonly topics = new Map<string, FollowedTopic>()
  private readonly services: ActorServices
  private readonly options: LeadershipOptions

  constructor(services: ActorServices, options: LeadershipOptions) {
    this.services = services
    this.options = options
  }

  /** The actors that exist. */
  *actors(): Iterable<PartitionActor> {
    for (const { actors } of this.topics.values()) {
      for (const actor of actors) if (actor !== undefined) yield actor
    }
  }

  readonly find = (topic: string, partition: number): PartitionLeader | undefined => {
    const followed = this.topics.get(topic)
    return followed === undefined ? undefined : followed.actors[partition] ?? this.makeActor(followed, partition)
  }

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
    return this.stop(actors, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }

  private makeActor(followed: FollowedTopic, partition: number): PartitionActor | undefined {
    const { image, settings } = followed
    const partitionImage = image.partitions[partition]
    if (partitionImage === undefined || partitionImage.leader !== this.options.brokerId) return undefined
    const actor = new PartitionActor({
      topicPartition: { topic: image.name, partition },
      topicId: image.id,
      leaderEpoch: partitionImage.leaderEpoch,
      settings,
      services: this.services
    })
    actor.follow(settings, partitionImage)
    if (followed.actors === noActors) followed.actors = Array.from(image.partitions, () => undefined)
    followed.actors[partition] = actor
    return actor
  }

  private brokerDefaultsChanged(previous: MetadataImage, next: MetadataImage): boolean {
    const brokerId = String(this.options.brokerId)
    return previous.configs("BROKER", "") !== next.configs("BROKER", "") ||
      previous.configs("BROKER", brokerId) !== next.configs("BROKER", brokerId)
  }

  private followTopic(image: MetadataImage, topic: TopicImage): Effect.Effect<void> {
    const settings = this.options.topicSettings(image, topic)
    const followed = this.topics.get(topic.name)
    if (followed === undefined) {
      this.topics.set(topic.name, { image: topic, settings, actors: noActors })
      return Effect.void
    }
    followed.image = topic
    followed.settings = settings
    const lost: Array<PartitionActor> = []
    for (const [partition, actor] of followed.actors.entries()) {
      if (actor === undefined) continue
      const partitionImage = topic.partitions[partition]
      if (partitionImage === undefined || partitionImage.leader !== this.options.brokerId) {
        followed.actors[partition] = undefined
        lost.push(actor)
      } else {
        if (actor.leaderEpoch !== partitionImage.leaderEpoch) actor.changeEpoch(partitionImage.leaderEpoch)
        actor.follow(settings, partitionImage)
      }
    }
    return this.stop(lost, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }

  private *removeTopic(topic: TopicImage): Generator<Effect.Effect<any>, void, any> {
    const actors = this.topics.get(topic.name)?.actors ?? noActors
    this.topics.delete(topic.name)
    yield* this.stop(actors.filter((actor) => actor !== undefined), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    // Also of partitions without an actor: an earlier life of the broker may have written to them.
    yield* Effect.forEach(topic.partitions, ({ partition }) => this.removeLog(topic.name, partition), {
      concurrency: PartitionLeaderLimits.closesMax,
      discard: true
    })
  }

  private removeLog(topic: string, partition: number): Effect.Effect<void> {
    const topicPartition = { topic, partition }
    return Effect.catch(
      this.services.logStore.remove(topicPartition),
      // The topic is gone for every client; what is left on disk is found as a stray at the next start.
      (error) => Effect.logError(`Log of deleted partition ${directoryName(topicPartition)} remains`, error)
    )
  }

  private stop(actors: ReadonlyArray<PartitionActor>, errorCode: ErrorCode): Effect.Effect<void> {
    return Effect.forEach(actors, (actor) => actor.stop(errorCode), {
      // A log that closes writes and syncs several files, and of descriptors a process has few.
      concurrency: PartitionLeaderLimits.closesMax,
      discard: true
    })
  }
}
