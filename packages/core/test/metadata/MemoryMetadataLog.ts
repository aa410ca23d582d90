import { Effect, Layer, Stream } from "effect"
import { type MetadataBatch, MetadataLog, MetadataLogConflict } from "../../src/metadata/MetadataLog.ts"

/** A metadata log for tests of what stands above it; lives as long as the layer. It passes the contract of `MetadataLog`. */
export const layerMemoryMetadataLog: Layer.Layer<MetadataLog> = Layer.sync(MetadataLog, () => {
  const batches: Array<MetadataBatch> = []
  let endOffset = 0
  const leaderEpoch = 1
  return {
    leaderEpoch,
    changes: Stream.never,
    snapshotIfDue: () => Effect.void,
    readFrom: (offset) =>
      Effect.sync(() => ({ isFromSnapshot: false, batches: batches.filter((batch) => batch.endOffset > offset) })),
    append: (expectedOffset, records) =>
      Effect.suspend(() => {
        if (expectedOffset !== endOffset) {
          return Effect.fail(new MetadataLogConflict({ expectedOffset, endOffset }))
        }
        if (records.length === 0) return Effect.succeed(endOffset)
        endOffset += records.length
        batches.push({ records: records.slice(), endOffset, leaderEpoch })
        return Effect.succeed(endOffset)
      })
  }
})

/** Every batch so far. */
export const replayed = Effect.gen(function*() {
  const log = yield* MetadataLog
  return (yield* log.readFrom(0)).batches
})
