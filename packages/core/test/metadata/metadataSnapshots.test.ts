import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import {
  defaultMetadataLogSettings,
  type FileMetadataLogOptions,
  layerFileMetadataLog
} from "../../src/metadata/FileMetadataLog.ts"
import { MetadataLog } from "../../src/metadata/MetadataLog.ts"
import type { MetadataRecord } from "../../src/metadata/MetadataRecord.ts"
import { buildBatch } from "../../src/protocol/records/RecordBatchBuilder.ts"
import { encodeRaftControlRecord } from "../../src/protocol/state-records/RaftControlRecord.ts"
import { KRaftVersionRecord } from "../../src/protocol/state-records/RaftControlRecords.ts"
import { makeMemoryVolume, MemoryLogFiles, type MemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { testId, topicRecords } from "../actors/controller/fixtures.ts"
import { makeCountedFiles } from "../log/countedFiles.ts"
import { replayed } from "./MemoryMetadataLog.ts"

const directory = "__cluster_metadata-0"

const settings = { ...defaultMetadataLogSettings, maxBytesBetweenSnapshots: 1 }

const start = <A, E>(
  volume: MemoryVolume,
  use: Effect.Effect<A, E, MetadataLog>,
  options: Partial<FileMetadataLogOptions> = {}
) =>
  use.pipe(Effect.provide(
    layerFileMetadataLog({ nodeId: 1, wasStoppedCleanly: false, settings, ...options }).pipe(
      Layer.provide(MemoryLogFiles.layer(volume))
    )
  ))

const topic = (n: number) => topicRecords(`t${n}`, testId(n), 1)

/** Appends topics one by one, with the state so far for a snapshot after each. */
const appendTopics = (from: number, to: number) =>
  Effect.gen(function*() {
    const log = yield* MetadataLog
    const { batches } = yield* log.readFrom(0)
    let end = batches.at(-1)?.endOffset ?? 0
    for (let n = from; n <= to; n++) {
      end = yield* log.append(end, topic(n))
      yield* log.snapshotIfDue(end, () => Array.from({ length: n }, (_, i) => topic(i + 1)).flat())
    }
    return end
  })

const names = (volume: MemoryVolume) =>
  Array.from(volume.files.keys()).filter((path) => path.startsWith(directory) && /(log|checkpoint|part)$/.test(path))
    .map((path) => path.slice(directory.length + 1)).sort()

const all = (to: number): ReadonlyArray<MetadataRecord> => Array.from({ length: to }, (_, i) => topic(i + 1)).flat()

const recordsOf = (volume: MemoryVolume) =>
  start(volume, Effect.map(replayed, (batches) => batches.flatMap(({ records }) => records)))

describe("snapshots of the metadata log", () => {
  it.effect("are made when one is due, and a start reads from the newest on", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      assert.strictEqual(yield* start(volume, appendTopics(1, 3)), 7)
      assert.deepStrictEqual(names(volume), [
        "00000000000000000000.log",
        "00000000000000000003-0000000001.checkpoint",
        "00000000000000000003.log",
        "00000000000000000005-0000000001.checkpoint",
        "00000000000000000005.log",
        "00000000000000000007-0000000001.checkpoint",
        "00000000000000000007.log"
      ])
      yield* start(
        volume,
        Effect.gen(function*() {
          const log = yield* MetadataLog
          const { batches, isFromSnapshot } = yield* log.readFrom(0)
          assert.isTrue(isFromSnapshot)
          assert.deepStrictEqual(batches.flatMap(({ records }) => records), all(3))
          assert.isTrue(batches.every(({ endOffset, leaderEpoch }) => endOffset === 7 && leaderEpoch === 1))
          assert.strictEqual(yield* log.append(7, topic(4)), 10)
          assert.deepStrictEqual(yield* log.readFrom(7), {
            isFromSnapshot: false,
            batches: [{ records: [], endOffset: 8, leaderEpoch: 2 }, {
              records: topic(4),
              endOffset: 10,
              leaderEpoch: 2
            }]
          })
          const again = yield* log.readFrom(3)
          assert.isTrue(again.isFromSnapshot)
          assert.deepStrictEqual(again.batches.flatMap(({ records }) => records), all(4))
        })
      )
    })
  })

  it.effect("are not made while little was appended, or nothing, or by time when it is over", () => {
    const volume = makeMemoryVolume()
    const byTime = { settings: { ...defaultMetadataLogSettings, maxSnapshotIntervalMs: 60_000 } }
    const snapshots = () => names(volume).filter((name) => name.endsWith("checkpoint"))
    return start(
      volume,
      Effect.gen(function*() {
        const log = yield* MetadataLog
        yield* appendTopics(1, 3)
        assert.deepStrictEqual(snapshots(), [])
        yield* TestClock.adjust("1 minute")
        yield* appendTopics(4, 4)
        assert.deepStrictEqual(snapshots(), ["00000000000000000009-0000000001.checkpoint"])
        yield* TestClock.adjust("1 minute")
        yield* log.snapshotIfDue(9, () => assert.fail("nothing is new"))
        assert.lengthOf(snapshots(), 1)
      }),
      byTime
    )
  })

  it.effect("take the place of old segments and snapshots beyond the limits of size and age", () => {
    const bySize = makeMemoryVolume()
    const byAge = makeMemoryVolume()
    const newest = ["00000000000000000007-0000000001.checkpoint", "00000000000000000007.log"]
    return Effect.gen(function*() {
      yield* start(bySize, appendTopics(1, 3), { settings: { ...settings, retentionBytes: 0 } })
      assert.deepStrictEqual(names(bySize), newest)
      assert.deepStrictEqual(yield* recordsOf(bySize), all(3))
      const aged = { settings: { ...settings, retentionMs: 1000 } }
      yield* start(
        byAge,
        Effect.gen(function*() {
          yield* appendTopics(1, 2)
          yield* TestClock.adjust("2 seconds")
          yield* appendTopics(3, 3)
        }),
        aged
      )
      assert.deepStrictEqual(names(byAge), newest)
      assert.deepStrictEqual(yield* recordsOf(byAge), all(3))
    })
  })

  it.effect("keep the version of the quorum and its voters", () => {
    const volume = makeMemoryVolume()
    const version = encodeRaftControlRecord(KRaftVersionRecord, { version: 0, kRaftVersion: 1 })
    const found = Uint8Array.from(
      buildBatch([{ ...version, timestamp: 0 }], { partitionLeaderEpoch: 0, isControl: true })
    )
    volume.directories.add(directory)
    volume.files.set(`${directory}/00000000000000000000-0000000000.checkpoint`, {
      bytes: found,
      sizeBytes: found.length
    })
    return Effect.gen(function*() {
      yield* start(volume, appendTopics(1, 1), { settings: { ...settings, retentionBytes: 0 } })
      const [name] = names(volume).filter((each) => each.endsWith("checkpoint"))
      const { bytes, sizeBytes } = volume.files.get(`${directory}/${name!}`)!
      const text = Array.from(bytes.subarray(0, sizeBytes)).join()
      assert.include(text, Array.from(version.value).join())
      assert.include(text, Array.from(version.key).join())
    })
  })

  it.effect("fail without harm, whichever step fails, and leave nothing half written", () =>
    Effect.gen(function*() {
      const steps = ["create", "append", "sync", "rename", "syncDirectory", "remove"]
      for (const step of steps) {
        const volume = makeMemoryVolume()
        const counted = makeCountedFiles(volume)
        counted.failsWith = (operation, path) =>
          operation === step && (path.includes("checkpoint") || operation === "syncDirectory") && path !== "" &&
            isArmed
            ? "Io"
            : undefined
        let isArmed = false
        const layer = layerFileMetadataLog({
          nodeId: 1,
          wasStoppedCleanly: false,
          settings: { ...settings, retentionBytes: 0 }
        }).pipe(Layer.provide(counted.layer))
        yield* Effect.gen(function*() {
          const log = yield* MetadataLog
          const end = yield* log.append(0, topic(1))
          isArmed = true
          const made = yield* Effect.result(log.snapshotIfDue(end, () => topic(1)))
          isArmed = false
          if (made._tag === "Failure") assert.strictEqual(made.failure.reason, "Storage", step)
          assert.strictEqual(yield* log.append(end, topic(2)), end + 2, step)
          yield* log.snapshotIfDue(end + 2, () => all(2))
        }).pipe(Effect.provide(layer))
        assert.deepStrictEqual(yield* recordsOf(volume), all(2), step)
        assert.deepStrictEqual(names(volume).filter((name) => name.endsWith(".part")), [], step)
      }
    }))

  it.effect("that a crash left half written or half removed are gone after the next start", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      yield* start(volume, appendTopics(1, 2))
      const whole = volume.files.get(`${directory}/00000000000000000005-0000000001.checkpoint`)!
      volume.files.set(`${directory}/00000000000000000009-0000000001.checkpoint.part`, whole)
      volume.files.set(`${directory}/00000000000000000003-0000000001.checkpoint.deleted`, whole)
      assert.deepStrictEqual(yield* recordsOf(volume), all(2))
      const left = Array.from(volume.files.keys()).filter((path) => /part$|deleted$/.test(path))
      assert.deepStrictEqual(left, [])
    })
  })

  it.effect("are missed when the log begins above 0: nothing is guessed", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      yield* start(volume, appendTopics(1, 3), { settings: { ...settings, retentionBytes: 0 } })
      volume.files.delete(`${directory}/00000000000000000007-0000000001.checkpoint`)
      const error = yield* Effect.flip(start(volume, replayed))
      assert.deepInclude(error, { reason: "Damaged" })
      assert.include(String(error.message), "begins at offset 7, and no snapshot has what was before")
    })
  })
})
