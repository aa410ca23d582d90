import type { LogDescription } from "../../log/LogStore.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import { decideAdoptTopics } from "./adoptTopics.ts"
import type { Decide } from "./Controller.ts"
import { decideRaiseEpochs } from "./raiseEpochs.ts"
import { decideTakeOver } from "./takeOver.ts"

/** What the one broker of a cluster finds at its start. */
export interface StartAloneOptions {
  /** Written when the metadata log knows no `metadata.version`: a new cluster, or a sparse log. */
  readonly bootstrapRecords: ReadonlyArray<MetadataRecord>
  /** What the log store holds. */
  readonly logs: ReadonlyArray<LogDescription>
}

/** What the one broker of a cluster decides at its start: features, topics found on disk only, all leaderships. */
export const startAlone = (options: StartAloneOptions): ReadonlyArray<Decide<unknown>> => [
  (image) => ({
    records: image.features.has("metadata.version") ? [] : options.bootstrapRecords,
    reply: undefined
  }),
  (image) => decideAdoptTopics(image, options.logs),
  decideTakeOver,
  (image) => decideRaiseEpochs(image, options.logs)
]
