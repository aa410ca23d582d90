import { Context, Schema } from "effect"
import type { Effect } from "effect"
import type { MetadataRecord } from "./MetadataRecord.ts"

/** Another controller appended first: the decision must be made again on the newer image. */
export class MetadataLogConflict extends Schema.TaggedError<MetadataLogConflict>()("MetadataLogConflict", {
  expectedOffset: Schema.Number,
  endOffset: Schema.Number
}) {}

/**
 * The metadata log cannot be read or written; the message names file and position. After `NoSpace` it is as before the
 * append, which may be tried again.
 */
export class MetadataLogError extends Schema.TaggedError<MetadataLogError>()("MetadataLogError", {
  reason: Schema.Literals(["Storage", "Damaged", "Unsupported", "NoSpace"]),
  message: Schema.String
}) {}

/** Records decided together, applied together. `endOffset` is exclusive. */
export interface MetadataBatch {
  readonly records: ReadonlyArray<MetadataRecord>
  readonly endOffset: number
  readonly leaderEpoch: number
}

/** The seam for the ordered metadata records: what exists. */
export class MetadataLog extends Context.Service<MetadataLog, {
  /** The epoch of what this process appends, above every epoch before it. */
  readonly leaderEpoch: number
  /** Every batch so far, oldest first (after a snapshot: the snapshot's content first). */
  readonly replay: Effect.Effect<ReadonlyArray<MetadataBatch>, MetadataLogError>
  /**
   * Appends the records as one atomic batch when the log ends at `expectedOffset`, and completes once it is durable.
   * Returns the new end offset.
   */
  append(
    expectedOffset: number,
    records: ReadonlyArray<MetadataRecord>
  ): Effect.Effect<number, MetadataLogConflict | MetadataLogError>
}>()("@kafka-broker/core/metadata/MetadataLog") {}
