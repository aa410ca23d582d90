import type { SettingValues } from "./SettingValues.ts"

/** `group.*` and `offsets.*`, under the names the group coordinator uses. Times in milliseconds. */
export interface GroupSettings {
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly initialRebalanceDelayMs: number
  readonly maxSize: number
  /** Not a setting in Kafka either. Source: GroupCoordinatorConfig.CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS. */
  readonly newMemberJoinTimeoutMs: number
  readonly consumerSessionTimeoutMs: number
  readonly consumerMinSessionTimeoutMs: number
  readonly consumerMaxSessionTimeoutMs: number
  readonly consumerHeartbeatIntervalMs: number
  readonly consumerMinHeartbeatIntervalMs: number
  readonly consumerMaxHeartbeatIntervalMs: number
  readonly consumerMaxSize: number
  readonly consumerMigrationPolicy: "disabled" | "upgrade" | "downgrade" | "bidirectional"
  readonly consumerAssignors: ReadonlyArray<string>
  readonly offsetMetadataMaxSize: number
  readonly offsetsRetentionMs: number
  readonly offsetsRetentionCheckIntervalMs: number
  readonly offsetsCommitTimeoutMs: number
  /** `group.coordinator.rebalance.protocols` */
  readonly rebalanceProtocols: ReadonlyArray<string>
}

/** The settings of the group coordinator. Source: GroupCoordinatorConfig. */
export const groupSettings = (values: SettingValues): GroupSettings => ({
  minSessionTimeoutMs: values.number("group.min.session.timeout.ms"),
  maxSessionTimeoutMs: values.number("group.max.session.timeout.ms"),
  initialRebalanceDelayMs: values.number("group.initial.rebalance.delay.ms"),
  maxSize: values.number("group.max.size"),
  newMemberJoinTimeoutMs: 300_000,
  consumerSessionTimeoutMs: values.number("group.consumer.session.timeout.ms"),
  consumerMinSessionTimeoutMs: values.number("group.consumer.min.session.timeout.ms"),
  consumerMaxSessionTimeoutMs: values.number("group.consumer.max.session.timeout.ms"),
  consumerHeartbeatIntervalMs: values.number("group.consumer.heartbeat.interval.ms"),
  consumerMinHeartbeatIntervalMs: values.number("group.consumer.min.heartbeat.interval.ms"),
  consumerMaxHeartbeatIntervalMs: values.number("group.consumer.max.heartbeat.interval.ms"),
  consumerMaxSize: values.number("group.consumer.max.size"),
  consumerMigrationPolicy: values.string("group.consumer.migration.policy").toLowerCase() as GroupSettings[
    "consumerMigrationPolicy"
  ],
  consumerAssignors: values.list("group.consumer.assignors"),
  offsetMetadataMaxSize: values.number("offset.metadata.max.bytes"),
  offsetsRetentionMs: values.number("offsets.retention.minutes") * 60_000,
  offsetsRetentionCheckIntervalMs: values.number("offsets.retention.check.interval.ms"),
  offsetsCommitTimeoutMs: values.number("offsets.commit.timeout.ms"),
  rebalanceProtocols: values.list("group.coordinator.rebalance.protocols")
})
