import { type FetchPartition, type FetchSession, initialEpoch, nextEpoch, noSessionId } from "./FetchSession.ts"

/** A session unused for longer gives way to any other; milliseconds. Source: KafkaServer.MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS. */
export const sessionEvictionMs = 120_000

export interface NewFetchSession {
  readonly nowMs: number
  readonly isPrivileged: boolean
  readonly usesTopicIds: boolean
  readonly partitions: Map<string, FetchPartition>
}

/**
 * The fetch sessions of a broker, at most `slots`. A newcomer takes the place of a stale session, or of the smallest
 * one that is not worth more than itself and not recently created. Source: FetchSessionCacheShard.tryEvict.
 */
export class FetchSessionCache {
  /** Longest unused first: a used session moves to the end. */
  private readonly sessions = new Map<number, FetchSession>()
  private readonly slots: number
  private readonly randomId: () => number

  /** `randomId` gives integers from 1 to 2^31 - 1. */
  constructor(slots: number, randomId: () => number) {
    this.slots = slots
    this.randomId = randomId
  }

  get size(): number {
    return this.sessions.size
  }

  get(id: number): FetchSession | undefined {
    return this.sessions.get(id)
  }

  remove(id: number): void {
    this.sessions.delete(id)
  }

  /** Id of the new session, or 0 when there is no room for it. */
  create(options: NewFetchSession): number {
    const { nowMs, isPrivileged, usesTopicIds, partitions } = options
    if (this.sessions.size >= this.slots && !this.evict(nowMs, isPrivileged, partitions.size)) return noSessionId
    let id = this.randomId()
    while (this.sessions.has(id)) id = this.randomId()
    const session: FetchSession = {
      id,
      isPrivileged,
      usesTopicIds,
      createdMs: nowMs,
      partitions,
      epoch: nextEpoch(initialEpoch),
      lastUsedMs: nowMs,
      cachedSize: 0,
      isEvictable: false
    }
    this.touch(session, nowMs)
    return id
  }

  /** Notes that the session is used now. */
  touch(session: FetchSession, nowMs: number): void {
    session.lastUsedMs = nowMs
    session.cachedSize = session.partitions.size
    session.isEvictable = nowMs - session.createdMs > sessionEvictionMs
    this.sessions.delete(session.id)
    this.sessions.set(session.id, session)
  }

  private evict(nowMs: number, isPrivileged: boolean, size: number): boolean {
    const oldest = this.sessions.values().next().value
    if (oldest === undefined) return false
    if (nowMs - oldest.lastUsedMs > sessionEvictionMs) {
      this.sessions.delete(oldest.id)
      return true
    }
    let victim: FetchSession | undefined
    for (const session of this.sessions.values()) {
      const mayGo = session.isEvictable || (isPrivileged && !session.isPrivileged)
      if (mayGo && (victim === undefined || isWorthLess(session, victim))) victim = session
    }
    if (victim === undefined) return false
    if (victim.isPrivileged !== isPrivileged ? victim.isPrivileged : size < victim.cachedSize) return false
    // Between equals Kafka compares ids, and a newcomer's counts as 0: it does not evict.
    if (victim.isPrivileged === isPrivileged && size === victim.cachedSize) return false
    this.sessions.delete(victim.id)
    return true
  }
}

const isWorthLess = (a: FetchSession, b: FetchSession): boolean => {
  if (a.isPrivileged !== b.isPrivileged) return b.isPrivileged
  return a.cachedSize === b.cachedSize ? a.id < b.id : a.cachedSize < b.cachedSize
}
