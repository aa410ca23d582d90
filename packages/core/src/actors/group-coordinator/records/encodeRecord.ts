import * as Classic from "../../../protocol/state-records/ClassicGroupRecords.ts"
import * as Consumer from "../../../protocol/state-records/ConsumerGroupRecords.ts"
import type { CoordinatorRecordType } from "../../../protocol/schema/defineCoordinatorRecord.ts"
import type { Fields, InputOfFields } from "../../../protocol/schema/FieldType.ts"
import { ByteWriter } from "../../../protocol/wire/ByteWriter.ts"
import type { CoordinatorRecord } from "./CoordinatorRecord.ts"

/** The bytes of one record; a null value is a tombstone. */
export interface EncodedRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Version of GroupMetadataValue and OffsetCommitValue that every Kafka since 2.3 reads. */
const groupMetadataVersion = 3
const offsetCommitVersion = 3
/** The one version with an expire timestamp. */
const offsetCommitWithExpiryVersion = 1

const writer = new ByteWriter()

const encode = <Key extends Fields, Value extends Fields>(
  type: CoordinatorRecordType<string, Key, Value>,
  key: InputOfFields<Key>,
  version: number,
  value: InputOfFields<Value> | null
): EncodedRecord => {
  writer.reset()
  writer.int16(type.type)
  type.key.encode(writer, 0, key)
  const keyBytes = writer.finishBytes()
  if (value === null) return { key: keyBytes, value: null }
  writer.int16(version)
  type.value.encode(writer, version, value)
  return { key: keyBytes, value: writer.finishBytes() }
}

const encodeOffsetCommit = (record: CoordinatorRecord & { readonly _tag: "OffsetCommit" }): EncodedRecord => {
  const { groupId: group, partition, topic, value } = record
  const expires = value !== null && value.expireTimestampMs !== -1
  return encode(
    Classic.OffsetCommit,
    { group, topic, partition },
    expires ? offsetCommitWithExpiryVersion : offsetCommitVersion,
    value === null ? null : {
      offset: value.offset,
      leaderEpoch: value.leaderEpoch,
      metadata: value.metadata,
      commitTimestamp: value.commitTimestampMs,
      expireTimestamp: value.expireTimestampMs
    }
  )
}

const encodeGroupMetadata = (record: CoordinatorRecord & { readonly _tag: "GroupMetadata" }): EncodedRecord => {
  const { value } = record
  return encode(
    Classic.GroupMetadata,
    { group: record.groupId },
    groupMetadataVersion,
    value === null ? null : {
      protocolType: value.protocolType,
      generation: value.generation,
      protocol: value.protocol,
      leader: value.leader,
      currentStateTimestamp: value.currentStateTimestampMs,
      members: value.members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: member.subscription,
        assignment: member.assignment
      }))
    }
  )
}

/** Key and value bytes as Kafka writes them. Source: GroupCoordinatorRecordSerde. */
export const encodeRecord = (record: CoordinatorRecord): EncodedRecord => {
  const { groupId } = record
  switch (record._tag) {
    case "OffsetCommit":
      return encodeOffsetCommit(record)
    case "GroupMetadata":
      return encodeGroupMetadata(record)
    case "ConsumerGroupMetadata":
      return encode(Consumer.ConsumerGroupMetadata, { groupId }, 0, record.value)
    case "ConsumerGroupPartitionMetadata":
      return encode(Consumer.ConsumerGroupPartitionMetadata, { groupId }, 0, null)
    case "ConsumerGroupMember":
      return encode(Consumer.ConsumerGroupMemberMetadata, { groupId, memberId: record.memberId }, 0, record.value)
    case "ConsumerGroupTargetAssignmentMetadata":
      return encode(Consumer.ConsumerGroupTargetAssignmentMetadata, { groupId }, 0, record.value)
    case "ConsumerGroupTargetAssignmentMember":
      return encode(
        Consumer.ConsumerGroupTargetAssignmentMember,
        { groupId, memberId: record.memberId },
        0,
        record.value
      )
    case "ConsumerGroupCurrentMemberAssignment":
      return encode(
        Consumer.ConsumerGroupCurrentMemberAssignment,
        { groupId, memberId: record.memberId },
        0,
        record.value
      )
    case "ConsumerGroupRegularExpression": {
      const { regularExpression, value } = record
      return encode(
        Consumer.ConsumerGroupRegularExpression,
        { groupId, regularExpression },
        0,
        value === null ? null : { topics: value.topics, version: value.version, timestamp: value.timestampMs }
      )
    }
  }
}
