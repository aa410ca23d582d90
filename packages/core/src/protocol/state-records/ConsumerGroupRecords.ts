import { defineCoordinatorRecord } from "../schema/defineCoordinatorRecord.ts"
import { Wire } from "../schema/Wire.ts"

/** Epoch of a group of the new consumer protocol (KIP-848). */
export const ConsumerGroupMetadata = defineCoordinatorRecord({
  type: 3,
  name: "ConsumerGroupMetadata",
  key: { groupId: Wire.string },
  versions: "0",
  flexible: "0+",
  value: { epoch: Wire.int32, metadataHash: Wire.int64.default(0).tag(0, "0+") }
})

/** Subscribed topics of a group; no longer written since Kafka 4.1, only removed. */
export const ConsumerGroupPartitionMetadata = defineCoordinatorRecord({
  type: 4,
  name: "ConsumerGroupPartitionMetadata",
  key: { groupId: Wire.string },
  versions: "0",
  flexible: "0+",
  value: {
    topics: Wire.array({
      topicId: Wire.uuid,
      topicName: Wire.string,
      numPartitions: Wire.int32,
      partitionMetadata: Wire.array({ partition: Wire.int32, racks: Wire.arrayOf(Wire.string) })
    })
  }
})

/** Subscription of a member. */
export const ConsumerGroupMemberMetadata = defineCoordinatorRecord({
  type: 5,
  name: "ConsumerGroupMemberMetadata",
  key: { groupId: Wire.string, memberId: Wire.string },
  versions: "0",
  flexible: "0+",
  value: {
    instanceId: Wire.nullableString,
    rackId: Wire.nullableString,
    clientId: Wire.string,
    clientHost: Wire.string,
    subscribedTopicNames: Wire.arrayOf(Wire.string),
    subscribedTopicRegex: Wire.nullableString,
    rebalanceTimeoutMs: Wire.int32.default(-1),
    serverAssignor: Wire.nullableString,
    /** null: a member of the consumer protocol. Kafka's default is an empty struct, so null is written too. */
    classicMemberMetadata: Wire.struct({
      sessionTimeoutMs: Wire.int32,
      supportedProtocols: Wire.array({ name: Wire.string, metadata: Wire.bytes })
    }).nullable().tag(0, "0+")
  }
})

/** Epoch of a group's target assignment. */
export const ConsumerGroupTargetAssignmentMetadata = defineCoordinatorRecord({
  type: 6,
  name: "ConsumerGroupTargetAssignmentMetadata",
  key: { groupId: Wire.string },
  versions: "0",
  flexible: "0+",
  value: { assignmentEpoch: Wire.int32, assignmentTimestamp: Wire.int64.default(0).tag(0, "0+") }
})

/** Target assignment of a member. */
export const ConsumerGroupTargetAssignmentMember = defineCoordinatorRecord({
  type: 7,
  name: "ConsumerGroupTargetAssignmentMember",
  key: { groupId: Wire.string, memberId: Wire.string },
  versions: "0",
  flexible: "0+",
  value: { topicPartitions: Wire.array({ topicId: Wire.uuid, partitions: Wire.arrayOf(Wire.int32) }) }
})

const topicPartitions = {
  topicId: Wire.uuid,
  partitions: Wire.arrayOf(Wire.int32),
  assignmentEpochs: Wire.arrayOf(Wire.int32).nullable().tag(0, "0+")
}

/** What a member owns and where it stands between epochs. */
export const ConsumerGroupCurrentMemberAssignment = defineCoordinatorRecord({
  type: 8,
  name: "ConsumerGroupCurrentMemberAssignment",
  key: { groupId: Wire.string, memberId: Wire.string },
  versions: "0",
  flexible: "0+",
  value: {
    memberEpoch: Wire.int32,
    previousMemberEpoch: Wire.int32,
    state: Wire.int8,
    assignedPartitions: Wire.array(topicPartitions),
    partitionsPendingRevocation: Wire.array(topicPartitions)
  }
})

/** Topics that a regular expression resolved to. */
export const ConsumerGroupRegularExpression = defineCoordinatorRecord({
  type: 16,
  name: "ConsumerGroupRegularExpression",
  key: { groupId: Wire.string, regularExpression: Wire.string },
  versions: "0",
  flexible: "0+",
  value: { topics: Wire.arrayOf(Wire.string), version: Wire.int64, timestamp: Wire.int64 }
})
