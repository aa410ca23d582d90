import type { metadataRecordTypes } from "../protocol/state-records/MetadataRecord.ts"
import type { ValueOf } from "../protocol/schema/Message.ts"

type Types = typeof metadataRecordTypes

/** The names of metadata records without their common ending. */
export type MetadataRecordTag = keyof Types extends `${infer Tag}Record` ? Tag : never

/** One kind of metadata record: its tag and the fields of Kafka's message. */
export type MetadataRecordOf<Tag extends MetadataRecordTag> =
  & { readonly _tag: Tag }
  & ValueOf<Types[`${Tag}Record`]["message"]>

/**
 * One decoded record of `__cluster_metadata`; tags and field names are those of Kafka's metadata messages.
 *
 * Source: org.apache.kafka.common.metadata.
 */
export type MetadataRecord = { readonly [Tag in MetadataRecordTag]: MetadataRecordOf<Tag> }[MetadataRecordTag]

/** What changed in a partition; its partition epoch rises by one, its leader epoch too when `leader` is given. */
export type PartitionChangeRecord = MetadataRecordOf<"PartitionChange">

/** A partition change of these fields only. */
export const partitionChange = (
  change:
    & Pick<PartitionChangeRecord, "partitionId" | "topicId">
    & Partial<Omit<PartitionChangeRecord, "_tag">>
): PartitionChangeRecord => ({
  _tag: "PartitionChange",
  isr: null,
  leader: -2,
  replicas: null,
  removingReplicas: null,
  addingReplicas: null,
  leaderRecoveryState: -1,
  directories: null,
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
  ...change
})

/** A partition at the beginning of its life: the first in-sync replica leads, epochs are 0. */
export const newPartition = (
  partition: Pick<
    MetadataRecordOf<"Partition">,
    "topicId" | "partitionId" | "replicas" | "isr" | "directories"
  >
): MetadataRecordOf<"Partition"> => ({
  _tag: "Partition",
  ...partition,
  removingReplicas: [],
  addingReplicas: [],
  leader: partition.isr[0] ?? -1,
  leaderRecoveryState: 0,
  leaderEpoch: 0,
  partitionEpoch: 0,
  eligibleLeaderReplicas: null,
  lastKnownElr: null
})
