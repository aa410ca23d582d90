import { ClusterImage, type ClusterImageParts, configKey } from "./ClusterImage.ts"
import type { TopicChange } from "./LeadershipChanges.ts"
import {
  type BrokerImage,
  type ConfigResourceType,
  configResourceTypeIds,
  type PartitionImage,
  type TopicImage
} from "./MetadataImage.ts"
import type { MetadataRecord, MetadataRecordOf } from "./MetadataRecord.ts"
import { otherRecord } from "./otherRecord.ts"
import { TopicName } from "./TopicName.ts"

/** A topic being changed; frozen into a {@link TopicImage} by `build`. */
interface TopicDraft {
  readonly name: string
  readonly id: TopicImage["id"]
  readonly partitions: Array<PartitionImage>
  configs: ReadonlyMap<string, string>
}

const resourceTypesById = new Map(
  Object.entries(configResourceTypeIds).map(([type, id]) => [id, type as ConfigResourceType])
)

const none: ReadonlyArray<never> = []

/** One array for all that have no element: an image holds several for each partition. */
const shared = <A>(values: ReadonlyArray<A> | null): ReadonlyArray<A> =>
  values === null || values.length === 0 ? none : values

/** What the log has not said anything about yet: nobody holds the partition. */
const unknownPartition = (partition: number): PartitionImage => ({
  partition,
  replicas: none,
  isr: none,
  leader: -1,
  leaderEpoch: -1,
  partitionEpoch: -1,
  removingReplicas: none,
  addingReplicas: none,
  leaderRecoveryState: 0,
  directories: none,
  eligibleLeaderReplicas: none,
  lastKnownElr: none
})

/**
 * Collects the effect of records and builds one image from them, sharing what they leave unchanged. The only place
 * where metadata changes. Source: org.apache.kafka.image.MetadataDelta.
 */
export class ImageBuilder {
  private readonly base: ClusterImageParts
  /** By topic id; undefined: removed. */
  private readonly topics = new Map<string, TopicDraft | undefined>()
  private readonly names = new Map<string, string | undefined>()
  private registrations: Map<number, BrokerImage> | undefined
  private resourceConfigs: Map<string, ReadonlyMap<string, string>> | undefined
  private features: Map<string, number> | undefined
  private otherRecords: Map<string, MetadataRecord> | undefined
  private nextProducerId: number
  private openTransaction: Array<MetadataRecord> | undefined

  constructor(base: ClusterImage) {
    this.base = base.parts
    this.nextProducerId = base.parts.nextProducerId
    this.openTransaction = base.parts.openTransaction?.slice()
  }

  /** Replays one record; those of a transaction wait for its end. */
  replay(record: MetadataRecord): void {
    switch (record._tag) {
      case "BeginTransaction":
        this.openTransaction = []
        return
      case "AbortTransaction":
        this.openTransaction = undefined
        return
      case "EndTransaction": {
        const records = this.openTransaction ?? []
        this.openTransaction = undefined
        for (const each of records) this.apply(each)
        return
      }
      default:
        if (this.openTransaction !== undefined) this.openTransaction.push(record)
        else this.apply(record)
    }
  }

