import type { Uuid } from "../../model/Uuid.ts"

/** Session id that says "no session". Source: FetchMetadata.INVALID_SESSION_ID. */
export const noSessionId = 0
/** Session epoch that asks for a full answer and a new session. Source: FetchMetadata.INITIAL_EPOCH. */
export const initialEpoch = 0
/** Session epoch that asks for a full answer without a session. Source: FetchMetadata.FINAL_EPOCH. */
export const finalEpoch = -1

/** The epoch after `epoch`. Source: FetchMetadata.nextEpoch. */
export const nextEpoch = (epoch: number): number => epoch < 0 ? finalEpoch : epoch === 0x7fff_ffff ? 1 : epoch + 1

/** One partition that a client fetches; lives as long as the session it belongs to. Source: CachedPartition. */
export interface FetchPartition {
  /** Undefined while no topic has the id. */
  topic: string | undefined
  /** Zero before version 13. */
  readonly topicId: Uuid
  readonly partition: number
  fetchOffset: number
  maxBytes: number
  /** -1: not to be checked. */
  currentLeaderEpoch: number
  /** -1: not to be checked. */
  lastFetchedEpoch: number
  /** What the client was told last; -1 makes the next answer tell it again. */
  highWatermark: number
  logStartOffset: number
}

/** What tells the partitions of a session apart: the id with topic ids, else the name. */
export const partitionKey = (
  usesTopicIds: boolean,
  topic: string | undefined,
  topicId: string,
  partition: number
): string => `${usesTopicIds ? topicId : topic}:${partition}`

/** What a client fetches again and again, so that it need not repeat it. Source: KIP-227, FetchSession. */
export interface FetchSession {
  readonly id: number
  /** Of a follower: such sessions are evicted last. */
  readonly isPrivileged: boolean
  readonly usesTopicIds: boolean
  readonly createdMs: number
  /** By {@link partitionKey}, in the order in which they are read: what returned data moves to the end. */
  readonly partitions: Map<string, FetchPartition>
  /** The epoch that the next request must carry. */
  epoch: number
  lastUsedMs: number
  /** Number of partitions when the session was last used. */
  cachedSize: number
  /** Whether, when it was last used, it was old enough to give way to a larger session. */
  isEvictable: boolean
}
