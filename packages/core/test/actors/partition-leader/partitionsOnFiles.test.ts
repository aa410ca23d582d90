import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { PartitionLeaderLimits } from "../../../src/actors/partition-leader/PartitionLeaderLimits.ts"
import { PartitionLeaders } from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { BrokerConfig } from "../../../src/config/BrokerConfig.ts"
import { FileLogStore } from "../../../src/log/FileLogStore.ts"
import { LogDirectory } from "../../../src/log/LogDirectory.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import type { TopicImage } from "../../../src/metadata/MetadataImage.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { Compression } from "../../../src/seams/Compression.ts"
import { makeMemoryVolume, MemoryLogFiles, type MemoryVolume } from "../../../src/seams/MemoryLogFiles.ts"
import { microtaskTick } from "../../support/microtaskTick.ts"
import { appendTo, batchOf, idOf, imageOf, leaderOf, partitionImage, testCodecs, topicImage } from "./testLeaders.ts"

const leadersOn = (volume: MemoryVolume) => {
  const codecs = Layer.succeed(Compression, testCodecs)
  const store = FileLogStore.layer().pipe(
    Layer.provideMerge(LogDirectory.layer({ nodeId: 1 })),
    Layer.provide(MemoryLogFiles.layer(volume))
  )
  return PartitionLeaders.layer.pipe(
    Layer.provide(store),
    Layer.provide(Layer.mergeAll(codecs, Layer.orDie(BrokerConfig.layer()), microtaskTick))
  ).pipe(Layer.provide(codecs))
}

/** Begins to lead what the topic's image gives to broker 1. */
const lead = Effect.fnUntraced(function*(topic: TopicImage) {
  const changes = yield* LeadershipChanges
  yield* changes.apply(imageOf(), imageOf(topic), [{ before: undefined, after: topic }])
  return yield* leaderOf(topic.name)
})

const idempotent = (baseSequence: number, ...values: ReadonlyArray<string>) =>
  batchOf(values, { producerId: 7, producerEpoch: 0, baseSequence })

const textsOf = (records: Uint8Array): ReadonlyArray<string> => {
  const texts: Array<string> = []
  for (let at = 0, size; (size = RecordBatch.nextBatchSize(records, at, records.length)) > 0; at += size) {
    for (const record of decodeRecords(records, at)) {
      texts.push(`${record.offset}=${new TextDecoder().decode(record.value!)}`)
    }
  }
  return texts
}

