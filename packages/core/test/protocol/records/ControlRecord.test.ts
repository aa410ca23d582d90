import { assert, describe, it } from "@effect/vitest"
import {
  buildEndTransactionMarker,
  controlRecordKey,
  controlTypeOf,
  controlTypes,
  parseEndTransactionMarker
} from "../../../src/protocol/records/ControlRecord.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { goldenBatch, goldenTimestamp } from "./goldenBatches.ts"

const producer = { producerId: 2 ** 40, producerEpoch: 3, timestamp: goldenTimestamp, partitionLeaderEpoch: 9 }

describe("ControlRecord", () => {
  it("builds and reads the end markers Kafka writes", () => {
    const commit = buildEndTransactionMarker({ ...producer, type: "Commit", coordinatorEpoch: 12, baseOffset: 55 })
    const abort = buildEndTransactionMarker({ ...producer, type: "Abort", coordinatorEpoch: 13, baseOffset: 56 })
    assert.deepStrictEqual(commit, goldenBatch("v2-commit"))
    assert.deepStrictEqual(abort, goldenBatch("v2-abort"))
    assert.isTrue(RecordBatch.isControl(commit, 0) && RecordBatch.isTransactional(commit, 0))
    const read = [commit, abort].map((batch) => parseEndTransactionMarker(decodeRecords(batch, 0)[0]!))
    assert.deepStrictEqual(read, [{ type: "Commit", coordinatorEpoch: 12 }, { type: "Abort", coordinatorEpoch: 13 }])
  })

  it("knows every control type by its key", () => {
    for (const type of Object.keys(controlTypes) as ReadonlyArray<keyof typeof controlTypes>) {
      assert.strictEqual(controlTypeOf(controlRecordKey(type)), type)
    }
    assert.strictEqual(controlTypeOf(Uint8Array.of(0, 0, 0, 7)), "Unknown")
    assert.strictEqual(controlTypeOf(Uint8Array.of(0, 0, 0xff, 0xff)), "Unknown")
    assert.strictEqual(controlTypeOf(Uint8Array.of(0, 1, 0, 1, 9)), "Commit")
  })

  it("finds damaged keys and markers", () => {
    assert.isUndefined(controlTypeOf(null))
    assert.isUndefined(controlTypeOf(Uint8Array.of(0, 0, 0)))
    assert.isUndefined(controlTypeOf(Uint8Array.of(0xff, 0xff, 0, 1)))
    const key = controlRecordKey("Commit")
    const value = Uint8Array.of(0, 0, 0, 0, 0, 5)
    assert.isDefined(parseEndTransactionMarker({ key, value }))
    assert.isUndefined(parseEndTransactionMarker({ key, value: null }))
    assert.isUndefined(parseEndTransactionMarker({ key, value: value.subarray(0, 5) }))
    assert.isUndefined(parseEndTransactionMarker({ key, value: Uint8Array.of(0xff, 0xff, 0, 0, 0, 5) }))
    assert.isUndefined(parseEndTransactionMarker({ key: controlRecordKey("LeaderChange"), value }))
  })
})
