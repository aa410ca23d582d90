import { Effect } from "effect"
import type { LogFiles, LogFilesError } from "../../seams/LogFiles.ts"
import { readOffsetCheckpoint, writeOffsetCheckpoint } from "../OffsetCheckpoint.ts"

/** Name of the file. Source: LogCleanerManager.offsetCheckpointFile. */
const CLEANER_CHECKPOINT = "cleaner-offset-checkpoint"

/**
 * How far each log of a directory was compacted, in Kafka's file. Read when the first log asks; a file that is missing or
 * damaged has all logs compacted from their start again.
 */
export class CleanerCheckpoint {
  readonly #files: LogFiles["Service"]
  #offsets: Map<string, number> | undefined = undefined

  constructor(files: LogFiles["Service"]) {
    this.#files = files
  }

  /** Exclusive end of what was compacted of the log in `directory`; undefined before its first pass. */
  offsetOf(directory: string): Effect.Effect<number | undefined, LogFilesError> {
    return Effect.map(this.#read, (offsets) => offsets.get(directory))
  }

  /** Makes the end of a pass durable. */
  save(directory: string, offset: number): Effect.Effect<void, LogFilesError> {
    return Effect.flatMap(this.#read, (offsets) => {
      offsets.set(directory, offset)
      return writeOffsetCheckpoint(this.#files, CLEANER_CHECKPOINT, offsets)
    })
  }

  /** Forgets a log that is gone; the file loses it with the next `save`. */
  forget(directory: string): void {
    this.#offsets?.delete(directory)
  }

  get #read(): Effect.Effect<Map<string, number>, LogFilesError> {
    return Effect.suspend(() =>
      this.#offsets !== undefined
        ? Effect.succeed(this.#offsets)
        : Effect.map(
          readOffsetCheckpoint(this.#files, CLEANER_CHECKPOINT),
          // Two logs may both have read it.
          (offsets) => this.#offsets ??= offsets ?? new Map()
        )
    )
  }
}
