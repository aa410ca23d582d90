import { LogLimits } from "./LogLimits.ts"
import { indexMemoryBytes } from "./Segment.ts"
import type { Segment } from "./Segment.ts"

/** Which inactive segments of a store keep their indexes in memory: those used last, within a budget of bytes. */
export class IndexCache {
  readonly #limitBytes: number
  /** In order of last use; the value is the segment's share of the budget. */
  readonly #segments = new Map<Segment, number>()
  #usedBytes = 0

  constructor(limitBytes: number = LogLimits.indexCacheBytes) {
    this.#limitBytes = limitBytes
  }

  /** Notes that the loaded indexes of an inactive segment are in use now. */
  touch(segment: Segment): void {
    this.forget(segment)
    if (segment.indexes === undefined) return
    const bytes = indexMemoryBytes(segment.indexes)
    this.#segments.set(segment, bytes)
    this.#usedBytes += bytes
    for (const oldest of this.#segments.keys()) {
      if (this.#usedBytes <= this.#limitBytes || oldest === segment) break
      this.forget(oldest)
      oldest.indexes = undefined
    }
  }

  /** The segment is closed or removed. */
  forget(segment: Segment): void {
    const bytes = this.#segments.get(segment)
    if (bytes === undefined) return
    this.#segments.delete(segment)
    this.#usedBytes -= bytes
  }
}
