import type { CoordinatorRecordType } from "../schema/defineCoordinatorRecord.ts"
import type { InputOf, Message, ValueOf } from "../schema/Message.ts"
import { ByteReader } from "../wire/ByteReader.ts"
import { ByteWriter } from "../wire/ByteWriter.ts"
import * as ClassicGroup from "./ClassicGroupRecords.ts"
import * as ConsumerGroup from "./ConsumerGroupRecords.ts"
import * as Transaction from "./TransactionRecords.ts"

/** Every kind of record in `__consumer_offsets` that this broker understands. */
export const groupRecordTypes = { ...ClassicGroup, ...ConsumerGroup }

/** Every kind of record in `__transaction_state`. */
export const transactionRecordTypes = { ...Transaction }

type Types = { readonly [name: string]: CoordinatorRecordType<string, any, any> }

/** A record whose type or value version is newer than this broker; replay passes over it. */
export interface UnknownCoordinatorRecord {
  readonly type: "Unknown"
  readonly recordType: number
  /** Version of the value; undefined where the type itself is unknown. */
  readonly version: number | undefined
}

type Known<T extends Types> = {
  [N in keyof T]: {
    readonly type: T[N]["name"]
    readonly key: ValueOf<T[N]["key"]>
    /** null: a tombstone. */
    readonly value: ValueOf<T[N]["value"]> | null
  }
}[keyof T]

/** A decoded record of `__consumer_offsets`, told apart by `type`. */
export type GroupRecord = Known<typeof groupRecordTypes> | UnknownCoordinatorRecord
/** A decoded record of `__transaction_state`. */
export type TransactionRecord = Known<typeof transactionRecordTypes> | UnknownCoordinatorRecord

const byType = (types: Types): ReadonlyMap<number, CoordinatorRecordType<string, any, any>> =>
  new Map(Object.values(types).map((type) => [type.type, type]))

const groupTypes = byType(groupRecordTypes)
const transactionTypes = byType(transactionRecordTypes)

const decode = (
  types: ReadonlyMap<number, CoordinatorRecordType<string, any, any>>,
  keyBytes: Uint8Array,
  valueBytes: Uint8Array | null
): { readonly type: string; readonly key: unknown; readonly value: unknown } | UnknownCoordinatorRecord => {
  const keyReader = new ByteReader(keyBytes)
  const recordType = keyReader.int16()
  const type = types.get(recordType)
  if (type === undefined) return { type: "Unknown", recordType, version: undefined }
  const key = type.key.decode(keyReader, 0)
  if (valueBytes === null) return { type: type.name, key, value: null }
  const valueReader = new ByteReader(valueBytes)
  const version = valueReader.int16()
  if (!type.value.supports(version)) return { type: "Unknown", recordType, version }
  return { type: type.name, key, value: type.value.decode(valueReader, version) }
}

/** Reads a record of `__consumer_offsets`. Throws `DecodeError` when a known record is damaged. */
export const decodeGroupRecord = (key: Uint8Array, value: Uint8Array | null): GroupRecord =>
  decode(groupTypes, key, value) as GroupRecord

/** Reads a record of `__transaction_state`. Throws `DecodeError` when a known record is damaged. */
export const decodeTransactionRecord = (key: Uint8Array, value: Uint8Array | null): TransactionRecord =>
  decode(transactionTypes, key, value) as TransactionRecord

const writer = new ByteWriter()

const encodePrefixed = (prefix: number, message: Message<any>, version: number, value: unknown): Uint8Array => {
  writer.reset()
  writer.int16(prefix)
  message.encode(writer, version, value as never)
  return writer.finishBytes()
}

/** Bytes of a record's key. */
export const encodeCoordinatorKey = <T extends CoordinatorRecordType<string, any, any>>(
  type: T,
  key: InputOf<T["key"]>
): Uint8Array => encodePrefixed(type.type, type.key, 0, key)

/** Bytes of a record's value in the given version (default: the newest). Throws `EncodeError`. */
export const encodeCoordinatorValue = <T extends CoordinatorRecordType<string, any, any>>(
  type: T,
  value: InputOf<T["value"]>,
  version: number = type.value.versions.max
): Uint8Array => encodePrefixed(version, type.value, version, value)
