import { brokerConfigDef, brokerSynonyms, dynamicBrokerConfigDef, dynamicMode } from "../../config/BrokerConfigs.ts"
import { ConfigSource, effectiveBrokerProperties, topicDefaults } from "../../config/BrokerProperties.ts"
import type { BrokerLevels } from "../../config/BrokerProperties.ts"
import { clientMetricsConfigDef } from "../../config/ClientMetricsConfigs.ts"
import { canonicalText, isSensitive } from "../../config/ConfigDef.ts"
import type { ConfigDef, ConfigKey } from "../../config/ConfigDef.ts"
import type { ConfigType } from "../../config/ConfigValue.ts"
import { groupConfigDef, groupConfigSynonym, groupDefaults } from "../../config/GroupConfigs.ts"
import { topicConfigDef, topicConfigSynonyms } from "../../config/TopicConfigs.ts"

/** One level at which a config has a value, under the name it has there. */
export interface DescribedSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: number
}

/** One config of a resource with everything DescribeConfigs can show. */
export interface DescribedConfig {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  readonly configSource: number
  readonly isSensitive: boolean
  readonly synonyms: ReadonlyArray<DescribedSynonym>
  readonly configType: number
  /** Null for a name that is not declared. */
  readonly documentation: string | null
}

/** Source: DescribeConfigsResponse.ConfigType. */
const configTypes: Record<ConfigType, number> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9
}

const configTypeOf = (key: ConfigKey | undefined): number => key === undefined ? 0 : configTypes[key.type]

/** A name nobody declared may hold a secret. Source: KafkaConfig.maybeSensitive. */
const maybeSensitive = (key: ConfigKey | undefined): boolean => key === undefined || isSensitive(key)

/** Every level at which a broker setting or one of its synonyms has a value. Source: ConfigHelper.configSynonyms. */
const brokerLevelSynonyms = (name: string, levels: BrokerLevels, hidden: boolean): ReadonlyArray<DescribedSynonym> => {
  const found: Array<DescribedSynonym> = []
  const add = (text: (synonym: string) => string | null | undefined, source: number): void => {
    for (const synonym of brokerSynonyms(name)) {
      const value = text(synonym)
      if (value !== undefined && value !== null) found.push({ name: synonym, value: hidden ? null : value, source })
    }
  }
  add((synonym) => levels.broker.get(synonym), ConfigSource.DYNAMIC_BROKER_CONFIG)
  add((synonym) => levels.clusterDefault.get(synonym), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG)
  add((synonym) => levels.static.get(synonym), ConfigSource.STATIC_BROKER_CONFIG)
  add((synonym) => brokerConfigDef.keys.get(synonym)?.defaultText, ConfigSource.DEFAULT_CONFIG)
  const first = found.findIndex((synonym) => synonym.name === name)
  return first < 0 ? [] : found.slice(first)
}

const sourceOf = (synonyms: ReadonlyArray<DescribedSynonym>): number =>
  synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG

/** Declared names, and those that are set though nobody declared them; internal ones only when set. */
const shownNames = (def: ConfigDef, set: ReadonlyMap<string, string>): ReadonlyArray<string> => {
  const names = new Set(set.keys())
  for (const key of def.keys.values()) if (!key.internal) names.add(key.name)
  return Array.from(names).sort()
}

/** The configs of a topic. Source: ConfigHelper.createTopicConfigEntry. */
export const describeTopic = (
  overrides: ReadonlyMap<string, string>,
  levels: BrokerLevels
): ReadonlyArray<DescribedConfig> => {
  const defaults = topicDefaults(effectiveBrokerProperties(levels))
  return shownNames(topicConfigDef, overrides).map((name) => {
    const key = topicConfigDef.keys.get(name)
    const hidden = maybeSensitive(key)
    const own = overrides.get(name)
    const text = own ?? defaults.get(name) ?? null
    const value = hidden || key === undefined ? null : canonicalText(key, text)
    const primary = topicConfigSynonyms.get(name)?.[0]?.name
    const inherited = primary === undefined ? [] : brokerLevelSynonyms(primary, levels, hidden)
    const synonyms = own === undefined
      ? inherited
      : [{ name, value, source: ConfigSource.TOPIC_CONFIG }, ...inherited]
    return {
      name,
      value,
      readOnly: false,
      configSource: sourceOf(synonyms),
      isSensitive: hidden,
      synonyms,
      configType: configTypeOf(key),
      documentation: key?.documentation ?? null
    }
  })
}

