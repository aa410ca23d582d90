import type { ByteWriter } from "../wire/ByteWriter.ts"
import { failEncode } from "../wire/EncodeError.ts"
import { defaultSource, isDefaultSource } from "./defaultValue.ts"
import { type Fields, type FieldType, isNullable, isOmittable, isPresent } from "./FieldType.ts"

/** Writes one value; throws `EncodeError`. */
export type Encoder = (writer: ByteWriter, value: unknown) => void

type Field = FieldType<any, any, boolean>

interface Context {
  readonly message: string
  readonly version: number
  readonly flexible: boolean
  /** Source of one function per struct and array, innermost first. */
  readonly functions: Array<string>
}

/** Source of the statement for null where null is, or is not, allowed. */
const nullSource = (field: Field, name: string, context: Context): string => {
  if (!isNullable(field, context.version)) {
    return `fail(${JSON.stringify(`${context.message} version ${context.version}: ${name} must not be null`)})`
  }
  const { type } = field.state
  if (type.kind === "struct") return field.state.tag === undefined ? "w.int8(-1)" : "w.uvarint(0)"
  if (context.flexible) return "w.int8(0)"
  return type.kind === "primitive" && type.primitive === "string" ? "w.int16(-1)" : "w.int32(-1)"
}

/** Source of the statement that writes `value`, which is not null. */
const contentSource = (field: Field, name: string, value: string, context: Context): string => {
  const { type } = field.state
  switch (type.kind) {
    case "primitive": {
      const sized = type.primitive === "string" || type.primitive === "bytes" || type.primitive === "records"
      if (!sized || !context.flexible) return `w.${type.primitive}(${value})`
      return `w.compact${type.primitive.charAt(0).toUpperCase()}${type.primitive.slice(1)}(${value})`
    }
    case "struct": {
      const write = `${structFunction(type.fields, name, context)}(w, ${value})`
      return isNullable(field, context.version) ? `{ w.int8(1); ${write} }` : write
    }
    case "array": {
      const element = valueSource(type.element, name, "values[i]", context)
      const write = `array${context.functions.length}`
      context.functions.push(`const ${write} = (w, values) => {
  ${context.flexible ? "w.uvarint(values.length + 1)" : "w.int32(values.length)"}
  for (let i = 0; i < values.length; i++) ${element}
}`)
      return `${write}(w, ${value})`
    }
  }
}

const canBeNull = (field: Field): boolean => field.state.nullableVersions.min <= field.state.nullableVersions.max

/** Source of the statement that writes `value`. */
const valueSource = (field: Field, name: string, value: string, context: Context): string => {
  const content = contentSource(field, name, value, context)
  if (!canBeNull(field)) return content
  return `if (${value} === null) ${nullSource(field, name, context)}; else ${content}`
}

const tagsSource = (tagged: ReadonlyArray<readonly [string, Field]>, context: Context): string => {
  if (tagged.length === 0) return "  w.int8(0)"
  const lines: Array<string> = []
  const written: Array<string> = []
  const sorted = tagged.toSorted(([, a], [, b]) => a.state.tag! - b.state.tag!)
  for (const [name, field] of sorted) {
    lines.push(`  const has_${name} = $${name} !== undefined && !(${isDefaultSource(field, `$${name}`)})`)
    written.push(`  if (has_${name}) {
    const mark = w.beginTag(${field.state.tag})
    ${valueSource(field, name, `$${name}`, context)}
    w.endTag(mark)
  }`)
  }
  const count = sorted.map(([name]) => `(has_${name} ? 1 : 0)`).join(" + ")
  return [...lines, `  w.uvarint(${count})`, ...written].join("\n")
}

/** Emits the function that writes a struct, and returns its name. */
const structFunction = (fields: Fields, path: string, context: Context): string => {
  const lines: Array<string> = []
  const tagged: Array<readonly [string, Field]> = []
  for (const [name, field] of Object.entries(fields)) {
    if (!isPresent(field, context.version)) continue
    if (field.state.tag !== undefined) {
      lines.push(`  const $${name} = v.${name}`)
      tagged.push([name, field])
      continue
    }
    lines.push(`  ${isOmittable(field) ? "let" : "const"} $${name} = v.${name}`)
    if (isOmittable(field)) lines.push(`  if ($${name} === undefined) $${name} = ${defaultSource(field)}`)
    lines.push(`  ${valueSource(field, `${path}.${name}`, `$${name}`, context)}`)
  }
  if (context.flexible) lines.push(tagsSource(tagged, context))
  const name = `struct${context.functions.length}`
  context.functions.push(`const ${name} = (w, v) => {\n${lines.join("\n")}\n}`)
  return name
}

/**
 * Compiles the writer of one version of a message to straight-line code.
 *
 * Fields that the version does not have are left out; omitted fields with a default are written as the default.
 */
export const compileEncoder = (message: string, fields: Fields, version: number, flexible: boolean): Encoder => {
  const context: Context = { message, version, flexible, functions: [] }
  const main = structFunction(fields, message, context)
  const source = `"use strict"\n${context.functions.join("\n")}\nreturn ${main}`
  // oxlint-disable-next-line typescript/no-implied-eval -- the source is made from declarations, never from input
  return new Function("emptyBytes", "fail", source)(new Uint8Array(0), failEncode) as Encoder
}
