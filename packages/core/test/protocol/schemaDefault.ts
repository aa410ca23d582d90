import { Uuid } from "../../src/model/Uuid.ts"
import type { FieldType } from "../../src/protocol/schema/FieldType.ts"

/** The value of an absent field, worked out a second time and independently of the codec compiler. */
export const schemaDefault = (field: FieldType<any, any, boolean>): unknown => {
  const { defaultValue, type } = field.state
  if (defaultValue !== undefined) return defaultValue
  if (type.kind === "array") return []
  if (type.kind === "struct") {
    return Object.fromEntries(Object.entries(type.fields).map(([name, member]) => [name, schemaDefault(member)]))
  }
  switch (type.primitive) {
    case "boolean":
      return false
    case "string":
      return ""
    case "uuid":
      return Uuid.zero
    case "bytes":
      return new Uint8Array(0)
    case "records":
      return null
    default:
      return 0
  }
}
