import type { Uuid } from "../model/Uuid.ts"

/** One partition as the metadata log has it. Source: PartitionRegistration. */
export interface PartitionImage {
  readonly partition: number
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  /** Broker id, or -1 when there is no leader. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly removingReplicas: ReadonlyArray<number>
  readonly addingReplicas: ReadonlyArray<number>
  /** 0: recovered; 1: the leader was elected uncleanly and is recovering. Source: LeaderRecoveryState. */
  readonly leaderRecoveryState: number
  /** The log directory of each replica, in their order. */
  readonly directories: ReadonlyArray<Uuid>
  /** Replicas outside the ISR that can still lead without loss (KIP-966). */
  readonly eligibleLeaderReplicas: ReadonlyArray<number>
  readonly lastKnownElr: ReadonlyArray<number>
}

/** One topic as the metadata log has it. */
export interface TopicImage {
  readonly name: string
  /** Text form. */
  readonly id: Uuid
  /** Position i holds partition i. */
  readonly partitions: ReadonlyArray<PartitionImage>
  /** Explicitly set configs only. */
  readonly configs: ReadonlyMap<string, string>
}

/** An address of a broker. */
export interface EndPoint {
  /** Of the listener. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** Source: SecurityProtocol.id. */
  readonly securityProtocol: number
}

/** A registered broker. Source: BrokerRegistration. */
export interface BrokerImage {
  readonly id: number
  readonly epoch: number
  readonly incarnationId: Uuid
  /** One for each listener. */
  readonly endPoints: ReadonlyArray<EndPoint>
  readonly features: ReadonlyArray<{
    readonly name: string
    readonly minSupportedVersion: number
    readonly maxSupportedVersion: number
  }>
  readonly rack: string | null
  readonly fenced: boolean
  readonly inControlledShutdown: boolean
  /** Ids of its log directories (`directory.id`). */
  readonly logDirs: ReadonlyArray<Uuid>
  readonly cordonedLogDirs: ReadonlyArray<Uuid> | null
}

/** Source: ConfigResource.Type; the numbers are those of ConfigRecord. */
export type ConfigResourceType = "TOPIC" | "BROKER" | "CLIENT_METRICS" | "GROUP"

/** The number of each resource type in a ConfigRecord. Source: ConfigResource.Type. */
export const configResourceTypeIds: Record<ConfigResourceType, number> = {
  TOPIC: 2,
  BROKER: 4,
  CLIENT_METRICS: 16,
  GROUP: 32
}

/**
 * Immutable snapshot of what exists, read by every actor without asking. A change makes a new image that shares the
 * unchanged parts. Source: org.apache.kafka.image.MetadataImage.
 */
export interface MetadataImage {
  readonly clusterId: string
  /** Exclusive end offset of the metadata log this image shows. */
  readonly endOffset: number
  /** Node id of the controller to report; -1 when none. */
  readonly controllerId: number
  topic(name: string): TopicImage | undefined
  topicById(id: string): TopicImage | undefined
  /** In unspecified order. */
  topics(): ReadonlyArray<TopicImage>
  readonly topicCount: number
  /** A topic whose name differs only in `.` and `_`, or the name itself. Source: Topic.hasCollision. */
  collidingTopic(name: string): string | undefined
  broker(id: number): BrokerImage | undefined
  /** Ascending by id. */
  brokers(): ReadonlyArray<BrokerImage>
  /** Explicitly set configs of a resource; the name of the cluster-wide broker default is the empty string. */
  configs(type: ConfigResourceType, name: string): ReadonlyMap<string, string>
  /** Names of the resources of a kind that have explicitly set configs; in unspecified order. */
  configured(type: Exclude<ConfigResourceType, "TOPIC">): ReadonlyArray<string>
  /** Finalized feature levels, for example `metadata.version` 25. */
  readonly features: ReadonlyMap<string, number>
  /** First producer id not yet handed out in a block. */
  readonly nextProducerId: number
}
