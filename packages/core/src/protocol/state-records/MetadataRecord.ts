import type { RecordType } from "../schema/defineRecord.ts"
import type { InputOf, ValueOf } from "../schema/Message.ts"
import { ByteReader } from "../wire/ByteReader.ts"
import { ByteWriter } from "../wire/ByteWriter.ts"
import { failDecode } from "../wire/DecodeError.ts"
import * as Broker from "./BrokerRecords.ts"
import * as Cluster from "./ClusterRecords.ts"
import * as Security from "./SecurityRecords.ts"
import * as Topic from "./TopicRecords.ts"

/** Every kind of record in `__cluster_metadata`. */
export const metadataRecordTypes = { ...Broker, ...Topic, ...Security, ...Cluster }

type Types = typeof metadataRecordTypes

/** A decoded record of `__cluster_metadata`, told apart by `type`. */
export type MetadataRecord = {
  [N in keyof Types]: {
    readonly type: N
    readonly version: number
    readonly value: ValueOf<Types[N]["message"]>
  }
}[keyof Types]

/** A record whose key or version is newer than this broker. */
export interface UnknownMetadataRecord {
  readonly type: "Unknown"
  readonly key: number
  readonly version: number
}

/** The one version of the frame around metadata records. Source: AbstractApiMessageSerde. */
const frameVersion = 1

const byKey: ReadonlyMap<number, RecordType<string, any>> = new Map(
  Object.values(metadataRecordTypes).map((type) => [type.key, type])
)

/** Reads the value of a record of `__cluster_metadata`. Throws `DecodeError` when a known record is damaged. */
export const decodeMetadataRecord = (bytes: Uint8Array): MetadataRecord | UnknownMetadataRecord => {
  const reader = new ByteReader(bytes)
  const frame = reader.uvarint()
  if (frame !== frameVersion) failDecode(`frame version ${frame} of a metadata record`)
  const key = reader.uvarint()
  const version = reader.uvarint()
  const type = byKey.get(key)
  if (type === undefined || !type.message.supports(version)) return { type: "Unknown", key, version }
  const value = type.message.decode(reader, version)
  if (reader.remaining > 0) failDecode(`${reader.remaining} bytes after ${type.name}`)
  return { type: type.name, version, value } as MetadataRecord
}

const writer = new ByteWriter()

/** Bytes of a metadata record's value in the given version (default: the newest). Throws `EncodeError`. */
export const encodeMetadataRecord = <T extends RecordType<string, any>>(
  type: T,
  value: InputOf<T["message"]>,
  version: number = type.message.versions.max
): Uint8Array => {
  writer.reset()
  writer.uvarint(frameVersion)
  writer.uvarint(type.key)
  writer.uvarint(version)
  type.message.encode(writer, version, value as never)
  return writer.finishBytes()
}
