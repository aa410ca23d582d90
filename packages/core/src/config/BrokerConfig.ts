import { Context, Effect, Layer, Result, Schema } from "effect"
import { brokerConfigDef } from "./BrokerConfigs.ts"
import { parseAll } from "./ConfigDef.ts"
import type { ConfigValue } from "./ConfigValue.ts"
import { resolveListeners } from "./resolveListeners.ts"
import type { BrokerListener } from "./resolveListeners.ts"

/** The settings cannot be read or contradict each other; the message is one line for the person who set them. */
export class BrokerConfigError extends Schema.TaggedError<BrokerConfigError>()("BrokerConfigError", {
  reason: Schema.Literals(["Invalid"]),
  message: Schema.String
}) {}

/** Shape of an internal topic. */
export interface InternalTopicSettings {
  readonly partitions: number
  readonly replicationFactor: number
  readonly segmentBytes: number
  readonly minIsr: number
}

/** `group.*` and `offsets.*`, under the names the group coordinator uses. Times in milliseconds. */
export interface GroupBrokerSettings {
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
  readonly consumerRegexRefreshIntervalMs: number
  readonly consumerAssignors: ReadonlyArray<string>
  readonly offsetMetadataMaxSize: number
  readonly offsetsRetentionMs: number
  readonly offsetsRetentionCheckIntervalMs: number
  readonly offsetsCommitTimeoutMs: number
  /** `group.coordinator.rebalance.protocols` */
  readonly rebalanceProtocols: ReadonlyArray<string>
}

/** `transaction.*`, `transactional.*` and `producer.id.*`. Times in milliseconds. */
export interface TransactionBrokerSettings {
  readonly maxTimeoutMs: number
  readonly abortTimedOutIntervalMs: number
  readonly removeExpiredIntervalMs: number
  readonly transactionalIdExpirationMs: number
  readonly partitionVerificationEnable: boolean
  readonly twoPhaseCommitEnable: boolean
  readonly producerIdExpirationMs: number
  readonly producerIdExpirationCheckIntervalMs: number
}

/** Which authorizer decides; see `AclAuthorizer`. */
export interface AuthorizerBrokerSettings {
  /** False: everything is allowed. */
  readonly enabled: boolean
  /** In Kafka's form, `User:name`. */
  readonly superUsers: ReadonlyArray<string>
  readonly allowEveryoneIfNoAclFound: boolean
  /** Path of the JSON file with ACL bindings, or null. */
  readonly aclFile: string | null
}

/** The broker's own settings, parsed. All sizes in bytes; what has a unit says so in its name. */
export interface BrokerSettings {
  /** What was given, by Kafka's names; the static level of dynamic configs. */
  readonly properties: ReadonlyMap<string, string>
  /** Names that were given but that this broker does not know or does not act on. */
  readonly ignoredKeys: ReadonlyArray<string>
  readonly nodeId: number
  readonly rack: string | null
  /** At least one. */
  readonly listeners: ReadonlyArray<BrokerListener>
  /** The one entry of `log.dirs`, else of `log.dir`. */
  readonly logDir: string
  readonly autoCreateTopicsEnable: boolean
  readonly deleteTopicEnable: boolean
  readonly numPartitions: number
  readonly defaultReplicationFactor: number
  readonly socketRequestMaxBytes: number
  /** Kafka's default of 50 holds only when it is set: more clients than that may arrive at once. */
  readonly socketListenBacklogSize: number
  readonly maxConnections: number
  readonly maxConnectionsPerIp: number
  /** By address. */
  readonly maxConnectionsPerIpOverrides: ReadonlyMap<string, number>
  readonly connectionsMaxIdleMs: number
  readonly queuedMaxRequestBytes: number
  readonly fetchMaxBytes: number
  readonly fetchSessionCacheSlots: number
  readonly maxRequestPartitionSizeLimit: number
  readonly logRetentionCheckIntervalMs: number
  readonly logFlushSchedulerIntervalMs: number
  /** `kafka.broker.acks.all.durability`: what acks=all waits for beside the replicas. */
  readonly acksAllDurability: "sync" | "page-cache"
  readonly logFlushOffsetCheckpointIntervalMs: number
  readonly logFlushStartOffsetCheckpointIntervalMs: number
  readonly highWatermarkCheckpointIntervalMs: number
  readonly logCleanerEnable: boolean
  readonly logCleanerBackoffMs: number
  readonly logCleanerDedupeBufferSize: number
  readonly recoveryThreads: number
  readonly group: GroupBrokerSettings
  readonly offsetsTopic: InternalTopicSettings
  readonly transactions: TransactionBrokerSettings
  readonly transactionTopic: InternalTopicSettings
  readonly authorizer: AuthorizerBrokerSettings
}

