import { Result } from "effect"
import type { LogConfig } from "../log/LogStore.ts"
import type { MetadataImage, TopicImage } from "../metadata/MetadataImage.ts"
import { brokerLevels, effectiveBrokerProperties, topicDefaults } from "./BrokerProperties.ts"
import { parseKey } from "./ConfigDef.ts"
import type { ConfigValue } from "./ConfigValue.ts"
import { topicConfigDef } from "./TopicConfigs.ts"

/** A topic's configs in force, parsed. A limit of Long.MAX_VALUE is a number of at least 2^62. */
export interface TopicSettings {
  readonly log: LogConfig
  /** Whole batches, overhead included. */
  readonly maxMessageBytes: number
  readonly segmentBytes: number
  readonly isCompacted: boolean
  /** Whether old segments are deleted by age and size. */
  readonly isDeleted: boolean
  readonly timestampType: "CreateTime" | "LogAppendTime"
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  /** `producer` keeps the codec of the batch. */
  readonly compression: "none" | "gzip" | "snappy" | "lz4" | "zstd" | "producer"
  readonly minInsyncReplicas: number
  /** -1: no limit. */
  readonly retentionMs: number
  /** -1: no limit. */
  readonly retentionBytes: number
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly minCleanableDirtyRatio: number
}

/** A stored value that does not parse any more, by a newer table, falls back to the declared default. */
const reader = (texts: ReadonlyMap<string, string>) => (name: string): ConfigValue => {
  const key = topicConfigDef.keys.get(name)!
  const parsed = parseKey(key, texts.get(name) ?? key.defaultText ?? null)
  if (Result.isSuccess(parsed)) return parsed.success
  return Result.getOrThrow(parseKey(key, key.defaultText ?? null))
}

/** The configs in force as `TopicSettings`; `texts` are defaults and overrides in one. */
const parseTopicSettings = (texts: ReadonlyMap<string, string>): TopicSettings => {
  const value = reader(texts)
  const number = (name: string): number => Number(value(name))
  const policies = value("cleanup.policy") as ReadonlyArray<string>
  const compression = String(value("compression.type"))
  const internalSegmentBytes = value("internal.segment.bytes")
  const segmentBytes = internalSegmentBytes === null ? number("segment.bytes") : Number(internalSegmentBytes)
  const segmentMs = number("segment.ms")
  const isCompacted = policies.includes("compact")
  return {
    log: {
      segmentBytes,
      // Source: LogConfig.maxSegmentMs: a compacted log must roll before its records may wait no longer.
      segmentMs: isCompacted ? Math.min(segmentMs, number("max.compaction.lag.ms")) : segmentMs,
      indexIntervalBytes: number("index.interval.bytes"),
      segmentIndexBytes: number("segment.index.bytes"),
      flushMessages: number("flush.messages"),
      flushMs: number("flush.ms"),
      isCompacted,
      fileDeleteDelayMs: number("file.delete.delay.ms")
    },
    maxMessageBytes: number("max.message.bytes"),
    segmentBytes,
    isCompacted,
    isDeleted: policies.includes("delete"),
    timestampType: value("message.timestamp.type") === "LogAppendTime" ? "LogAppendTime" : "CreateTime",
    timestampBeforeMaxMs: number("message.timestamp.before.max.ms"),
    timestampAfterMaxMs: number("message.timestamp.after.max.ms"),
    compression: compression === "uncompressed" ? "none" : compression as TopicSettings["compression"],
    minInsyncReplicas: number("min.insync.replicas"),
    retentionMs: number("retention.ms"),
    retentionBytes: number("retention.bytes"),
    deleteRetentionMs: number("delete.retention.ms"),
    minCompactionLagMs: number("min.compaction.lag.ms"),
    maxCompactionLagMs: number("max.compaction.lag.ms"),
    minCleanableDirtyRatio: number("min.cleanable.dirty.ratio")
  }
}

/** Gives the settings of a topic under an image; asked again for what did not change it answers from memory. */
export type TopicSettingsOf = (image: MetadataImage, topic: TopicImage) => TopicSettings

/**
 * Makes the resolution topic config, dynamic broker config, dynamic cluster-wide default, static broker setting,
 * default. Images share unchanged config maps, so results are kept by the identity of the maps they were made from.
 */
export const makeTopicSettingsOf = (properties: ReadonlyMap<string, string>): TopicSettingsOf => {
  let broker: ReadonlyMap<string, string> | undefined
  let clusterDefault: ReadonlyMap<string, string> | undefined
  let defaults: ReadonlyMap<string, string> = new Map()
  let byConfigs = new WeakMap<ReadonlyMap<string, string>, TopicSettings>()
  return (image, topic) => {
    const levels = brokerLevels(image, properties)
    if (levels.broker !== broker || levels.clusterDefault !== clusterDefault) {
      broker = levels.broker
      clusterDefault = levels.clusterDefault
      defaults = topicDefaults(effectiveBrokerProperties(levels))
      byConfigs = new WeakMap()
    }
    const known = byConfigs.get(topic.configs)
    if (known !== undefined) return known
    const settings = parseTopicSettings(new Map([...defaults, ...topic.configs]))
    byConfigs.set(topic.configs, settings)
    return settings
  }
}
