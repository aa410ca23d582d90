import * as Classic from "../../../protocol/state-records/ClassicGroupRecords.ts"
import * as Consumer from "../../../protocol/state-records/ConsumerGroupRecords.ts"
import type { CoordinatorRecordType } from "../../../protocol/schema/defineCoordinatorRecord.ts"
import type { Fields, ValueOfFields } from "../../../protocol/schema/FieldType.ts"
import { ByteReader } from "../../../protocol/wire/ByteReader.ts"
import { failDecode } from "../../../protocol/wire/DecodeError.ts"
import type { CoordinatorRecord, CurrentAssignmentValue, GroupMetadataValue } from "./CoordinatorRecord.ts"

const readKey = <Key extends Fields>(
  type: CoordinatorRecordType<string, Key, Fields>,
  reader: ByteReader
): ValueOfFields<Key> => type.key.decode(reader, 0)

const readValue = <Value extends Fields, A>(
  type: CoordinatorRecordType<string, any, Value>,
  bytes: Uint8Array | null,
  then: (value: ValueOfFields<Value>) => A
): A | null => {
  if (bytes === null) return null
  const reader = new ByteReader(bytes)
  const version = reader.int16()
  if (!type.value.supports(version)) failDecode(`version ${version} of ${type.name}`)
  return then(type.value.decode(reader, version))
}

const groupMetadata = (bytes: Uint8Array | null): GroupMetadataValue | null =>
  readValue(Classic.GroupMetadata, bytes, (value) => ({
    protocolType: value.protocolType,
    generation: value.generation,
    protocol: value.protocol,
    leader: value.leader,
    currentStateTimestampMs: value.currentStateTimestamp,
    members: value.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeout,
      sessionTimeoutMs: member.sessionTimeout,
      // Copies: the bytes are views of a whole read of the log, which must not be kept alive.
      subscription: member.subscription.slice(),
      assignment: member.assignment.slice()
    }))
  }))

type Owned = CurrentAssignmentValue["assignedPartitions"][number]

/** Kafka before 4.2 wrote no assignment epochs: the member's own epoch is the safe one. */
const withEpochs = (memberEpoch: number) =>
(topic: {
  readonly topicId: Owned["topicId"]
  readonly partitions: ReadonlyArray<number>
  readonly assignmentEpochs: ReadonlyArray<number> | null
}): Owned => ({
  topicId: topic.topicId,
  partitions: topic.partitions,
  assignmentEpochs: topic.assignmentEpochs ?? topic.partitions.map(() => memberEpoch)
})

const currentAssignment = (bytes: Uint8Array | null): CurrentAssignmentValue | null =>
  readValue(Consumer.ConsumerGroupCurrentMemberAssignment, bytes, (value) => ({
    memberEpoch: value.memberEpoch,
    previousMemberEpoch: value.previousMemberEpoch,
    state: value.state,
    assignedPartitions: value.assignedPartitions.map(withEpochs(value.memberEpoch)),
    partitionsPendingRevocation: value.partitionsPendingRevocation.map(withEpochs(value.memberEpoch))
  }))

const offsetCommit = (reader: ByteReader, bytes: Uint8Array | null): CoordinatorRecord => {
  const key = readKey(Classic.OffsetCommit, reader)
  const value = readValue(Classic.OffsetCommit, bytes, (value) => ({
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: value.commitTimestamp,
    expireTimestampMs: value.expireTimestamp
  }))
  return { _tag: "OffsetCommit", groupId: key.group, topic: key.topic, partition: key.partition, value }
}

const consumerRecord = (type: number, reader: ByteReader, bytes: Uint8Array | null): CoordinatorRecord | undefined => {
  switch (type) {
    case 3: {
      const { groupId } = readKey(Consumer.ConsumerGroupMetadata, reader)
      return {
        _tag: "ConsumerGroupMetadata",
        groupId,
        value: readValue(Consumer.ConsumerGroupMetadata, bytes, (v) => v)
      }
    }
    case 5: {
      const key = readKey(Consumer.ConsumerGroupMemberMetadata, reader)
      const value = readValue(Consumer.ConsumerGroupMemberMetadata, bytes, (v) => ({
        ...v,
        classicMemberMetadata: v.classicMemberMetadata === null ? null : {
          sessionTimeoutMs: v.classicMemberMetadata.sessionTimeoutMs,
          supportedProtocols: v.classicMemberMetadata.supportedProtocols.map((protocol) => ({
            name: protocol.name,
            metadata: protocol.metadata.slice()
          }))
        }
      }))
      return { _tag: "ConsumerGroupMember", ...key, value }
    }
    case 6: {
      const { groupId } = readKey(Consumer.ConsumerGroupTargetAssignmentMetadata, reader)
      const value = readValue(Consumer.ConsumerGroupTargetAssignmentMetadata, bytes, (v) => ({
        assignmentEpoch: v.assignmentEpoch
      }))
      return { _tag: "ConsumerGroupTargetAssignmentMetadata", groupId, value }
    }
    case 7: {
      const key = readKey(Consumer.ConsumerGroupTargetAssignmentMember, reader)
      const value = readValue(Consumer.ConsumerGroupTargetAssignmentMember, bytes, (v) => v)
      return { _tag: "ConsumerGroupTargetAssignmentMember", ...key, value }
    }
    case 8: {
      const key = readKey(Consumer.ConsumerGroupCurrentMemberAssignment, reader)
      return { _tag: "ConsumerGroupCurrentMemberAssignment", ...key, value: currentAssignment(bytes) }
    }
    case 16: {
      const key = readKey(Consumer.ConsumerGroupRegularExpression, reader)
      const value = readValue(Consumer.ConsumerGroupRegularExpression, bytes, (v) => ({
        topics: v.topics,
        version: v.version,
        timestampMs: v.timestamp
      }))
      return { _tag: "ConsumerGroupRegularExpression", ...key, value }
    }
    default:
      return undefined
  }
}

/**
 * Reads a record; undefined for a kind this coordinator keeps nothing of (topic metadata of Kafka before 4.1, share and
 * streams groups, kinds of later versions). Throws `DecodeError` when malformed. Source: GroupCoordinatorRecordSerde.
 */
export const decodeRecord = (key: Uint8Array, value: Uint8Array | null): CoordinatorRecord | undefined => {
  const reader = new ByteReader(key)
  const type = reader.int16()
  switch (type) {
    case 0:
    case 1:
      // Both keys have the same fields; the value's own version tells how to read it.
      return offsetCommit(reader, value)
    case 2: {
      const { group } = readKey(Classic.GroupMetadata, reader)
      return { _tag: "GroupMetadata", groupId: group, value: groupMetadata(value) }
    }
    default:
      return consumerRecord(type, reader, value)
  }
}
