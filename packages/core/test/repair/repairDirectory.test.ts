import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { FileLogStore } from "../../src/log/FileLogStore.ts"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { layerFileMetadataLog } from "../../src/metadata/FileMetadataLog.ts"
import { MetadataLog } from "../../src/metadata/MetadataLog.ts"
import type { RepairOption } from "../../src/repair/Finding.ts"
import { repairDirectory } from "../../src/repair/repairDirectory.ts"
import { verifyDirectory } from "../../src/repair/verifyDirectory.ts"
import { Compression } from "../../src/seams/Compression.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import { makeMemoryLogFiles, makeMemoryVolume, type MemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { testId, topicRecords } from "../actors/controller/fixtures.ts"
import { kilobyte } from "../log/logHistory.ts"
import {
  appendAll,
  appendMarker,
  batchAt,
  codecs,
  concat,
  config,
  contentOf,
  openLog,
  overwrite,
  readAll,
  topicId
} from "../log/logTestKit.ts"
import { replayed } from "../metadata/MemoryMetadataLog.ts"

const rolling = { ...config, segmentBytes: 1200, indexIntervalBytes: 100 }
const batchBytes = batchAt(0, { values: [kilobyte] }).length
const logAt = (offset: number) => `orders-0/${String(offset).padStart(20, "0")}.log`

const inFiles = <A, E>(volume: MemoryVolume, use: Effect.Effect<A, E, LogFiles>) =>
  Effect.provideService(use, LogFiles, makeMemoryLogFiles(volume))

/** A directory with a metadata log and, in `orders-0`, records 0 to 5: one for each segment, or all in one. */
const prepare = (logConfig = rolling, isClean = true) => {
  const volume = makeMemoryVolume()
  const files = Layer.succeed(LogFiles, makeMemoryLogFiles(volume))
  const layer = FileLogStore.layer().pipe(
    Layer.provideMerge(LogDirectory.layer({ nodeId: 1 })),
    Layer.provideMerge(layerFileMetadataLog({ nodeId: 1, wasStoppedCleanly: false })),
    Layer.provide(files),
    Layer.provide(Layer.succeed(Compression, codecs))
  )
  const write = Effect.gen(function*() {
    yield* (yield* MetadataLog).append(0, topicRecords("orders", testId(1), 1))
    const log = yield* openLog({ config: logConfig })
    for (let n = 0; n < 6; n++) {
      const producer = { producerId: 5, producerEpoch: 0, baseSequence: n }
      yield* appendAll(log, [{ values: [kilobyte], timestamp: 1000 + n, ...producer }])
    }
  }).pipe(Effect.provide(layer), Effect.scoped)
  return Effect.map(write, () => {
    if (!isClean) volume.files.delete(".kafka_cleanshutdown")
    return volume
  })
}

const verify = (volume: MemoryVolume) =>
  inFiles(volume, Effect.flatMap(LogFiles, (files) => verifyDirectory(files, { onBytes: () => Effect.void })))

const messages = (volume: MemoryVolume) =>
  Effect.map(verify(volume), ({ findings }) => findings.map(({ message }) => message))

const repair = (volume: MemoryVolume, ...allowed: ReadonlyArray<RepairOption>) =>
  Effect.gen(function*() {
    const { findings } = yield* verify(volume)
    const options = { allowed: new Set(allowed), partitionCounts: new Map<string, number>() }
    return yield* repairDirectory(makeMemoryLogFiles(volume), findings, options)
  })

/** What the log has afterwards: its start, its end and how many bytes can be read. */
const served = (volume: MemoryVolume) => {
  const layer = FileLogStore.layer().pipe(
    Layer.provideMerge(LogDirectory.layer({ nodeId: 1 })),
    Layer.provide(Layer.succeed(LogFiles, makeMemoryLogFiles(volume))),
    Layer.provide(Layer.succeed(Compression, codecs))
  )
  return Effect.gen(function*() {
    const log = yield* openLog({ config: rolling })
    const records = yield* readAll(log)
    return { start: log.logStartOffset, end: log.logEndOffset, batches: Math.round(records.length / batchBytes) }
  }).pipe(Effect.provide(layer), Effect.scoped)
}

const snapshotOf = (volume: MemoryVolume) =>
  Array.from(volume.files.keys()).sort().map((path) => {
    const { bytes, sizeBytes } = volume.files.get(path)!
    return [path, Array.from(bytes.subarray(0, sizeBytes)).join()]
  })

/** Flips a byte of a file. */
const flip = (volume: MemoryVolume, path: string, at: number) => {
  volume.files.get(path)!.bytes[at]! ^= 0x55
}

