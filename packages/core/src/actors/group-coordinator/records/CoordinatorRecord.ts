import type { Uuid } from "../../../model/Uuid.ts"

/** One member inside a {@link GroupMetadataValue}. Source: GroupMetadataValue.MemberMetadata. */
export interface MemberMetadataValue {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** Metadata of the group's protocol, as the member sent it. */
  readonly subscription: Uint8Array
  readonly assignment: Uint8Array
}

/** What survives of a classic group; key type 2. Source: GroupMetadataValue. */
export interface GroupMetadataValue {
  /** Empty for a group without a protocol type. */
  readonly protocolType: string
  readonly generation: number
  readonly protocol: string | null
  readonly leader: string | null
  /** Milliseconds; -1 when unknown. */
  readonly currentStateTimestampMs: number
  readonly members: ReadonlyArray<MemberMetadataValue>
}

/** A committed offset; key type 1 (0 when old). Source: OffsetCommitValue, OffsetAndMetadata. */
export interface OffsetCommitValue {
  readonly offset: number
  /** -1 when the client did not tell. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: number
  /** -1 unless the client asked for its own retention (OffsetCommit 2-4). */
  readonly expireTimestampMs: number
}

/** The partitions of one topic. */
export interface TopicPartitionsValue {
  readonly topicId: Uuid
  readonly partitions: ReadonlyArray<number>
}

/** Partitions a member owns, with the member epoch at which each came to it. Source: KIP-1251. */
export interface OwnedPartitionsValue extends TopicPartitionsValue {
  /** As long as `partitions`. */
  readonly assignmentEpochs: ReadonlyArray<number>
}

/** A protocol of a classic member inside a consumer group. */
export interface ClassicProtocolValue {
  readonly name: string
  readonly metadata: Uint8Array
}

/** How a member of a consumer group that speaks the classic protocol is kept; null for the others. */
export interface ClassicMemberMetadataValue {
  readonly sessionTimeoutMs: number
  readonly supportedProtocols: ReadonlyArray<ClassicProtocolValue>
}

/** Subscription of a member of a consumer group; key type 5. Source: ConsumerGroupMemberMetadataValue. */
export interface ConsumerMemberValue {
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: ReadonlyArray<string>
  readonly subscribedTopicRegex: string | null
  readonly rebalanceTimeoutMs: number
  readonly serverAssignor: string | null
  readonly classicMemberMetadata: ClassicMemberMetadataValue | null
}

/** What a member of a consumer group owns; key type 8. Source: ConsumerGroupCurrentMemberAssignmentValue. */
export interface CurrentAssignmentValue {
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  /** 0 stable, 1 unrevoked partitions, 2 unreleased partitions. Source: MemberState. */
  readonly state: number
  readonly assignedPartitions: ReadonlyArray<OwnedPartitionsValue>
  readonly partitionsPendingRevocation: ReadonlyArray<OwnedPartitionsValue>
}

/** The topics a regular expression matched; key type 16. Source: ConsumerGroupRegularExpressionValue. */
export interface RegularExpressionValue {
  readonly topics: ReadonlyArray<string>
  /** End offset of the metadata image that was searched. */
  readonly version: number
  readonly timestampMs: number
}

/**
 * A record of `__consumer_offsets`, the only thing that outlives a coordinator. A null value is a tombstone.
 * Source: GroupCoordinatorRecordSerde, GroupCoordinatorRecordHelpers.
 */
export type CoordinatorRecord =
  | {
    readonly _tag: "OffsetCommit"
    readonly groupId: string
    readonly topic: string
    readonly partition: number
    readonly value: OffsetCommitValue | null
  }
  | { readonly _tag: "GroupMetadata"; readonly groupId: string; readonly value: GroupMetadataValue | null }
  | {
    readonly _tag: "ConsumerGroupMetadata"
    readonly groupId: string
    readonly value: { readonly epoch: number; readonly metadataHash: number } | null
  }
  /** Written by Kafka before 4.1, here only removed. */
  | { readonly _tag: "ConsumerGroupPartitionMetadata"; readonly groupId: string; readonly value: null }
  | {
    readonly _tag: "ConsumerGroupMember"
    readonly groupId: string
    readonly memberId: string
    readonly value: ConsumerMemberValue | null
  }
  | {
    readonly _tag: "ConsumerGroupTargetAssignmentMetadata"
    readonly groupId: string
    readonly value: { readonly assignmentEpoch: number } | null
  }
  | {
    readonly _tag: "ConsumerGroupTargetAssignmentMember"
    readonly groupId: string
    readonly memberId: string
    readonly value: { readonly topicPartitions: ReadonlyArray<TopicPartitionsValue> } | null
  }
  | {
    readonly _tag: "ConsumerGroupCurrentMemberAssignment"
    readonly groupId: string
    readonly memberId: string
    readonly value: CurrentAssignmentValue | null
  }
  | {
    readonly _tag: "ConsumerGroupRegularExpression"
    readonly groupId: string
    readonly regularExpression: string
    readonly value: RegularExpressionValue | null
  }