describe("partitions on files", () => {
  it.effect("a broker that starts again goes on where it ended and knows its producers", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      yield* Effect.gen(function*() {
        const leader = yield* lead(topicImage("t"))
        yield* appendTo(leader, idempotent(0, "a", "b"))
        yield* appendTo(leader, idempotent(2, "c"))
      }).pipe(Effect.provide(leadersOn(volume)))
      yield* Effect.gen(function*() {
        const leader = yield* lead(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 1 })] }))
        assert.deepStrictEqual((yield* appendTo(leader, idempotent(2, "c"))).baseOffset, 2)
        assert.deepStrictEqual((yield* appendTo(leader, idempotent(4, "e"))).errorCode, 45)
        assert.deepStrictEqual((yield* appendTo(leader, idempotent(3, "d"))).baseOffset, 3)
        const read = yield* leader.reading((log, view) =>
          Effect.orDie(
            log.read({ offset: 0, maxBytes: 10_000, minOneBatch: true, upperBoundOffset: view.highWatermark })
          )
        )
        assert.deepStrictEqual(textsOf(read.records), ["0=a", "1=b", "2=c", "3=d"])
        const epochs = yield* leader.reading((log) => Effect.succeed([log.endOffsetForEpoch(0), log.latestEpoch]))
        assert.deepStrictEqual(epochs, [{ leaderEpoch: 0, endOffset: 3 }, 1])
      }).pipe(Effect.provide(leadersOn(volume)))
    }))

  it.effect("a deleted topic leaves no log behind, and its name can be used again", () =>
    Effect.gen(function*() {
      const changes = yield* LeadershipChanges
      const first = topicImage("t")
      yield* appendTo(yield* lead(first), batchOf(["a"]))
      yield* changes.apply(imageOf(first), imageOf(), [{ before: first, after: undefined }])
      const again = yield* lead(topicImage("t", { id: idOf("other") }))
      assert.strictEqual((yield* appendTo(again, batchOf(["b"]))).baseOffset, 0)
    }).pipe(Effect.provide(leadersOn(makeMemoryVolume()))))

  it.effect("a full disk refuses appends with 56, serves reads, and takes appends again once there is room", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      const leader = yield* lead(topicImage("t"))
      yield* appendTo(leader, idempotent(0, "a"))
      volume.capacityBytes = 1
      assert.strictEqual((yield* appendTo(leader, idempotent(1, "b"))).errorCode, 56)
      assert.strictEqual((yield* appendTo(leader, idempotent(1, "b"))).errorCode, 56)
      const read = yield* leader.reading((log) =>
        Effect.orDie(log.read({ offset: 0, maxBytes: 10_000, minOneBatch: true, upperBoundOffset: Infinity }))
      )
      assert.deepStrictEqual(textsOf(read.records), ["0=a"])
      assert.strictEqual(leader.view?.highWatermark, 1)
      volume.capacityBytes = Infinity
      assert.deepInclude(yield* appendTo(leader, idempotent(1, "b")), { errorCode: 0, baseOffset: 1 })
    }).pipe(Effect.provide(leadersOn(volume)))
  })

  it.effect("a partition whose log could not be made on a full disk is made once there is room", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      const leader = yield* lead(topicImage("t"))
      volume.capacityBytes = 1
      assert.strictEqual((yield* appendTo(leader, idempotent(0, "a"))).errorCode, 56)
      volume.capacityBytes = Infinity
      assert.deepInclude(yield* appendTo(leader, idempotent(0, "a")), { errorCode: 0, baseOffset: 0 })
    }).pipe(Effect.provide(leadersOn(volume)))
  })

  it.effect("looking at a thousand partitions that were never written to makes no directory", () => {
    const volume = makeMemoryVolume()
    const partitions = Array.from({ length: 1000 }, (_, partition) => partitionImage(partition))
    return Effect.gen(function*() {
      const topic = topicImage("t", { partitions })
      yield* lead(topic)
      for (const { partition } of partitions) {
        const leader = yield* leaderOf("t", partition)
        assert.isDefined(leader.readableLog, "open without a fiber, as no file is looked at")
        assert.deepInclude(leader.view, { logStartOffset: 0, highWatermark: 0, lastStableOffset: 0 })
        assert.strictEqual(yield* leader.withLog((log) => Effect.succeed(log.logEndOffset)), 0)
      }
      assert.deepStrictEqual([...volume.directories], [""])
      yield* appendTo(yield* leaderOf("t", 7), batchOf(["a"]))
      assert.deepStrictEqual([...volume.directories], ["", "t-7"])
    }).pipe(Effect.provide(leadersOn(volume)))
  })

  it.effect("a partition that was only looked at follows a new epoch, rests, and is deleted", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      const changes = yield* LeadershipChanges
      const first = topicImage("t")
      const second = topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 3 })] })
      const leader = yield* lead(first)
      assert.strictEqual(leader.readableLog?.leaderEpoch, 0)
      yield* changes.apply(imageOf(first), imageOf(second), [{ before: first, after: second }])
      assert.strictEqual(yield* leader.reading((log) => Effect.succeed(log.leaderEpoch)), 3)
      yield* TestClock.adjust(PartitionLeaderLimits.idleRestMs + PartitionLeaderLimits.restSweepMs)
      assert.isUndefined(leader.view)
      assert.strictEqual(leader.readableLog?.leaderEpoch, 3)
      yield* changes.apply(imageOf(second), imageOf(), [{ before: second, after: undefined }])
      assert.strictEqual((yield* appendTo(leader, batchOf(["a"]))).errorCode, 3)
      assert.isUndefined(leader.readableLog)
      assert.deepStrictEqual([...volume.directories], [""])
    }).pipe(Effect.provide(leadersOn(volume)))
  })

  it.effect("a log from an earlier life goes with its topic though nobody asked for its partition", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      const topic = topicImage("t")
      yield* Effect.gen(function*() {
        yield* appendTo(yield* lead(topic), batchOf(["a"]))
      }).pipe(Effect.provide(leadersOn(volume)))
      assert.isTrue(volume.directories.has("t-0"))
      yield* Effect.gen(function*() {
        const changes = yield* LeadershipChanges
        yield* changes.apply(imageOf(), imageOf(topic), [{ before: undefined, after: topic }])
        yield* changes.apply(imageOf(topic), imageOf(), [{ before: topic, after: undefined }])
      }).pipe(Effect.provide(leadersOn(volume)))
      assert.deepStrictEqual([...volume.directories], [""])
    })
  })
})
