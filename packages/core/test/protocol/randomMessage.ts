import { Uuid } from "../../src/model/Uuid.ts"
import { type Fields, type FieldType, isNullable, isPresent } from "../../src/protocol/schema/FieldType.ts"
import { schemaDefault } from "./schemaDefault.ts"

/** Whole numbers below `bound`, the same for the same seed. */
export const seeded = (seed: number): (bound: number) => number => {
  let state = (seed ^ 0x2545f491) | 1
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

const strings = ["", "a", "topic-1", "schön", "日本", "\u{1f980}", "x".repeat(70), "é".repeat(200)]
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
}

const randomBytes = (next: (bound: number) => number, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => next(256))

const randomField = (
  field: FieldType<any, any, boolean>,
  version: number,
  next: (bound: number) => number
): unknown => {
  const { type } = field.state
  if (isNullable(field, version) && next(4) === 0) return null
  if (field.state.tag !== undefined && next(3) === 0) return schemaDefault(field)
  switch (type.kind) {
    case "array":
      return Array.from({ length: next(4) }, () => randomField(type.element, version, next))
    case "struct":
      return randomStruct(type.fields, version, next)
    case "primitive":
      switch (type.primitive) {
        case "boolean":
          return next(2) === 0
        case "string":
          return strings[next(strings.length)]
        case "uuid":
          return next(5) === 0 ? Uuid.zero : Uuid.fromBytes(randomBytes(next, 16))
        case "bytes":
        case "records":
          // Sometimes above the size from which the writer stops copying.
          return randomBytes(next, next(20) === 0 ? 4000 + next(400) : next(40))
        case "float64":
          return next(1000) / 8 - 50
        default: {
          const [min, max] = ranges[type.primitive]!
          return [min, max, 0, -1 < min ? 1 : -1, next(100)][next(5)]
        }
      }
  }
}

/** A random value of every field that the version has; the defaults of the others. */
export const randomStruct = (
  fields: Fields,
  version: number,
  next: (bound: number) => number
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      isPresent(field, version) ? randomField(field, version, next) : schemaDefault(field)
    ])
  )
