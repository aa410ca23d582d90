import { Result } from "effect"

/** Source: org.apache.kafka.common.config.ConfigDef.Type. */
export type ConfigType = "BOOLEAN" | "STRING" | "INT" | "SHORT" | "LONG" | "DOUBLE" | "LIST" | "CLASS" | "PASSWORD"

/** A parsed setting: LONG is a bigint, the other numbers are numbers, LIST is an array. */
export type ConfigValue = boolean | string | number | bigint | ReadonlyArray<string> | null

const integerRanges = {
  SHORT: [-(2n ** 15n), 2n ** 15n - 1n],
  INT: [-(2n ** 31n), 2n ** 31n - 1n],
  LONG: [-(2n ** 63n), 2n ** 63n - 1n]
} as const

const integerText = /^[+-]?[0-9]+$/
/** What java.lang.Double.parseDouble accepts, hexadecimal forms left out. */
const doubleText = /^([+-]?)(NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?$/
const listSeparator = /\s*,\s*/

/** The sentence of Kafka's ConfigException. */
export const invalidValue = (name: string, shown: string, reason: string): string =>
  `Invalid value ${shown} for configuration ${name}: ${reason}`

const parseInteger = (
  name: string,
  type: keyof typeof integerRanges,
  text: string,
  trimmed: string
): Result.Result<ConfigValue, string> => {
  const [min, max] = integerRanges[type]
  // 20 digits hold every 64-bit number; leading zeros do not count.
  const digits = trimmed.replace(/^[+-]?0*/, "")
  if (!integerText.test(trimmed) || digits.length > 20) return notANumber(name, type, text)
  const value = BigInt(trimmed.startsWith("+") ? trimmed.slice(1) : trimmed)
  if (value < min || value > max) return notANumber(name, type, text)
  return Result.succeed(type === "LONG" ? value : Number(value))
}

const notANumber = (name: string, type: ConfigType, text: string): Result.Result<never, string> =>
  Result.fail(invalidValue(name, text, `Not a number of type ${type}`))

const parseDouble = (name: string, text: string, trimmed: string): Result.Result<ConfigValue, string> => {
  const match = doubleText.exec(trimmed)
  if (match === null) return notANumber(name, "DOUBLE", text)
  return Result.succeed(match[1] === "-" ? -Number(match[2]) : Number(match[2]))
}

/** A value from its text, or Kafka's sentence about what is wrong. Source: ConfigDef.parseType. */
export const parseValue = (name: string, type: ConfigType, text: string | null): Result.Result<ConfigValue, string> => {
  if (text === null) return Result.succeed(null)
  const trimmed = text.trim()
  switch (type) {
    case "BOOLEAN": {
      const lower = trimmed.toLowerCase()
      if (lower === "true") return Result.succeed(true)
      if (lower === "false") return Result.succeed(false)
      return Result.fail(invalidValue(name, text, "Expected value to be either true or false"))
    }
    case "INT":
    case "SHORT":
    case "LONG":
      return parseInteger(name, type, text, trimmed)
    case "DOUBLE":
      return parseDouble(name, text, trimmed)
    case "LIST":
      return Result.succeed(trimmed === "" ? [] : trimmed.split(listSeparator))
    case "STRING":
    case "CLASS":
    case "PASSWORD":
      return Result.succeed(trimmed)
  }
}

/** A double as java.lang.Double.toString writes it. */
const formatDouble = (value: number): string => {
  const size = Math.abs(value)
  if (Number.isNaN(value) || size === Infinity) return String(value)
  if (size === 0) return Object.is(value, -0) ? "-0.0" : "0.0"
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [mantissa, exponent] = value.toExponential().split("e")
  return `${mantissa!.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
}

/** The text of a value. Source: ConfigDef.convertToString. */
export const formatValue = (type: ConfigType, value: ConfigValue): string | null => {
  if (value === null) return null
  if (typeof value === "number") return type === "DOUBLE" ? formatDouble(value) : String(value)
  if (typeof value === "object") return value.join(",")
  return String(value)
}

/** A value as Kafka's error sentences show it: lists in brackets. */
export const showValue = (value: ConfigValue): string => {
  if (value === null) return "null"
  return typeof value === "object" ? `[${value.join(", ")}]` : String(value)
}

/** Same for a DOUBLE, whose whole numbers end in `.0`. */
export const showDouble = formatDouble
