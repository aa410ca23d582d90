import { Context } from "effect"
import type { ConfigResourceType, MetadataImage } from "../metadata/MetadataImage.ts"
import type { OperationError } from "../model/OperationError.ts"

/** One config as CreateTopics shows it. */
export interface ShownConfig {
  readonly name: string
  /** null: unset, or not to be shown. */
  readonly value: string | null
  readonly readOnly: boolean
  /** Source: DescribeConfigsResponse.ConfigSource. */
  readonly configSource: number
  readonly isSensitive: boolean
}

/** What the controller must know of configs; plain functions, as decisions are pure. */
export interface ConfigRulesShape {
  /**
   * Checks the configs a resource would have after a change, its name included; undefined when they are fine.
   * Source: ControllerConfigurationValidator.validate.
   */
  readonly validate: (
    type: ConfigResourceType,
    name: string,
    configs: ReadonlyMap<string, string>,
    existing: ReadonlyMap<string, string>
  ) => OperationError | undefined
  /** Whether APPEND and SUBTRACT make sense for the key. Source: KafkaConfigSchema.isSplittable. */
  readonly isList: (type: ConfigResourceType, key: string) => boolean
  /** The declared default of a key in text form. Source: KafkaConfigSchema.getDefault. */
  readonly defaultOf: (type: ConfigResourceType, key: string) => string | null
  /**
   * Every config of a topic with these overrides, sorted by name, under the broker configs of the image.
   * Source: ConfigurationControlManager.computeEffectiveTopicConfigs.
   */
  readonly effectiveTopicConfigs: (
    image: MetadataImage,
    overrides: ReadonlyMap<string, string>
  ) => ReadonlyArray<ShownConfig>
}

/** The rules as a service, made from the config tables and the broker's own settings. */
export class ConfigRules extends Context.Service<ConfigRules, ConfigRulesShape>()(
  "@kafka-broker/core/actors/controller/ConfigRules"
) {}
