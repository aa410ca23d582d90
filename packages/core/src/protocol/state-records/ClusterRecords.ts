import { defineRecord } from "../schema/defineRecord.ts"
import { Wire } from "../schema/Wire.ts"

/** A feature was finalized at a level (KIP-584); `metadata.version` is one. */
export const FeatureLevelRecord = defineRecord({
  key: 12,
  name: "FeatureLevelRecord",
  versions: "0",
  flexible: "0+",
  fields: { name: Wire.string, featureLevel: Wire.int16 }
})

/** A broker took a block of producer ids; `nextProducerId` is the first one free. */
export const ProducerIdsRecord = defineRecord({
  key: 15,
  name: "ProducerIdsRecord",
  versions: "0",
  flexible: "0+",
  fields: { brokerId: Wire.int32, brokerEpoch: Wire.int64.default(-1), nextProducerId: Wire.int64 }
})

/** Nothing; moves the metadata log forward (KIP-835). */
export const NoOpRecord = defineRecord({
  key: 20,
  name: "NoOpRecord",
  versions: "0",
  flexible: "0+",
  fields: {}
})

/** Starts a group of metadata records that take effect together (KIP-868). */
export const BeginTransactionRecord = defineRecord({
  key: 23,
  name: "BeginTransactionRecord",
  versions: "0",
  flexible: "0+",
  fields: { name: Wire.nullableString.default(null).tag(0, "0+") }
})

/** Commits the open group of metadata records (KIP-868). */
export const EndTransactionRecord = defineRecord({
  key: 24,
  name: "EndTransactionRecord",
  versions: "0",
  flexible: "0+",
  fields: {}
})

/** Drops the open group of metadata records (KIP-868). */
export const AbortTransactionRecord = defineRecord({
  key: 25,
  name: "AbortTransactionRecord",
  versions: "0",
  flexible: "0+",
  fields: { reason: Wire.nullableString.default(null).tag(0, "0+") }
})

/** State of a migration from ZooKeeper; read from logs written before Kafka 4. */
export const ZkMigrationStateRecord = defineRecord({
  key: 21,
  name: "ZkMigrationStateRecord",
  versions: "0",
  flexible: "0+",
  fields: { zkMigrationState: Wire.int8 }
})
