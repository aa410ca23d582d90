import type { BrokerImage, ConfigResourceType, MetadataImage, TopicImage } from "./MetadataImage.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import { TopicName } from "./TopicName.ts"
import { VersionedMap } from "./VersionedMap.ts"

const noConfigs: ReadonlyMap<string, string> = new Map()

/** What an image is made of. */
export interface ClusterImageParts {
  readonly clusterId: string
  readonly controllerId: number
  readonly endOffset: number
  readonly topicsByName: VersionedMap<string, TopicImage>
  readonly topicsById: VersionedMap<string, TopicImage>
  /** Names with `.` or `_`, under their unified form. */
  readonly collisions: VersionedMap<string, ReadonlyArray<string>>
  /** Brokers registered in the log, fenced or not. */
  readonly registrations: ReadonlyMap<number, BrokerImage>
  /** Configs of all but topics; see {@link configKey}. */
  readonly resourceConfigs: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly features: ReadonlyMap<string, number>
  readonly nextProducerId: number
  /** Records of things that nothing here acts on; by the keys of `otherRecord`. */
  readonly otherRecords: ReadonlyMap<string, MetadataRecord>
  /** Records since a Begin without End or Abort; undefined outside a transaction. */
  readonly openTransaction: ReadonlyArray<MetadataRecord> | undefined
}

/** The key of a resource in {@link ClusterImageParts.resourceConfigs}. */
export const configKey = (type: ConfigResourceType, name: string): string => `${type}:${name}`

/** The image built from metadata records; made by `replay` and `emptyImage` only. */
export class ClusterImage implements MetadataImage {
  readonly parts: ClusterImageParts
  /** Made on first use. */
  private allTopics: ReadonlyArray<TopicImage> | undefined
  /** Made on first use. */
  private sortedBrokers: ReadonlyArray<BrokerImage> | undefined

  constructor(parts: ClusterImageParts) {
    this.parts = parts
  }

  get clusterId(): string {
    return this.parts.clusterId
  }
  get endOffset(): number {
    return this.parts.endOffset
  }
  get controllerId(): number {
    return this.parts.controllerId
  }
  get topicCount(): number {
    return this.parts.topicsByName.size
  }
  get features(): ReadonlyMap<string, number> {
    return this.parts.features
  }
  get nextProducerId(): number {
    return this.parts.nextProducerId
  }

  /** The same image, shown as ending at another offset of the log. */
  endingAt(endOffset: number): ClusterImage {
    return new ClusterImage({ ...this.parts, endOffset })
  }

  topic(name: string): TopicImage | undefined {
    return this.parts.topicsByName.get(name)
  }

  topicById(id: string): TopicImage | undefined {
    return this.parts.topicsById.get(id)
  }

  topics(): ReadonlyArray<TopicImage> {
    return this.allTopics ??= this.parts.topicsByName.values()
  }

  collidingTopic(name: string): string | undefined {
    if (!TopicName.hasCollisionChars(name)) return undefined
    return this.parts.collisions.get(TopicName.unifyCollisionChars(name))?.[0]
  }

  broker(id: number): BrokerImage | undefined {
    return this.parts.registrations.get(id)
  }

  brokers(): ReadonlyArray<BrokerImage> {
    return this.sortedBrokers ??= Array.from(this.parts.registrations.values()).sort((a, b) => a.id - b.id)
  }

  configs(type: ConfigResourceType, name: string): ReadonlyMap<string, string> {
    if (type === "TOPIC") return this.topic(name)?.configs ?? noConfigs
    return this.parts.resourceConfigs.get(configKey(type, name)) ?? noConfigs
  }

  configured(type: Exclude<ConfigResourceType, "TOPIC">): ReadonlyArray<string> {
    const prefix = configKey(type, "")
    return Array.from(this.parts.resourceConfigs.keys())
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
  }
}

/** The image before the first record. */
export const emptyImage = (options: Pick<ClusterImageParts, "clusterId" | "controllerId">): ClusterImage =>
  new ClusterImage({
    ...options,
    endOffset: 0,
    topicsByName: VersionedMap.empty(),
    topicsById: VersionedMap.empty(),
    collisions: VersionedMap.empty(),
    registrations: new Map(),
    resourceConfigs: new Map(),
    features: new Map(),
    nextProducerId: 0,
    otherRecords: new Map(),
    openTransaction: undefined
  })
