import { type MetadataLogSettings, metadataLogSettings } from "./broker-settings/MetadataLogSettings.ts"
import { Result } from "effect"
import { type AuthorizerSettings, authorizerSettings } from "./broker-settings/AuthorizerSettings.ts"
import { type GroupSettings, groupSettings } from "./broker-settings/GroupSettings.ts"
import { type InternalTopicSettings, internalTopicSettings } from "./broker-settings/InternalTopicSettings.ts"
import { SettingValues } from "./broker-settings/SettingValues.ts"
import { type TransactionSettings, transactionSettings } from "./broker-settings/TransactionSettings.ts"
import { brokerConfigDef } from "./BrokerConfigs.ts"
import { closestName } from "./closestName.ts"
import { parseAll } from "./ConfigDef.ts"
import { resolveListeners } from "./resolveListeners.ts"
import type { BrokerListener } from "./resolveListeners.ts"
import { noEffect, type SettingEffect } from "./SettingEffect.ts"

/** A setting that was given and changes nothing; `why` is a clause. */
export interface SettingWithoutEffect {
  readonly name: string
  readonly why: string
}

/** Prefixes of settings that are not declared one by one. */
const undeclared: ReadonlyArray<readonly [string, SettingEffect]> = [
  ["sasl.", noEffect.plainTcp],
  ["ssl.", noEffect.plainTcp],
  ["listener.name.", noEffect.plainTcp],
  ["delegation.token.", noEffect.plainTcp],
  ["security.providers", noEffect.plainTcp],
  ["remote.log.", noEffect.noTiering],
  ["metric.reporters", noEffect.noMetrics]
]

const withoutEffect = (name: string): ReadonlyArray<SettingWithoutEffect> => {
  const effect = brokerConfigDef.keys.get(name)?.effect ?? undeclared.find(([prefix]) => name.startsWith(prefix))?.[1]
  if (effect !== undefined) return effect.acts === "Never" ? [{ name, why: effect.why }] : []
  const meant = closestName(name, brokerConfigDef.keys.keys())
  return [{
    name,
    why: meant === undefined ? "there is no such setting" : `there is no such setting; did you mean ${meant}?`
  }]
}

/** The broker's own settings, parsed. All sizes in bytes; what has a unit says so in its name. */
export interface BrokerSettings {
  /** What was given, by Kafka's names; the static level of dynamic configs. */
  readonly properties: ReadonlyMap<string, string>
  /** Given, but unknown here or without effect. */
  readonly withoutEffect: ReadonlyArray<SettingWithoutEffect>
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
  readonly metadataLog: MetadataLogSettings
  /**
   * `kafka.broker.metadata.log.failure`: what the binary does once nothing can be changed any more. A start is the only
   * cure, so by default it ends; an embedded broker never ends its host.
   */
  readonly metadataLogFailure: "exit" | "refuse"
  /** `kafka.broker.acks.all.durability`: what acks=all waits for beside the replicas. */
  readonly acksAllDurability: "sync" | "page-cache"
  readonly group: GroupSettings
  readonly offsetsTopic: InternalTopicSettings
  readonly transactions: TransactionSettings
  readonly transactionTopic: InternalTopicSettings
  readonly authorizer: AuthorizerSettings
}

/** `broker.id` stands in for a missing `node.id`, and the other way round. Source: AbstractKafkaConfig. */
const nodeIdOf = (properties: ReadonlyMap<string, string>, values: SettingValues): Result.Result<number, string> => {
  const brokerId = values.number("broker.id")
  if (!properties.has("node.id")) return Result.succeed(brokerId >= 0 ? brokerId : 1)
  const nodeId = values.number("node.id")
  return properties.has("broker.id") && brokerId !== nodeId
    ? Result.fail(`You must set \`node.id\` to the same value as \`broker.id\`: ${nodeId} is not ${brokerId}`)
    : Result.succeed(nodeId)
}

const contradiction = (values: SettingValues): string | undefined => {
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
const connectionOverrides = (values: SettingValues): Result.Result<ReadonlyMap<string, number>, string> => {
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
    const values = new SettingValues(yield* parseAll(brokerConfigDef, properties))
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
    const metadataLogDir = values.nullable("metadata.log.dir")
    if (metadataLogDir !== null && metadataLogDir !== logDir) {
      return yield* Result.fail(`metadata.log.dir must be ${logDir}, as log.dirs is: this broker has one directory`)
    }
    return {
      // Kafka keeps both names of the id in step, so tools find either.
      properties: new Map([...properties, ["node.id", String(nodeId)], ["broker.id", String(nodeId)]]),
      withoutEffect: Array.from(properties.keys()).flatMap(withoutEffect),
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
      metadataLog: metadataLogSettings(values),
      metadataLogFailure: values.string("kafka.broker.metadata.log.failure") as BrokerSettings["metadataLogFailure"],
      acksAllDurability: values.string("kafka.broker.acks.all.durability") as BrokerSettings["acksAllDurability"],
      group: groupSettings(values),
      offsetsTopic: internalTopicSettings(values, "offsets.topic", "num.partitions", 1),
      transactions: transactionSettings(values),
      transactionTopic: internalTopicSettings(
        values,
        "transaction.state.log",
        "num.partitions",
        values.number("transaction.state.log.min.isr")
      ),
      authorizer: authorizerSettings(values)
    }
  })
