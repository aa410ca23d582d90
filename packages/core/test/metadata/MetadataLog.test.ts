import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerFileMetadataLog } from "../../src/metadata/FileMetadataLog.ts"
import { layerMemoryMetadataLog, replayed } from "./MemoryMetadataLog.ts"
import { MetadataLog, MetadataLogConflict } from "../../src/metadata/MetadataLog.ts"
import type { MetadataRecord } from "../../src/metadata/MetadataRecord.ts"
import { defaultBootstrapRecords } from "../../src/metadata/bootstrapRecords.ts"
import { makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import { configRecord, registration, testId, topicRecords } from "../actors/controller/fixtures.ts"

const many: ReadonlyArray<MetadataRecord> = [
  ...defaultBootstrapRecords,
  ...topicRecords("orders", testId(1), 3),
  configRecord(2, "orders", "retention.ms", "5"),
  configRecord(2, "orders", "retention.ms", null),
  registration(2, true),
  { _tag: "ProducerIds", brokerId: 1, brokerEpoch: -1, nextProducerId: 1000 },
  { _tag: "RemoveTopic", topicId: testId(1) }
]

/** What every implementation promises. */
const contract = (name: string, makeLayer: () => Layer.Layer<MetadataLog, unknown>) =>
  describe(`${name} keeps the contract of MetadataLog`, () => {
    const records = Effect.gen(function*() {
      return (yield* replayed).flatMap((batch) => batch.records)
    })

    it.effect("begins empty", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* records, [])
      }).pipe(Effect.provide(makeLayer())))

    it.effect("replays what was appended, each append as one batch", () =>
      Effect.gen(function*() {
        const log = yield* MetadataLog
        const first = yield* log.append(0, many)
        const second = yield* log.append(first, topicRecords("later", testId(2), 1))
        assert.isAtLeast(first, many.length)
        assert.strictEqual(second, first + 2)
        const batches = (yield* replayed).filter((batch) => batch.records.length > 0)
        assert.deepStrictEqual(batches.map((batch) => batch.records), [many, topicRecords("later", testId(2), 1)])
        assert.deepStrictEqual(batches.map((batch) => batch.endOffset), [first, second])
        assert.deepStrictEqual(batches.map((batch) => batch.leaderEpoch), [log.leaderEpoch, log.leaderEpoch])
      }).pipe(Effect.provide(makeLayer())))

    it.effect("refuses an append that does not expect its end", () =>
      Effect.gen(function*() {
        const log = yield* MetadataLog
        const endOffset = yield* log.append(0, many)
        const refused = yield* Effect.flip(log.append(0, many))
        assert.deepStrictEqual(refused, new MetadataLogConflict({ expectedOffset: 0, endOffset }))
        assert.deepStrictEqual(yield* records, many)
      }).pipe(Effect.provide(makeLayer())))

    it.effect("lets one of two racing appends win", () =>
      Effect.gen(function*() {
        const log = yield* MetadataLog
        const results = yield* Effect.forEach([0, 1], (i) =>
          Effect.result(log.append(0, topicRecords(`t${i}`, testId(i), 1))), { concurrency: "unbounded" })
        assert.deepStrictEqual(
          results.map(({ _tag }) =>
            _tag
          ).sort(),
          ["Failure", "Success"]
        )
        assert.strictEqual((yield* records).length, 2)
      }).pipe(Effect.provide(makeLayer())))

    it.effect("does nothing for no records", () =>
      Effect.gen(function*() {
        const log = yield* MetadataLog
        assert.strictEqual(yield* log.append(0, []), 0)
        assert.deepStrictEqual(yield* records, [])
      }).pipe(Effect.provide(makeLayer())))
  })

contract("The log in memory", () => layerMemoryMetadataLog)
contract(
  "The log in files",
  () =>
    layerFileMetadataLog({ nodeId: 1, wasStoppedCleanly: false }).pipe(
      Layer.provide(MemoryLogFiles.layer(makeMemoryVolume()))
    )
)