describe("verifyDirectory", () => {
  it.effect("finds nothing in a sound directory, and changes nothing", () =>
    Effect.gen(function*() {
      for (const isClean of [true, false]) {
        const volume = yield* prepare(rolling, isClean)
        const before = snapshotOf(volume)
        const verified = yield* verify(volume)
        assert.deepStrictEqual(verified.findings, [])
        assert.strictEqual(verified.partitions, 1)
        assert.isAbove(verified.sizeBytes, 6 * batchBytes - 1)
        assert.deepStrictEqual(snapshotOf(volume), before)
      }
    }))

  it.effect("finds a bad byte wherever it is in a batch, with file and position", () =>
    Effect.gen(function*() {
      for (const at of [8, 16, 18, 62, batchBytes - 1]) {
        const volume = yield* prepare(config)
        flip(volume, logAt(0), 2 * batchBytes + at)
        const [message] = yield* messages(volume)
        assert.include(message, `${logAt(0)} at byte ${2 * batchBytes}`, `byte ${at}`)
      }
    }))

  it.effect("tells the torn end of a crash from damage", () =>
    Effect.gen(function*() {
      const torn = yield* prepare(config, false)
      torn.files.delete("recovery-point-offset-checkpoint")
      torn.files.get(logAt(0))!.sizeBytes -= 10
      const { findings } = yield* verify(torn)
      assert.deepStrictEqual(findings.map(({ choices, isDamage }) => [isDamage, choices.length]), [[false, 0]])
      const clean = yield* prepare(config)
      clean.files.get(logAt(0))!.sizeBytes -= 10
      assert.isTrue((yield* verify(clean)).findings[0]!.isDamage)
    }))

  it.effect("finds indexes, snapshots and epochs that do not fit their log", () =>
    Effect.gen(function*() {
      const volume = yield* prepare(rolling)
      flip(volume, "orders-0/00000000000000000003.snapshot", 20)
      yield* inFiles(volume, overwrite("orders-0/leader-epoch-checkpoint", new TextEncoder().encode("0\n1\nx\n")))
      yield* inFiles(volume, overwrite("orders-0/00000000000000000001.index", Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 7)))
      yield* inFiles(volume, overwrite("orders-0/00000000000000000002.txnindex", new Uint8Array(5)))
      assert.sameMembers(yield* messages(volume), [
        "orders-0/00000000000000000001.index: entry 0 says offset 10 at byte 7",
        "orders-0/00000000000000000002.txnindex: it cannot be read",
        "orders-0/leader-epoch-checkpoint: it cannot be read",
        "orders-0/00000000000000000003.snapshot: it cannot be read"
      ])
      assert.lengthOf(yield* repair(volume, "rebuildIndexes"), 4)
      assert.deepStrictEqual(yield* messages(volume), [])
      assert.deepStrictEqual(yield* served(volume), { start: 0, end: 6, batches: 6 })
    }))

  it.effect("finds an aborted transaction that the index does not have", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const layer = FileLogStore.layer().pipe(
        Layer.provideMerge(LogDirectory.layer({ nodeId: 1 })),
        Layer.provide(Layer.succeed(LogFiles, makeMemoryLogFiles(volume))),
        Layer.provide(Layer.succeed(Compression, codecs))
      )
      yield* Effect.gen(function*() {
        const log = yield* openLog()
        const transaction = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }
        yield* appendAll(log, [{ values: ["a"], ...transaction }])
        yield* appendMarker(log, "Abort", 9)
      }).pipe(Effect.provide(layer), Effect.scoped)
      const found = () => Effect.map(messages(volume), (lines) => lines.filter((line) => line.startsWith("orders-0")))
      assert.deepStrictEqual(yield* found(), [])
      volume.files.get("orders-0/00000000000000000000.txnindex")!.sizeBytes = 0
      assert.deepStrictEqual(yield* found(), [
        "orders-0/00000000000000000000.txnindex: an aborted transaction of the log is missing"
      ])
    }))
})

