import { Context, Layer } from "effect"
import { Uuid } from "../../model/Uuid.ts"

/** How a coordinator's topic is made. */
export interface InternalTopicSettings {
  readonly partitionCount: number
  /** Upper bound; a cluster with fewer brokers gets as many replicas as it has brokers. */
  readonly replicationFactor: number
  readonly segmentBytes: number
}

/** The broker's settings for making and ending topics; the comments name Kafka's. */
export interface TopicSettingsShape {
  /** `num.partitions` */
  readonly defaultPartitionCount: number
  /** `default.replication.factor` */
  readonly defaultReplicationFactor: number
  /** `auto.create.topics.enable` */
  readonly autoCreateEnabled: boolean
  /** `delete.topic.enable` */
  readonly deletionEnabled: boolean
  /** `max.request.partition.size.limit`, the most partitions of one DescribeTopicPartitions. */
  readonly describePartitionsMax: number
  /** `directory.id` of this broker's logs; the zero id when unknown. */
  readonly directoryId: Uuid
  /** `offsets.topic.num.partitions`, `offsets.topic.replication.factor`, `offsets.topic.segment.bytes` */
  readonly groupMetadata: InternalTopicSettings
  /** `transaction.state.log.num.partitions`, `.replication.factor`, `.segment.bytes` */
  readonly transactionState: InternalTopicSettings & {
    /** `transaction.state.log.min.isr` */
    readonly minInSyncReplicas: number
  }
}

/** Kafka's defaults. */
export const defaultTopicSettings: TopicSettingsShape = {
  defaultPartitionCount: 1,
  defaultReplicationFactor: 1,
  autoCreateEnabled: true,
  deletionEnabled: true,
  describePartitionsMax: 2000,
  directoryId: Uuid.zero,
  groupMetadata: { partitionCount: 50, replicationFactor: 3, segmentBytes: 104_857_600 },
  transactionState: { partitionCount: 50, replicationFactor: 3, segmentBytes: 104_857_600, minInSyncReplicas: 2 }
}

/** {@link TopicSettingsShape} as a service. */
export class TopicSettings extends Context.Service<TopicSettings, TopicSettingsShape>()(
  "@kafka-broker/core/actors/controller/TopicSettings"
) {
  /** Kafka's defaults with these differences. */
  static readonly layer = (settings: Partial<TopicSettingsShape> = {}): Layer.Layer<TopicSettings> =>
    Layer.succeed(TopicSettings, { ...defaultTopicSettings, ...settings })
}
