import type { Tick } from "../../seams/Tick.ts"
import { ConnectionLimits } from "./ConnectionLimits.ts"

/** A connection whose next request waits for a turn of the event loop. */
export interface AwaitingTurn {
  readonly turnCame: () => void
}

/**
 * How long the connections of a listener may work on requests in one turn of the event loop. What is left waits for the
 * next, after the sockets were looked at again: a burst of large requests, each of which takes its time, must not keep
 * small ones from being seen. Kafka has threads for that.
 */
export class RequestTurns {
  private readonly tick: Tick["Service"]
  private readonly now: () => number
  /** Calls a task in a later turn. */
  private readonly later: (task: () => void) => void
  /** In the order in which they came. */
  private readonly waiting = new Set<AwaitingTurn>()
  /** When the first request of this turn was begun, undefined before. */
  private beganMs: number | undefined = undefined
  private isScheduled = false

  constructor(tick: Tick["Service"], now: () => number, later: (task: () => void) => void) {
    this.tick = tick
    this.now = now
    this.later = later
  }

  /** Whether a request that is not known to be small has to wait. */
  isSpent(): boolean {
    const nowMs = this.now()
    if (this.beganMs === undefined) {
      this.beganMs = nowMs
      this.tick.atEnd(this.end)
    }
    return nowMs - this.beganMs >= ConnectionLimits.turnMs
  }

  /** Calls `turnCame` once, in a later turn; `forget` before that. */
  wait(one: AwaitingTurn): void {
    this.waiting.add(one)
    this.schedule()
  }

  forget(one: AwaitingTurn): void {
    this.waiting.delete(one)
  }

  private readonly end = (): void => {
    this.beganMs = undefined
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    this.later(this.run)
  }

  private readonly run = (): void => {
    this.isScheduled = false
    for (const one of this.waiting) {
      if (this.isSpent()) break
      this.waiting.delete(one)
      one.turnCame()
    }
    if (this.waiting.size > 0) this.schedule()
  }
}