describe("repairDirectory", () => {
  it.effect("does nothing that it was not told to", () =>
    Effect.gen(function*() {
      const volume = yield* prepare(config)
      flip(volume, logAt(0), 2 * batchBytes + 62)
      const before = snapshotOf(volume)
      assert.deepStrictEqual(yield* repair(volume, "adopt", "rebuildIndexes"), [])
      assert.deepStrictEqual(snapshotOf(volume), before)
    }))

  it.effect("truncates where the damage begins, and keeps what it cuts", () =>
    Effect.gen(function*() {
      const volume = yield* prepare(config)
      const whole = yield* inFiles(volume, contentOf(logAt(0)))
      flip(volume, logAt(0), 2 * batchBytes + 62)
      const damaged = yield* inFiles(volume, contentOf(logAt(0)))
      const choices = (yield* verify(volume)).findings[0]!.choices
      assert.deepStrictEqual(choices.map(({ effect, option }) => [option, effect]), [
        ["truncate", "the log ends at offset 2; all from there on is cut, damaged or not"],
        ["skip", "offsets 2 to 2 are given up, all others are kept"]
      ])
      assert.lengthOf(yield* repair(volume, "truncate"), 1)
      assert.deepStrictEqual(yield* messages(volume), [])
      assert.deepStrictEqual(yield* inFiles(volume, contentOf(logAt(0))), whole.subarray(0, 2 * batchBytes))
      const kept = `orders-0/lost+found/00000000000000000000.log.${2 * batchBytes}`
      assert.deepStrictEqual(yield* inFiles(volume, contentOf(kept)), damaged.subarray(2 * batchBytes))
      assert.deepStrictEqual(yield* served(volume), { start: 0, end: 2, batches: 2 })
    }))

  it.effect("skips the damage only, with an empty batch in its place, so that offsets stay as they were", () =>
    Effect.gen(function*() {
      for (const logConfig of [config, rolling]) {
        const volume = yield* prepare(logConfig)
        const path = logConfig === config ? logAt(0) : logAt(2)
        flip(volume, path, (logConfig === config ? 2 * batchBytes : 0) + 62)
        assert.lengthOf(yield* repair(volume, "skip"), 1)
        assert.deepStrictEqual(yield* messages(volume), [])
        assert.deepStrictEqual(yield* served(volume), { start: 0, end: 6, batches: 5 })
      }
    }))

  it.effect("fills the gap of a lost segment, or cuts behind it", () =>
    Effect.gen(function*() {
      for (const left of [".index", ".timeindex", ".snapshot", "none"]) {
        for (const option of ["skip", "truncate"] as const) {
          const volume = yield* prepare(rolling)
          for (const suffix of [".log", ".index", ".timeindex", ".snapshot"]) {
            if (suffix !== left) volume.files.delete(logAt(2).replace(".log", suffix))
          }
          for (let round = 0; round < 3; round++) yield* repair(volume, option)
          assert.deepStrictEqual(yield* messages(volume), [], `${left} ${option}`)
          const end = option === "skip" ? 6 : 2
          assert.deepStrictEqual(yield* served(volume), { start: 0, end, batches: end === 6 ? 5 : 2 }, left)
        }
      }
    }))

  it.effect("accepts a log that ends below its checkpoints, lost first segments, and a directory that is gone", () =>
    Effect.gen(function*() {
      const short = yield* prepare(rolling)
      for (const suffix of [".log", ".index", ".timeindex"]) short.files.delete(logAt(5).replace(".log", suffix))
      assert.include((yield* messages(short))[0], "orders-0 ends at offset 5, but records below 6 were synced")
      yield* repair(short, "truncate")
      assert.deepStrictEqual(yield* served(short), { start: 0, end: 5, batches: 5 })

      const headless = yield* prepare(rolling)
      for (const suffix of [".log", ".index", ".timeindex"]) headless.files.delete(logAt(0).replace(".log", suffix))
      yield* repair(headless, "skip")
      assert.deepStrictEqual(yield* served(headless), { start: 1, end: 6, batches: 5 })

      const gone = yield* prepare(rolling)
      yield* inFiles(gone, Effect.flatMap(LogFiles, (files) => files.remove("orders-0")))
      assert.include((yield* messages(gone))[0], "orders-0 is gone")
      yield* repair(gone, "truncate")
      assert.deepStrictEqual(yield* served(gone), { start: 0, end: 0, batches: 0 })
    }))

  it.effect("cuts a bad end of the metadata log, and skips nothing of it", () =>
    Effect.gen(function*() {
      const volume = yield* prepare(rolling)
      const path = "__cluster_metadata-0/00000000000000000000.log"
      const whole = yield* inFiles(volume, contentOf(path))
      yield* inFiles(volume, overwrite(path, concat([whole, new Uint8Array(80)])))
      const { findings } = yield* verify(volume)
      assert.deepStrictEqual(findings.map(({ choices }) => choices.map(({ option }) => option)), [["truncate"]])
      yield* repair(volume, "skip", "truncate")
      assert.deepStrictEqual(yield* inFiles(volume, contentOf(path)), whole)
    }))

  it.effect("adopts the topics of logs without a metadata log", () =>
    Effect.gen(function*() {
      const volume = yield* prepare(rolling)
      yield* inFiles(volume, Effect.flatMap(LogFiles, (files) => files.remove("__cluster_metadata-0")))
      assert.deepStrictEqual(yield* messages(volume), ["there is no metadata log, and 1 partitions"])
      assert.match((yield* repair(volume, "adopt"))[0]!, /^orders is adopted/)
      assert.deepStrictEqual(yield* messages(volume), [])
      const layer = layerFileMetadataLog({ nodeId: 1, wasStoppedCleanly: true }).pipe(
        Layer.provide(Layer.succeed(LogFiles, makeMemoryLogFiles(volume)))
      )
      const records = (yield* Effect.scoped(Effect.provide(replayed, layer))).flatMap((batch) => batch.records)
      assert.isTrue(records.some((record) => record._tag === "Topic" && record.topicId === topicId))
    }))
})
