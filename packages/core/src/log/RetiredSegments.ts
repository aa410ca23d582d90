import { Clock, Effect, Latch } from "effect"
import type { LogFilesError } from "../seams/LogFiles.ts"
import type { Segment } from "./Segment.ts"

interface Retired {
  readonly directory: string
  readonly segment: Segment
  readonly dueMs: number
}

/**
 * Segments that left their logs under `.deleted` names: removed `file.delete.delay.ms` later, so that reads that began
 * before end well. Sleeps while there is none. Source: LocalLog.deleteSegmentFiles.
 */
export class RetiredSegments {
  #waiting: Array<Retired> = []
  readonly #hasWaiting = Latch.makeUnsafe(false)

  /** Removes the segment of the log in `directory` after the delay; at once when there is none. */
  retire(directory: string, segment: Segment, delayMs: number): Effect.Effect<void, LogFilesError> {
    if (delayMs <= 0) return segment.remove
    return Effect.map(Clock.currentTimeMillis, (nowMs) => {
      this.#waiting.push({ directory, segment, dueMs: nowMs + delayMs })
      this.#hasWaiting.openUnsafe()
    })
  }

  /** Lets go of the segments of a log whose directory is being removed with all its files. */
  forget(directory: string): Effect.Effect<void> {
    return this.#take((retired) => retired.directory === directory, (segment) => segment.close)
  }

  /** Removes all that is left; what cannot be removed goes when its log is opened again. */
  get removeAll(): Effect.Effect<void> {
    return this.#take(() => true, (segment) => Effect.ignore(segment.remove))
  }

  /** Never ends. */
  get run(): Effect.Effect<never> {
    return Effect.forever(Effect.gen({ self: this }, function*() {
      yield* this.#hasWaiting.await
      const nowMs = yield* Clock.currentTimeMillis
      const nextMs = Math.min(...this.#waiting.map(({ dueMs }) => dueMs))
      if (nextMs > nowMs) yield* Effect.sleep(nextMs - nowMs)
      const dueMs = yield* Clock.currentTimeMillis
      yield* this.#take(
        (retired) => retired.dueMs <= dueMs,
        (segment) =>
          Effect.catch(segment.remove, (error) => Effect.logWarning(`A deleted segment remains: ${error.message}`))
      )
    }))
  }

  #take(
    isTaken: (retired: Retired) => boolean,
    use: (segment: Segment) => Effect.Effect<void>
  ): Effect.Effect<void> {
    return Effect.suspend(() => {
      const taken = this.#waiting.filter(isTaken)
      this.#waiting = this.#waiting.filter((retired) => !isTaken(retired))
      if (this.#waiting.length === 0) this.#hasWaiting.closeUnsafe()
      return Effect.forEach(taken, ({ segment }) => use(segment), { discard: true })
    })
  }
}