/** The settings of this broker. Source: ConfigHelper.createBrokerConfigEntry. */
export const describeBroker = (levels: BrokerLevels): ReadonlyArray<DescribedConfig> => {
  const properties = effectiveBrokerProperties(levels)
  const set = new Map([...levels.static, ...levels.clusterDefault, ...levels.broker])
  return shownNames(brokerConfigDef, set).map((name) => {
    const declared = brokerConfigDef.keys.get(name)
    const key = declared ?? dynamicBrokerConfigDef.keys.get(name)
    const hidden = maybeSensitive(key)
    const text = properties.get(name) ?? (declared === undefined ? set.get(name) : declared.defaultText) ?? null
    const synonyms = brokerLevelSynonyms(name, levels, hidden)
    return {
      name,
      value: hidden || key === undefined ? null : canonicalText(key, text),
      readOnly: dynamicMode(name) === "read-only",
      configSource: sourceOf(synonyms),
      isSensitive: hidden,
      synonyms,
      configType: configTypeOf(key),
      documentation: declared?.documentation ?? null
    }
  })
}

/** The dynamic configs set for all brokers. Source: ConfigHelper.describeConfigs for an empty broker name. */
export const describeClusterDefault = (levels: BrokerLevels): ReadonlyArray<DescribedConfig> =>
  Array.from(levels.clusterDefault).sort(([a], [b]) => a < b ? -1 : 1).map(([name, text]) => {
    const key = dynamicBrokerConfigDef.keys.get(name)
    const hidden = maybeSensitive(key)
    const value = hidden ? null : text
    return {
      name,
      value,
      readOnly: dynamicMode(name) === "read-only",
      configSource: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
      isSensitive: hidden,
      synonyms: [{ name, value, source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG }],
      configType: configTypeOf(key),
      documentation: brokerConfigDef.keys.get(name)?.documentation ?? null
    }
  })

/** The configs of a group. Source: ConfigHelper.createGroupConfigEntry. */
export const describeGroup = (
  overrides: ReadonlyMap<string, string>,
  levels: BrokerLevels
): ReadonlyArray<DescribedConfig> => {
  const defaults = groupDefaults(effectiveBrokerProperties(levels))
  return shownNames(groupConfigDef, overrides).map((name) => {
    const key = groupConfigDef.keys.get(name)
    const hidden = maybeSensitive(key)
    const own = overrides.get(name)
    const value = hidden || key === undefined ? null : canonicalText(key, own ?? defaults.get(name) ?? null)
    const brokerName = groupConfigSynonym(name)
    const inherited = brokerName === undefined
      ? own === undefined ? [{ name, value, source: ConfigSource.DEFAULT_CONFIG }] : []
      : brokerLevelSynonyms(brokerName, levels, hidden)
    const synonyms = own === undefined
      ? inherited
      : [{ name, value, source: ConfigSource.GROUP_CONFIG }, ...inherited]
    return {
      name,
      value,
      readOnly: false,
      configSource: sourceOf(synonyms),
      isSensitive: hidden,
      synonyms,
      configType: configTypeOf(key),
      documentation: key?.documentation ?? null
    }
  })
}

/** The configs of a client metrics subscription, which need not exist. */
export const describeClientMetrics = (overrides: ReadonlyMap<string, string>): ReadonlyArray<DescribedConfig> =>
  Array.from(clientMetricsConfigDef.keys.values()).map((key) => {
    const own = overrides.get(key.name)
    const value = canonicalText(key, own ?? key.defaultText ?? null)
    const synonyms = own === undefined ? [] : [{ name: key.name, value, source: ConfigSource.CLIENT_METRICS_CONFIG }]
    return {
      name: key.name,
      value,
      readOnly: false,
      configSource: sourceOf(synonyms),
      isSensitive: false,
      synonyms,
      configType: configTypeOf(key),
      documentation: key.documentation
    }
  })
