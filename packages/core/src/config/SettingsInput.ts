import { Result } from "effect"
import type { BrokerKey } from "./BrokerConfigs.ts"
import type { ConfigType } from "./ConfigValue.ts"

/** What a program may give for a setting of a type; text is always taken as a `server.properties` would have it. */
export interface SettingValueByType {
  readonly BOOLEAN: boolean | `${boolean}`
  readonly STRING: string
  readonly INT: number | `${number}`
  readonly SHORT: number | `${number}`
  readonly LONG: number | bigint | `${number}`
  readonly DOUBLE: number | `${number}`
  readonly LIST: string | ReadonlyArray<string>
  readonly CLASS: string
  readonly PASSWORD: string
}

/** Any value of a setting. */
export type SettingValue = SettingValueByType[ConfigType]

/** Broker settings by Kafka's names: those that are known with values of their types, and any other. */
export type SettingsInput =
  & { readonly [Key in BrokerKey as Key["name"]]?: SettingValueByType[Key["type"]] | undefined }
  & { readonly [name: string]: SettingValue | undefined }

const textOf = (value: unknown): string | undefined => {
  switch (typeof value) {
    case "string":
      return value
    case "number":
    case "bigint":
    case "boolean":
      return String(value)
    default:
      return Array.isArray(value) && value.every((entry) => typeof entry === "string") ? value.join(",") : undefined
  }
}

/**
 * The settings as text, as a `server.properties` would have them; what is `undefined` was not given. Fails with one line
 * for a value that no setting can have, and for something that is no collection of settings.
 */
export const propertiesOf = (
  input: SettingsInput | ReadonlyMap<string, string>
): Result.Result<ReadonlyMap<string, string>, string> => {
  const given: unknown = input
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return Result.fail("Settings must be given as an object or a map, by their names")
  }
  const properties = new Map<string, string>()
  for (const [name, value] of given instanceof Map ? given : Object.entries(given)) {
    if (value === undefined) continue
    const text = textOf(value)
    if (text === undefined) {
      const kind = value === null ? "null" : Array.isArray(value) ? "a list of other things" : `of type ${typeof value}`
      return Result.fail(`Invalid value for configuration ${String(name)}: it is ${kind}`)
    }
    properties.set(String(name), text)
  }
  return Result.succeed(properties)
}
