import { Context } from "effect"

/** The broker's settings for groups, named after Kafka's. All times in milliseconds. Source: GroupCoordinatorConfig. */
export interface GroupSettings {
  /** `group.min.session.timeout.ms` */
  readonly minSessionTimeoutMs: number
  /** `group.max.session.timeout.ms` */
  readonly maxSessionTimeoutMs: number
  /** `group.initial.rebalance.delay.ms` */
  readonly initialRebalanceDelayMs: number
  /** `group.max.size`: members of a classic group. */
  readonly maxSize: number
  /** How long a member may wait in its first JoinGroup. Source: GroupCoordinatorConfig.CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS. */
  readonly newMemberJoinTimeoutMs: number
  /** `group.consumer.session.timeout.ms` */
  readonly consumerSessionTimeoutMs: number
  readonly consumerMinSessionTimeoutMs: number
  readonly consumerMaxSessionTimeoutMs: number
  /** `group.consumer.heartbeat.interval.ms` */
  readonly consumerHeartbeatIntervalMs: number
  readonly consumerMinHeartbeatIntervalMs: number
  readonly consumerMaxHeartbeatIntervalMs: number
  /** `group.consumer.max.size` */
  readonly consumerMaxSize: number
  /** `group.consumer.migration.policy`; both ways by default since Kafka 4.0. */
  readonly consumerMigrationPolicy: "disabled" | "upgrade" | "downgrade" | "bidirectional"
  /** How often topics that match a regular expression are searched again at most. */
  readonly consumerRegexRefreshIntervalMs: number
  /** `offset.metadata.max.bytes`: in UTF-16 units, as Kafka counts. */
  readonly offsetMetadataMaxSize: number
  /** `offsets.retention.minutes`, in milliseconds. */
  readonly offsetsRetentionMs: number
  /** `offsets.retention.check.interval.ms` */
  readonly offsetsRetentionCheckIntervalMs: number
  /** `offsets.commit.timeout.ms` */
  readonly offsetsCommitTimeoutMs: number
}

/** Kafka 4.3's defaults. */
export const defaultGroupSettings: GroupSettings = {
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3000,
  maxSize: 2_147_483_647,
  newMemberJoinTimeoutMs: 300_000,
  consumerSessionTimeoutMs: 45_000,
  consumerMinSessionTimeoutMs: 45_000,
  consumerMaxSessionTimeoutMs: 60_000,
  consumerHeartbeatIntervalMs: 5000,
  consumerMinHeartbeatIntervalMs: 5000,
  consumerMaxHeartbeatIntervalMs: 15_000,
  consumerMaxSize: 2_147_483_647,
  consumerMigrationPolicy: "bidirectional",
  consumerRegexRefreshIntervalMs: 600_000,
  offsetMetadataMaxSize: 4096,
  offsetsRetentionMs: 7 * 24 * 60 * 60_000,
  offsetsRetentionCheckIntervalMs: 600_000,
  offsetsCommitTimeoutMs: 5000
}

/** The settings the coordinator runs with; Kafka's defaults unless provided. */
export const GroupConfig = Context.Reference<GroupSettings>(
  "@kafka-broker/core/actors/group-coordinator/GroupConfig",
  { defaultValue: () => defaultGroupSettings }
)
