import { Effect } from "effect"
import type { TopicSettings, TopicSettingsOf } from "../../config/TopicSettings.ts"
import type { TopicChange } from "../../metadata/LeadershipChanges.ts"
import type { MetadataImage, TopicImage } from "../../metadata/MetadataImage.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { directoryName } from "../../model/TopicPartition.ts"
import { type ActorServices, PartitionActor } from "./PartitionActor.ts"
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
  /** Leaders that were stopped and have not closed their logs yet, by directory name. */
  private readonly ending = new Map<string, PartitionActor>()
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
      if (after !== undefined) this.followTopic(next, after)
    }
    if (this.brokerDefaultsChanged(previous, next)) {
      for (const topic of this.topics.keys()) {
        const image = next.topic(topic)
        if (image !== undefined) this.followTopic(next, image)
      }
    }
  })

  /** A broker that stops, or leads nothing any more. Completes once every log is closed. */
  stopAll(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const actors = Array.from(this.actors())
      this.topics.clear()
      for (const actor of actors) this.stop(actor, ErrorCode.NOT_LEADER_OR_FOLLOWER)
      return awaitEnd([...this.ending.values()])
    })
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
      services: this.services,
      predecessor: this.ending.get(directoryName({ topic: image.name, partition }))
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

  /** A lost leadership is not waited for: its log may be slow to close, and the next image must be followed meanwhile. */
  private followTopic(image: MetadataImage, topic: TopicImage): void {
    const settings = this.options.topicSettings(image, topic)
    const followed = this.topics.get(topic.name)
    if (followed === undefined) {
      this.topics.set(topic.name, { image: topic, settings, actors: noActors })
      return
    }
    followed.image = topic
    followed.settings = settings
    for (const [partition, actor] of followed.actors.entries()) {
      if (actor === undefined) continue
      const partitionImage = topic.partitions[partition]
      if (partitionImage === undefined || partitionImage.leader !== this.options.brokerId) {
        followed.actors[partition] = undefined
        this.stop(actor, ErrorCode.NOT_LEADER_OR_FOLLOWER)
      } else {
        if (actor.leaderEpoch !== partitionImage.leaderEpoch) actor.changeEpoch(partitionImage.leaderEpoch)
        actor.follow(settings, partitionImage)
      }
    }
  }

  private removeTopic(topic: TopicImage): Effect.Effect<void> {
    const actors = this.topics.get(topic.name)?.actors ?? noActors
    this.topics.delete(topic.name)
    for (const actor of actors) if (actor !== undefined) this.stop(actor, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    // Also of partitions without an actor: an earlier life of the broker, or leadership, may have written to them.
    return Effect.forEach(topic.partitions, ({ partition }) => this.removeLog(topic.name, partition), {
      concurrency: PartitionLeaderLimits.closesMax,
      discard: true
    })
  }

  private removeLog(topic: string, partition: number): Effect.Effect<void> {
    const topicPartition = { topic, partition }
    const ending = this.ending.get(directoryName(topicPartition))
    const remove = Effect.catch(
      this.services.logStore.remove(topicPartition),
      // The topic is gone for every client; what is left on disk is found as a stray at the next start.
      (error) => Effect.logError(`Log of deleted partition ${directoryName(topicPartition)} remains`, error)
    )
    return ending === undefined ? remove : Effect.andThen(ending.ended, remove)
  }

  /** Refuses from now on; the log is closed in the background. */
  private stop(actor: PartitionActor, errorCode: ErrorCode): void {
    const name = directoryName(actor.topicPartition)
    actor.stop(errorCode)
    if (actor.isEnded) return
    this.ending.set(name, actor)
    this.services.fork(Effect.map(actor.ended, () => {
      if (this.ending.get(name) === actor) this.ending.delete(name)
    }))
  }
}

const awaitEnd = (actors: ReadonlyArray<PartitionActor>): Effect.Effect<void> =>
  Effect.forEach(actors, (actor) => actor.ended, { discard: true })
