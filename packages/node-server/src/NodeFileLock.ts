import { LogFilesError } from "@kafka-broker/core/seams"
import { Effect } from "effect"
import type { Scope } from "effect"
import type { DatabaseSync } from "node:sqlite"

/** SQLite's result code for a lock that another holder has. */
const SQLITE_BUSY = 5

const take = (path: string): DatabaseSync => {
  // Loaded only when a directory is locked: a broker in memory has no use for it, and Node before 22.5 lacks it.
  const sqlite = process.getBuiltinModule("node:sqlite")
  if (sqlite === undefined) throw new Error("locking a log directory needs Node 22.5 or later")
  const database = new sqlite.DatabaseSync(path)
  try {
    // Without a journal in memory SQLite would put one beside the file.
    database.exec("PRAGMA journal_mode = MEMORY")
    database.exec("BEGIN EXCLUSIVE")
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Holds an exclusive lock on a file until the scope closes. Node has no call for file locks, but SQLite takes the POSIX
 * record locks that Java's `FileChannel.lock` takes as well, so Apache Kafka and this broker keep each other out. The
 * system drops the lock when the process ends, however it ends. The file stays empty.
 */
export const lockFile = (absolutePath: string, path: string): Effect.Effect<void, LogFilesError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => take(absolutePath),
      catch: (cause) => {
        const error = cause as Error & { readonly errcode?: number }
        const isBusy = error.errcode !== undefined && (error.errcode & 0xff) === SQLITE_BUSY
        return new LogFilesError({
          operation: "lock",
          path,
          reason: isBusy ? "Locked" : "Io",
          message: isBusy ? "held by another process or broker" : error.message
        })
      }
    }),
    (database) => Effect.sync(() => database.close())
  )
