import { configDef, long } from "./ConfigDef.ts"
import type { ConfigDef, ConfigKey } from "./ConfigDef.ts"
import { atLeast } from "./ConfigValidator.ts"
import { clusterKeys } from "./broker-keys/ClusterKeys.ts"
import { groupKeys } from "./broker-keys/GroupKeys.ts"
import { logKeys } from "./broker-keys/LogKeys.ts"
import { networkKeys } from "./broker-keys/NetworkKeys.ts"
import { shareAndStreamsKeys } from "./broker-keys/ShareAndStreamsKeys.ts"
import { transactionKeys } from "./broker-keys/TransactionKeys.ts"
import { longMax } from "./TopicConfigs.ts"
import { noEffect } from "./SettingEffect.ts"

const brokerKeys = [
  ...networkKeys,
  ...logKeys,
  ...groupKeys,
  ...shareAndStreamsKeys,
  ...transactionKeys,
  ...clusterKeys
]

/**
 * The broker settings this broker reads, and those that tools look at. Defaults are Kafka 4.3's, except: `listeners`
 * binds to the loopback address, `log.dir` is `data`, `node.id` is 1, and the internal topics have one replica.
 * Source: AbstractKafkaConfig.CONFIG_DEF.
 */
export const brokerConfigDef: ConfigDef = configDef(brokerKeys)

/** The declarations of all of them, names and types included. */
export type BrokerKey = (typeof brokerKeys)[number]

/** Settings that exist only as dynamic configs of a broker. Source: DynamicConfig.Broker, QuotaConfig. */
const dynamicOnlyKeys: ReadonlyArray<ConfigKey> = [
  long(
    "leader.replication.throttled.rate",
    longMax,
    "Bytes per second of throttled replication sent.",
    noEffect.oneBroker,
    atLeast(0)
  ),
  long(
    "follower.replication.throttled.rate",
    longMax,
    "Bytes per second of throttled replication read.",
    noEffect.oneBroker,
    atLeast(0)
  ),
  long(
    "replica.alter.log.dirs.io.max.bytes.per.second",
    longMax,
    "Bytes per second of moves between directories.",
    noEffect.oneDirectory,
    atLeast(0)
  )
]

/** Everything a broker resource may hold as a dynamic config, and so everything whose value is checked there. */
export const dynamicBrokerConfigDef: ConfigDef = configDef([...brokerConfigDef.keys.values(), ...dynamicOnlyKeys])

/** `read-only` needs a restart, `per-broker` only one broker's resource, `cluster-wide` either. */
export type DynamicMode = "read-only" | "per-broker" | "cluster-wide"

const clusterWide = new Set([
  "background.threads",
  "compression.gzip.level",
  "compression.lz4.level",
  "compression.type",
  "compression.zstd.level",
  "follower.replication.throttled.rate",
  "group.consumer.assignment.interval.ms",
  "group.coordinator.cached.buffer.max.bytes",
  "group.share.assignment.interval.ms",
  "group.streams.assignment.interval.ms",
  "leader.replication.throttled.rate",
  "log.cleaner.backoff.ms",
  "log.cleaner.dedupe.buffer.size",
  "log.cleaner.delete.retention.ms",
  "log.cleaner.io.buffer.load.factor",
  "log.cleaner.io.buffer.size",
  "log.cleaner.io.max.bytes.per.second",
  "log.cleaner.max.compaction.lag.ms",
  "log.cleaner.min.cleanable.ratio",
  "log.cleaner.min.compaction.lag.ms",
  "log.cleaner.threads",
  "log.cleanup.policy",
  "log.flush.interval.messages",
  "log.flush.interval.ms",
  "log.index.interval.bytes",
  "log.index.size.max.bytes",
  "log.local.retention.bytes",
  "log.local.retention.ms",
  "log.message.timestamp.after.max.ms",
  "log.message.timestamp.before.max.ms",
  "log.message.timestamp.type",
  "log.preallocate",
  "log.retention.bytes",
  "log.retention.ms",
  "log.roll.jitter.ms",
  "log.roll.ms",
  "log.segment.bytes",
  "log.segment.delete.delay.ms",
  "max.connection.creation.rate",
  "max.connections",
  "max.connections.per.ip",
  "max.connections.per.ip.overrides",
  "message.max.bytes",
  "min.insync.replicas",
  "num.io.threads",
  "num.network.threads",
  "num.recovery.threads.per.data.dir",
  "num.replica.fetchers",
  "producer.id.expiration.ms",
  "replica.alter.log.dirs.io.max.bytes.per.second",
  "transaction.partition.verification.enable",
  "unclean.leader.election.enable"
])

const perBroker = new Set([
  "cordoned.log.dirs",
  "listener.security.protocol.map",
  "listeners",
  "principal.builder.class",
  "sasl.enabled.mechanisms",
  "ssl.client.auth"
])

/** Where a setting can be changed while the broker runs. Source: DynamicBrokerConfig.dynamicConfigUpdateModes. */
export const dynamicMode = (name: string): DynamicMode =>
  clusterWide.has(name) ? "cluster-wide" : perBroker.has(name) ? "per-broker" : "read-only"

const synonymGroups: ReadonlyArray<ReadonlyArray<string>> = [
  ["log.roll.ms", "log.roll.hours"],
  ["log.roll.jitter.ms", "log.roll.jitter.hours"],
  ["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
  ["log.retention.ms", "log.retention.minutes", "log.retention.hours"]
]

/**
 * The names under which a setting may be given, most specific first.
 * Source: DynamicBrokerConfig.brokerConfigSynonyms.
 */
export const brokerSynonyms = (name: string): ReadonlyArray<string> =>
  synonymGroups.find((group) => group.includes(name)) ?? [name]

/** Whether Kafka's tools and files may call a setting of this broker so. */
export const isBrokerConfigName = (name: string): boolean => brokerConfigDef.keys.has(name)
