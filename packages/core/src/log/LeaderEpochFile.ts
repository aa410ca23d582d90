import { Effect } from "effect"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import type { LeaderEpochs } from "./LeaderEpochs.ts"
import { encodeAscii, replaceFile } from "./StateFile.ts"

/** Name of the file with the leader epochs in a partition directory. */
export const LEADER_EPOCH_FILE = "leader-epoch-checkpoint"

/** The leader epochs of an open log and whether their file tells of them all. */
export class LeaderEpochFile {
  readonly epochs: LeaderEpochs
  readonly path: string
  readonly #files: LogFiles["Service"]
  #isWritten = true
  /** Whether the file has something to lose. */
  #isReplaced: boolean

  constructor(files: LogFiles["Service"], directory: string, epochs: LeaderEpochs) {
    this.#files = files
    this.path = `${directory}/${LEADER_EPOCH_FILE}`
    this.epochs = epochs
    this.#isReplaced = epochs.latestEpoch >= 0
  }

  /** Whether the file tells of all epochs. */
  get isWritten(): boolean {
    return this.#isWritten
  }

  /** Notes that a batch of `epoch` begins at `startOffset`. */
  note(epoch: number, startOffset: number): void {
    if (this.epochs.note(epoch, startOffset)) this.#isWritten = false
  }

  /**
   * Replaces the file without a sync: after a crash the epochs above the recovery point are read from the batches again.
   * Gives the path to be synced with the log's next flush.
   */
  get write(): Effect.Effect<string, LogFilesError> {
    return Effect.gen({ self: this }, function*() {
      const path = this.#isReplaced ? `${this.path}.tmp` : this.path
      yield* replaceFile(this.#files, path, encodeAscii(this.epochs.format()))
      if (this.#isReplaced) yield* this.#files.rename(path, this.path)
      this.#isReplaced = true
      this.#isWritten = true
      return this.path
    })
  }
}
