import { Effect } from "effect"
import type { PartitionLog } from "../../log/LogStore.ts"
import type { ErrorCode } from "../../model/ErrorCode.ts"
import type { AppendOptions, AppendResult, PartitionView } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { failedAppend } from "./Rejection.ts"

/** A batch that waits to be appended. */
export interface AppendEntry {
  readonly _tag: "Append"
  readonly batch: Uint8Array
  readonly options: AppendOptions
  readonly complete: (result: AppendResult) => void
}

/** Work on the log that waits for its turn. */
export interface TaskEntry {
  readonly _tag: "Task"
  /** Does the work; what it gives tells the asker, once the partition shows what the work changed. */
  readonly run: (log: PartitionLog, view: PartitionView) => Effect.Effect<() => void>
  readonly fail: (errorCode: ErrorCode) => void
  /** Set when nobody waits for the task any more. */
  cancelled: boolean
}

export type MailboxEntry = AppendEntry | TaskEntry

/** The entry for work that somebody waits for with `resume`. */
export const taskEntry = <A>(
  use: (log: PartitionLog, view: PartitionView) => Effect.Effect<A, ErrorCode>,
  resume: (exit: Effect.Effect<A, ErrorCode>) => void
): TaskEntry => ({
  _tag: "Task",
  cancelled: false,
  run: (log, view) => Effect.map(Effect.exit(use(log, view)), (exit) => () => resume(exit)),
  fail: (errorCode) => resume(Effect.fail(errorCode))
})

/** Answers an entry that is not carried out. */
export const failEntry = (entry: MailboxEntry, errorCode: ErrorCode): void => {
  if (entry._tag === "Append") entry.complete(failedAppend(errorCode))
  else if (!entry.cancelled) entry.fail(errorCode)
}

const noEntries: Array<MailboxEntry> = []

/** What waits at one partition, in order; bounded by entries and by bytes. */
export class Mailbox {
  /** Shared by all empty mailboxes, so that a cold partition holds none. */
  private entries: Array<MailboxEntry> = noEntries
  private bytes = 0

  get isEmpty(): boolean {
    return this.entries.length === 0
  }

  /** False when the bound is reached: the entry was not taken. Tasks are few and always taken. */
  offer(entry: MailboxEntry): boolean {
    if (entry._tag === "Append") {
      const sizeBytes = entry.batch.length
      if (
        this.entries.length >= PartitionLeaderLimits.mailboxEntriesMax ||
        this.bytes + sizeBytes > PartitionLeaderLimits.mailboxBytesMax
      ) return false
      this.bytes += sizeBytes
    }
    if (this.entries === noEntries) this.entries = [entry]
    else this.entries.push(entry)
    return true
  }

  /** Everything that waits; the mailbox is empty afterwards. */
  takeAll(): ReadonlyArray<MailboxEntry> {
    const taken = this.entries
    this.entries = noEntries
    this.bytes = 0
    return taken
  }
}