  private apply(record: MetadataRecord): void {
    switch (record._tag) {
      case "Topic":
        this.topics.set(record.topicId, { name: record.name, id: record.topicId, partitions: [], configs: new Map() })
        this.names.set(record.name, record.topicId)
        return
      case "Partition":
        return this.setPartition(record)
      case "PartitionChange":
        return this.changePartition(record)
      case "RemoveTopic": {
        const topic = this.draft(record.topicId)
        if (topic === undefined) return
        this.topics.set(record.topicId, undefined)
        if (this.topicIdOf(topic.name) === record.topicId) this.names.set(topic.name, undefined)
        return
      }
      case "Config":
        return this.setConfig(record)
      case "FeatureLevel":
        this.features ??= new Map(this.base.features)
        if (record.featureLevel === 0) this.features.delete(record.name)
        else this.features.set(record.name, record.featureLevel)
        return
      case "ProducerIds":
        this.nextProducerId = record.nextProducerId
        return
      case "RegisterBroker":
        return this.register(record)
      case "UnregisterBroker":
        this.registrations ??= new Map(this.base.registrations)
        this.registrations.delete(record.brokerId)
        return
      case "BrokerRegistrationChange":
        return this.changeBroker(record.brokerId, {
          ...(record.fenced === 0 ? {} : { fenced: record.fenced > 0 }),
          ...(record.inControlledShutdown === 0 ? {} : { inControlledShutdown: true }),
          ...(record.logDirs.length === 0 ? {} : { logDirs: record.logDirs }),
          ...(record.cordonedLogDirs === null ? {} : { cordonedLogDirs: record.cordonedLogDirs })
        })
      case "FenceBroker":
        return this.changeBroker(record.id, { fenced: true })
      case "UnfenceBroker":
        return this.changeBroker(record.id, { fenced: false })
      case "ClearElr":
        return this.clearElr(record.topicName)
      default: {
        const change = otherRecord(record)
        if (change === undefined) return
        this.otherRecords ??= new Map(this.base.otherRecords)
        if (change.isRemoved) this.otherRecords.delete(change.key)
        else this.otherRecords.set(change.key, record)
      }
    }
  }

  private topicIdOf(name: string): string | undefined {
    return this.names.has(name) ? this.names.get(name) : this.base.topicsByName.get(name)?.id
  }

  private draft(id: string): TopicDraft | undefined {
    if (this.topics.has(id)) return this.topics.get(id)
    const topic = this.base.topicsById.get(id)
    if (topic === undefined) return undefined
    const draft = { ...topic, partitions: topic.partitions.slice() }
    this.topics.set(id, draft)
    return draft
  }

  private setPartition(record: MetadataRecordOf<"Partition">): void {
    const topic = this.draft(record.topicId)
    if (topic === undefined) return
    // The log may name partitions in any order.
    for (let i = topic.partitions.length; i < record.partitionId; i++) topic.partitions.push(unknownPartition(i))
    topic.partitions[record.partitionId] = {
      partition: record.partitionId,
      replicas: record.replicas,
      isr: record.isr,
      leader: record.leader,
      leaderEpoch: record.leaderEpoch,
      partitionEpoch: record.partitionEpoch,
      removingReplicas: shared(record.removingReplicas),
      addingReplicas: shared(record.addingReplicas),
      leaderRecoveryState: record.leaderRecoveryState,
      directories: shared(record.directories),
      eligibleLeaderReplicas: shared(record.eligibleLeaderReplicas),
      lastKnownElr: shared(record.lastKnownElr)
    }
  }

  private changePartition(record: MetadataRecordOf<"PartitionChange">): void {
    const topic = this.draft(record.topicId)
    const partition = topic?.partitions[record.partitionId]
    if (topic === undefined || partition === undefined) return
    const elected = record.leader !== -2
    topic.partitions[record.partitionId] = {
      partition: record.partitionId,
      replicas: record.replicas ?? partition.replicas,
      isr: record.isr ?? partition.isr,
      leader: elected ? record.leader : partition.leader,
      leaderEpoch: elected ? partition.leaderEpoch + 1 : partition.leaderEpoch,
      partitionEpoch: partition.partitionEpoch + 1,
      removingReplicas: record.removingReplicas ?? partition.removingReplicas,
      addingReplicas: record.addingReplicas ?? partition.addingReplicas,
      leaderRecoveryState: record.leaderRecoveryState < 0 ? partition.leaderRecoveryState : record.leaderRecoveryState,
      directories: record.directories ?? partition.directories,
      eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? partition.eligibleLeaderReplicas,
      lastKnownElr: record.lastKnownElr ?? partition.lastKnownElr
    }
  }

  private setConfig(record: MetadataRecordOf<"Config">): void {
    const type = resourceTypesById.get(record.resourceType)
    if (type === undefined) return
    if (type === "TOPIC") {
      const id = this.topicIdOf(record.resourceName)
      const topic = id === undefined ? undefined : this.draft(id)
      if (topic !== undefined) topic.configs = withEntry(topic.configs, record)
      return
    }
    this.resourceConfigs ??= new Map(this.base.resourceConfigs)
    const key = configKey(type, record.resourceName)
    const configs = withEntry(this.resourceConfigs.get(key) ?? new Map(), record)
    if (configs.size === 0) this.resourceConfigs.delete(key)
    else this.resourceConfigs.set(key, configs)
  }

