import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"

/** Offsets of one topic to commit. The names are those of the request. */
export interface CommitTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<{
    readonly partitionIndex: number
    readonly committedOffset: number
    readonly committedLeaderEpoch: number
    readonly committedMetadata: string | null
  }>
}

/** Codes per partition, in the order of the request. */
export interface CommittedTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<{ readonly partitionIndex: number; readonly errorCode: ErrorCode }>
}

/** What a commit comes to. */
export interface CommitOutcome {
  readonly records: ReadonlyArray<CoordinatorRecord>
  readonly topics: ReadonlyArray<CommittedTopic>
}

/**
 * The records of a commit that may be made; only metadata that is too long is refused here, partition by partition.
 * Source: OffsetMetadataManager.commitOffset.
 */
export const commitOffsets = (options: {
  readonly groupId: string
  readonly topics: ReadonlyArray<CommitTopic>
  readonly metadataMaxSize: number
  readonly nowMs: number
  /** -1 for the broker's retention. */
  readonly retentionTimeMs: number
}): CommitOutcome => {
  const { groupId, metadataMaxSize, nowMs, retentionTimeMs } = options
  const records: Array<CoordinatorRecord> = []
  const topics = options.topics.map(({ name, partitions }): CommittedTopic => ({
    name,
    partitions: partitions.map((partition) => {
      const { partitionIndex } = partition
      const metadata = partition.committedMetadata ?? ""
      if (metadata.length > metadataMaxSize) {
        return { partitionIndex, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE }
      }
      records.push({
        _tag: "OffsetCommit",
        groupId,
        topic: name,
        partition: partitionIndex,
        value: {
          offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch,
          metadata,
          commitTimestampMs: nowMs,
          expireTimestampMs: retentionTimeMs === -1 ? -1 : nowMs + retentionTimeMs
        }
      })
      return { partitionIndex, errorCode: ErrorCode.NONE }
    })
  }))
  return { records, topics }
}
