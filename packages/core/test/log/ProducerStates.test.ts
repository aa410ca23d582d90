import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { decodeProducerSnapshot, encodeProducerSnapshot } from "../../src/log/ProducerSnapshot.ts"
import { ProducersAhead, ProducerStates } from "../../src/log/ProducerStates.ts"
import { buildEndTransactionMarker } from "../../src/protocol/records/ControlRecord.ts"
import { batchAt } from "./logTestKit.ts"

const data = (baseOffset: number, baseSequence: number, count: number, options: {
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly isTransactional?: boolean
} = {}) =>
  batchAt(baseOffset, {
    values: Array.from({ length: count }, () => "v"),
    producerId: 1,
    producerEpoch: 0,
    baseSequence,
    timestamp: baseOffset * 10,
    ...options
  })

const marker = (baseOffset: number, type: "Commit" | "Abort", producerEpoch = 0, producerId = 1) =>
  buildEndTransactionMarker({ type, producerId, producerEpoch, coordinatorEpoch: 4, timestamp: 99, baseOffset })

const replayed = (...batches: ReadonlyArray<Uint8Array>): ProducerStates => {
  const states = new ProducerStates()
  for (const batch of batches) states.replay(batch, 0)
  return states
}

describe("ProducerStates", () => {
  it("keeps a producer's last five batches, to recognise repeats", () => {
    const states = replayed(...[0, 1, 2, 3, 4, 5, 6].map((n) => data(n * 2, n * 2, 2)))
    const entry = states.entry(1)!
    assert.deepStrictEqual(entry.batches.map((batch) => batch.firstSequence), [4, 6, 8, 10, 12])
    assert.deepStrictEqual({ ...entry.batches.at(-1)! }, {
      firstSequence: 12,
      lastSequence: 13,
      firstOffset: 12,
      lastOffset: 13,
      timestamp: 121
    })
  })

  it("ignores batches without a producer id", () => {
    assert.strictEqual(replayed(batchAt(0, { values: ["a"] })).size, 0)
  })

  it("forgets the batches of an older epoch", () => {
    const states = replayed(data(0, 0, 1), data(1, 1, 1), data(2, 0, 1, { producerEpoch: 1 }))
    assert.strictEqual(states.entry(1)!.producerEpoch, 1)
    assert.deepStrictEqual(states.entry(1)!.batches.map((batch) => batch.firstOffset), [2])
  })

  it("a sequence that wraps around is remembered with both ends", () => {
    const states = replayed(data(0, 0x7fff_fffe, 4))
    assert.strictEqual(states.entry(1)!.batches[0]!.lastSequence, 1)
    const restored = new ProducerStates()
    restored.restore(states.save())
    assert.deepInclude(restored.entry(1)?.batches[0], { firstSequence: 0x7fff_fffe, lastSequence: 1, firstOffset: 0 })
  })

  it("an open transaction holds the first unstable offset until its marker is below the high watermark", () => {
    const states = replayed(
      data(0, 0, 1),
      data(1, 1, 1, { isTransactional: true }),
      data(2, 0, 2, { producerId: 2, isTransactional: true }),
      data(4, 2, 1, { isTransactional: true })
    )
    assert.strictEqual(states.firstUnstableOffset(5), 1)
    assert.deepStrictEqual([...states.openTransactions], [[1, 1], [2, 2]])
    assert.deepStrictEqual(states.replay(marker(5, "Abort"), 0), {
      producerId: 1,
      firstOffset: 1,
      lastOffset: 5,
      isAborted: true,
      lastStableOffset: 2
    })
    assert.strictEqual(states.firstUnstableOffset(5), 1)
    assert.strictEqual(states.firstUnstableOffset(6), 2)
    assert.strictEqual(states.replay(marker(6, "Commit", 0, 2), 0)?.lastStableOffset, 7)
    assert.strictEqual(states.firstUnstableOffset(7), -1)
  })

  it("a marker without data ends nothing but bumps the epoch and clears the batches", () => {
    const states = replayed(data(0, 0, 1))
    assert.strictEqual(states.replay(marker(1, "Commit", 3), 0), undefined)
    const { batches, coordinatorEpoch, lastTimestamp, producerEpoch } = states.entry(1)!
    assert.deepStrictEqual([batches.length, coordinatorEpoch, lastTimestamp, producerEpoch], [0, 4, 99, 3])
  })

  it("a marker ends the transaction and keeps the batches of its epoch", () => {
    const states = replayed(data(0, 0, 1, { isTransactional: true }))
    const { batches } = states.entry(1)!
    states.replay(marker(1, "Abort"), 0)
    assert.deepInclude(states.entry(1), { batches, transactionFirstOffset: -1, coordinatorEpoch: 4, lastTimestamp: 99 })
    assert.strictEqual(states.openTransactions.size, 0)
  })

  it("silent producers expire, those with an open transaction never", () => {
    const states = replayed(data(1, 0, 1), data(2, 0, 1, { producerId: 2, isTransactional: true }))
    states.expire(10 + 999, 1000)
    assert.strictEqual(states.size, 2)
    states.expire(10 + 1000, 1000)
    assert.deepStrictEqual(Array.from(states.entries(), (entry) => entry.producerId), [2])
    states.expire(1e15, 1000)
    assert.strictEqual(states.size, 1)
  })

  it("a snapshot restores what it saved, and a damaged one is known as such", () => {
    const states = replayed(
      data(0, 0, 3),
      data(3, 0, 1, { producerId: 2 ** 40, producerEpoch: 7, isTransactional: true }),
      marker(4, "Abort", 2, 3)
    )
    const bytes = encodeProducerSnapshot(states.save())
    assert.strictEqual(bytes.length, 10 + 3 * 46)
    assert.deepStrictEqual(decodeProducerSnapshot(bytes), states.save())
    const restored = new ProducerStates()
    restored.restore(decodeProducerSnapshot(bytes)!)
    assert.deepStrictEqual(restored.save(), states.save())
    assert.strictEqual(restored.firstUndecidedOffset, 3)
    for (let at = 0; at < bytes.length; at++) {
      const bad = bytes.slice()
      bad[at]! ^= 1
      assert.strictEqual(decodeProducerSnapshot(bad), undefined, `byte ${at}`)
      assert.strictEqual(decodeProducerSnapshot(bytes.subarray(0, at)), undefined)
    }
  })
})

