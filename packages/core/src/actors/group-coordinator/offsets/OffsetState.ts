import type { OffsetCommitValue } from "../records/CoordinatorRecord.ts"

/** A committed offset with its place in the order of commits. */
export interface StoredOffset extends OffsetCommitValue {
  /** Grows with every record of the coordinator's partition; a later commit wins over an earlier transaction. */
  readonly sequence: number
}

/** Offsets by topic and partition. */
export type TopicOffsets = Map<string, Map<number, StoredOffset>>

/** Offsets by group. */
export type GroupOffsets = Map<string, TopicOffsets>

/**
 * The committed offsets of all groups of one coordinator partition, changed by replay only. Source:
 * OffsetMetadataManager.
 */
export interface OffsetState {
  readonly committed: GroupOffsets
  /** Offsets of transactions that have not ended, by producer id. */
  readonly pending: Map<number, GroupOffsets>
  sequence: number
}

/** No offset at all. */
export const emptyOffsetState = (): OffsetState => ({ committed: new Map(), pending: new Map(), sequence: 0 })

/** Stores one offset. */
const putOffset = (
  offsets: GroupOffsets,
  groupId: string,
  topic: string,
  partition: number,
  offset: StoredOffset
): void => {
  let topics = offsets.get(groupId)
  if (topics === undefined) offsets.set(groupId, topics = new Map())
  let partitions = topics.get(topic)
  if (partitions === undefined) topics.set(topic, partitions = new Map())
  partitions.set(partition, offset)
}

const removeOffset = (offsets: GroupOffsets, groupId: string, topic: string, partition: number): void => {
  const topics = offsets.get(groupId)
  const partitions = topics?.get(topic)
  if (topics === undefined || partitions === undefined) return
  partitions.delete(partition)
  if (partitions.size === 0) topics.delete(topic)
  if (topics.size === 0) offsets.delete(groupId)
}

/** Takes over a commit, or with a null value removes one. A producer id marks a commit of an open transaction. */
export const replayOffset = (state: OffsetState, record: {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  readonly value: OffsetCommitValue | null
}, producerId: number): void => {
  const { groupId, partition, topic, value } = record
  const sequence = ++state.sequence
  if (value === null) {
    removeOffset(state.committed, groupId, topic, partition)
    for (const [id, offsets] of state.pending) {
      removeOffset(offsets, groupId, topic, partition)
      if (offsets.size === 0) state.pending.delete(id)
    }
    return
  }
  let target = state.committed
  if (producerId >= 0) {
    const pending = state.pending.get(producerId)
    if (pending === undefined) state.pending.set(producerId, target = new Map())
    else target = pending
  }
  putOffset(target, groupId, topic, partition, { ...value, sequence })
}

/** A transaction ended: its offsets count, unless newer ones do, or are forgotten. Source: replayEndTransactionMarker. */
export const replayMarker = (state: OffsetState, producerId: number, isCommit: boolean): void => {
  const pending = state.pending.get(producerId)
  if (pending === undefined) return
  state.pending.delete(producerId)
  if (!isCommit) return
  for (const [groupId, topics] of pending) {
    for (const [topic, partitions] of topics) {
      for (const [partition, offset] of partitions) {
        const old = state.committed.get(groupId)?.get(topic)?.get(partition)
        if (old === undefined || offset.sequence > old.sequence) {
          putOffset(state.committed, groupId, topic, partition, offset)
        }
      }
    }
  }
}

/** Whether an open transaction has an offset for the partition. */
export const hasPending = (state: OffsetState, groupId: string, topic: string, partition: number): boolean => {
  for (const offsets of state.pending.values()) {
    if (offsets.get(groupId)?.get(topic)?.has(partition) === true) return true
  }
  return false
}

/** Whether an open transaction has any offset of the group. */
export const hasPendingOfGroup = (state: OffsetState, groupId: string): boolean => {
  for (const offsets of state.pending.values()) if (offsets.has(groupId)) return true
  return false
}