/** Reads parsed values; every key it is asked for is declared, so a wrong one is a mistake in this file. */
class Values {
  private readonly values: ReadonlyMap<string, ConfigValue>
  constructor(values: ReadonlyMap<string, ConfigValue>) {
    this.values = values
  }
  number(name: string): number {
    return Number(this.values.get(name))
  }
  boolean(name: string): boolean {
    return this.values.get(name) === true
  }
  string(name: string): string {
    return String(this.values.get(name) ?? "")
  }
  nullable(name: string): string | null {
    const value = this.values.get(name)
    return typeof value === "string" && value !== "" ? value : null
  }
  list(name: string): ReadonlyArray<string> {
    const value = this.values.get(name)
    return Array.isArray(value) ? value : []
  }
}

const groupSettings = (values: Values): GroupBrokerSettings => ({
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
  consumerMigrationPolicy: values.string("group.consumer.migration.policy").toLowerCase() as GroupBrokerSettings[
    "consumerMigrationPolicy"
  ],
  consumerRegexRefreshIntervalMs: values.number("group.consumer.regex.refresh.interval.ms"),
  consumerAssignors: values.list("group.consumer.assignors"),
  offsetMetadataMaxSize: values.number("offset.metadata.max.bytes"),
  offsetsRetentionMs: values.number("offsets.retention.minutes") * 60_000,
  offsetsRetentionCheckIntervalMs: values.number("offsets.retention.check.interval.ms"),
  offsetsCommitTimeoutMs: values.number("offsets.commit.timeout.ms"),
  rebalanceProtocols: values.list("group.coordinator.rebalance.protocols")
})

