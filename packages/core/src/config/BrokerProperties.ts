import { Result } from "effect"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { brokerConfigDef, brokerSynonyms, dynamicMode } from "./BrokerConfigs.ts"
import { canonicalText, parseKey } from "./ConfigDef.ts"
import { topicConfigDef, topicConfigSynonyms } from "./TopicConfigs.ts"

/** Where a value came from; the numbers of DescribeConfigs. Source: DescribeConfigsResponse.ConfigSource. */
export const ConfigSource = {
  UNKNOWN: 0,
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  CLIENT_METRICS_CONFIG: 7,
  GROUP_CONFIG: 8
} as const

/** The levels of broker configs, strongest first. */
export interface BrokerLevels {
  readonly broker: ReadonlyMap<string, string>
  readonly clusterDefault: ReadonlyMap<string, string>
  readonly static: ReadonlyMap<string, string>
}

/** The levels of this broker in an image; `properties` are those it was started with. */
export const brokerLevels = (image: MetadataImage, properties: ReadonlyMap<string, string>): BrokerLevels => ({
  broker: image.configs("BROKER", properties.get("node.id") ?? ""),
  clusterDefault: image.configs("BROKER", ""),
  static: properties
})

/** A dynamic value counts only when it can be applied: declared as dynamic, and valid. */
const applies = (name: string, text: string): boolean => {
  const key = brokerConfigDef.keys.get(name)
  return key !== undefined && dynamicMode(name) !== "read-only" && Result.isSuccess(parseKey(key, text))
}

/**
 * The broker configs in force, without defaults. A stronger level hides the synonyms of its names in weaker ones.
 * Source: DynamicBrokerConfig.overrideProps.
 */
export const effectiveBrokerProperties = (levels: BrokerLevels): ReadonlyMap<string, string> => {
  if (levels.broker.size === 0 && levels.clusterDefault.size === 0) return levels.static
  const properties = new Map(levels.static)
  for (const level of [levels.clusterDefault, levels.broker]) {
    for (const [name, text] of level) {
      if (!applies(name, text)) continue
      for (const synonym of brokerSynonyms(name)) properties.delete(synonym)
      properties.set(name, text)
    }
  }
  return properties
}

/** A broker setting in force, its default included; null when it is unset. */
export const brokerText = (properties: ReadonlyMap<string, string>, name: string): string | null => {
  const text = properties.get(name)
  const key = brokerConfigDef.keys.get(name)
  return key === undefined ? text ?? null : canonicalText(key, text ?? key.defaultText ?? null)
}

const topicDefault = (properties: ReadonlyMap<string, string>, name: string): string | null => {
  for (const synonym of topicConfigSynonyms.get(name) ?? []) {
    const text = brokerText(properties, synonym.name)
    if (text === null) continue
    if (synonym.factor === 1) return name === "retention.ms" && text.startsWith("-") ? "-1" : text
    const scaled = BigInt(text) * BigInt(synonym.factor)
    return name === "retention.ms" && scaled < 0n ? "-1" : String(scaled)
  }
  return topicConfigDef.keys.get(name)?.defaultText ?? null
}

/**
 * What each topic config is on this broker when a topic does not set it, in text form and in the topic's units.
 * Source: AbstractKafkaConfig.extractLogConfigMap.
 */
export const topicDefaults = (properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const defaults = new Map<string, string>()
  for (const name of topicConfigDef.keys.keys()) {
    const text = topicDefault(properties, name)
    if (text !== null) defaults.set(name, text)
  }
  return defaults
}
