import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { defaultBootstrapRecords, readBootstrapRecords } from "../../src/metadata/bootstrapRecords.ts"
import { layerFileMetadataLog } from "../../src/metadata/FileMetadataLog.ts"
import { encodeBatch } from "../../src/metadata/MetadataBatchCodec.ts"
import { MetadataLog } from "../../src/metadata/MetadataLog.ts"
import type { MetadataRecord } from "../../src/metadata/MetadataRecord.ts"
import { buildBatch } from "../../src/protocol/records/RecordBatchBuilder.ts"
import { makeMemoryVolume, MemoryLogFiles, type MemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { replayed } from "./MemoryMetadataLog.ts"
import { testId, topicRecords } from "../actors/controller/fixtures.ts"

const directory = "__cluster_metadata-0"
const firstLog = `${directory}/00000000000000000000.log`

const put = (volume: MemoryVolume, path: string, ...chunks: ReadonlyArray<Uint8Array>): void => {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  volume.directories.add(directory)
  volume.files.set(path, { bytes, sizeBytes: bytes.length })
}

const start = <A, E>(volume: MemoryVolume, use: Effect.Effect<A, E, MetadataLog>, wasStoppedCleanly = false) =>
  use.pipe(Effect.provide(
    layerFileMetadataLog({ nodeId: 1, wasStoppedCleanly }).pipe(Layer.provide(MemoryLogFiles.layer(volume)))
  ))

const append = (expectedOffset: number, records: ReadonlyArray<MetadataRecord>) =>
  Effect.flatMap(MetadataLog, (log) => log.append(expectedOffset, records))

const a = topicRecords("a", testId(1), 1)
const b = topicRecords("b", testId(2), 1)

const batchAt = (baseOffset: number, records: ReadonlyArray<MetadataRecord>, leaderEpoch = 4) =>
  encodeBatch(records, 25, { baseOffset, leaderEpoch, timestamp: 0 })

/** The JSON in a file. */
const textOf = (volume: MemoryVolume, path: string): unknown => {
  const { bytes, sizeBytes } = volume.files.get(path)!
  return JSON.parse(new TextDecoder().decode(bytes.subarray(0, sizeBytes)))
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

describe("FileMetadataLog", () => {
  it.effect("writes nothing into the log before the first append", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      yield* start(volume, replayed)
      assert.strictEqual(volume.files.get(firstLog)?.sizeBytes, 0)
      const metadata = volume.files.get(`${directory}/partition.metadata`)!
      assert.deepStrictEqual(
        metadata.bytes.subarray(0, metadata.sizeBytes),
        ascii("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ")
      )
    })
  })

  it.effect("begins an epoch of its own with every start that appends", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      assert.strictEqual(yield* start(volume, append(0, a)), 3)
      yield* start(volume, replayed)
      assert.strictEqual(yield* start(volume, append(3, b)), 6)
      const batches = yield* start(volume, replayed)
      assert.deepStrictEqual(batches, [
        { records: [], endOffset: 1, leaderEpoch: 1 },
        { records: a, endOffset: 3, leaderEpoch: 1 },
        { records: [], endOffset: 4, leaderEpoch: 2 },
        { records: b, endOffset: 6, leaderEpoch: 2 }
      ])
    })
  })

  it.effect("goes on above the epoch that quorum-state remembers", () => {
    const volume = makeMemoryVolume()
    put(volume, `${directory}/quorum-state`, ascii(`{"leaderId":1,"leaderEpoch":8,"votedId":-1,"data_version":1}`))
    return Effect.gen(function*() {
      yield* start(volume, append(0, a))
      assert.deepStrictEqual((yield* start(volume, replayed)).map(({ leaderEpoch }) => leaderEpoch), [9, 9])
      assert.deepStrictEqual(textOf(volume, `${directory}/quorum-state`), {
        leaderId: 1,
        leaderEpoch: 9,
        votedId: -1,
        votedDirectoryId: "AAAAAAAAAAAAAAAAAAAAAA",
        data_version: 1
      })
    })
  })

  it.effect("says in quorum-state under which epoch it was led, so that Kafka finds it in step with the log", () => {
    const volume = makeMemoryVolume()
    return Effect.gen(function*() {
      yield* start(volume, append(0, a))
      yield* start(volume, append(3, b))
      assert.deepStrictEqual(textOf(volume, `${directory}/quorum-state`), {
        clusterId: "",
        leaderId: 1,
        leaderEpoch: 2,
        votedId: -1,
        appliedOffset: 0,
        currentVoters: [{ voterId: 1 }],
        data_version: 0
      })
    })
  })

  it.effect("reads a log that begins at offset 1", () => {
    const volume = makeMemoryVolume()
    put(volume, firstLog, batchAt(1, a))
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* start(volume, replayed), [{ records: a, endOffset: 3, leaderEpoch: 4 }])
      assert.strictEqual(yield* start(volume, append(3, b)), 6)
    })
  })

  it.effect("reads the newest snapshot and what follows it, where the log begins above 0", () => {
    const volume = makeMemoryVolume()
    put(volume, `${directory}/00000000000000000000-0000000000.checkpoint`, batchAt(0, b))
    put(volume, `${directory}/00000000000000000010-0000000003.checkpoint`, batchAt(0, a))
    put(volume, `${directory}/00000000000000000008.log`, batchAt(8, b), batchAt(10, b))
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* start(volume, replayed), [
        { records: a, endOffset: 10, leaderEpoch: 3 },
        { records: b, endOffset: 12, leaderEpoch: 4 }
      ])
      const again = yield* start(volume, Effect.andThen(replayed, replayed))
      assert.deepStrictEqual(again.map(({ endOffset }) => endOffset), [10, 12])
    })
  })

  it.effect("begins at the end of a snapshot that has no log", () => {
    const volume = makeMemoryVolume()
    put(volume, `${directory}/00000000000000000010-0000000003.checkpoint`, batchAt(0, a))
    return Effect.gen(function*() {
      assert.strictEqual(yield* start(volume, append(10, b)), 13)
      assert.isTrue(volume.files.has(`${directory}/00000000000000000010.log`))
    })
  })

  it.effect("cuts a torn end and goes on", () => {
    const volume = makeMemoryVolume()
    put(volume, firstLog, batchAt(0, a), batchAt(2, b).subarray(0, 70))
    return Effect.gen(function*() {
      assert.deepStrictEqual((yield* start(volume, replayed)).map(({ records }) => records), [a])
      assert.strictEqual(yield* start(volume, append(2, b)), 5)
    })
  })

  it.effect("refuses a bad end after a clean stop with file and position, and changes nothing", () => {
    const whole = [batchAt(0, a), batchAt(2, b)]
    const damage: ReadonlyArray<(last: Uint8Array) => Uint8Array> = [
      (last) => last.subarray(0, 70),
      (last) => last.with(last.length - 7, last[last.length - 7]! ^ 1),
      (last) => Uint8Array.of(...last, 0, 0, 0, 0),
      () => new Uint8Array(200)
    ]
    return Effect.forEach(damage, (make) => {
      const volume = makeMemoryVolume()
      put(volume, firstLog, whole[0]!, make(whole[1]!))
      const before = volume.files.get(firstLog)!.bytes.slice()
      return Effect.gen(function*() {
        const error = yield* Effect.flip(start(volume, replayed, true))
        assert.deepInclude(error, { _tag: "MetadataLogError", reason: "Damaged" })
        assert.match(String(error.message), new RegExp(`${firstLog}.* byte \\d+`))
        assert.deepStrictEqual(volume.files.get(firstLog)!.bytes.subarray(0, before.length), before)
      })
    })
  })

  it.effect("refuses an empty log after a clean stop, and begins one where there is none", () => {
    const emptied = makeMemoryVolume()
    put(emptied, firstLog, new Uint8Array(0))
    return Effect.gen(function*() {
      assert.include(String((yield* Effect.flip(start(emptied, replayed, true))).message), "is empty")
      assert.deepStrictEqual(yield* start(emptied, replayed), [])
      assert.deepStrictEqual(yield* start(makeMemoryVolume(), replayed, true), [])
    })
  })

  it.effect("refuses damage in the middle and changes nothing", () => {
    const volume = makeMemoryVolume()
    const damaged = batchAt(0, a)
    damaged[70]! ^= 1
    put(volume, firstLog, damaged, batchAt(2, b))
    const before = volume.files.get(firstLog)!.sizeBytes
    return Effect.gen(function*() {
      const error = yield* Effect.flip(start(volume, replayed))
      assert.deepInclude(error, { _tag: "MetadataLogError", reason: "Damaged" })
      assert.strictEqual(volume.files.get(firstLog)!.sizeBytes, before)
    })
  })

  it.effect("refuses records it does not know", () => {
    const volume = makeMemoryVolume()
    put(volume, firstLog, buildBatch([{ value: Uint8Array.of(1, 99, 0, 0), timestamp: 0 }]))
    return Effect.gen(function*() {
      const error = yield* Effect.flip(start(volume, replayed))
      assert.deepInclude(error, { reason: "Unsupported" })
      assert.include(String(error.message), firstLog)
    })
  })

  it.effect("writes partitions in the version of the finalized metadata.version", () => {
    const volume = makeMemoryVolume()
    const level = { _tag: "FeatureLevel", name: "metadata.version", featureLevel: 14 } as const
    const partitionVersion = () => {
      const { bytes, sizeBytes } = volume.files.get(firstLog)!
      const written = Array.from(bytes.subarray(0, sizeBytes))
      return written.findLast((_, i) => written[i - 2] === 1 && written[i - 1] === 3)
    }
    return Effect.gen(function*() {
      yield* start(volume, Effect.flatMap(append(0, [level]), (end) => append(end, a)))
      assert.strictEqual(partitionVersion(), 0)
    })
  })

  it.effect("appends no more once a write failed", () => {
    const volume = makeMemoryVolume()
    return start(
      volume,
      Effect.gen(function*() {
        const end = yield* append(0, a)
        volume.readOnly = true
        assert.deepInclude(yield* Effect.flip(append(end, b)), { _tag: "MetadataLogError", reason: "Storage" })
        volume.readOnly = false
        assert.deepInclude(yield* Effect.flip(append(end, b)), { _tag: "MetadataLogError", reason: "Storage" })
      })
    )
  })

  it.effect("is as before when there was no room for an append, which may be tried again", () => {
    const volume = makeMemoryVolume()
    return start(
      volume,
      Effect.gen(function*() {
        const end = yield* append(0, a)
        volume.capacityBytes = 1
        assert.deepInclude(yield* Effect.flip(append(end, b)), { _tag: "MetadataLogError", reason: "NoSpace" })
        volume.capacityBytes = Infinity
        assert.isAbove(yield* append(end, b), end)
        const batches = yield* replayed
        assert.deepStrictEqual(batches.flatMap(({ records }) => records).slice(-b.length), b)
      })
    )
  })
})

describe("readBootstrapRecords", () => {
  it.effect("reads bootstrap.checkpoint", () => {
    const volume = makeMemoryVolume()
    const records: ReadonlyArray<MetadataRecord> = [
      { _tag: "FeatureLevel", name: "metadata.version", featureLevel: 20 },
      { _tag: "FeatureLevel", name: "group.version", featureLevel: 1 }
    ]
    put(volume, "bootstrap.checkpoint", batchAt(0, records))
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* readBootstrapRecords, records)
    }).pipe(Effect.provide(MemoryLogFiles.layer(volume)))
  })

  it.effect("has a default for a directory without one", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* readBootstrapRecords, defaultBootstrapRecords)
      const levels = defaultBootstrapRecords.map((record) => record._tag === "FeatureLevel" && record.featureLevel)
      assert.deepStrictEqual(levels, [25, 1, 1, 2])
    }).pipe(Effect.provide(MemoryLogFiles.layer())))
})
