import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { PartitionLeader } from "../../../src/actors/partition-leader/PartitionLeader.ts"
import { PartitionLeaderLimits } from "../../../src/actors/partition-leader/PartitionLeaderLimits.ts"
import { buildBatch } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import {
  appendTo,
  batchOf,
  leaderOf,
  partitionImage,
  testCodecs,
  testLeaders,
  topicImage,
  World
} from "./testLeaders.ts"

const MIB = 1024 * 1024

/** A batch of a few thousand bytes with one record of so many zeros. */
const large = (valueBytes: number): Uint8Array =>
  buildBatch([{ key: null, value: new Uint8Array(valueBytes), timestamp: 1 }], {
    compression: { codec: "lz4", codecs: testCodecs }
  })

const becomeLed = Effect.fnUntraced(function*(partitions: number) {
  const world = yield* World
  const images = Array.from({ length: partitions }, (_, partition) => partitionImage(partition))
  yield* world.become(topicImage("t", { partitions: images, configs: { "max.message.bytes": String(4 * MIB) } }))
  return yield* Effect.forEach(images, ({ partition }) => leaderOf("t", partition))
})

interface Answered {
  readonly order: Array<string>
  readonly append: (
    leader: PartitionLeader,
    name: string,
    batch: Uint8Array,
    request?: { decompressedBytes: number }
  ) => void
  /** Ends when as many were answered. */
  readonly until: (count: number) => Effect.Effect<void>
}

const answers = (): Answered => {
  const order: Array<string> = []
  let turns = 0
  return {
    order,
    append: (leader, name, batch, request) =>
      leader.append(
        batch,
        { acks: 1, timeoutMs: 1000, origin: "Client", ...(request === undefined ? {} : { request }) },
        ({ baseOffset, errorCode }) => order.push(`${name}: ${errorCode === 0 ? baseOffset : `error ${errorCode}`}`)
      ),
    until: (count) =>
      Effect.whileLoop({
        while: () => order.length < count && ++turns < 10_000,
        body: () => Effect.yieldNow,
        step: () => undefined
      })
  }
}

describe("batches too large for a turn", () => {
  it.effect("keep their place among the appends of their partition, and hold up no other partition", () =>
    Effect.gen(function*() {
      const [first, second] = yield* becomeLed(2)
      yield* appendTo(first!, batchOf(["before"]))
      yield* appendTo(second!, batchOf(["before"]))
      const { append, order, until } = answers()
      append(first!, "first", large(20 * MIB))
      append(first!, "first", batchOf(["a", "b"]))
      append(second!, "second", batchOf(["c"]))
      append(first!, "first", large(3 * MIB))
      append(first!, "first", batchOf(["d"]))
      yield* until(5)
      assert.deepStrictEqual(order, ["second: 1", "first: 1", "first: 2", "first: 4", "first: 5"])
    }).pipe(Effect.provide(testLeaders)))

  it.effect("are judged one at a time, whatever there is of them, and the loop turns between their slices", () =>
    Effect.gen(function*() {
      const leaders = yield* becomeLed(6)
      for (const leader of leaders) yield* appendTo(leader, batchOf(["before"]))
      const { append, order, until } = answers()
      const turnsOf = new Map<string, number>()
      for (const [partition, leader] of leaders.entries()) append(leader, `${partition}`, large(8 * MIB))
      for (let turns = 1; order.length < leaders.length && turns < 10_000; turns++) {
        yield* until(0)
        yield* Effect.yieldNow
        for (const answer of order) if (!turnsOf.has(answer)) turnsOf.set(answer, turns)
      }
      assert.deepStrictEqual(order.toSorted(), Array.from(leaders, (_, partition) => `${partition}: 1`))
      // As many slices lie between two answers as a batch has.
      const slicesOfBatch = 8 * MIB / PartitionLeaderLimits.sliceBytes
      const turns = [...turnsOf.values()]
      for (let i = 1; i < turns.length; i++) assert.isAtLeast(turns[i]! - turns[i - 1]!, slicesOfBatch - 1)
    }).pipe(Effect.provide(testLeaders)))

  it.effect("more small ones than a turn takes are appended over several, in order", () =>
    Effect.gen(function*() {
      const [leader] = yield* becomeLed(1)
      yield* appendTo(leader!, batchOf(["before"]))
      const { append, order, until } = answers()
      const count = 3 * PartitionLeaderLimits.validatedInTurnBytesMax / MIB
      for (let i = 0; i < count; i++) append(leader!, "small", large(MIB))
      yield* until(count)
      assert.deepStrictEqual(order, Array.from({ length: count }, (_, i) => `small: ${i + 1}`))
    }).pipe(Effect.provide(testLeaders)))

  it.effect("of one request hold no more together than a request may", () =>
    Effect.gen(function*() {
      const [leader] = yield* becomeLed(1)
      const { append, order, until } = answers()
      const request = { decompressedBytes: PartitionLeaderLimits.decompressedInRequestBytesMax - 5 * MIB }
      append(leader!, "fits", large(4 * MIB), request)
      append(leader!, "too much", large(4 * MIB), request)
      append(leader!, "another's", large(4 * MIB), { decompressedBytes: 0 })
      yield* until(3)
      assert.deepStrictEqual(order, ["fits: 0", "too much: error 10", "another's: 1"])
    }).pipe(Effect.provide(testLeaders)))

  it.effect("an append behind one is still answered when the leader stops", () =>
    Effect.gen(function*() {
      const [leader] = yield* becomeLed(1)
      yield* appendTo(leader!, batchOf(["before"]))
      const { append, order, until } = answers()
      append(leader!, "large", large(20 * MIB))
      append(leader!, "behind", batchOf(["a"]))
      yield* (yield* World).become()
      yield* until(2)
      assert.strictEqual(order.length, 2)
    }).pipe(Effect.provide(testLeaders)))
})
