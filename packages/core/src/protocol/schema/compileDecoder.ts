import type { ByteReader } from "../wire/ByteReader.ts"
import { defaultSource } from "./defaultValue.ts"
import { type Fields, type FieldType, isNullable, isPresent } from "./FieldType.ts"

/** Reads one value; throws `DecodeError`. */
export type Decoder = (reader: ByteReader) => unknown

type Field = FieldType<any, any, boolean>

interface Context {
  readonly version: number
  readonly flexible: boolean
  /** Source of one function per struct, innermost first. */
  readonly functions: Array<string>
}

/** Fewest bytes that a value can take; bounds how many elements may be allocated for a count read from the wire. */
const sizeMin = (field: Field, context: Context): number => {
  const { type } = field.state
  const lengthSize = (classic: number): number => context.flexible ? 1 : classic
  switch (type.kind) {
    case "array":
      return lengthSize(4)
    case "struct":
      return isNullable(field, context.version) ? 1 : structSizeMin(type.fields, context)
    case "primitive":
      switch (type.primitive) {
        case "boolean":
        case "int8":
          return 1
        case "int16":
        case "uint16":
          return 2
        case "int32":
        case "uint32":
          return 4
        case "int64":
        case "float64":
          return 8
        case "uuid":
          return 16
        case "string":
          return lengthSize(2)
        case "bytes":
        case "records":
          return lengthSize(4)
      }
  }
}

const structSizeMin = (fields: Fields, context: Context): number => {
  let size = context.flexible ? 1 : 0
  for (const field of Object.values(fields)) {
    if (isPresent(field, context.version) && field.state.tag === undefined) size += sizeMin(field, context)
  }
  return size
}

const primitiveSource = (field: Field, context: Context): string => {
  const { type } = field.state
  if (type.kind !== "primitive") throw new Error("not a primitive")
  const base = type.primitive === "records" ? "bytes" : type.primitive
  if (base !== "string" && base !== "bytes") return `r.${base}()`
  const nullable = isNullable(field, context.version)
  const name = base === "string" ? (nullable ? "NullableString" : "String") : nullable ? "NullableBytes" : "Bytes"
  return context.flexible ? `r.compact${name}()` : `r.${name.charAt(0).toLowerCase()}${name.slice(1)}()`
}

/** Source of an expression that reads one value. */
const valueSource = (field: Field, context: Context): string => {
  const { type } = field.state
  const nullable = isNullable(field, context.version)
  switch (type.kind) {
    case "primitive":
      return primitiveSource(field, context)
    case "struct": {
      const read = `${structFunction(type.fields, context)}(r)`
      if (!nullable) return read
      return `(r.${field.state.tag === undefined ? "presence" : "taggedPresence"}() ? ${read} : null)`
    }
    case "array": {
      const element = valueSource(type.element, context)
      const method = `${context.flexible ? "compact" : ""}${nullable ? "NullableCount" : "Count"}`
      const count = `r.${method.charAt(0).toLowerCase()}${method.slice(1)}(${
        Math.max(1, sizeMin(type.element, context))
      })`
      const name = `array${context.functions.length}`
      context.functions.push(`const ${name} = (r) => {
  const count = ${count}
  ${nullable ? "if (count < 0) return null" : ""}
  const values = []
  for (let i = 0; i < count; i++) values.push(${element})
  return values
}`)
      return `${name}(r)`
    }
  }
}

const tagsSource = (tagged: ReadonlyArray<readonly [string, Field]>, context: Context): string => {
  if (tagged.length === 0) return "  r.skipTags()"
  const cases = tagged.map(([name, field]) =>
    `      case ${field.state.tag}: $${name} = ${valueSource(field, context)}; r.expectPosition(end); break`
  )
  return `  for (let left = r.uvarint(); left > 0; left--) {
    const tag = r.uvarint()
    const end = r.tagEnd()
    switch (tag) {
${cases.join("\n")}
      default: r.position = end
    }
  }`
}

/** Emits the function that reads a struct, and returns its name. */
const structFunction = (fields: Fields, context: Context): string => {
  const lines: Array<string> = []
  const tagged: Array<readonly [string, Field]> = []
  for (const [name, field] of Object.entries(fields)) {
    if (!isPresent(field, context.version)) lines.push(`  const $${name} = ${defaultSource(field)}`)
    else if (field.state.tag === undefined) lines.push(`  const $${name} = ${valueSource(field, context)}`)
    else {
      lines.push(`  let $${name} = ${defaultSource(field)}`)
      tagged.push([name, field])
    }
  }
  if (context.flexible) lines.push(tagsSource(tagged, context))
  const members = Object.keys(fields).map((name) => `${name}: $${name}`)
  const name = `struct${context.functions.length}`
  context.functions.push(`const ${name} = (r) => {\n${lines.join("\n")}\n  return { ${members.join(", ")} }\n}`)
  return name
}

/**
 * Compiles the reader of one version of a message to straight-line code.
 *
 * The source comes from the declaration alone, never from data; every version gives objects of the same shape.
 */
export const compileDecoder = (fields: Fields, version: number, flexible: boolean): Decoder => {
  const context: Context = { version, flexible, functions: [] }
  const main = structFunction(fields, context)
  const source = `"use strict"\n${context.functions.join("\n")}\nreturn ${main}`
  // oxlint-disable-next-line typescript/no-implied-eval -- the source is made from declarations, never from input
  return new Function("emptyBytes", source)(new Uint8Array(0)) as Decoder
}
