import { Effect } from "effect"
import { LogFiles } from "../seams/LogFiles.ts"
import { FeatureName } from "./FeatureName.ts"
import type { MetadataLogError } from "./MetadataLog.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import { defaultMetadataVersion } from "./MetadataRecordCodec.ts"
import { readCheckpoint } from "./MetadataSnapshot.ts"

/** Name of the file that formatting a log directory leaves. Source: BootstrapDirectory.BINARY_BOOTSTRAP_FILENAME. */
const bootstrapCheckpoint = "bootstrap.checkpoint"

/**
 * What a new cluster begins with when its directory says nothing: of the features that Kafka 4 gives a new cluster those
 * that are served here. Without `group.version` 1 Kafka would not go on with the consumer groups of such a directory.
 */
export const defaultBootstrapRecords: ReadonlyArray<MetadataRecord> = [
  { _tag: "FeatureLevel", name: FeatureName.metadata, featureLevel: defaultMetadataVersion },
  { _tag: "FeatureLevel", name: FeatureName.eligibleLeaderReplicas, featureLevel: 1 },
  { _tag: "FeatureLevel", name: FeatureName.groups, featureLevel: 1 },
  { _tag: "FeatureLevel", name: FeatureName.transactions, featureLevel: 2 }
]

/** The records of `bootstrap.checkpoint`, or the default ones when the directory has no such file. */
export const readBootstrapRecords: Effect.Effect<
  ReadonlyArray<MetadataRecord>,
  MetadataLogError,
  LogFiles
> = Effect.gen(function*() {
  const files = yield* LogFiles
  const batches = yield* readCheckpoint(files, bootstrapCheckpoint)
  const records = (batches ?? []).flatMap((batch) => batch.records)
  return records.length > 0 ? records : defaultBootstrapRecords
})
