import { Effect, Semaphore } from "effect"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import type { Segment } from "./Segment.ts"
import { syncFile } from "./StateFile.ts"

/** What of a log was written since its last sync, and the sync of it. */
export class UnsyncedFiles {
  readonly #files: LogFiles["Service"]
  readonly #directory: string
  /** Oldest first. */
  readonly #segments = new Set<Segment>()
  readonly #paths: Array<string> = []
  #directoryChanged = false
  #first: Effect.Effect<void, LogFilesError> | undefined = undefined
  /** One flush at a time: a second one must not complete before the sync that covers its bytes did. */
  readonly #flushes = Semaphore.makeUnsafe(1)

  constructor(files: LogFiles["Service"], directory: string) {
    this.#files = files
    this.#directory = directory
  }

  get isEmpty(): boolean {
    return this.#segments.size === 0 && !this.#directoryChanged && this.#first === undefined
  }

  /** The segment's file was written to. */
  addSegment(segment: Segment): void {
    this.#segments.add(segment)
  }

  /** The segment is gone. */
  dropSegment(segment: Segment): void {
    this.#segments.delete(segment)
  }

  /** A file beside the segments was written. */
  addPath(path: string): void {
    this.#paths.push(path)
    this.#directoryChanged = true
  }

  /** Names of the log's directory changed. */
  noteDirectoryChanged(): void {
    this.#directoryChanged = true
  }

  /** What the next flush does before all else, such as to sync the name of the log's directory. */
  addFirst(sync: Effect.Effect<void, LogFilesError>): void {
    this.#first = sync
  }

  /** Syncs everything noted before the call. A failure is final: the log must be opened and recovered again. */
  readonly flush: Effect.Effect<void, LogFilesError> = Effect.suspend(() => this.#flushes.withPermit(this.#flush))

  readonly #flush: Effect.Effect<void, LogFilesError> = Effect.suspend(() => {
    if (this.isEmpty) return Effect.void
    const segments = [...this.#segments]
    this.#segments.clear()
    const first = this.#first
    this.#first = undefined
    const isPlain = first === undefined && !this.#directoryChanged && this.#paths.length === 0
    if (isPlain && segments.length === 1) {
      return Effect.flatMap(segments[0]!.file(), (file) => file.sync)
    }
    const paths = this.#paths.splice(0)
    const directoryChanged = this.#directoryChanged
    this.#directoryChanged = false
    return Effect.gen({ self: this }, function*() {
      if (first !== undefined) yield* first
      for (const segment of segments) {
        if (!segment.removed) yield* Effect.flatMap(segment.file(), (file) => file.sync)
      }
      for (const path of paths) yield* syncFile(this.#files, path)
      if (directoryChanged) yield* this.#files.syncDirectory(this.#directory)
    })
  })
}
