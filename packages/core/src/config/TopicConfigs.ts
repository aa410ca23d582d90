import { Result } from "effect"
import { boolean, configDef, double, int, internal, list, long, parseAll, string } from "./ConfigDef.ts"
import type { ConfigDef, ConfigKey } from "./ConfigDef.ts"
import { atLeast, between, doubleBetween, gzipLevel, listOf, oneOf, throttledReplicas } from "./ConfigValidator.ts"
import { atOnce, noEffect } from "./SettingEffect.ts"

/** Long.MAX_VALUE, how Kafka writes "no limit". */
export const longMax = "9223372036854775807"

const keys: ReadonlyArray<ConfigKey> = [
  int("segment.bytes", "1073741824", "Size in bytes at which a new log segment is begun.", atOnce, atLeast(1048576)),
  long(
    "segment.ms",
    "604800000",
    "Age in milliseconds at which a new log segment is begun even when the current one is not full.",
    atOnce,
    atLeast(1)
  ),
  long(
    "segment.jitter.ms",
    "0",
    "Largest random time in milliseconds taken off segment.ms so that segments do not roll all at once.",
    noEffect.noRetention,
    atLeast(0)
  ),
  int(
    "segment.index.bytes",
    "10485760",
    "Largest size in bytes of an offset index; a full index begins a new segment.",
    atOnce,
    atLeast(4)
  ),
  long(
    "flush.messages",
    longMax,
    "Number of records after which the log is forced to stable storage.",
    atOnce,
    atLeast(1)
  ),
  long(
    "flush.ms",
    longMax,
    "Time in milliseconds after which written records are forced to stable storage.",
    atOnce,
    atLeast(0)
  ),
  long(
    "retention.bytes",
    "-1",
    "Size in bytes a partition may reach before its oldest segments are deleted; -1 is no limit.",
    noEffect.noRetention
  ),
  long(
    "retention.ms",
    "604800000",
    "Age in milliseconds after which records may be deleted; -1 is no limit.",
    noEffect.noRetention,
    atLeast(-1)
  ),
  int(
    "max.message.bytes",
    "1048588",
    "Largest size in bytes of one record batch, after compression if it is compressed.",
    atOnce,
    atLeast(0)
  ),
  int("index.interval.bytes", "4096", "Bytes of log between two entries of the offset index.", atOnce, atLeast(0)),
  long(
    "delete.retention.ms",
    "86400000",
    "Time in milliseconds that delete markers stay in a compacted topic.",
    noEffect.noRetention,
    atLeast(0)
  ),
  long(
    "min.compaction.lag.ms",
    "0",
    "Least time in milliseconds that a record stays uncompacted.",
    noEffect.noRetention,
    atLeast(0)
  ),
  long(
    "max.compaction.lag.ms",
    longMax,
    "Longest time in milliseconds that a record stays ineligible for compaction.",
    noEffect.noRetention,
    atLeast(1)
  ),
  long(
    "file.delete.delay.ms",
    "60000",
    "Time in milliseconds between taking a segment out of the log and deleting its files.",
    noEffect.noRetention,
    atLeast(0)
  ),
  double(
    "min.cleanable.dirty.ratio",
    "0.5",
    "Share of the log that must be uncompacted before it is compacted again.",
    noEffect.noRetention,
    doubleBetween(0, 1)
  ),
  list(
    "cleanup.policy",
    "delete",
    "What happens to old records: delete by age and size, compact by key, or both.",
    noEffect.noRetention,
    listOf("compact", "delete")
  ),
  boolean(
    "unclean.leader.election.enable",
    "false",
    "Whether a replica outside the in-sync set may lead, at the price of losing records.",
    noEffect.oneBroker
  ),
  int(
    "min.insync.replicas",
    "1",
    "Replicas that must be in sync for a write with acks=all to be accepted.",
    atOnce,
    atLeast(1)
  ),
  string(
    "compression.type",
    "producer",
    "Codec in which batches are stored; producer keeps the codec they arrived in.",
    atOnce,
    oneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")
  ),
  int(
    "compression.gzip.level",
    "-1",
    "Level used when compression.type is gzip; -1 is the codec's own default.",
    noEffect.codecDecides,
    gzipLevel
  ),
  int("compression.lz4.level", "9", "Level used when compression.type is lz4.", noEffect.codecDecides, between(1, 17)),
  int(
    "compression.zstd.level",
    "3",
    "Level used when compression.type is zstd.",
    noEffect.codecDecides,
    between(-131072, 22)
  ),
  boolean(
    "preallocate",
    "false",
    "Whether the file of a new segment gets its full size at once.",
    noEffect.systemDecides
  ),
  string(
    "message.timestamp.type",
    "CreateTime",
    "Whether a record's timestamp is set by its producer or by the broker on append.",
    atOnce,
    oneOf("CreateTime", "LogAppendTime")
  ),
  long(
    "message.timestamp.before.max.ms",
    longMax,
    "How far in milliseconds a producer's timestamp may lie behind the broker's clock.",
    atOnce,
    atLeast(0)
  ),
  long(
    "message.timestamp.after.max.ms",
    "3600000",
    "How far in milliseconds a producer's timestamp may lie ahead of the broker's clock.",
    atOnce,
    atLeast(0)
  ),
  list(
    "leader.replication.throttled.replicas",
    "",
    "Replicas, as partition:broker or *, whose replication is throttled on the leader's side.",
    noEffect.oneBroker,
    throttledReplicas
  ),
  list(
    "follower.replication.throttled.replicas",
    "",
    "Replicas, as partition:broker or *, whose replication is throttled on the follower's side.",
    noEffect.oneBroker,
    throttledReplicas
  ),
  boolean("remote.storage.enable", "false", "Whether tiered storage is used for the topic.", noEffect.noTiering),
  long(
    "local.retention.ms",
    "-2",
    "Age in milliseconds at which segments leave local storage under tiered storage; -2 follows retention.ms.",
    noEffect.noTiering,
    atLeast(-2)
  ),
  long(
    "local.retention.bytes",
    "-2",
    "Size in bytes kept in local storage under tiered storage; -2 follows retention.bytes.",
    noEffect.noTiering,
    atLeast(-2)
  ),
  boolean(
    "remote.log.copy.disable",
    "false",
    "Whether a tiered topic stops copying segments to remote storage.",
    noEffect.noTiering
  ),
  boolean(
    "remote.log.delete.on.disable",
    "false",
    "Whether turning tiered storage off deletes what is in remote storage.",
    noEffect.noTiering
  ),
  internal(int("internal.segment.bytes", null, "Segment size in bytes below the public minimum, for tests.", atOnce))
]