describe("ProducersAhead", () => {
  const step = fc.record({
    producerId: fc.integer({ min: 1, max: 3 }),
    producerEpoch: fc.integer({ min: 0, max: 2 }),
    count: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom("plain" as const, "transactional" as const, "Commit" as const, "Abort" as const)
  })
  const batchesOf = (steps: ReadonlyArray<typeof step extends fc.Arbitrary<infer A> ? A : never>) => {
    let nextOffset = 0
    return steps.map(({ count, kind, producerEpoch, producerId }) => {
      const baseOffset = nextOffset
      const isMarker = kind === "Commit" || kind === "Abort"
      nextOffset += isMarker ? 1 : count
      return isMarker
        ? marker(baseOffset, kind, producerEpoch, producerId)
        : data(baseOffset, baseOffset, count, { producerId, producerEpoch, isTransactional: kind === "transactional" })
    })
  }

  it("sees after each batch what the log has once it is written, and leaves the log as it is", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 12 }), fc.array(step, { maxLength: 12 }), (before, after) => {
      const batches = batchesOf([...before, ...after])
      const states = replayed(...batches.slice(0, before.length))
      const written = replayed(...batches.slice(0, before.length))
      const unchanged = structuredClone([...states.entries()])
      const ahead = new ProducersAhead(states)
      for (const batch of batches.slice(before.length)) {
        ahead.replay(batch)
        written.replay(batch, 0)
        for (const producerId of [1, 2, 3]) {
          assert.deepStrictEqual(ahead.entry(producerId), written.entry(producerId))
        }
      }
      assert.deepStrictEqual([...states.entries()], unchanged)
    }))
  })
})
