import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import { LogFiles, LogFilesError } from "./LogFiles.ts"
import type { Allocate, DirectoryEntry, LogFile, LogFilesReason } from "./LogFiles.ts"
import { DirectoryNode, emptyFile, makeMemoryVolume } from "./MemoryVolume.ts"
import type { FileNode, MemoryVolume } from "./MemoryVolume.ts"

export { makeMemoryVolume, type MemoryVolume } from "./MemoryVolume.ts"

/** Appends of fewer bytes are done by `appendNow`, as where files are on a disk; larger ones take the other path. */
const APPEND_NOW_BYTES = 32 * 1024

const fail = (operation: string, path: string, reason: LogFilesReason, message: string) =>
  new LogFilesError({ operation, path, reason, message })

const sizeOfAll = (chunks: ReadonlyArray<Uint8Array>): number => {
  let total = 0
  for (let i = 0; i < chunks.length; i++) total += chunks[i]!.length
  return total
}

/** Like a file descriptor, it has a size of its own, which a failed append does not move. */
class MemoryLogFile implements LogFile {
  readonly path: string
  readonly #volume: MemoryVolume
  readonly #node: FileNode
  readonly sync: Effect.Effect<void, LogFilesError> = Effect.suspend(() =>
    this.#closed ? fail("sync", this.path, "Io", "the file is closed") : Effect.void
  )
  readonly close: Effect.Effect<void> = Effect.sync(() => {
    this.#closed = true
  })
  #sizeBytes: number
  #closed = false

  constructor(volume: MemoryVolume, path: string, node: FileNode) {
    this.#volume = volume
    this.path = path
    this.#node = node
    this.#sizeBytes = node.sizeBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  append(chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => this.#write(chunks, sizeOfAll(chunks)) ?? Effect.void)
  }

  appendNow(chunks: ReadonlyArray<Uint8Array>): boolean {
    const total = sizeOfAll(chunks)
    return total < APPEND_NOW_BYTES && this.#write(chunks, total) === undefined
  }

  #write(chunks: ReadonlyArray<Uint8Array>, total: number): LogFilesError | undefined {
    const volume = this.#volume
    if (this.#closed) return fail("append", this.path, "Io", "the file is closed")
    if (volume.readOnly) return fail("append", this.path, "ReadOnly", "the volume is read-only")
    if (volume.capacityBytes !== Infinity) {
      const room = volume.capacityBytes - volume.usedBytes + this.#node.sizeBytes - this.#sizeBytes
      if (total > room) {
        return fail("append", this.path, "NoSpace", `the volume holds at most ${volume.capacityBytes} bytes`)
      }
    }
    volume.write(this.#node, this.#sizeBytes, chunks)
    this.#sizeBytes += total
    return undefined
  }

  readAt(position: number, lengthBytes: number, allocate?: Allocate): Effect.Effect<Uint8Array, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#closed) return fail("readAt", this.path, "Io", "the file is closed")
      const size = Math.min(this.#sizeBytes, this.#node.sizeBytes)
      const end = Math.max(position, Math.min(position + lengthBytes, size))
      const stored = this.#node.bytes.subarray(position, end)
      const target = allocate?.(stored.length) ?? new Uint8Array(stored.length)
      target.set(stored)
      return Effect.succeed(target)
    })
  }

  truncate(sizeBytes: number): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#closed) return fail("truncate", this.path, "Io", "the file is closed")
      if (this.#volume.readOnly) return fail("truncate", this.path, "ReadOnly", "the volume is read-only")
      this.#volume.truncate(this.#node, sizeBytes)
      this.#sizeBytes = sizeBytes
      return Effect.void
    })
  }
}

const listDirectory = ({ entries }: DirectoryNode): ReadonlyArray<DirectoryEntry> =>
  Array.from(entries, ([name, node]) => ({ name, isDirectory: node instanceof DirectoryNode }))

