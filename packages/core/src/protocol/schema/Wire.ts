import type { Uuid } from "../../model/Uuid.ts"
import {
  fieldOf,
  type Fields,
  type FieldType,
  type InputOfFields,
  type Primitive,
  type ValueOfFields
} from "./FieldType.ts"

const primitive = <Value, Input = Value>(name: Primitive): FieldType<Value, Input> =>
  fieldOf({ kind: "primitive", primitive: name })

const string = primitive<string>("string")
const bytes = primitive<Uint8Array>("bytes")
/** Encoding takes batches in one array or in several. */
const records = primitive<Uint8Array, Uint8Array | ReadonlyArray<Uint8Array>>("records")

const struct = <const F extends Fields>(fields: F): FieldType<ValueOfFields<F>, InputOfFields<F>> =>
  fieldOf({ kind: "struct", fields })

const arrayOf = <Value, Input>(
  element: FieldType<Value, Input, boolean>
): FieldType<ReadonlyArray<Value>, ReadonlyArray<Input>> => fieldOf({ kind: "array", element })

/**
 * The words in which messages are declared.
 *
 * Decoded `bytes` and `records` are views of the input; 64-bit integers are JS numbers, exact to ±2^53.
 */
export const Wire = {
  boolean: primitive<boolean>("boolean"),
  int8: primitive<number>("int8"),
  int16: primitive<number>("int16"),
  uint16: primitive<number>("uint16"),
  int32: primitive<number>("int32"),
  uint32: primitive<number>("uint32"),
  int64: primitive<number>("int64"),
  float64: primitive<number>("float64"),
  uuid: primitive<Uuid>("uuid"),
  string,
  nullableString: string.nullable(),
  bytes,
  nullableBytes: bytes.nullable(),
  records,
  nullableRecords: records.nullable(),
  /** A struct inside a struct. */
  struct,
  /** An array of structs. */
  array: <const F extends Fields>(fields: F): FieldType<
    ReadonlyArray<ValueOfFields<F>>,
    ReadonlyArray<InputOfFields<F>>
  > => arrayOf(struct(fields)),
  /** An array of anything else. */
  arrayOf
}
