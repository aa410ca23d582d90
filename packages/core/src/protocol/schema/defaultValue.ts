import { Uuid } from "../../model/Uuid.ts"
import type { FieldType } from "./FieldType.ts"

/**
 * JavaScript source of the value that a field has where it is absent: the declared default, or the type's.
 *
 * As in Kafka, the type's default is the empty value even when null is allowed, except for `records`.
 */
export const defaultSource = (field: FieldType<any, any, boolean>): string => {
  const { defaultValue, type } = field.state
  if (defaultValue !== undefined) return literalSource(defaultValue)
  switch (type.kind) {
    case "array":
      return "[]"
    case "struct":
      return `{ ${
        Object.entries(type.fields).map(([name, member]) => `${name}: ${defaultSource(member)}`).join(", ")
      } }`
    case "primitive":
      switch (type.primitive) {
        case "boolean":
          return "false"
        case "string":
          return "\"\""
        case "uuid":
          return JSON.stringify(Uuid.zero)
        case "bytes":
          return "emptyBytes"
        case "records":
          return "null"
        default:
          return "0"
      }
  }
}

const literalSource = (value: unknown): string => {
  if (Object.is(value, -0)) return "-0"
  return typeof value === "number" ? String(value) : JSON.stringify(value)
}

/** JavaScript source of a test whether `value` (source) equals the default: then a tagged field is not written. */
export const isDefaultSource = (field: FieldType<any, any, boolean>, value: string): string => {
  const { defaultValue, type } = field.state
  if (defaultValue === null) return `${value} === null`
  switch (type.kind) {
    case "array":
      return `(${value} !== null && ${value}.length === 0)`
    case "struct": {
      const members = Object.entries(type.fields).map(([name, member]) =>
        `(${value}.${name} === undefined || ${isDefaultSource(member, `${value}.${name}`)})`
      )
      return `(${[`${value} !== null`, ...members].join(" && ")})`
    }
    case "primitive":
      if (type.primitive === "bytes") return `(${value} !== null && ${value}.length === 0)`
      if (type.primitive === "records") return `${value} === null`
      return `${value} === ${defaultSource(field)}`
  }
}
