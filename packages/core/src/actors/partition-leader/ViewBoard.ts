import type { PartitionLog } from "../../log/LogStore.ts"
import type { PartitionLeader, PartitionView, ViewWatcher } from "./PartitionLeader.ts"

/** What a leader shows to readers, and who waits for it to change. */
export class ViewBoard {
  /** What the open log shows. */
  view: PartitionView | undefined = undefined
  private watchers: Set<ViewWatcher> | undefined = undefined

  get isWatched(): boolean {
    return this.watchers !== undefined
  }

  show(log: PartitionLog, highWatermark: number): void {
    const firstUnstable = log.producers.firstUnstableOffset(highWatermark)
    this.view = {
      logStartOffset: log.logStartOffset,
      highWatermark,
      lastStableOffset: firstUnstable < 0 ? highWatermark : Math.min(firstUnstable, highWatermark),
      logEndOffset: log.logEndOffset,
      leaderEpoch: log.leaderEpoch
    }
  }

  watch(watcher: ViewWatcher): void {
    this.watchers ??= new Set()
    this.watchers.add(watcher)
  }

  unwatch(watcher: ViewWatcher): void {
    this.watchers?.delete(watcher)
    if (this.watchers?.size === 0) this.watchers = undefined
  }

  notify(leader: PartitionLeader, view: PartitionView | undefined, addedBytes: number): void {
    if (this.watchers === undefined) return
    for (const watcher of this.watchers) watcher.onViewChange(leader, view, addedBytes)
  }
}
