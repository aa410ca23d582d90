import { Context, Schema } from "effect"
import type { Effect, Scope } from "effect"

/** Why a file operation failed; `Io` is everything the others do not name. */
export const LogFilesReason = Schema.Literals(["NotFound", "NoSpace", "ReadOnly", "Denied", "Locked", "Io"])
/** One of {@link LogFilesReason}. */
export type LogFilesReason = typeof LogFilesReason.Type

/** A file operation failed. The file may hold part of what was being written. */
export class LogFilesError extends Schema.TaggedError<LogFilesError>()("LogFilesError", {
  operation: Schema.String,
  path: Schema.String,
  reason: LogFilesReason,
  message: Schema.String
}) {}

/** Gives an array of this length whose content is anything; who calls it owns what it returns. */
export type Allocate = (sizeBytes: number) => Uint8Array

/**
 * One open append-only file. Operations on one file are never run concurrently by its owner, except `readAt` and `sync`,
 * which may overlap with everything.
 */
export interface LogFile {
  readonly path: string
  /** Current length in bytes, counting every completed append and truncate. */
  readonly sizeBytes: number
  /**
   * Appends all chunks in order and completes once the operating system has all of them (another process that reads the
   * file sees them). Short writes are continued. A small append may complete without leaving the current tick. The
   * chunks must not be changed before completion. On failure the file may hold any prefix.
   */
  append(chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogFilesError>
  /**
   * Appends all chunks before it returns, without the cost of an Effect. False: nothing was appended, because this is not
   * a small append or because it failed; `append` then does it, or tells why not. Absent where no append is that fast.
   */
  appendNow?(chunks: ReadonlyArray<Uint8Array>): boolean
  /**
   * Reads up to `lengthBytes` at `position`; shorter only at the end of the file. The result is owned by the caller: new
   * memory, or what `allocate` gave for at most that many bytes.
   */
  readAt(position: number, lengthBytes: number, allocate?: Allocate): Effect.Effect<Uint8Array, LogFilesError>
  /**
   * Completes once everything appended before the call is on stable storage; may overlap with appends. Never retry a
   * failed sync on the same file.
   */
  readonly sync: Effect.Effect<void, LogFilesError>
  truncate(sizeBytes: number): Effect.Effect<void, LogFilesError>
  /** Completes after every operation under way. Later operations fail with `Io`. */
  readonly close: Effect.Effect<void>
}

/** What a directory holds under a name. */
export interface DirectoryEntry {
  readonly name: string
  readonly isDirectory: boolean
}

/**
 * The seam through which everything reaches stable storage. Paths use `/` and are relative to the directory the
 * implementation was made for, so nothing in core knows where on a machine the data lies.
 */
export class LogFiles extends Context.Service<LogFiles, {
  /** Opens for reading and appending at the end; `create` makes a missing file (its directory must exist). */
  open(path: string, options: { readonly create: boolean }): Effect.Effect<LogFile, LogFilesError>
  /** Entries of a directory in unspecified order; `NotFound` when it does not exist. */
  list(path: string): Effect.Effect<ReadonlyArray<DirectoryEntry>, LogFilesError>
  /** Length of a file in bytes, without opening it; `NotFound` when it does not exist. */
  sizeOf(path: string): Effect.Effect<number, LogFilesError>
  /** Makes a directory and its parents; no error when it exists. */
  makeDirectory(path: string): Effect.Effect<void, LogFilesError>
  /** Makes creations, renames and removals inside the directory durable. */
  syncDirectory(path: string): Effect.Effect<void, LogFilesError>
  /** Atomically replaces `to` when it is a file. */
  rename(from: string, to: string): Effect.Effect<void, LogFilesError>
  /** Removes a file, or a directory with all it holds; no error when it does not exist. */
  remove(path: string): Effect.Effect<void, LogFilesError>
  /** Takes an exclusive lock until the scope closes; `Locked` when another process or broker holds it. */
  lock(path: string): Effect.Effect<void, LogFilesError, Scope.Scope>
  /** The absolute path, or a label, of the directory all paths are relative to. */
  readonly location: string
  /** Total and usable bytes of the volume, or -1 when unknown. */
  readonly volume: Effect.Effect<{ readonly totalBytes: number; readonly usableBytes: number }>
}>()("@kafka-broker/core/seams/LogFiles") {}
