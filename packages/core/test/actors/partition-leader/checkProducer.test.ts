import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { checkProducer } from "../../../src/actors/partition-leader/checkProducer.ts"
import type { AppendOrigin } from "../../../src/actors/partition-leader/PartitionLeader.ts"
import { type ProducerEntry, ProducerStates } from "../../../src/log/ProducerStates.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { buildEndTransactionMarker } from "../../../src/protocol/records/ControlRecord.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { batchOf } from "./testLeaders.ts"

const batchAt = (
  producerEpoch: number,
  baseSequence: number,
  options: { readonly count?: number; readonly isTransactional?: boolean; readonly baseOffset?: number } = {}
) =>
  batchOf(Array.from({ length: options.count ?? 1 }, () => "v"), {
    producerId: 1,
    producerEpoch,
    baseSequence,
    baseOffset: options.baseOffset ?? 0,
    isTransactional: options.isTransactional ?? false
  })

const known = (overrides: Partial<ProducerEntry> = {}): ProducerEntry => ({
  producerId: 1,
  lastTimestamp: 77,
  producerEpoch: 2,
  coordinatorEpoch: -1,
  transactionFirstOffset: -1,
  batches: [{ firstSequence: 3, lastSequence: 4, firstOffset: 10, lastOffset: 11, timestamp: 77 }],
  ...overrides
})

const verdict = (batch: Uint8Array, producer: ProducerEntry | undefined, origin: AppendOrigin = "Client") => {
  const result = checkProducer(batch, origin, producer)
  if (result === undefined) return "append"
  return result._tag === "Duplicate" ? `duplicate of ${result.baseOffset}` : result.errorCode
}

const marker = (producerEpoch: number, coordinatorEpoch: number) =>
  buildEndTransactionMarker({ type: "Abort", coordinatorEpoch, producerId: 1, producerEpoch, timestamp: 5 })

describe("checkProducer", () => {
  it.each<[string, string | number, Uint8Array, ProducerEntry | undefined]>([
    ["the next sequence", "append", batchAt(2, 5), known()],
    ["a gap", ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, batchAt(2, 6), known()],
    ["the very batch again", "duplicate of 10", batchAt(2, 3, { count: 2 }), known()],
    ["a part of a known batch", ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, batchAt(2, 4), known()],
    ["an old epoch", ErrorCode.INVALID_PRODUCER_EPOCH, batchAt(1, 5), known()],
    ["a new epoch from 0", "append", batchAt(3, 0), known()],
    ["a new epoch from elsewhere", ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, batchAt(3, 1), known()],
    ["an unknown producer at any sequence", "append", batchAt(0, 4711), undefined],
    ["sequence 0 after only a marker", "append", batchAt(2, 0), known({ batches: [] })],
    [
      "another sequence after only a marker",
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      batchAt(2, 1),
      known({ batches: [] })
    ],
    [
      "0 after the last sequence there is",
      "append",
      batchAt(2, 0),
      known({ batches: [{ ...known().batches[0]!, firstSequence: 2 ** 31 - 2, lastSequence: 2 ** 31 - 1 }] })
    ],
    [
      "a transaction that was not verified",
      ErrorCode.INVALID_TXN_STATE,
      batchAt(2, 5, { isTransactional: true }),
      known()
    ],
    [
      "a transaction open under another epoch",
      ErrorCode.INVALID_TXN_STATE,
      batchAt(3, 0, { isTransactional: true }),
      known({ transactionFirstOffset: 9 })
    ],
    [
      "an old epoch of a transaction",
      ErrorCode.INVALID_PRODUCER_EPOCH,
      batchAt(1, 0, { isTransactional: true }),
      known()
    ],
    [
      "more of an open transaction",
      "append",
      batchAt(2, 5, { isTransactional: true }),
      known({ transactionFirstOffset: 9 })
    ],
    [
      "a plain batch inside a transaction",
      ErrorCode.INVALID_TXN_STATE,
      batchAt(2, 5),
      known({ transactionFirstOffset: 9 })
    ]
  ])("judges %s", (_, expected, batch, producer) => {
    assert.strictEqual(verdict(batch, producer), expected)
  })

  it("a duplicate is answered with the stored batch's offset and timestamp", () => {
    assert.deepStrictEqual(checkProducer(batchAt(2, 3, { count: 2 }), "Client", known()), {
      _tag: "Duplicate",
      baseOffset: 10,
      lastOffset: 11,
      logAppendTimeMs: 77
    })
  })

  it("markers are judged by producer epoch and coordinator epoch", () => {
    const producer = known({ coordinatorEpoch: 4 })
    assert.strictEqual(verdict(marker(2, 4), producer, "Coordinator"), "append")
    assert.strictEqual(verdict(marker(2, 3), producer, "Coordinator"), ErrorCode.TRANSACTION_COORDINATOR_FENCED)
    assert.strictEqual(verdict(marker(1, 4), producer, "Coordinator"), ErrorCode.INVALID_PRODUCER_EPOCH)
    assert.strictEqual(verdict(marker(0, 0), undefined, "Coordinator"), "append")
  })

  it("a coordinator's batches have no sequences", () => {
    const batch = batchAt(2, -1, { isTransactional: true })
    assert.strictEqual(verdict(batch, known(), "Coordinator"), "append")
  })

  it("judges like a list of everything ever accepted", () => {
    const step = fc.record({
      epoch: fc.integer({ min: 0, max: 2 }),
      sequence: fc.integer({ min: 0, max: 12 }),
      count: fc.integer({ min: 1, max: 3 })
    })
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const producers = new ProducerStates()
      let nextOffset = 0
      /** The model: all batches of the current epoch, none forgotten. */
      let epoch = -1
      let accepted: Array<{ sequence: number; count: number; offset: number }> = []
      for (const { count, epoch: stepEpoch, sequence } of steps) {
        const last = accepted.at(-1)
        const repeated = stepEpoch === epoch
          ? accepted.slice(-5).find((batch) => batch.sequence === sequence && batch.count === count)
          : undefined
        const expected = repeated !== undefined
          ? `duplicate of ${repeated.offset}`
          : epoch === -1
          ? "append"
          : stepEpoch < epoch
          ? ErrorCode.INVALID_PRODUCER_EPOCH
          : sequence === (stepEpoch > epoch ? 0 : last!.sequence + last!.count)
          ? "append"
          : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
        const batch = batchAt(stepEpoch, sequence, { count, baseOffset: nextOffset })
        assert.strictEqual(verdict(batch, producers.entry(1)), expected)
        if (expected !== "append") continue
        producers.replay(batch, 0)
        if (stepEpoch !== epoch) accepted = []
        epoch = stepEpoch
        accepted.push({ sequence, count, offset: nextOffset })
        nextOffset = RecordBatch.lastOffset(batch, 0) + 1
      }
    }))
  })
})
