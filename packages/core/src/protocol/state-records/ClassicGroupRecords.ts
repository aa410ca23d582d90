import { defineCoordinatorRecord } from "../schema/defineCoordinatorRecord.ts"
import { Wire } from "../schema/Wire.ts"

/** A committed offset as Kafka wrote it long ago; newer brokers read it, none writes it. */
export const LegacyOffsetCommit = defineCoordinatorRecord({
  type: 0,
  name: "LegacyOffsetCommit",
  key: { group: Wire.string, topic: Wire.string, partition: Wire.int32 },
  versions: "0",
  flexible: "none",
  value: { offset: Wire.int64, metadata: Wire.string, commitTimestamp: Wire.int64 }
})

/** A committed offset of a group. 1: expireTimestamp, only there; 3: leader epoch; 4: flexible, topic id. */
export const OffsetCommit = defineCoordinatorRecord({
  type: 1,
  name: "OffsetCommit",
  key: { group: Wire.string, topic: Wire.string, partition: Wire.int32 },
  versions: "0-4",
  flexible: "4+",
  value: {
    offset: Wire.int64,
    leaderEpoch: Wire.int32.in("3+").default(-1),
    metadata: Wire.string,
    commitTimestamp: Wire.int64,
    expireTimestamp: Wire.int64.in("1").default(-1),
    topicId: Wire.uuid.tag(0, "4+")
  }
})

const memberMetadata = {
  memberId: Wire.string,
  groupInstanceId: Wire.nullableString.in("3+").default(null),
  clientId: Wire.string,
  clientHost: Wire.string,
  rebalanceTimeout: Wire.int32.in("1+").default(-1),
  sessionTimeout: Wire.int32,
  subscription: Wire.bytes,
  assignment: Wire.bytes
}

/** A classic group with its members. 1: rebalance timeout; 2: state timestamp; 3: group.instance.id; 4: flexible. */
export const GroupMetadata = defineCoordinatorRecord({
  type: 2,
  name: "GroupMetadata",
  key: { group: Wire.string },
  versions: "0-4",
  flexible: "4+",
  value: {
    protocolType: Wire.string,
    generation: Wire.int32,
    protocol: Wire.nullableString,
    leader: Wire.nullableString,
    currentStateTimestamp: Wire.int64.in("2+").default(-1),
    members: Wire.array(memberMetadata)
  }
})