/** Every topic config of Kafka 4.3. Source: LogConfig. */
export const topicConfigDef: ConfigDef = configDef(keys)

/** A broker setting a topic config falls back to, and what turns its value into the topic's unit. */
export interface TopicConfigSynonym {
  readonly name: string
  /** Milliseconds per unit of the broker setting; 1 when the units agree. */
  readonly factor: number
}

const same = (name: string): ReadonlyArray<TopicConfigSynonym> => [{ name, factor: 1 }]

/**
 * Broker settings behind each topic config, most specific first.
 * Source: ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.
 */
export const topicConfigSynonyms: ReadonlyMap<string, ReadonlyArray<TopicConfigSynonym>> = new Map([
  ["segment.bytes", same("log.segment.bytes")],
  ["segment.ms", [{ name: "log.roll.ms", factor: 1 }, { name: "log.roll.hours", factor: 3_600_000 }]],
  ["segment.jitter.ms", [
    { name: "log.roll.jitter.ms", factor: 1 },
    { name: "log.roll.jitter.hours", factor: 3_600_000 }
  ]],
  ["segment.index.bytes", same("log.index.size.max.bytes")],
  ["flush.messages", same("log.flush.interval.messages")],
  ["flush.ms", [
    { name: "log.flush.interval.ms", factor: 1 },
    { name: "log.flush.scheduler.interval.ms", factor: 1 }
  ]],
  ["retention.bytes", same("log.retention.bytes")],
  ["retention.ms", [
    { name: "log.retention.ms", factor: 1 },
    { name: "log.retention.minutes", factor: 60_000 },
    { name: "log.retention.hours", factor: 3_600_000 }
  ]],
  ["max.message.bytes", same("message.max.bytes")],
  ["index.interval.bytes", same("log.index.interval.bytes")],
  ["delete.retention.ms", same("log.cleaner.delete.retention.ms")],
  ["min.compaction.lag.ms", same("log.cleaner.min.compaction.lag.ms")],
  ["max.compaction.lag.ms", same("log.cleaner.max.compaction.lag.ms")],
  ["file.delete.delay.ms", same("log.segment.delete.delay.ms")],
  ["min.cleanable.dirty.ratio", same("log.cleaner.min.cleanable.ratio")],
  ["cleanup.policy", same("log.cleanup.policy")],
  ["unclean.leader.election.enable", same("unclean.leader.election.enable")],
  ["min.insync.replicas", same("min.insync.replicas")],
  ["compression.type", same("compression.type")],
  ["compression.gzip.level", same("compression.gzip.level")],
  ["compression.lz4.level", same("compression.lz4.level")],
  ["compression.zstd.level", same("compression.zstd.level")],
  ["preallocate", same("log.preallocate")],
  ["message.timestamp.type", same("log.message.timestamp.type")],
  ["message.timestamp.before.max.ms", same("log.message.timestamp.before.max.ms")],
  ["message.timestamp.after.max.ms", same("log.message.timestamp.after.max.ms")],
  ["local.retention.ms", same("log.local.retention.ms")],
  ["local.retention.bytes", same("log.local.retention.bytes")]
])

/** The topic configs a broker has, explicit or not; what `validateTopicConfigs` fills in for those not given. */
export type TopicConfigDefaults = ReadonlyMap<string, string>

/**
 * Checks the explicitly set configs of a topic as a whole. Returns Kafka's sentence when refused, which clients
 * get with INVALID_CONFIG. `configs` holds the overrides as they would be after the change, `defaults` what applies to
 * the others on this broker (Kafka's own defaults when not given). Source: LogConfig.validate.
 */
export const validateTopicConfigs = (
  configs: ReadonlyMap<string, string>,
  defaults?: TopicConfigDefaults
): string | undefined => {
  for (const name of configs.keys()) {
    if (!topicConfigDef.keys.has(name)) return `Unknown topic config name: ${name}`
  }
  const parsed = parseAll(topicConfigDef, defaults === undefined ? configs : new Map([...defaults, ...configs]))
  if (Result.isFailure(parsed)) return parsed.failure
  const min = parsed.success.get("min.compaction.lag.ms") as bigint
  const max = parsed.success.get("max.compaction.lag.ms") as bigint
  if (min > max) {
    return `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`
  }
  if (parsed.success.get("remote.storage.enable") === true) {
    return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
  }
  return undefined
}
