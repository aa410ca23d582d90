import type { LogDescription } from "../../log/LogStore.ts"
import { FeatureName } from "../../metadata/FeatureName.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import { decideAdoptTopics } from "./adoptTopics.ts"
import type { Decide } from "./Controller.ts"
import { withClusterMinInsyncReplicas } from "./eligibleLeaderReplicas.ts"
import { decideRaiseEpochs } from "./raiseEpochs.ts"
import { decideTakeOver } from "./takeOver.ts"

/** What the one broker of a cluster finds at its start. */
export interface StartAloneOptions {
  /** Written when the metadata log knows no `metadata.version`: a new cluster, or a sparse log. */
  readonly bootstrapRecords: ReadonlyArray<MetadataRecord>
  /** `min.insync.replicas` as the broker was started with it; a new cluster takes it over. */
  readonly minInsyncReplicas: string
  /** What the log store holds. */
  readonly logs: ReadonlyArray<LogDescription>
}

/** What the one broker of a cluster decides at its start: features, topics found on disk only, all leaderships. */
export const startAlone = (options: StartAloneOptions): ReadonlyArray<Decide<unknown>> => [
  (image) => ({
    records: image.features.has(FeatureName.metadata)
      ? []
      : withClusterMinInsyncReplicas(options.bootstrapRecords, options.minInsyncReplicas),
    reply: undefined
  }),
  (image) => decideAdoptTopics(image, options.logs),
  decideTakeOver,
  (image) => decideRaiseEpochs(image, options.logs)
]
