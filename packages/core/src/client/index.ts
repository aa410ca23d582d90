/** The types of what a client is given and gives; exported as the namespace `Client`. */
export type { ConsumeOptions } from "./consume.ts"
export type { ConsumeAsOptions, GroupRecord } from "./consumeAs.ts"
export type { ConsumedRecord } from "./ConsumedRecord.ts"
export type { GroupOffset, OffsetReset, PartitionLag } from "./groupOffsets.ts"
export type { GroupDescription, GroupListing, GroupMemberDescription } from "./groups.ts"
export type { PartitionOffsets } from "./partitionOffsets.ts"
export type { ProducedRecord, ProducerRecord } from "./produce.ts"
export type { NewTopic, TopicDescription } from "./topics.ts"
