import { defineRecord } from "../schema/defineRecord.ts"
import { Wire } from "../schema/Wire.ts"

/** A topic was created. */
export const TopicRecord = defineRecord({
  key: 2,
  name: "TopicRecord",
  versions: "0",
  flexible: "0+",
  fields: { name: Wire.string, topicId: Wire.uuid }
})

/**
 * A partition was created, or all of it in a snapshot. 1: directories (KIP-858); 2: eligible leader replicas
 * (KIP-966).
 */
export const PartitionRecord = defineRecord({
  key: 3,
  name: "PartitionRecord",
  versions: "0-2",
  flexible: "0+",
  fields: {
    partitionId: Wire.int32.default(-1),
    topicId: Wire.uuid,
    replicas: Wire.arrayOf(Wire.int32),
    isr: Wire.arrayOf(Wire.int32),
    removingReplicas: Wire.arrayOf(Wire.int32),
    addingReplicas: Wire.arrayOf(Wire.int32),
    leader: Wire.int32.default(-1),
    leaderRecoveryState: Wire.int8.default(0).tag(0, "0+"),
    leaderEpoch: Wire.int32.default(-1),
    partitionEpoch: Wire.int32.default(-1),
    directories: Wire.arrayOf(Wire.uuid).in("1+"),
    eligibleLeaderReplicas: Wire.arrayOf(Wire.int32).nullable().default(null).tag(1, "2+"),
    lastKnownElr: Wire.arrayOf(Wire.int32).nullable().default(null).tag(2, "2+")
  }
})

/** Parts of a partition changed; null and the defaults mean "as before". */
export const PartitionChangeRecord = defineRecord({
  key: 5,
  name: "PartitionChangeRecord",
  versions: "0-2",
  flexible: "0+",
  fields: {
    partitionId: Wire.int32.default(-1),
    topicId: Wire.uuid,
    isr: Wire.arrayOf(Wire.int32).nullable().default(null).tag(0, "0+"),
    leader: Wire.int32.default(-2).tag(1, "0+"),
    replicas: Wire.arrayOf(Wire.int32).nullable().default(null).tag(2, "0+"),
    removingReplicas: Wire.arrayOf(Wire.int32).nullable().default(null).tag(3, "0+"),
    addingReplicas: Wire.arrayOf(Wire.int32).nullable().default(null).tag(4, "0+"),
    leaderRecoveryState: Wire.int8.default(-1).tag(5, "0+"),
    directories: Wire.arrayOf(Wire.uuid).nullable().default(null).tag(8, "1+"),
    eligibleLeaderReplicas: Wire.arrayOf(Wire.int32).nullable().default(null).tag(6, "2+"),
    lastKnownElr: Wire.arrayOf(Wire.int32).nullable().default(null).tag(7, "2+")
  }
})

/** A topic was deleted. */
export const RemoveTopicRecord = defineRecord({
  key: 9,
  name: "RemoveTopicRecord",
  versions: "0",
  flexible: "0+",
  fields: { topicId: Wire.uuid }
})

/** Eligible leader replicas of a topic, or of all, were cleared (KIP-966). */
export const ClearElrRecord = defineRecord({
  key: 28,
  name: "ClearElrRecord",
  versions: "0",
  flexible: "0+",
  fields: { topicName: Wire.string }
})

/** A config was set, or removed by null. `resourceType`: 2 topic, 4 broker, 16 client metrics, 32 group. */
export const ConfigRecord = defineRecord({
  key: 4,
  name: "ConfigRecord",
  versions: "0",
  flexible: "0+",
  fields: {
    resourceType: Wire.int8,
    resourceName: Wire.string,
    name: Wire.string,
    value: Wire.nullableString
  }
})
