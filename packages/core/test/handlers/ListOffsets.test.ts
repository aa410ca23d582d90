import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeListOffsets } from "../../src/handlers/ListOffsets.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import {
  appendTo,
  batchOf,
  leaderOf,
  partitionImage,
  testLeaders,
  topicImage,
  World
} from "../actors/partition-leader/testLeaders.ts"
import { ask, denying, testBroker } from "./testHandlers.ts"

const requestOf = (
  partitions: ReadonlyArray<{ topic?: string; partition?: number; timestamp: number; leaderEpoch?: number }>,
  options: { readonly isolationLevel?: number; readonly replicaId?: number } = {}
) => ({
  replicaId: options.replicaId ?? -1,
  isolationLevel: options.isolationLevel ?? 0,
  topics: partitions.map(({ leaderEpoch, partition, timestamp, topic }) => ({
    name: topic ?? "t",
    partitions: [{ partitionIndex: partition ?? 0, currentLeaderEpoch: leaderEpoch ?? -1, timestamp }]
  })),
  timeoutMs: 0
})

const ofVersion = (apiVersion: number) =>
  Effect.fnUntraced(function*(...args: Parameters<typeof requestOf>) {
    const response = yield* ask(yield* makeListOffsets, apiVersion, requestOf(...args))
    return response.topics.flatMap((topic) =>
      topic.partitions.map((partition) => [partition.errorCode, partition.offset ?? -1, partition.timestamp ?? -1])
    )
  })

const list = ofVersion(11)

/** Offsets 0 to 3 with timestamps 10, 30, 20 and, in an open transaction, 40. */
const filled = Effect.gen(function*() {
  const { become } = yield* World
  yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 2 })] }))
  const leader = yield* leaderOf("t")
  for (const timestamp of [10, 30, 20]) yield* appendTo(leader, batchOf(["v"], {}, { timestamp }))
  yield* appendTo(
    leader,
    batchOf(["v"], { producerId: 1, producerEpoch: 0, baseSequence: 0, isTransactional: true }, { timestamp: 40 }),
    { origin: "Coordinator" }
  )
})

describe("ListOffsets", () => {
  it.effect("earliest, latest, latest committed and of the largest timestamp", () =>
    Effect.gen(function*() {
      yield* filled
      assert.deepStrictEqual(
        yield* list([{ timestamp: -2 }, { topic: "u", timestamp: -1 }]),
        [[0, 0, -1], [3, -1, -1]]
      )
      assert.deepStrictEqual(yield* list([{ timestamp: -1 }]), [[0, 4, -1]])
      assert.deepStrictEqual(yield* list([{ timestamp: -1 }], { isolationLevel: 1 }), [[0, 3, -1]])
      assert.deepStrictEqual(yield* list([{ timestamp: -1 }], { isolationLevel: 1, replicaId: 2 }), [[0, 4, -1]])
      assert.deepStrictEqual(yield* list([{ timestamp: -3 }]), [[0, 3, 40]])
      assert.deepStrictEqual(yield* list([{ timestamp: -4 }]), [[0, 0, -1]])
      assert.deepStrictEqual(yield* list([{ timestamp: -5 }]), [[0, -1, -1]])
      assert.deepStrictEqual(yield* list([{ timestamp: -6 }]), [[0, -1, -1]])
    }).pipe(Effect.provide(testBroker)))

  it.effect("the first record at or after a time, if the asker may see it", () =>
    Effect.gen(function*() {
      yield* filled
      assert.deepStrictEqual(yield* list([{ timestamp: 15 }]), [[0, 1, 30]])
      assert.deepStrictEqual(yield* list([{ timestamp: 35 }]), [[0, 3, 40]])
      assert.deepStrictEqual(yield* list([{ timestamp: 35 }], { isolationLevel: 1 }), [[0, -1, -1]])
      assert.deepStrictEqual(yield* list([{ timestamp: 41 }]), [[0, -1, -1]])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a partition without records begins under the epoch of its leader", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 2 })] }))
      const response = yield* ask(yield* makeListOffsets, 11, requestOf([{ timestamp: -2 }]))
      assert.deepStrictEqual(response.topics[0]?.partitions, [
        { partitionIndex: 0, errorCode: 0, offset: 0, leaderEpoch: 2 }
      ])
    }).pipe(Effect.provide(testBroker)))

  it.effect("an isolation level that does not exist fails every partition", () =>
    Effect.gen(function*() {
      yield* filled
      assert.deepStrictEqual(yield* list([{ timestamp: -1 }], { isolationLevel: 7 }), [[-1, -1, -1]])
    }).pipe(Effect.provide(testBroker)))

  it.effect("special timestamps are known from their version on", () =>
    Effect.gen(function*() {
      yield* filled
      for (const [timestamp, version] of [[-3, 7], [-4, 8], [-5, 9], [-6, 11]] as const) {
        assert.strictEqual((yield* ofVersion(version - 1)([{ timestamp }]))[0]?.[0], ErrorCode.UNSUPPORTED_VERSION)
        assert.strictEqual((yield* ofVersion(version)([{ timestamp }]))[0]?.[0], ErrorCode.NONE)
      }
      assert.strictEqual((yield* list([{ timestamp: -7 }]))[0]?.[0], ErrorCode.UNSUPPORTED_VERSION)
    }).pipe(Effect.provide(testBroker)))

  it.effect("refuses repeated partitions, other epochs, foreign leaders and topics out of bounds", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(
        topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 2 }), partitionImage(1, { leader: 2 })] }),
        topicImage("secret")
      )
      assert.deepStrictEqual(
        (yield* list([
          { timestamp: -1, leaderEpoch: 1 },
          { timestamp: -1, partition: 1 },
          { timestamp: -1, topic: "secret" },
          { timestamp: -1, partition: 7 },
          { timestamp: -1, partition: 7 }
        ])).map(([code]) => code),
        [74, 6, 29, 42]
      )
      assert.strictEqual((yield* list([{ timestamp: -1, leaderEpoch: 3 }]))[0]?.[0], 75)
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("DESCRIBE TOPIC secret")))))
})
