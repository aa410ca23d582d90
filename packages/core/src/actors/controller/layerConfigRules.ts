import { Effect, Layer } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import { brokerConfigDef } from "../../config/BrokerConfigs.ts"
import { brokerLevels, ConfigSource } from "../../config/BrokerProperties.ts"
import { type ConfigDef, type ConfigKey, isSensitive } from "../../config/ConfigDef.ts"
import { topicConfigDef, topicConfigSynonyms, validateTopicConfigs } from "../../config/TopicConfigs.ts"
import type { ConfigResourceType, MetadataImage } from "../../metadata/MetadataImage.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { ConfigRules, type ShownConfig } from "./ConfigRules.ts"
import { operationError, type OperationError } from "./OperationError.ts"

const definitions: Partial<Record<ConfigResourceType, ConfigDef>> = {
  TOPIC: topicConfigDef,
  BROKER: brokerConfigDef
}

/** Source: ControllerConfigurationValidator.validateTopicName, LogConfig.validate. */
const validateTopic = (name: string, configs: ReadonlyMap<string, string>): OperationError | undefined => {
  if (name === "") return operationError(ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed.")
  const invalidName = TopicName.validate(name)
  if (invalidName !== undefined) return operationError(ErrorCode.INVALID_TOPIC_EXCEPTION, invalidName)
  const problem = validateTopicConfigs(configs)
  return problem === undefined ? undefined : operationError(ErrorCode.INVALID_CONFIG, problem)
}

/** Values are checked by the broker that they are for, before they come here. Source: ControllerConfigurationValidator.validateBrokerName. */
const validateBroker = (name: string): OperationError | undefined => {
  if (name === "") return undefined
  if (!/^[+-]?\d+$/.test(name)) {
    return operationError(ErrorCode.INVALID_REQUEST, "Unable to parse broker name as a base 10 number.")
  }
  return Number(name) < 0 ? operationError(ErrorCode.INVALID_REQUEST, "Invalid negative broker ID.") : undefined
}

/** Source: KafkaConfigSchema.resolveEffectiveTopicConfig. */
const showTopicConfig = (
  key: ConfigKey,
  overrides: ReadonlyMap<string, string>,
  levels: ReadonlyArray<readonly [number, ReadonlyMap<string, string>]>
): ShownConfig => {
  const shown = (value: string | null, configSource: number): ShownConfig => ({
    name: key.name,
    value: isSensitive(key) ? null : value,
    readOnly: false,
    configSource,
    isSensitive: isSensitive(key)
  })
  const override = overrides.get(key.name)
  if (override !== undefined) return shown(override, ConfigSource.TOPIC_CONFIG)
  for (const [source, configs] of levels) {
    for (const { factor, name } of topicConfigSynonyms.get(key.name) ?? []) {
      const text = configs.get(name)
      if (text !== undefined) return shown(factor === 1 ? text : scaled(text, factor), source)
    }
  }
  return shown(key.defaultText ?? null, ConfigSource.DEFAULT_CONFIG)
}

const scaled = (text: string, factor: number): string => {
  const trimmed = text.trim()
  return /^[+-]?\d+$/.test(trimmed) ? String(BigInt(trimmed.replace(/^\+/, "")) * BigInt(factor)) : text
}

/** The rules made from Kafka's config tables and the broker's own settings. */
export const layerConfigRules: Layer.Layer<ConfigRules, never, BrokerConfig> = Layer.effect(
  ConfigRules,
  Effect.gen(function*() {
    const { properties } = yield* BrokerConfig
    const keys = Array.from(topicConfigDef.keys.values()).filter((key) => !key.internal).sort((a, b) => a.name < b.name ? -1 : 1)
    return ConfigRules.of({
      validate: (type, name, configs) => {
        if (type === "TOPIC") return validateTopic(name, configs)
        if (type === "BROKER") return validateBroker(name)
        return operationError(ErrorCode.INVALID_REQUEST, `Unknown resource type ${type}`)
      },
      isList: (type, key) => definitions[type]?.keys.get(key)?.type === "LIST",
      defaultOf: (type, key) => definitions[type]?.keys.get(key)?.defaultText ?? null,
      effectiveTopicConfigs: (image: MetadataImage, overrides) => {
        const { broker, clusterDefault, static: fixed } = brokerLevels(image, properties)
        const levels = [
          [ConfigSource.DYNAMIC_BROKER_CONFIG, broker],
          [ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, clusterDefault],
          [ConfigSource.STATIC_BROKER_CONFIG, fixed]
        ] as const
        return keys.map((key) => showTopicConfig(key, overrides, levels))
      }
    })
  })
)
