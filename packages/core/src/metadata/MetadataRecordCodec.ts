import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  metadataRecordTypes
} from "../protocol/state-records/MetadataRecord.ts"
import type { MetadataRecord, MetadataRecordTag } from "./MetadataRecord.ts"

/** Levels of `metadata.version` from which records change. Source: MetadataVersion. */
const levels = {
  /** 3.7-IV2: log directories in partitions and registrations (KIP-858). */
  directories: 17,
  /** 4.0-IV1: eligible leader replicas (KIP-966). */
  eligibleLeaderReplicas: 23
} as const

/** The level of `metadata.version` that this broker gives a new cluster, 4.0-IV3: every Apache Kafka 4 reads it. */
export const defaultMetadataVersion = 25

/** Bytes hold a record that this broker cannot read; a newer Kafka wrote it. */
export class UnknownMetadataRecordError extends Error {
  override readonly name = "UnknownMetadataRecordError"
}

/** The version in which a record may be written at a level. Source: MetadataVersion.partitionRecordVersion. */
const recordVersion = (tag: MetadataRecordTag, metadataVersion: number): number => {
  const hasDirectories = metadataVersion >= levels.directories
  switch (tag) {
    case "Partition":
    case "PartitionChange":
      return metadataVersion >= levels.eligibleLeaderReplicas ? 2 : hasDirectories ? 1 : 0
    case "RegisterBroker":
      return hasDirectories ? 3 : 1
    case "BrokerRegistrationChange":
      return hasDirectories ? 2 : 1
    default:
      return 0
  }
}

/** Bytes of a record's value. */
export const encodeRecord = (record: MetadataRecord, metadataVersion: number): Uint8Array =>
  encodeMetadataRecord(
    metadataRecordTypes[`${record._tag}Record`],
    record as never,
    recordVersion(record._tag, metadataVersion)
  )

/** The record in a value. Throws `DecodeError` when it is damaged, {@link UnknownMetadataRecordError} when unknown. */
export const decodeRecord = (bytes: Uint8Array): MetadataRecord => {
  const decoded = decodeMetadataRecord(bytes)
  if (decoded.type === "Unknown") {
    throw new UnknownMetadataRecordError(`metadata record ${decoded.key} of version ${decoded.version} is unknown`)
  }
  return { _tag: decoded.type.slice(0, -"Record".length), ...decoded.value } as MetadataRecord
}
