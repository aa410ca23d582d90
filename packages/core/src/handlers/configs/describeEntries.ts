import { brokerConfigDef, brokerSynonyms, dynamicBrokerConfigDef, dynamicMode } from "../../config/BrokerConfigs.ts"
import { ConfigSource, effectiveBrokerProperties, topicDefaults } from "../../config/BrokerProperties.ts"
import type { BrokerLevels } from "../../config/BrokerProperties.ts"
import { clientMetricsConfigDef } from "../../config/ClientMetricsConfigs.ts"
import { actsAtOnce, canonicalText, documentationOf, isSensitive } from "../../config/ConfigDef.ts"
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

/** What may be shown of a value. */
const shownValue = (key: ConfigKey | undefined, text: string | null): string | null =>
  key === undefined || isSensitive(key) ? null : canonicalText(key, text)

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

/** What every description of one config shares, from the value it shows and where that comes from. */
const describedConfig = (
  name: string,
  key: ConfigKey | undefined,
  parts: Pick<DescribedConfig, "value" | "readOnly" | "synonyms">,
  documented: ConfigKey | undefined = key
): DescribedConfig => ({
  name,
  value: parts.value,
  readOnly: parts.readOnly,
  configSource: parts.synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG,
  isSensitive: maybeSensitive(key),
  synonyms: parts.synonyms,
  configType: configTypeOf(key),
  documentation: documented === undefined ? null : documentationOf(documented)
})

/** Whether the setting stays as it is until the next start. Source: DynamicBrokerConfig.AllDynamicConfigs. */
const isReadOnly = (name: string, key: ConfigKey | undefined): boolean =>
  dynamicMode(name) === "read-only" || (key !== undefined && !actsAtOnce(key))

/** A config of a topic or a group: its own value, else what it inherits. */
const overridable = (
  name: string,
  key: ConfigKey | undefined,
  own: { readonly text: string | undefined; readonly source: number },
  inherited: { readonly text: string | undefined; readonly synonyms: ReadonlyArray<DescribedSynonym> }
): DescribedConfig => {
  const value = shownValue(key, own.text ?? inherited.text ?? null)
  const synonyms = own.text === undefined
    ? inherited.synonyms
    : [{ name, value, source: own.source }, ...inherited.synonyms]
  return describedConfig(name, key, { value, readOnly: false, synonyms })
}

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
    const primary = topicConfigSynonyms.get(name)?.[0]?.name
    return overridable(name, key, { text: overrides.get(name), source: ConfigSource.TOPIC_CONFIG }, {
      text: defaults.get(name),
      synonyms: primary === undefined ? [] : brokerLevelSynonyms(primary, levels, maybeSensitive(key))
    })
  })
}

/** The settings of this broker. Source: ConfigHelper.createBrokerConfigEntry. */
export const describeBroker = (levels: BrokerLevels): ReadonlyArray<DescribedConfig> => {
  const properties = effectiveBrokerProperties(levels)
  const set = new Map([...levels.static, ...levels.clusterDefault, ...levels.broker])
  return shownNames(brokerConfigDef, set).map((name) => {
    const declared = brokerConfigDef.keys.get(name)
    const key = declared ?? dynamicBrokerConfigDef.keys.get(name)
    const text = properties.get(name) ?? (declared === undefined ? set.get(name) : declared.defaultText) ?? null
    const value = shownValue(key, text)
    const synonyms = brokerLevelSynonyms(name, levels, maybeSensitive(key))
    return describedConfig(name, key, { value, readOnly: isReadOnly(name, key), synonyms }, declared)
  })
}

/** The dynamic configs set for all brokers. Source: ConfigHelper.describeConfigs for an empty broker name. */
export const describeClusterDefault = (levels: BrokerLevels): ReadonlyArray<DescribedConfig> =>
  Array.from(levels.clusterDefault).sort(([a], [b]) => a < b ? -1 : 1).map(([name, text]) => {
    const key = dynamicBrokerConfigDef.keys.get(name)
    const value = maybeSensitive(key) ? null : text
    const synonyms = [{ name, value, source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG }]
    const readOnly = isReadOnly(name, key)
    return describedConfig(name, key, { value, readOnly, synonyms }, brokerConfigDef.keys.get(name))
  })

/** The configs of a group. Source: ConfigHelper.createGroupConfigEntry. */
export const describeGroup = (
  overrides: ReadonlyMap<string, string>,
  levels: BrokerLevels
): ReadonlyArray<DescribedConfig> => {
  const defaults = groupDefaults(effectiveBrokerProperties(levels))
  return shownNames(groupConfigDef, overrides).map((name) => {
    const key = groupConfigDef.keys.get(name)
    const own = overrides.get(name)
    const text = defaults.get(name)
    const brokerName = groupConfigSynonym(name)
    const withoutBroker = own === undefined
      ? [{ name, value: shownValue(key, text ?? null), source: ConfigSource.DEFAULT_CONFIG }]
      : []
    return overridable(name, key, { text: own, source: ConfigSource.GROUP_CONFIG }, {
      text,
      synonyms: brokerName === undefined ? withoutBroker : brokerLevelSynonyms(brokerName, levels, maybeSensitive(key))
    })
  })
}

/** The configs of a client metrics subscription, which need not exist. */
export const describeClientMetrics = (overrides: ReadonlyMap<string, string>): ReadonlyArray<DescribedConfig> =>
  Array.from(clientMetricsConfigDef.keys.values()).map((key) => {
    const own = overrides.get(key.name)
    const value = canonicalText(key, own ?? key.defaultText ?? null)
    const synonyms = own === undefined ? [] : [{ name: key.name, value, source: ConfigSource.CLIENT_METRICS_CONFIG }]
    return describedConfig(key.name, key, { value, readOnly: false, synonyms })
  })