  private register(record: MetadataRecordOf<"RegisterBroker">): void {
    this.registrations ??= new Map(this.base.registrations)
    this.registrations.set(record.brokerId, {
      id: record.brokerId,
      epoch: record.brokerEpoch,
      incarnationId: record.incarnationId,
      endPoints: record.endPoints,
      features: record.features,
      rack: record.rack,
      fenced: record.fenced,
      inControlledShutdown: record.inControlledShutdown,
      logDirs: record.logDirs,
      cordonedLogDirs: record.cordonedLogDirs
    })
  }

  private changeBroker(brokerId: number, change: Partial<BrokerImage>): void {
    this.registrations ??= new Map(this.base.registrations)
    const broker = this.registrations.get(brokerId)
    if (broker !== undefined) this.registrations.set(brokerId, { ...broker, ...change })
  }

  /** Source: ClearElrRecord: an empty name means every topic. */
  private clearElr(topicName: string): void {
    const ids = topicName === ""
      ? [...this.base.topicsById.values().map(({ id }) => id as string), ...this.topics.keys()]
      : [this.topicIdOf(topicName)]
    for (const id of new Set(ids)) {
      const topic = id === undefined ? undefined : this.draft(id)
      for (const [i, partition] of (topic?.partitions ?? []).entries()) {
        if (partition.eligibleLeaderReplicas.length === 0 && partition.lastKnownElr.length === 0) continue
        topic!.partitions[i] = { ...partition, eligibleLeaderReplicas: none, lastKnownElr: none }
      }
    }
  }

  /** Every topic that `build` leaves different from the base. */
  changedTopics(): ReadonlyArray<TopicChange> {
    const changes: Array<TopicChange> = []
    for (const [id, after] of this.topics) {
      const before = this.base.topicsById.get(id)
      if (before !== undefined || after !== undefined) changes.push({ before, after })
    }
    return changes
  }

  /** The image after all records so far; the builder must not be used again. */
  build(endOffset: number): ClusterImage {
    const byId = new Map<string, TopicImage | undefined>(this.topics)
    const byName = new Map<string, TopicImage | undefined>()
    for (const topic of this.topics.values()) if (topic !== undefined) byName.set(topic.name, topic)
    for (const [name, id] of this.names) if (id === undefined) byName.set(name, undefined)
    return new ClusterImage({
      ...this.base,
      endOffset,
      topicsByName: this.base.topicsByName.with(byName),
      topicsById: this.base.topicsById.with(byId),
      collisions: this.base.collisions.with(this.collisionChanges(byName)),
      registrations: this.registrations ?? this.base.registrations,
      resourceConfigs: this.resourceConfigs ?? this.base.resourceConfigs,
      features: this.features ?? this.base.features,
      nextProducerId: this.nextProducerId,
      otherRecords: this.otherRecords ?? this.base.otherRecords,
      openTransaction: this.openTransaction
    })
  }

  private collisionChanges(byName: ReadonlyMap<string, unknown>): Map<string, ReadonlyArray<string> | undefined> {
    const changes = new Map<string, ReadonlyArray<string> | undefined>()
    for (const [name, topic] of byName) {
      if (!TopicName.hasCollisionChars(name)) continue
      const unified = TopicName.unifyCollisionChars(name)
      const before = (changes.has(unified) ? changes.get(unified) : this.base.collisions.get(unified)) ?? []
      const others = before.filter((other) => other !== name)
      const after = topic === undefined ? others : before.includes(name) ? before : [...before, name]
      changes.set(unified, after.length === 0 ? undefined : after)
    }
    return changes
  }
}

const withEntry = (
  configs: ReadonlyMap<string, string>,
  record: MetadataRecordOf<"Config">
): ReadonlyMap<string, string> => {
  const changed = new Map(configs)
  if (record.value === null) changed.delete(record.name)
  else changed.set(record.name, record.value)
  return changed
}
