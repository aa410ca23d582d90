import type { PartitionLeader, PartitionView, ViewWatcher } from "../../actors/partition-leader/PartitionLeaders.ts"

/** One partition of a fetch that waits. */
export interface AwaitedPartition {
  readonly leader: PartitionLeader
  readonly fetchOffset: number
  /** Bytes the fetch may take of this partition. */
  readonly maxBytes: number
  /** Bytes that could be read when the fetch began to wait. */
  readonly readableBytes: number
  /** Where the readable end stood when the partition was read. */
  readonly endOffset: number
}

export interface DelayedFetchOptions {
  /** Bytes, over all partitions, with which the fetch is content. */
  readonly minBytes: number
  readonly partitions: ReadonlyArray<AwaitedPartition>
  /** Where the end stands for this reader. */
  readonly endOffset: (view: PartitionView) => number
  /** Called once, when enough can be read or a partition changed in a way the reader must learn of. */
  readonly onReady: () => void
}

/** The part of a waiting fetch that is registered at one leader. */
class PartitionWait implements ViewWatcher {
  readonly leader: PartitionLeader
  readableBytes: number
  private readonly fetch: DelayedFetch
  private readonly of: AwaitedPartition
  private endOffset: number
  /** Bytes appended that the reader may not see yet. */
  private unreadableBytes = 0
  /**
   * More of unknown size lay behind the readable end when the wait began: what waits for stable storage, or for its
   * transaction to end. Nobody tells of those bytes again, so only another read counts them.
   */
  private isMoreHidden = false

  constructor(fetch: DelayedFetch, of: AwaitedPartition) {
    this.fetch = fetch
    this.of = of
    this.leader = of.leader
    this.readableBytes = of.readableBytes
    this.endOffset = of.endOffset
  }

  /** Registers at the leader; false when the partition moved since it was read. */
  start(): boolean {
    const view = this.leader.view
    if (view === undefined || this.fetch.endOffset(view) !== this.endOffset) return false
    this.isMoreHidden = view.logEndOffset > this.endOffset
    this.leader.watch(this)
    return true
  }

  onViewChange(_leader: PartitionLeader, view: PartitionView | undefined, addedBytes: number): void {
    if (view === undefined || this.of.fetchOffset < view.logStartOffset) return this.fetch.ready()
    this.unreadableBytes += addedBytes
    const endOffset = this.fetch.endOffset(view)
    if (endOffset === this.endOffset) return
    if (this.isMoreHidden) return this.fetch.ready()
    this.endOffset = endOffset
    this.readableBytes = Math.min(this.of.maxBytes, this.readableBytes + this.unreadableBytes)
    this.unreadableBytes = 0
    this.fetch.check()
  }
}

/**
 * A fetch that waits for bytes: registered once at every leader it reads from, woken by their appends, and removed
 * everywhere when it is ready or stopped. Deadlines are the owner's matter. Source: DelayedFetch.
 */
export class DelayedFetch {
  readonly endOffset: (view: PartitionView) => number
  private readonly minBytes: number
  private readonly onReady: () => void
  private readonly waits: ReadonlyArray<PartitionWait>
  private isWaiting = true

  constructor(options: DelayedFetchOptions) {
    this.endOffset = options.endOffset
    this.minBytes = options.minBytes
    this.onReady = options.onReady
    this.waits = options.partitions.map((partition) => new PartitionWait(this, partition))
  }

  /** Registers at the leaders; ready at once when a partition moved between its read and now. */
  start(): void {
    for (const wait of this.waits) {
      if (!wait.start()) return this.ready()
    }
  }

  /** Ready when enough can be read. */
  check(): void {
    let readableBytes = 0
    for (const wait of this.waits) readableBytes += wait.readableBytes
    if (readableBytes >= this.minBytes) this.ready()
  }

  ready(): void {
    if (!this.isWaiting) return
    this.stop()
    this.onReady()
  }

  /** Waits no more, and is never ready. */
  stop(): void {
    this.isWaiting = false
    for (const wait of this.waits) wait.leader.unwatch(wait)
  }
}
