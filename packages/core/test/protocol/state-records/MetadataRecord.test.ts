import { assert, describe, it } from "@effect/vitest"
import { Uuid } from "../../../src/model/Uuid.ts"
import { decodeMetadataRecord, encodeMetadataRecord } from "../../../src/protocol/state-records/MetadataRecord.ts"
import {
  decodeRaftControlRecord,
  encodeRaftControlRecord
} from "../../../src/protocol/state-records/RaftControlRecord.ts"
import { LeaderChangeMessage } from "../../../src/protocol/state-records/RaftControlRecords.ts"
import { PartitionChangeRecord, TopicRecord } from "../../../src/protocol/state-records/TopicRecords.ts"
import { DecodeError } from "../../../src/protocol/wire/DecodeError.ts"

describe("metadata records", () => {
  it("are framed by frame version, key and version", () => {
    const bytes = encodeMetadataRecord(TopicRecord, { name: "t", topicId: Uuid.one })
    assert.deepStrictEqual([...bytes], [1, 2, 0, 2, 116, ...Array<number>(15).fill(0), 1, 0])
    assert.deepStrictEqual(decodeMetadataRecord(bytes), {
      type: "TopicRecord",
      version: 0,
      value: { name: "t", topicId: Uuid.one }
    })
  })

  it("a change that leaves everything as it was is nearly empty", () => {
    const bytes = encodeMetadataRecord(PartitionChangeRecord, { partitionId: 0, topicId: Uuid.zero }, 0)
    assert.strictEqual(bytes.length, 3 + 4 + 16 + 1)
    const record = decodeMetadataRecord(bytes)
    assert(record.type === "PartitionChangeRecord")
    assert.strictEqual(record.value.leader, -2)
    assert.isNull(record.value.isr)
  })

  it("unknown keys and newer versions are results, not errors", () => {
    assert.deepStrictEqual(decodeMetadataRecord(new Uint8Array([1, 99, 0])), { type: "Unknown", key: 99, version: 0 })
    assert.deepStrictEqual(decodeMetadataRecord(new Uint8Array([1, 2, 7])), { type: "Unknown", key: 2, version: 7 })
  })

  it("another frame version, missing bytes and bytes left over are a DecodeError", () => {
    const bytes = encodeMetadataRecord(TopicRecord, { name: "t", topicId: Uuid.one })
    assert.throws(() => decodeMetadataRecord(new Uint8Array([2, ...bytes.subarray(1)])), DecodeError)
    assert.throws(() => decodeMetadataRecord(bytes.subarray(0, bytes.length - 1)), DecodeError)
    assert.throws(() => decodeMetadataRecord(new Uint8Array([...bytes, 0])), DecodeError)
  })
})

describe("control records of the quorum", () => {
  it("a leader change survives, under the control type that Kafka gives it", () => {
    const voters = [{ voterId: 1, voterDirectoryId: Uuid.zero }]
    const { key, value } = encodeRaftControlRecord(LeaderChangeMessage, {
      version: 0,
      leaderId: 1,
      voters,
      grantingVoters: voters
    })
    assert.deepStrictEqual([...key], [0, 0, 0, 2])
    const record = decodeRaftControlRecord(key, value)
    assert(record.type === "LeaderChangeMessage")
    assert.deepStrictEqual(record.value, { version: 0, leaderId: 1, voters, grantingVoters: voters })
  })

  it("transaction markers are none of them", () => {
    const marker = decodeRaftControlRecord(new Uint8Array([0, 0, 0, 1]), new Uint8Array(6))
    assert.deepStrictEqual(marker, { type: "Unknown", controlType: 1 })
  })
})