/** Why a path cannot be renamed, as a file system says it. */
const refuseRename = (volume: MemoryVolume, from: string, to: string): LogFilesError | undefined => {
  const node = volume.nodeAt(from)
  if (node === undefined) return fail("rename", from, "NotFound", "no such file or directory")
  if (volume.parentOf(to) === undefined) return fail("rename", from, "NotFound", "no such directory")
  const target = volume.nodeAt(to)
  if (target === undefined || target === node) return undefined
  const isDirectory = node instanceof DirectoryNode
  if (isDirectory !== target instanceof DirectoryNode) {
    return fail("rename", from, "Io", `${to} is ${isDirectory ? "a file" : "a directory"}`)
  }
  return target instanceof DirectoryNode && target.entries.size > 0
    ? fail("rename", from, "Io", `${to} is not empty`)
    : undefined
}

/** The `LogFiles` service over a memory volume. */
export const makeMemoryLogFiles = (volume: MemoryVolume): LogFiles["Service"] => {
  const change = (operation: string, path: string, run: () => LogFilesError | void) =>
    Effect.suspend(() => {
      if (volume.readOnly) return fail(operation, path, "ReadOnly", "the volume is read-only")
      return run() ?? Effect.void
    })
  return LogFiles.of({
    open: (path, options) =>
      Effect.suspend(() => {
        let node = volume.files.get(path)
        if (node === undefined) {
          if (!options.create) return fail("open", path, "NotFound", "no such file")
          if (volume.parentOf(path) === undefined) return fail("open", path, "NotFound", "no such directory")
          if (volume.directories.has(path)) return fail("open", path, "Io", "is a directory")
          if (volume.readOnly) return fail("open", path, "ReadOnly", "the volume is read-only")
          node = emptyFile()
          volume.name(path, node)
        }
        return Effect.succeed<LogFile>(new MemoryLogFile(volume, path, node))
      }),
    list: (path) =>
      Effect.suspend(() => {
        const directory = volume.directories.get(path)
        return directory === undefined
          ? fail("list", path, "NotFound", "no such directory")
          : Effect.succeed(listDirectory(directory))
      }),
    sizeOf: (path) =>
      Effect.suspend(() => {
        const node = volume.files.get(path)
        return node === undefined
          ? fail("sizeOf", path, "NotFound", "no such file")
          : Effect.succeed(node.sizeBytes)
      }),
    makeDirectory: (path) => change("makeDirectory", path, () => volume.makeDirectory(path)),
    syncDirectory: (path) =>
      Effect.suspend(() =>
        volume.directories.has(path) ? Effect.void : fail("syncDirectory", path, "NotFound", "no such directory")
      ),
    rename: (from, to) =>
      change("rename", from, () => {
        const refusal = refuseRename(volume, from, to)
        if (refusal === undefined) volume.rename(from, to)
        return refusal
      }),
    remove: (path) => change("remove", path, () => volume.remove(path)),
    lock: (path): Effect.Effect<void, LogFilesError, Scope.Scope> => {
      const owner = {}
      return Effect.acquireRelease(
        Effect.suspend(() => {
          if (volume.locks.has(path)) return fail("lock", path, "Locked", "held by another broker")
          volume.locks.set(path, owner)
          return Effect.void
        }),
        () =>
          Effect.sync(() => {
            if (volume.locks.get(path) === owner) volume.locks.delete(path)
          })
      )
    },
    location: "memory",
    volume: Effect.sync(() => ({
      totalBytes: volume.capacityBytes === Infinity ? -1 : volume.capacityBytes,
      usableBytes: volume.capacityBytes === Infinity ? -1 : volume.capacityBytes - volume.usedBytes
    }))
  })
}

/** Files that live as long as the layer, or as the given volume. */
export const MemoryLogFiles = {
  layer: (volume: MemoryVolume = makeMemoryVolume()): Layer.Layer<LogFiles> =>
    Layer.succeed(LogFiles, makeMemoryLogFiles(volume))
}
