import { Effect, Layer } from "effect"
import { ConfigRules } from "./ConfigRules.ts"
import type { ConfigRulesShape, ShownConfig } from "./ConfigRules.ts"
import { operationError } from "../model/OperationError.ts"
import type { OperationError } from "../model/OperationError.ts"
import type { ConfigResourceType, MetadataImage } from "../metadata/MetadataImage.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { BrokerConfig } from "./BrokerConfig.ts"
import { dynamicBrokerConfigDef } from "./BrokerConfigs.ts"
import { brokerLevels, ConfigSource, topicDefaults } from "./BrokerProperties.ts"
import { validateClientMetricsConfigs } from "./ClientMetricsConfigs.ts"
import { isSensitive } from "./ConfigDef.ts"
import type { ConfigDef } from "./ConfigDef.ts"
import { validateGroupConfigs } from "./GroupConfigs.ts"
import { topicConfigDef, topicConfigSynonyms, validateTopicConfigs } from "./TopicConfigs.ts"

/** Groups and client metrics have no table here, as in Kafka. Source: KafkaRaftServer.configSchema. */
const tables: Partial<Record<ConfigResourceType, ConfigDef>> = { TOPIC: topicConfigDef, BROKER: dynamicBrokerConfigDef }

const invalidRequest = (message: string): OperationError => operationError(ErrorCode.INVALID_REQUEST, message)
const invalidConfig = (message: string | undefined): OperationError | undefined =>
  message === undefined ? undefined : operationError(ErrorCode.INVALID_CONFIG, message)

const validateBrokerName = (name: string): OperationError | undefined => {
  if (name === "") return undefined
  if (!/^[+-]?\d+$/.test(name)) return invalidRequest("Unable to parse broker name as a base 10 number.")
  return Number(name) < 0 ? invalidRequest("Invalid negative broker ID.") : undefined
}

/** Source: KafkaConfigSchema.resolveEffectiveTopicConfigs. */
const effectiveTopicConfigs = (
  properties: ReadonlyMap<string, string>,
  image: MetadataImage,
  overrides: ReadonlyMap<string, string>
): ReadonlyArray<ShownConfig> => {
  const levels = brokerLevels(image, properties)
  const sources = [
    [levels.broker, ConfigSource.DYNAMIC_BROKER_CONFIG],
    [levels.clusterDefault, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG],
    [levels.static, ConfigSource.STATIC_BROKER_CONFIG]
  ] as const
  const resolve = (name: string): readonly [string | null, number] => {
    const own = overrides.get(name)
    if (own !== undefined) return [own, ConfigSource.TOPIC_CONFIG]
    for (const [level, source] of sources) {
      for (const synonym of topicConfigSynonyms.get(name) ?? []) {
        const text = level.get(synonym.name)
        if (text === undefined) continue
        const isScaled = synonym.factor !== 1 && /^\s*[+-]?\d+\s*$/.test(text)
        return [isScaled ? String(BigInt(text.trim()) * BigInt(synonym.factor)) : text, source]
      }
    }
    return [topicConfigDef.keys.get(name)?.defaultText ?? null, ConfigSource.DEFAULT_CONFIG]
  }
  return Array.from(topicConfigDef.keys.values())
    .filter((key) => !key.internal)
    .map((key) => {
      const [value, configSource] = resolve(key.name)
      return { name: key.name, value, readOnly: false, configSource, isSensitive: isSensitive(key) }
    })
    .sort((a, b) => a.name < b.name ? -1 : 1)
}

/** The rules under the broker's own settings. Source: ControllerConfigurationValidator, KafkaConfigSchema. */
export const makeConfigRules = (properties: ReadonlyMap<string, string>): ConfigRulesShape => {
  const defaults = topicDefaults(properties)
  return {
    validate: (type, name, configs) => {
      switch (type) {
        case "TOPIC": {
          if (name === "") return invalidRequest("Default topic resources are not allowed.")
          const illegal = TopicName.validate(name)
          if (illegal !== undefined) return operationError(ErrorCode.INVALID_TOPIC_EXCEPTION, illegal)
          return invalidConfig(validateTopicConfigs(configs, defaults))
        }
        case "BROKER":
          return validateBrokerName(name)
        case "CLIENT_METRICS":
          return name === ""
            ? invalidRequest("Subscription name can't be empty")
            : validateClientMetricsConfigs(configs)
        case "GROUP":
          return name === ""
            ? invalidRequest("Default group resources are not allowed.")
            : invalidConfig(validateGroupConfigs(configs, properties))
      }
    },
    isList: (type, key) => tables[type]?.keys.get(key)?.type === "LIST",
    defaultOf: (type, key) => tables[type]?.keys.get(key)?.defaultText ?? null,
    effectiveTopicConfigs: (image, overrides) => effectiveTopicConfigs(properties, image, overrides)
  }
}

/** The controller's rules, from the broker's settings. */
export const configRulesLayer: Layer.Layer<ConfigRules, never, BrokerConfig> = Layer.effect(
  ConfigRules,
  Effect.gen(function*() {
    const { properties } = yield* BrokerConfig
    return makeConfigRules(properties)
  })
)
