import type { RecordType } from "../schema/defineRecord.ts"
import type { InputOf, ValueOf } from "../schema/Message.ts"
import { ByteReader } from "../wire/ByteReader.ts"
import { ByteWriter } from "../wire/ByteWriter.ts"
import * as types from "./RaftControlRecords.ts"

/** Every kind of control record in `__cluster_metadata`; `key` is the type in the control record's key. */
export const raftControlRecordTypes = { ...types }

type Types = typeof raftControlRecordTypes

/** A decoded control record of `__cluster_metadata`, told apart by `type`. */
export type RaftControlRecord = {
  [N in keyof Types]: { readonly type: N; readonly value: ValueOf<Types[N]["message"]> }
}[keyof Types]

/** A control record that is none of the quorum's, such as a transaction marker. */
export interface UnknownControlRecord {
  readonly type: "Unknown"
  readonly controlType: number
}

const byKey: ReadonlyMap<number, RecordType<string, any>> = new Map(
  Object.values(raftControlRecordTypes).map((type) => [type.key, type])
)

/**
 * Reads a control record of the metadata log: key and value as they stand in the record.
 *
 * Kafka reads all of them as version 0 whatever their own `version` says. Throws `DecodeError`.
 * Source: ControlRecordUtils.
 */
export const decodeRaftControlRecord = (
  key: Uint8Array,
  value: Uint8Array
): RaftControlRecord | UnknownControlRecord => {
  const keyReader = new ByteReader(key)
  keyReader.int16()
  const controlType = keyReader.int16()
  const type = byKey.get(controlType)
  if (type === undefined) return { type: "Unknown", controlType }
  return { type: type.name, value: type.message.decode(new ByteReader(value), 0) } as RaftControlRecord
}

const writer = new ByteWriter()

/** Key and value of a control record, in version 0. */
export const encodeRaftControlRecord = <T extends RecordType<string, any>>(
  type: T,
  value: InputOf<T["message"]>
): { readonly key: Uint8Array; readonly value: Uint8Array } => {
  writer.reset()
  writer.int16(0)
  writer.int16(type.key)
  const key = writer.finishBytes()
  type.message.encode(writer, 0, value as never)
  return { key, value: writer.finishBytes() }
}
