import { invalidValue, showDouble, showValue } from "./ConfigValue.ts"
import type { ConfigValue } from "./ConfigValue.ts"

/** A check of a parsed value. Source: ConfigDef.Validator. */
export interface ConfigValidator {
  /** Kafka's sentence about what is wrong, or undefined. */
  readonly check: (name: string, value: ConfigValue) => string | undefined
}

const numberRange = (min: number | undefined, max: number | undefined, isDouble: boolean): ConfigValidator => ({
  check: (name, value) => {
    if (value === null) return invalidValue(name, "null", "Value must be non-null")
    const number = Number(value)
    const shown = isDouble ? showDouble(number) : String(value)
    if (min !== undefined && number < min) return invalidValue(name, shown, `Value must be at least ${min}`)
    if (max !== undefined && number > max) return invalidValue(name, shown, `Value must be no more than ${max}`)
    return undefined
  }
})

/** Source: ConfigDef.Range.atLeast. */
export const atLeast = (min: number): ConfigValidator => numberRange(min, undefined, false)

/** Both ends inclusive. Source: ConfigDef.Range.between. */
export const between = (min: number, max: number): ConfigValidator => numberRange(min, max, false)

/** Same for DOUBLE settings, whose values are shown as Java shows them. */
export const doubleBetween = (min: number, max: number): ConfigValidator => numberRange(min, max, true)

/** Source: CompressionType.GZIP, the levels of java.util.zip.Deflater. */
export const gzipLevel: ConfigValidator = {
  check: (name, value) =>
    value === -1 || (Number(value) >= 1 && Number(value) <= 9)
      ? undefined
      : invalidValue(name, showValue(value), "Value must be between 1 and 9 or equal to -1")
}

/** Source: ConfigDef.ValidString. */
export const oneOf = (...allowed: ReadonlyArray<string>): ConfigValidator => ({
  check: (name, value) =>
    typeof value === "string" && allowed.includes(value)
      ? undefined
      : invalidValue(name, showValue(value), `String must be one of: ${allowed.join(", ")}`)
})

/** Source: ConfigDef.CaseInsensitiveValidString. */
export const oneOfIgnoringCase = (...allowed: ReadonlyArray<string>): ConfigValidator => ({
  check: (name, value) =>
    typeof value === "string" && allowed.includes(value.toUpperCase())
      ? undefined
      : invalidValue(name, showValue(value), `String must be one of (case insensitive): ${allowed.join(", ")}`)
})

/** A list without empty entries, which may itself be empty. Source: ConfigDef.ValidList (KIP-1161). */
export const anyList: ConfigValidator = {
  check: (name, value) =>
    Array.isArray(value) && value.includes("") ? `Configuration '${name}' values must not be empty.` : undefined
}

/** A list of some of the given values, possibly empty. Source: ConfigDef.ValidList.in. */
export const listOf = (...allowed: ReadonlyArray<string>): ConfigValidator => ({
  check: (name, value) => {
    const values = Array.isArray(value) ? value as ReadonlyArray<string> : []
    if (values.includes("")) return `Configuration '${name}' values must not be empty.`
    const foreign = values.find((entry) => !allowed.includes(entry))
    return foreign === undefined
      ? undefined
      : invalidValue(name, foreign, `String must be one of: ${allowed.join(", ")}`)
  }
})

const replicaText = /^([0-9]+:[0-9]+)?$/

/** `*` or a list of `partition:broker`. Source: ThrottledReplicaListValidator. */
export const throttledReplicas: ConfigValidator = {
  check: (name, value) => {
    const values = Array.isArray(value) ? value as ReadonlyArray<string> : []
    if (values.every((entry) => replicaText.test(entry)) || values[0] === "*") return undefined
    const form = "[partitionId]:[brokerId],[partitionId]:[brokerId],..."
    return invalidValue(
      name,
      showValue(value),
      `${name} must be the literal '*' or a list of replicas in the following format: ${form}`
    )
  }
}

/** A class this broker can stand in for; Kafka would load any class, and so finds fewer of them missing. */
export const builtInClass = (...names: ReadonlyArray<string>): ConfigValidator => ({
  check: (name, value) =>
    value === null || value === "" || names.includes(String(value))
      ? undefined
      : invalidValue(name, String(value), `Class ${String(value)} could not be found.`)
})
