import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import type { CommittedTopic } from "./commit.ts"
import { hasPending, type OffsetState } from "./OffsetState.ts"

const tombstone = (groupId: string, topic: string, partition: number): CoordinatorRecord => ({
  _tag: "OffsetCommit",
  groupId,
  topic,
  partition,
  value: null
})

/** OffsetDelete: offsets of topics somebody in the group subscribes to stay. Source: OffsetMetadataManager.deleteOffsets. */
export const deleteOffsets = (state: OffsetState, options: {
  readonly groupId: string
  readonly topics: ReadonlyArray<{ readonly name: string; readonly partitions: ReadonlyArray<number> }>
  readonly isSubscribed: (topic: string) => boolean
}): { readonly records: ReadonlyArray<CoordinatorRecord>; readonly topics: ReadonlyArray<CommittedTopic> } => {
  const { groupId, isSubscribed } = options
  const committed = state.committed.get(groupId)
  const records: Array<CoordinatorRecord> = []
  const topics = options.topics.map(({ name, partitions }) => {
    const errorCode: ErrorCode = isSubscribed(name) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE
    return {
      name,
      partitions: partitions.map((partitionIndex) => {
        const exists = committed?.get(name)?.has(partitionIndex) === true ||
          hasPending(state, groupId, name, partitionIndex)
        if (errorCode === ErrorCode.NONE && exists) records.push(tombstone(groupId, name, partitionIndex))
        return { partitionIndex, errorCode }
      })
    }
  })
  return { records, topics }
}

/** Removes every offset of a group, also those of open transactions. Source: OffsetMetadataManager.deleteAllOffsets. */
export const deleteAllOffsets = (state: OffsetState, groupId: string): ReadonlyArray<CoordinatorRecord> => {
  const partitions = new Map<string, Set<number>>()
  for (const offsets of [state.committed, ...state.pending.values()]) {
    for (const [topic, topicOffsets] of offsets.get(groupId) ?? []) {
      const known = partitions.get(topic) ?? new Set<number>()
      for (const partition of topicOffsets.keys()) known.add(partition)
      partitions.set(topic, known)
    }
  }
  return [...partitions].flatMap(([topic, known]) =>
    [...known].map((partition) => tombstone(groupId, topic, partition))
  )
}

/** Removes a group's offsets of topics that were deleted. Source: OffsetMetadataManager.onPartitionsDeleted. */
export const deleteOffsetsOfTopics = (
  state: OffsetState,
  groupId: string,
  deleted: ReadonlySet<string>
): ReadonlyArray<CoordinatorRecord> =>
  deleteAllOffsets(state, groupId).filter((record) => record._tag === "OffsetCommit" && deleted.has(record.topic))

/** Since when an offset may be forgotten; undefined when none of the group may. */
export interface ExpiryRule {
  /** Milliseconds from which the retention counts. */
  readonly since: (commitTimestampMs: number) => number
  readonly isSubscribed: (topic: string) => boolean
}

/**
 * Tombstones of the offsets whose time is over, and whether none is left. A commit with a retention of its own ends at
 * its own time. Source: OffsetMetadataManager.cleanupExpiredOffsets, OffsetExpirationConditionImpl.
 */
export const expireOffsets = (state: OffsetState, options: {
  readonly groupId: string
  readonly rule: ExpiryRule | undefined
  readonly nowMs: number
  readonly retentionMs: number
}): { readonly records: ReadonlyArray<CoordinatorRecord>; readonly allExpired: boolean } => {
  const { groupId, nowMs, retentionMs, rule } = options
  const committed = state.committed.get(groupId)
  const records: Array<CoordinatorRecord> = []
  if (committed === undefined) return { records, allExpired: true }
  if (rule === undefined) return { records, allExpired: false }
  let allExpired = true
  for (const [topic, partitions] of committed) {
    if (rule.isSubscribed(topic)) {
      allExpired = false
      continue
    }
    for (const [partition, offset] of partitions) {
      const isOver = offset.expireTimestampMs === -1
        ? nowMs - rule.since(offset.commitTimestampMs) >= retentionMs
        : nowMs >= offset.expireTimestampMs
      if (isOver && !hasPending(state, groupId, topic, partition)) records.push(tombstone(groupId, topic, partition))
      else allExpired = false
    }
  }
  return { records, allExpired }
}
