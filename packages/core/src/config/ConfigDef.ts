import { Result } from "effect"
import type { ConfigValidator } from "./ConfigValidator.ts"
import { formatValue, parseValue } from "./ConfigValue.ts"
import type { ConfigType, ConfigValue } from "./ConfigValue.ts"
import type { SettingEffect } from "./SettingEffect.ts"

/** One declared setting. Source: ConfigDef.ConfigKey. */
export interface ConfigKey<Name extends string = string, Type extends ConfigType = ConfigType> {
  readonly name: Name
  readonly type: Type
  /** In text form; null is a default of null, undefined means there is none and the setting is required. */
  readonly defaultText: string | null | undefined
  readonly validator: ConfigValidator | undefined
  /** One sentence; see {@link documentationOf}. */
  readonly documentation: string
  readonly effect: SettingEffect
  /** Accepted, but not shown while it has its default. */
  readonly internal: boolean
}

const declare = <Type extends ConfigType>(type: Type) =>
<const Name extends string>(
  name: Name,
  defaultText: string | null | undefined,
  documentation: string,
  effect: SettingEffect,
  validator?: ConfigValidator
): ConfigKey<Name, Type> => ({ name, type, defaultText, validator, documentation, effect, internal: false })

/** Declares a setting of each type: name, default in text form, one sentence of documentation, effect, validator. */
export const boolean = declare("BOOLEAN")
export const string = declare("STRING")
export const int = declare("INT")
export const short = declare("SHORT")
export const long = declare("LONG")
export const double = declare("DOUBLE")
export const list = declare("LIST")
export const className = declare("CLASS")

/** Marks a setting as accepted but hidden. */
export const internal = <Key extends ConfigKey>(key: Key): Key => ({ ...key, internal: true })

/** Whether a change of the setting while the broker runs changes what it does. */
export const actsAtOnce = ({ effect }: ConfigKey): boolean => effect.acts === "AtOnce"

/** What DescribeConfigs and the documentation say of a setting. */
export const documentationOf = ({ documentation, effect }: ConfigKey): string =>
  effect.acts === "Never" ? `${documentation} It has no effect here: ${effect.why}.` : documentation

/** Whether values must never be shown. Source: ConfigDef.Type.isSensitive. */
export const isSensitive = (key: ConfigKey): boolean => key.type === "PASSWORD"

/** The declared settings of one kind of resource, in Kafka's order, which decides the error reported first. */
export interface ConfigDef {
  readonly keys: ReadonlyMap<string, ConfigKey>
}

/** The settings by name, in the order given. */
export const configDef = (keys: ReadonlyArray<ConfigKey>): ConfigDef => ({
  keys: new Map(keys.map((key) => [key.name, key]))
})

/**
 * The value of one setting from its text, or Kafka's sentence about what is wrong, such as `Invalid value abc for
 * configuration retention.ms: Not a number of type LONG`. Source: ConfigDef.parseValue.
 */
export const parseKey = (key: ConfigKey, text: string | null): Result.Result<ConfigValue, string> => {
  const parsed = parseValue(key.name, key.type, text)
  if (Result.isFailure(parsed) || key.validator === undefined) return parsed
  const problem = key.validator.check(key.name, parsed.success)
  return problem === undefined ? parsed : Result.fail(problem)
}

/** Parses every declared setting, defaults included; other names are left out. Source: ConfigDef.parse. */
export const parseAll = (
  def: ConfigDef,
  properties: ReadonlyMap<string, string>
): Result.Result<ReadonlyMap<string, ConfigValue>, string> => {
  const values = new Map<string, ConfigValue>()
  for (const key of def.keys.values()) {
    const text = properties.get(key.name)
    if (text === undefined && key.defaultText === undefined) {
      return Result.fail(`Missing required configuration "${key.name}" which has no default value.`)
    }
    const value = parseKey(key, text ?? key.defaultText ?? null)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    values.set(key.name, value.success)
  }
  return Result.succeed(values)
}

/** The text in the form Kafka shows it, for example ` +5 ` as `5`; text that does not parse is shown as it is. */
export const canonicalText = (key: ConfigKey, text: string | null): string | null => {
  const value = parseValue(key.name, key.type, text)
  return Result.isFailure(value) ? text : formatValue(key.type, value.success)
}
