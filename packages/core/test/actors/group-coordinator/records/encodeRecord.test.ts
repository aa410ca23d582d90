import { assert, describe, it } from "@effect/vitest"
import type { CoordinatorRecord } from "../../../../src/actors/group-coordinator/records/CoordinatorRecord.ts"
import { decodeRecord } from "../../../../src/actors/group-coordinator/records/decodeRecord.ts"
import { encodeRecord } from "../../../../src/actors/group-coordinator/records/encodeRecord.ts"
import { bytes } from "../commands.ts"
import { topicIdOf } from "../GroupSimulation.ts"

const groupId = "g"
const memberId = "m"
const owned = [{ topicId: topicIdOf(1), partitions: [0, 2], assignmentEpochs: [3, 4] }]

const values: ReadonlyArray<CoordinatorRecord> = [
  {
    _tag: "OffsetCommit",
    groupId,
    topic: "t",
    partition: 3,
    value: { offset: 5, leaderEpoch: 2, metadata: "note", commitTimestampMs: 7, expireTimestampMs: -1 }
  },
  {
    _tag: "OffsetCommit",
    groupId,
    topic: "t",
    partition: 3,
    value: { offset: 5, leaderEpoch: -1, metadata: "", commitTimestampMs: 7, expireTimestampMs: 99 }
  },
  {
    _tag: "GroupMetadata",
    groupId,
    value: {
      protocolType: "consumer",
      generation: 4,
      protocol: "range",
      leader: memberId,
      currentStateTimestampMs: 8,
      members: [{
        memberId,
        groupInstanceId: "i",
        clientId: "c",
        clientHost: "/h",
        rebalanceTimeoutMs: 1,
        sessionTimeoutMs: 2,
        subscription: bytes("s"),
        assignment: bytes("a")
      }]
    }
  },
  { _tag: "ConsumerGroupMetadata", groupId, value: { epoch: 3, metadataHash: 2 ** 52 + 1 } },
  {
    _tag: "ConsumerGroupMember",
    groupId,
    memberId,
    value: {
      instanceId: null,
      rackId: "r",
      clientId: "c",
      clientHost: "/h",
      subscribedTopicNames: ["t"],
      subscribedTopicRegex: "t.*",
      rebalanceTimeoutMs: 5,
      serverAssignor: "range",
      classicMemberMetadata: { sessionTimeoutMs: 9, supportedProtocols: [{ name: "range", metadata: bytes("x") }] }
    }
  },
  { _tag: "ConsumerGroupTargetAssignmentMetadata", groupId, value: { assignmentEpoch: 6 } },
  {
    _tag: "ConsumerGroupTargetAssignmentMember",
    groupId,
    memberId,
    value: { topicPartitions: [{ topicId: topicIdOf(1), partitions: [1] }] }
  },
  {
    _tag: "ConsumerGroupCurrentMemberAssignment",
    groupId,
    memberId,
    value: {
      memberEpoch: 4,
      previousMemberEpoch: 3,
      state: 1,
      assignedPartitions: owned,
      partitionsPendingRevocation: owned
    }
  },
  {
    _tag: "ConsumerGroupRegularExpression",
    groupId,
    regularExpression: "t.*",
    value: { topics: ["t"], version: 3, timestampMs: 4 }
  }
]

describe("coordinator records", () => {
  it("survive their bytes, and so do their tombstones", () => {
    for (const record of values) {
      for (const one of [record, { ...record, value: null } as CoordinatorRecord]) {
        const { key, value } = encodeRecord(one)
        assert.deepStrictEqual(decodeRecord(key, value), one)
      }
    }
  })

  it("of kinds this coordinator does not keep are passed over", () => {
    for (const type of [4, 9, 15, 17, 99]) {
      assert.isUndefined(decodeRecord(Uint8Array.of(0, type, 0, 1, 103), Uint8Array.of(0, 0)))
    }
  })

  it("begin with Kafka's type and version", () => {
    const { key, value } = encodeRecord(values[0]!)
    assert.deepStrictEqual([...key], [0, 1, 0, 1, 103, 0, 1, 116, 0, 0, 0, 3])
    assert.deepStrictEqual([...value!.subarray(0, 14)], [0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2])
  })
})
