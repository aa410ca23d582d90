import { Context, Schema } from "effect"
import type { Effect, Stream } from "effect"
import type { MetadataRecord } from "./MetadataRecord.ts"

/** Another controller appended first: the decision must be made again on the newer image. */
export class MetadataLogConflict extends Schema.TaggedError<MetadataLogConflict>()("MetadataLogConflict", {
  expectedOffset: Schema.Number,
  endOffset: Schema.Number
}) {}

/**
 * The metadata log cannot be read or written; the message names file and position, or the server.
 *
 * - `NoSpace`, `Unavailable`: it is as before the append, which may be tried again.
 * - `Unknown`: nobody knows whether the append took place. Whoever reads the log on finds out, and may append again.
 * - `Storage`, `Damaged`, `Unsupported`: for good; only a new start may go on.
 */
export class MetadataLogError extends Schema.TaggedError<MetadataLogError>()("MetadataLogError", {
  reason: Schema.Literals(["Storage", "Damaged", "Unsupported", "NoSpace", "Unavailable", "Unknown"]),
  message: Schema.String
}) {}

/** Records decided together, applied together. `endOffset` is exclusive. */
export interface MetadataBatch {
  readonly records: ReadonlyArray<MetadataRecord>
  readonly endOffset: number
  readonly leaderEpoch: number
}

/** Batches of the metadata log, oldest first. */
export interface MetadataRead {
  /**
   * The first batches are a snapshot, to be replayed on nothing: what it took the place of may be gone. All of them have
   * its end offset.
   */
  readonly isFromSnapshot: boolean
  readonly batches: ReadonlyArray<MetadataBatch>
}

/** The seam for the ordered metadata records: what exists. */
export class MetadataLog extends Context.Service<MetadataLog, {
  /** The epoch of what this process appends, above every epoch before it. */
  readonly leaderEpoch: number
  /** Every batch that ends above `offset`; begins with a snapshot when that lies above it. */
  readFrom(offset: number): Effect.Effect<MetadataRead, MetadataLogError>
  /**
   * Something was appended by another process, or may have been while it could not be seen. Never ends. Never emits
   * where no other process appends.
   */
  readonly changes: Stream.Stream<void>
  /**
   * Appends the records as one atomic batch when the log ends at `expectedOffset`, and completes once it is durable.
   * Returns the new end offset.
   */
  append(
    expectedOffset: number,
    records: ReadonlyArray<MetadataRecord>
  ): Effect.Effect<number, MetadataLogConflict | MetadataLogError>
  /**
   * Keeps `records`, which make the whole state at `endOffset` out of nothing, as a snapshot, if one is due; what lies
   * below it may go. The records are asked for only then. A failure changes nothing.
   */
  snapshotIfDue(
    endOffset: number,
    records: () => Iterable<MetadataRecord>
  ): Effect.Effect<void, MetadataLogError>
}>()("@kafka-broker/core/metadata/MetadataLog") {}
