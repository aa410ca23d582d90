import type { DeadlineTimer, Expiring } from "../../actors/partition-leader/DeadlineTimer.ts"

/** Lengths of waits that are remembered though nobody waits: a few, as clients of one kind all name the same. */
const lengthsKeptMax = 16

/** A wait that has an end. */
export interface TimedWait {
  readonly maxWaitMs: number
  /** Milliseconds since the epoch; the same from `add` on. */
  readonly deadlineMs: number
  /** Called once its time is up. */
  readonly expire: () => void
}

/** Ends the waits of fetches when their time is up. */
export class FetchDeadlines implements Expiring {
  /** By how long they may wait: those of one entry are due in the order in which they came. */
  private readonly waits = new Map<number, Set<TimedWait>>()
  private readonly timer: DeadlineTimer

  constructor(timer: DeadlineTimer) {
    this.timer = timer
  }

  add(wait: TimedWait): void {
    let alike = this.waits.get(wait.maxWaitMs)
    if (alike === undefined) this.waits.set(wait.maxWaitMs, alike = new Set())
    alike.add(wait)
    this.timer.watch(this, wait.deadlineMs)
  }

  remove(wait: TimedWait): void {
    const alike = this.waits.get(wait.maxWaitMs)
    alike?.delete(wait)
    // The usual lengths stay, empty or not; a client that names ever new ones does not make the map grow.
    if (alike?.size === 0 && this.waits.size > lengthsKeptMax) this.waits.delete(wait.maxWaitMs)
  }

  /** Looks at the waits that are due, and at one more of each length. */
  expire(nowMs: number): number {
    let nextMs = Infinity
    for (const [maxWaitMs, alike] of this.waits) {
      for (const wait of alike) {
        if (wait.deadlineMs > nowMs) {
          nextMs = Math.min(nextMs, wait.deadlineMs)
          break
        }
        alike.delete(wait)
        wait.expire()
      }
      if (alike.size === 0) this.waits.delete(maxWaitMs)
    }
    return nextMs
  }
}
