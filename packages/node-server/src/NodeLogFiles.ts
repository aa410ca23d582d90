/** `LogFiles` over `node:fs`. */
import { type DirectoryEntry, type LogFile, LogFiles, type LogFilesError } from "@kafka-broker/core/seams"
import { Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { lockFile } from "./NodeFileLock.ts"
import { fileError, NodeLogFile } from "./NodeLogFile.ts"

/** Removing large trees and syncing directories go through the thread pool; all else here is a short system call. */
const inPool = (
  operation: string,
  path: string,
  run: (done: (error: NodeJS.ErrnoException | null) => void) => void
): Effect.Effect<void, LogFilesError> =>
  Effect.uninterruptible(
    Effect.callback<void, LogFilesError>((resume) =>
      run((error) => resume(error === null ? Effect.void : Effect.fail(fileError(operation, path, error))))
    )
  )

const openFile = (path: string, absolute: string, create: boolean): LogFile => {
  const flags = Fs.constants.O_RDWR | (create ? Fs.constants.O_CREAT : 0)
  const fd = Fs.openSync(absolute, flags, 0o644)
  try {
    return new NodeLogFile(path, fd, Fs.fstatSync(fd).size)
  } catch (error) {
    Fs.closeSync(fd)
    throw error
  }
}

const syncDirectory = (absolute: string, done: (error: NodeJS.ErrnoException | null) => void): void => {
  // Windows can neither open nor sync directories; renames there are durable with the file system's own journal.
  if (process.platform === "win32") return done(null)
  Fs.open(absolute, Fs.constants.O_RDONLY, (openError, fd) => {
    if (openError !== null) return done(openError)
    Fs.fsync(fd, (syncError) => Fs.close(fd, () => done(syncError)))
  })
}

/** Whether a link leads to a directory, or to something that cannot be looked at; a broken link leads nowhere. */
const leadsToDirectory = (absolute: string): boolean => {
  try {
    return Fs.statSync(absolute, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch {
    return true
  }
}

/** Links are followed, as Kafka does: a partition may lie on another volume. */
const listDirectory = (absolute: string): ReadonlyArray<DirectoryEntry> =>
  Fs.readdirSync(absolute, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isDirectory: entry.isDirectory() || (entry.isSymbolicLink() && leadsToDirectory(Path.join(absolute, entry.name)))
  }))

/** With all directories above it. Node's own `recursive` never returns where none can be made, as below `/proc`. */
const makeDirectories = (absolute: string): void => {
  if (Fs.statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true) return
  const parent = Path.dirname(absolute)
  if (parent !== absolute) makeDirectories(parent)
  Fs.mkdirSync(absolute)
}

/** The `LogFiles` service over an absolute or relative directory, which `makeDirectory("")` creates. */
export const makeNodeLogFiles = (directory: string): LogFiles["Service"] => {
  const root = Path.resolve(directory)
  const absolute = (path: string): string => Path.join(root, path)
  const attempt = <A>(operation: string, path: string, run: (absolutePath: string) => A) =>
    Effect.try({ try: () => run(absolute(path)), catch: (error) => fileError(operation, path, error) })
  return LogFiles.of({
    open: (path, options) => attempt("open", path, (target) => openFile(path, target, options.create)),
    list: (path) => attempt("list", path, listDirectory),
    sizeOf: (path) => attempt("sizeOf", path, (target) => Fs.statSync(target).size),
    makeDirectory: (path) => attempt("makeDirectory", path, makeDirectories),
    syncDirectory: (path) => inPool("syncDirectory", path, (done) => syncDirectory(absolute(path), done)),
    rename: (from, to) => attempt("rename", from, (target) => Fs.renameSync(target, absolute(to))),
    remove: (path) => inPool("remove", path, (done) => Fs.rm(absolute(path), { recursive: true, force: true }, done)),
    lock: (path) => lockFile(absolute(path), path),
    location: root,
    volume: Effect.sync(() => {
      try {
        const { bavail, blocks, bsize } = Fs.statfsSync(root)
        return { totalBytes: blocks * bsize, usableBytes: bavail * bsize }
      } catch {
        return { totalBytes: -1, usableBytes: -1 }
      }
    })
  })
}

/** Files below a directory of this machine. */
export const NodeLogFiles = {
  layer: (directory: string): Layer.Layer<LogFiles> => Layer.sync(LogFiles, () => makeNodeLogFiles(directory))
}
