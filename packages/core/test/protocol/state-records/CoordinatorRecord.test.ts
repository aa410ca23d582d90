import { assert, describe, it } from "@effect/vitest"
import { OffsetCommit } from "../../../src/protocol/state-records/ClassicGroupRecords.ts"
import {
  decodeGroupRecord,
  decodeTransactionRecord,
  encodeCoordinatorKey,
  encodeCoordinatorValue
} from "../../../src/protocol/state-records/CoordinatorRecord.ts"
import { TransactionLog } from "../../../src/protocol/state-records/TransactionRecords.ts"
import { DecodeError } from "../../../src/protocol/wire/DecodeError.ts"

const key = encodeCoordinatorKey(OffsetCommit, { group: "g", topic: "t", partition: 3 })
const commit = { offset: 42, metadata: "", commitTimestamp: 1000 }

describe("coordinator records", () => {
  it("an offset commit has Kafka's bytes and comes back in every version", () => {
    assert.deepStrictEqual([...key], [0, 1, 0, 1, 103, 0, 1, 116, 0, 0, 0, 3])
    for (let version = 0; version <= 4; version++) {
      const value = encodeCoordinatorValue(OffsetCommit, commit, version)
      assert.strictEqual(value[1], version)
      const record = decodeGroupRecord(key, value)
      assert(record.type === "OffsetCommit")
      assert.deepStrictEqual(record.key, { group: "g", topic: "t", partition: 3 })
      assert.strictEqual(record.value?.offset, 42)
      assert.strictEqual(record.value?.expireTimestamp, -1)
    }
  })

  it("a tombstone has a null value", () => {
    const record = decodeGroupRecord(key, null)
    assert(record.type === "OffsetCommit")
    assert.isNull(record.value)
  })

  it("unknown types and newer value versions are results, not errors", () => {
    const unknown = decodeGroupRecord(new Uint8Array([0, 99, 1]), new Uint8Array([0, 0]))
    assert.deepStrictEqual(unknown, { type: "Unknown", recordType: 99, version: undefined })
    const newer = decodeGroupRecord(key, new Uint8Array([0, 9, 1]))
    assert.deepStrictEqual(newer, { type: "Unknown", recordType: 1, version: 9 })
  })

  it("damaged records of a known type are a DecodeError", () => {
    assert.throws(() => decodeGroupRecord(key.subarray(0, 5), null), DecodeError)
    assert.throws(() => decodeGroupRecord(key, new Uint8Array([0, 3, 1])), DecodeError)
    assert.throws(() => decodeGroupRecord(new Uint8Array([0]), null), DecodeError)
  })

  it("the transaction log keeps its states apart from group records of the same type number", () => {
    const value = encodeCoordinatorValue(TransactionLog, {
      producerId: 9,
      producerEpoch: 1,
      transactionTimeoutMs: 60_000,
      transactionStatus: 1,
      transactionPartitions: [{ topic: "t", partitionIds: [0, 2] }],
      transactionLastUpdateTimestampMs: 5,
      transactionStartTimestampMs: 4
    })
    const record = decodeTransactionRecord(encodeCoordinatorKey(TransactionLog, { transactionalId: "x" }), value)
    assert(record.type === "TransactionLog")
    assert.strictEqual(record.key.transactionalId, "x")
    assert.deepStrictEqual(record.value?.transactionPartitions, [{ topic: "t", partitionIds: [0, 2] }])
    assert.strictEqual(record.value?.nextProducerEpoch, -1)
  })
})
