import { Effect, Layer } from "effect"
import { type MetadataBatch, MetadataLog, MetadataLogConflict } from "./MetadataLog.ts"

/** A metadata log that lives as long as the layer. */
export const layerMemoryMetadataLog: Layer.Layer<MetadataLog> = Layer.sync(MetadataLog, () => {
  const batches: Array<MetadataBatch> = []
  let endOffset = 0
  return {
    replay: Effect.sync(() => batches.slice()),
    append: (expectedOffset, records) =>
      Effect.suspend(() => {
        if (expectedOffset !== endOffset) {
          return Effect.fail(new MetadataLogConflict({ expectedOffset, endOffset }))
        }
        if (records.length === 0) return Effect.succeed(endOffset)
        endOffset += records.length
        batches.push({ records: records.slice(), endOffset, leaderEpoch: 1 })
        return Effect.succeed(endOffset)
      })
  }
})
