import { Effect, Semaphore } from "effect"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"

/**
 * Names in the log directory that a power cut could still take. Making a partition's directory syncs nothing, as in
 * Kafka; the first flush of its log does, so that nobody is told of stable storage before the log can be found there.
 */
export class UnsyncedNames {
  readonly #files: LogFiles["Service"]
  readonly #names = new Set<string>()
  readonly #syncs = Semaphore.makeUnsafe(1)

  constructor(files: LogFiles["Service"]) {
    this.#files = files
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  /** The name is new. */
  add(name: string): void {
    this.#names.add(name)
  }

  /** The name is gone. */
  delete(name: string): void {
    this.#names.delete(name)
  }

  /** Makes the name durable; those that wait while a sync runs share the next one. */
  sync(name: string): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => {
      if (!this.has(name)) return Effect.void
      return this.#syncs.withPermit(Effect.suspend(() => {
        if (!this.has(name)) return Effect.void
        const covered = [...this.#names]
        return Effect.map(this.#files.syncDirectory(""), () => {
          for (const each of covered) this.#names.delete(each)
        })
      }))
    })
  }
}
