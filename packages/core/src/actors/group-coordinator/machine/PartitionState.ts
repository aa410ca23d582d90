import { type ClassicGroup, emptyClassicGroup } from "../classic/ClassicGroup.ts"
import { replayGroupMetadata } from "../classic/replay.ts"
import { type ConsumerGroup, emptyConsumerGroup } from "../consumer/ConsumerGroup.ts"
import { replayConsumer } from "../consumer/replay.ts"
import { emptyOffsetState, type OffsetState, replayMarker, replayOffset } from "../offsets/OffsetState.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"

/** A group of either protocol. */
export type Group = ClassicGroup | ConsumerGroup

/** All groups of one partition of `__consumer_offsets`. */
export interface PartitionState {
  readonly groups: Map<string, Group>
  readonly offsets: OffsetState
}

/** No group at all. */
export const emptyPartitionState = (): PartitionState => ({ groups: new Map(), offsets: emptyOffsetState() })

const consumerGroupFor = (state: PartitionState, groupId: string): ConsumerGroup => {
  const known = state.groups.get(groupId)
  if (known?._tag === "Consumer") return known
  const group = emptyConsumerGroup(groupId)
  state.groups.set(groupId, group)
  return group
}

/** A tombstone of something that is not there says nothing. */
const isNews = (state: PartitionState, record: CoordinatorRecord): boolean =>
  record.value !== null || state.groups.get(record.groupId)?._tag === "Consumer"

/**
 * Applies one record: the only way durable state changes, when loading and when living. `producerId` is that of the
 * record's batch, -1 for none. Source: GroupCoordinatorShard.replay.
 */
export const replay = (state: PartitionState, record: CoordinatorRecord, producerId: number): void => {
  const { groupId } = record
  switch (record._tag) {
    case "OffsetCommit":
      // Offsets alone make a simple group. Their time is kept with them.
      if (record.value !== null && !state.groups.has(groupId)) state.groups.set(groupId, emptyClassicGroup(groupId, -1))
      replayOffset(state.offsets, record, producerId)
      return
    case "GroupMetadata":
      if (record.value !== null) state.groups.set(groupId, replayGroupMetadata(groupId, record.value))
      else if (state.groups.get(groupId)?._tag === "Classic") state.groups.delete(groupId)
      return
    default:
      if (!isNews(state, record)) return
      if (!replayConsumer(consumerGroupFor(state, groupId), record)) state.groups.delete(groupId)
  }
}

/** Applies the marker that ends a transaction. */
export const replayTransactionEnd = (state: PartitionState, producerId: number, isCommit: boolean): void =>
  replayMarker(state.offsets, producerId, isCommit)
