import { Effect, Layer } from "effect"
import { LogFiles, LogFilesError, type LogFilesReason } from "../../src/seams/LogFiles.ts"
import type { LogFile } from "../../src/seams/LogFiles.ts"
import { makeMemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import type { MemoryVolume } from "../../src/seams/MemoryLogFiles.ts"

/** Files in memory that note every operation, as `operation path`, and fail where a test says so. */
export interface CountedFiles {
  /** All operations so far, reading ones too. */
  readonly operations: Array<string>
  /** The reason for which the operation fails, or undefined. */
  failsWith: (operation: string, path: string) => LogFilesReason | undefined
  readonly layer: Layer.Layer<LogFiles>
}

export const makeCountedFiles = (volume: MemoryVolume): CountedFiles => {
  const files = makeMemoryLogFiles(volume)
  const counted = <A>(operation: string, path: string, run: Effect.Effect<A, LogFilesError>) =>
    Effect.suspend(() => {
      self.operations.push(`${operation} ${path}`)
      const reason = self.failsWith(operation, path)
      return reason === undefined
        ? run
        : Effect.fail(new LogFilesError({ operation, path, reason, message: "as told by the test" }))
    })
  const wrap = (file: LogFile): LogFile => ({
    path: file.path,
    get sizeBytes() {
      return file.sizeBytes
    },
    append: (chunks) => counted("append", file.path, file.append(chunks)),
    // One that is not done at once is counted by `append`.
    appendNow: (chunks) => {
      if (self.failsWith("append", file.path) !== undefined || !file.appendNow!(chunks)) return false
      self.operations.push(`append ${file.path}`)
      return true
    },
    sync: counted("sync", file.path, file.sync),
    readAt: (position, lengthBytes) => counted("readAt", file.path, file.readAt(position, lengthBytes)),
    truncate: (sizeBytes) => counted("truncate", file.path, file.truncate(sizeBytes)),
    close: file.close
  })
  const self: CountedFiles = {
    operations: [],
    failsWith: () => undefined,
    layer: Layer.succeed(LogFiles, {
      ...files,
      open: (path, options) =>
        Effect.map(counted(options.create ? "create" : "open", path, files.open(path, options)), wrap),
      list: (path) => counted("list", path, files.list(path)),
      sizeOf: (path) => counted("sizeOf", path, files.sizeOf(path)),
      makeDirectory: (path) => counted("makeDirectory", path, files.makeDirectory(path)),
      syncDirectory: (path) => counted("syncDirectory", path, files.syncDirectory(path)),
      rename: (from, to) => counted("rename", from, files.rename(from, to)),
      remove: (path) => counted("remove", path, files.remove(path))
    })
  }
  return self
}
