import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Logger, Queue, Stream } from "effect"
import { Controller } from "../../../src/actors/controller/Controller.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import { layerMemoryMetadataLog, replayed } from "../../metadata/MemoryMetadataLog.ts"
import { Metadata } from "../../../src/metadata/Metadata.ts"
import { MetadataLog, MetadataLogError } from "../../../src/metadata/MetadataLog.ts"
import { MetadataPublisher } from "../../../src/metadata/MetadataPublisher.ts"
import {
  blankImage,
  layerDecidingController,
  layerTestController,
  runDecision,
  testCommand,
  testId,
  topicRecords
} from "./fixtures.ts"

const create = (name: string, n: number) =>
  runDecision(() => ({ records: topicRecords(name, testId(n), 1), reply: name }))

describe("ControllerActor", () => {
  it.effect("answers when the image shows the change and its leaders were told", () => {
    const { applied, layer } = layerTestController()
    return Effect.gen(function*() {
      const metadata = yield* Metadata
      assert.strictEqual(yield* create("orders", 1), "orders")
      assert.strictEqual(metadata.current().topic("orders")?.id, testId(1))
      assert.strictEqual(metadata.current().endOffset, 2)
      assert.deepStrictEqual(applied, [[[undefined, "orders"]]])
    }).pipe(Effect.provide(layer))
  })

  it.effect("decides each command on the image that the ones before it leave", () => {
    const { layer } = layerTestController()
    return Effect.gen(function*() {
      const counts = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, i) => i),
        (i) => runDecision((image) => ({ records: topicRecords(`t${i}`, testId(i), 1), reply: image.topicCount })),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(counts, Array.from({ length: 50 }, (_, i) => i))
      const batches = yield* replayed
      assert.isBelow(batches.length, 50)
      assert.strictEqual(batches.at(-1)?.endOffset, 100)
    }).pipe(Effect.provide(layer))
  })

  it.effect("a decision that throws harms only its caller", () => {
    const { layer } = layerTestController()
    return Effect.gen(function*() {
      const exit = yield* Effect.exit(runDecision(() => {
        throw new Error("mistake")
      }))
      assert.isTrue(Exit.isFailure(exit))
      assert.strictEqual(yield* create("orders", 1), "orders")
    }).pipe(Effect.provide(layer))
  })

  it.effect("decides again on the newer image when another controller was first", () => {
    const { layer } = layerTestController()
    return Effect.gen(function*() {
      const log = yield* MetadataLog
      yield* log.append(0, topicRecords("theirs", testId(7), 1))
      const seen: Array<number> = []
      yield* runDecision((image) => {
        seen.push(image.topicCount)
        return { records: topicRecords("ours", testId(8), 1), reply: undefined }
      })
      assert.deepStrictEqual(seen, [0, 1])
      assert.deepStrictEqual((yield* Metadata).current().topics().map(({ name }) => name).sort(), ["ours", "theirs"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("begins with what the log holds", () =>
    Effect.gen(function*() {
      yield* (yield* MetadataLog).append(0, topicRecords("kept", testId(3), 2))
      const told: Array<string | undefined> = []
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* Metadata).current().topic("kept")?.partitions.length, 2)
        assert.deepStrictEqual(told, ["kept"])
      }).pipe(Effect.provide(
        layerDecidingController().pipe(
          Layer.provideMerge(MetadataPublisher.layer(blankImage())),
          Layer.provide(Layer.succeed(LeadershipChanges, {
            apply: (_previous, _next, topics) => Effect.sync(() => void told.push(...topics.map((t) => t.after?.name)))
          }))
        )
      ))
    }).pipe(Effect.provide(layerMemoryMetadataLog)))

  it.effect("refuses everybody with a sentence once the log is broken, and says so once", () => {
    const lines: Array<unknown> = []
    return Effect.gen(function*() {
      const controller = yield* Controller
      assert.isUndefined(controller.refusal())
      const refusals = [yield* Effect.flip(create("a", 1)), yield* Effect.flip(create("b", 2))]
      const message = "Nothing of the cluster can be changed until the broker is started again: cannot sync x: EIO"
      assert.deepStrictEqual(refusals, [1, 2].map(() => ({ errorCode: 56, errorMessage: message })))
      assert.deepStrictEqual(controller.refusal(), refusals[0])
      assert.strictEqual((yield* Effect.flip(controller.failed)).message, "cannot sync x: EIO")
      assert.deepStrictEqual(lines, [[`The metadata log failed. ${message}`]])
    }).pipe(
      Effect.provide(
        layerDecidingController().pipe(
          Layer.provide(MetadataPublisher.layer(blankImage())),
          Layer.provide(Layer.succeed(LeadershipChanges, { apply: () => Effect.void })),
          Layer.provide(Layer.succeed(MetadataLog, {
            leaderEpoch: 1,
            changes: Stream.never,
            snapshotIfDue: () => Effect.void,
            readFrom: () => Effect.succeed({ isFromSnapshot: false, batches: [] }),
            append: () => Effect.fail(new MetadataLogError({ reason: "Storage", message: "cannot sync x: EIO" }))
          }))
        )
      ),
      Effect.provide(Logger.layer([Logger.make(({ message }) => void lines.push(message))]))
    )
  })

  it.effect("decides last what is to be decided at its end", () =>
    Effect.gen(function*() {
      const layer = layerDecidingController([
        testCommand(() => ({ records: topicRecords("last", testId(9), 1), reply: undefined }))
      ]).pipe(
        Layer.provide(MetadataPublisher.layer(blankImage())),
        Layer.provide(Layer.succeed(LeadershipChanges, { apply: () => Effect.void }))
      )
      yield* Effect.provide(create("first", 1), layer)
      const topics = (yield* replayed).map(({ records }) =>
        records.map((record) => record._tag === "Topic" && record.name)
      )
      assert.deepStrictEqual(topics.map(([name]) => name), ["first", "last"])
    }).pipe(Effect.provide(layerMemoryMetadataLog)))

  it.effect("lives on after a log that could not be reached, or did not say whether it took the records", () => {
    let reason: "Unavailable" | "Unknown" | undefined
    let isTaken = false
    const log = Layer.effect(
      MetadataLog,
      Effect.map(MetadataLog, (memory) =>
        MetadataLog.of({
          ...memory,
          append: (expectedOffset, records) => {
            if (reason === undefined) return memory.append(expectedOffset, records)
            const failure = Effect.fail(new MetadataLogError({ reason, message: "connection lost" }))
            return isTaken ? Effect.andThen(memory.append(expectedOffset, records), failure) : failure
          }
        }))
    ).pipe(Layer.provide(layerMemoryMetadataLog))
    return Effect.gen(function*() {
      const metadata = yield* Metadata
      const names = () => metadata.current().topics().map(({ name }) => name).sort()
      reason = "Unavailable"
      assert.strictEqual((yield* Effect.flip(create("a", 1))).errorCode, 56)
      reason = "Unknown"
      assert.strictEqual((yield* Effect.flip(create("b", 2))).errorCode, 7)
      isTaken = true
      assert.strictEqual((yield* Effect.flip(create("c", 3))).errorCode, 7)
      assert.deepStrictEqual(names(), [])
      reason = undefined
      yield* create("d", 4)
      // What the log took without saying so is found before anything more is decided.
      assert.deepStrictEqual(names(), ["c", "d"])
    }).pipe(Effect.provide(
      layerDecidingController().pipe(
        Layer.provideMerge(MetadataPublisher.layer(blankImage())),
        Layer.provide(Layer.succeed(LeadershipChanges, { apply: () => Effect.void })),
        Layer.provide(log)
      )
    ))
  })

  it.effect("follows what others append when the log tells of it", () =>
    Effect.gen(function*() {
      const told = yield* Queue.unbounded<void>()
      const followed = yield* Queue.unbounded<ReadonlyArray<string | undefined>>()
      const log = Layer.effect(
        MetadataLog,
        Effect.map(MetadataLog, (memory) => MetadataLog.of({ ...memory, changes: Stream.fromQueue(told) }))
      ).pipe(Layer.provideMerge(layerMemoryMetadataLog))
      yield* Effect.gen(function*() {
        yield* Queue.take(followed)
        yield* (yield* MetadataLog).append(0, topicRecords("theirs", testId(7), 1))
        yield* Queue.offer(told, undefined)
        assert.deepStrictEqual(yield* Queue.take(followed), ["theirs"])
        assert.strictEqual((yield* Metadata).current().endOffset, 2)
      }).pipe(Effect.provide(
        layerDecidingController().pipe(
          Layer.provideMerge(MetadataPublisher.layer(blankImage())),
          Layer.provide(Layer.succeed(LeadershipChanges, {
            apply: (_previous, _next, topics) =>
              Effect.asVoid(Queue.offer(followed, topics.map(({ after }) => after?.name)))
          })),
          Layer.provideMerge(log)
        )
      ))
    }))

  it.effect("refuses what the disk has no room for, changes nothing, and goes on once there is room", () => {
    let isFull = false
    const log = Layer.effect(
      MetadataLog,
      Effect.map(MetadataLog, (memory) =>
        MetadataLog.of({
          ...memory,
          append: (expectedOffset, records) =>
            isFull
              ? Effect.fail(new MetadataLogError({ reason: "NoSpace", message: "disk full" }))
              : memory.append(expectedOffset, records)
        }))
    ).pipe(Layer.provide(layerMemoryMetadataLog))
    const layer = layerDecidingController().pipe(
      Layer.provideMerge(MetadataPublisher.layer(blankImage())),
      Layer.provide(Layer.succeed(LeadershipChanges, { apply: () => Effect.void })),
      Layer.provide(log)
    )
    return Effect.gen(function*() {
      const metadata = yield* Metadata
      isFull = true
      assert.strictEqual((yield* Effect.flip(create("orders", 1))).errorCode, 56)
      assert.strictEqual(metadata.current().topic("orders"), undefined)
      isFull = false
      assert.strictEqual(yield* create("orders", 1), "orders")
      assert.strictEqual(metadata.current().topic("orders")?.id, testId(1))
    }).pipe(Effect.provide(layer))
  })
})
