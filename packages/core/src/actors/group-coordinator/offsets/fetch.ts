import { ErrorCode } from "../../../model/ErrorCode.ts"
import { hasPending, type OffsetState, type StoredOffset } from "./OffsetState.ts"

/** One partition of an OffsetFetch answer. */
export interface FetchedOffset {
  readonly partitionIndex: number
  /** -1 when nothing is committed. */
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string
  readonly errorCode: ErrorCode
}

/** One topic of an OffsetFetch answer. */
export interface FetchedTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<FetchedOffset>
}

/** Partitions asked for. */
export interface FetchTopic {
  readonly name: string
  readonly partitionIndexes: ReadonlyArray<number>
}

const fetchedOffset = (
  partitionIndex: number,
  offset: StoredOffset | undefined,
  isUnstable: boolean
): FetchedOffset => {
  if (isUnstable || offset === undefined) {
    return {
      partitionIndex,
      committedOffset: -1,
      committedLeaderEpoch: -1,
      metadata: "",
      errorCode: isUnstable ? ErrorCode.UNSTABLE_OFFSET_COMMIT : ErrorCode.NONE
    }
  }
  return {
    partitionIndex,
    committedOffset: offset.offset,
    committedLeaderEpoch: offset.leaderEpoch,
    metadata: offset.metadata,
    errorCode: ErrorCode.NONE
  }
}

/**
 * Committed offsets of a group: of the partitions asked for, or of all when `topics` is null. With `requireStable` a
 * partition that an open transaction is about to change answers UNSTABLE_OFFSET_COMMIT. Source:
 * OffsetMetadataManager.fetchOffsets, fetchAllOffsets.
 */
export const fetchOffsets = (
  state: OffsetState,
  groupId: string,
  topics: ReadonlyArray<FetchTopic> | null,
  requireStable: boolean
): ReadonlyArray<FetchedTopic> => {
  const committed = state.committed.get(groupId)
  const wanted = topics ??
    [...committed ?? []].map(([name, partitions]) => ({ name, partitionIndexes: [...partitions.keys()] }))
  return wanted.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partition) =>
      fetchedOffset(
        partition,
        committed?.get(name)?.get(partition),
        requireStable && hasPending(state, groupId, name, partition)
      )
    )
  }))
}