const transactionSettings = (values: Values): TransactionBrokerSettings => ({
  maxTimeoutMs: values.number("transaction.max.timeout.ms"),
  abortTimedOutIntervalMs: values.number("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
  removeExpiredIntervalMs: values.number("transaction.remove.expired.transaction.cleanup.interval.ms"),
  transactionalIdExpirationMs: values.number("transactional.id.expiration.ms"),
  partitionVerificationEnable: values.boolean("transaction.partition.verification.enable"),
  twoPhaseCommitEnable: values.boolean("transaction.two.phase.commit.enable"),
  producerIdExpirationMs: values.number("producer.id.expiration.ms"),
  producerIdExpirationCheckIntervalMs: values.number("producer.id.expiration.check.interval.ms")
})

const internalTopic = (values: Values, prefix: string, partitions: string, minIsr: number): InternalTopicSettings => ({
  partitions: values.number(`${prefix}.${partitions}`),
  replicationFactor: values.number(`${prefix}.replication.factor`),
  segmentBytes: values.number(`${prefix}.segment.bytes`),
  minIsr
})

const authorizerSettings = (values: Values): AuthorizerBrokerSettings => {
  const aclFile = values.nullable("kafka.broker.acl.file")
  return {
    enabled: aclFile !== null || values.string("authorizer.class.name") !== "",
    superUsers: values.string("super.users").split(";").map((user) => user.trim()).filter((user) => user !== ""),
    allowEveryoneIfNoAclFound: values.boolean("allow.everyone.if.no.acl.found"),
    aclFile
  }
}

/** `broker.id` stands in for a missing `node.id`, and the other way round. Source: AbstractKafkaConfig. */
const nodeIdOf = (properties: ReadonlyMap<string, string>, values: Values): Result.Result<number, string> => {
  const brokerId = values.number("broker.id")
  if (!properties.has("node.id")) return Result.succeed(brokerId >= 0 ? brokerId : 1)
  const nodeId = values.number("node.id")
  return properties.has("broker.id") && brokerId !== nodeId
    ? Result.fail(`You must set \`node.id\` to the same value as \`broker.id\`: ${nodeId} is not ${brokerId}`)
    : Result.succeed(nodeId)
}

const contradiction = (values: Values): string | undefined => {
  for (const role of values.list("process.roles")) {
    if (role !== "broker" && role !== "controller") return `Unknown process role '${role}'`
  }
  if (!values.list("process.roles").includes("broker")) return "process.roles must contain broker"
  const order = (low: string, high: string): string | undefined =>
    values.number(low) > values.number(high) ? `${high} must be greater than or equal to ${low}` : undefined
  return order("group.min.session.timeout.ms", "group.max.session.timeout.ms") ??
    order("group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms") ??
    order("group.consumer.min.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms") ??
    order("group.consumer.heartbeat.interval.ms", "group.consumer.session.timeout.ms")
}

/** Connections the system holds for a listener unless the setting says how many: a few thousand arriving at once. */
const defaultBacklog = 4096

/** Addresses with a connection limit of their own, from `address:count` entries. Source: ConnectionQuotas. */
const connectionOverrides = (values: Values): Result.Result<ReadonlyMap<string, number>, string> => {
  const key = "max.connections.per.ip.overrides"
  const overrides = new Map<string, number>()
  for (const entry of values.string(key).split(",").map((text) => text.trim())) {
    if (entry === "") continue
    const match = /^(.+):(\d+)$/.exec(entry)
    if (match === null) return Result.fail(`Invalid value ${entry} for configuration ${key}: must be address:count`)
    overrides.set(match[1]!, Number(match[2]))
  }
  return values.number("max.connections.per.ip") === 0 && overrides.size === 0
    ? Result.fail(`max.connections.per.ip can be set to zero only if ${key} property is set.`)
    : Result.succeed(overrides)
}

/** The parsed settings, or one line that says what is wrong. Missing names have the defaults of `brokerConfigDef`. */
export const brokerSettings = (
  properties: ReadonlyMap<string, string>
): Result.Result<BrokerSettings, string> =>
  Result.gen(function*() {
    const values = new Values(yield* parseAll(brokerConfigDef, properties))
    const nodeId = yield* nodeIdOf(properties, values)
    const problem = contradiction(values)
    if (problem !== undefined) return yield* Result.fail(problem)
    const listeners = yield* resolveListeners({
      listeners: values.list("listeners"),
      advertised: values.list("advertised.listeners"),
      controllerNames: values.list("controller.listener.names"),
      protocolMap: values.string("listener.security.protocol.map")
    })
    const maxConnectionsPerIpOverrides = yield* connectionOverrides(values)
    const logDirs = values.list("log.dirs")
    const [logDir, ...otherDirs] = logDirs.length > 0 ? logDirs : values.list("log.dir")
    if (logDir === undefined) return yield* Result.fail("At least one log directory must be given in log.dirs")
    if (otherDirs.length > 0) {
      return yield* Result.fail(`This broker keeps its data in one directory; log.dirs names ${otherDirs.length + 1}`)
    }
    return {
      // Kafka keeps both names of the id in step, so tools find either.
      properties: new Map([...properties, ["node.id", String(nodeId)], ["broker.id", String(nodeId)]]),
      ignoredKeys: Array.from(properties.keys()).filter((name) => !brokerConfigDef.keys.has(name)),
      nodeId,
      rack: values.nullable("broker.rack"),
      listeners,
      logDir,
      autoCreateTopicsEnable: values.boolean("auto.create.topics.enable"),
      deleteTopicEnable: values.boolean("delete.topic.enable"),
      numPartitions: values.number("num.partitions"),
      defaultReplicationFactor: values.number("default.replication.factor"),
      socketRequestMaxBytes: values.number("socket.request.max.bytes"),
      socketListenBacklogSize: properties.has("socket.listen.backlog.size")
        ? values.number("socket.listen.backlog.size")
        : defaultBacklog,
      maxConnections: values.number("max.connections"),
      maxConnectionsPerIp: values.number("max.connections.per.ip"),
      maxConnectionsPerIpOverrides,
      connectionsMaxIdleMs: values.number("connections.max.idle.ms"),
      queuedMaxRequestBytes: values.number("queued.max.request.bytes"),
      fetchMaxBytes: values.number("fetch.max.bytes"),
      fetchSessionCacheSlots: values.number("max.incremental.fetch.session.cache.slots"),
      maxRequestPartitionSizeLimit: values.number("max.request.partition.size.limit"),
      logRetentionCheckIntervalMs: values.number("log.retention.check.interval.ms"),
      acksAllDurability: values.string("kafka.broker.acks.all.durability") as BrokerSettings["acksAllDurability"],
      logFlushSchedulerIntervalMs: values.number("log.flush.scheduler.interval.ms"),
      logFlushOffsetCheckpointIntervalMs: values.number("log.flush.offset.checkpoint.interval.ms"),
      logFlushStartOffsetCheckpointIntervalMs: values.number("log.flush.start.offset.checkpoint.interval.ms"),
      highWatermarkCheckpointIntervalMs: values.number("replica.high.watermark.checkpoint.interval.ms"),
      logCleanerEnable: values.boolean("log.cleaner.enable"),
      logCleanerBackoffMs: values.number("log.cleaner.backoff.ms"),
      logCleanerDedupeBufferSize: values.number("log.cleaner.dedupe.buffer.size"),
      recoveryThreads: values.number("num.recovery.threads.per.data.dir"),
      group: groupSettings(values),
      offsetsTopic: internalTopic(values, "offsets.topic", "num.partitions", 1),
      transactions: transactionSettings(values),
      transactionTopic: internalTopic(
        values,
        "transaction.state.log",
        "num.partitions",
        values.number("transaction.state.log.min.isr")
      ),
      authorizer: authorizerSettings(values)
    }
  })

/** The broker's own settings as a service. */
export class BrokerConfig extends Context.Service<BrokerConfig, BrokerSettings>()(
  "@kafka-broker/core/config/BrokerConfig"
) {
  /**
   * Settings from properties by Kafka's names, for example `{ "num.partitions": "3" }`; the rest has its default.
   * Fails when a value does not parse or settings contradict each other.
   */
  static layer(
    properties: Readonly<Record<string, string>> | ReadonlyMap<string, string> = {}
  ): Layer.Layer<BrokerConfig, BrokerConfigError> {
    const given = new Map(properties instanceof Map ? properties : Object.entries(properties))
    return Layer.effect(
      BrokerConfig,
      Effect.mapError(
        Effect.fromResult(brokerSettings(given)),
        (message) => new BrokerConfigError({ reason: "Invalid", message })
      )
    )
  }
}
