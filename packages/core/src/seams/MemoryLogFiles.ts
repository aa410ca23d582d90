import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import { LogFiles, LogFilesError } from "./LogFiles.ts"
import type { Allocate, DirectoryEntry, LogFile, LogFilesReason } from "./LogFiles.ts"

/** First capacity of a file with content, doubled when it is full. */
const INITIAL_CAPACITY_BYTES = 256

interface FileNode {
  bytes: Uint8Array<ArrayBuffer>
  sizeBytes: number
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")))

/** Paths by the directory they are in: a broker may hold many thousand partitions, and none is to be searched for. */
class PathsByDirectory {
  private readonly paths = new Map<string, Set<string>>()

  add(path: string): void {
    const parent = parentOf(path)
    const siblings = this.paths.get(parent)
    if (siblings === undefined) this.paths.set(parent, new Set([path]))
    else siblings.add(path)
  }

  delete(path: string): void {
    const parent = parentOf(path)
    const siblings = this.paths.get(parent)
    if (siblings?.delete(path) === true && siblings.size === 0) this.paths.delete(parent)
  }

  in(directory: string): ReadonlyArray<string> {
    return [...(this.paths.get(directory) ?? [])]
  }
}

/** Files by path. */
class VolumeFiles extends Map<string, FileNode> {
  private readonly byDirectory = new PathsByDirectory()

  override set(path: string, node: FileNode): this {
    this.byDirectory.add(path)
    return super.set(path, node)
  }

  override delete(path: string): boolean {
    this.byDirectory.delete(path)
    return super.delete(path)
  }

  /** Paths of the files in a directory, without those further below. */
  in(directory: string): ReadonlyArray<string> {
    return this.byDirectory.in(directory)
  }
}

/** Paths of directories; the root is the empty path, and in no directory. */
class VolumeDirectories extends Set<string> {
  private readonly byDirectory = new PathsByDirectory()

  override add(path: string): this {
    if (path !== "") this.byDirectory.add(path)
    return super.add(path)
  }

  override delete(path: string): boolean {
    this.byDirectory.delete(path)
    return super.delete(path)
  }

  /** Paths of the directories in a directory, without those further below. */
  in(directory: string): ReadonlyArray<string> {
    return this.byDirectory.in(directory)
  }
}

/** What a memory volume holds; given to several layers it outlives each of them, as a disk outlives a process. */
export interface MemoryVolume {
  readonly files: VolumeFiles
  readonly directories: VolumeDirectories
  readonly locks: Set<string>
  /** Bytes of all files together may not exceed this; the append that would fails with `NoSpace`. */
  capacityBytes: number
  /** Every change fails with `ReadOnly` while true. */
  readOnly: boolean
}

/** What limits a volume in memory. */
export interface MemoryVolumeOptions {
  /** Default: no bound. */
  readonly capacityBytes?: number
  readonly readOnly?: boolean
}

/** An empty volume in memory. */
export const makeMemoryVolume = (options: MemoryVolumeOptions = {}): MemoryVolume => ({
  files: new VolumeFiles(),
  directories: new VolumeDirectories().add(""),
  locks: new Set(),
  capacityBytes: options.capacityBytes ?? Infinity,
  readOnly: options.readOnly ?? false
})

const normalise = (path: string): string => (path === "." ? "" : path)

const fail = (operation: string, path: string, reason: LogFilesReason, message: string) =>
  new LogFilesError({ operation, path, reason, message })

const usedBytes = (volume: MemoryVolume): number => {
  let total = 0
  for (const file of volume.files.values()) total += file.sizeBytes
  return total
}

const reserve = (node: FileNode, sizeBytes: number): void => {
  if (node.bytes.length >= sizeBytes) return
  const grown = new Uint8Array(Math.max(sizeBytes, node.bytes.length * 2, INITIAL_CAPACITY_BYTES))
  grown.set(node.bytes.subarray(0, node.sizeBytes))
  node.bytes = grown
}

class MemoryLogFile implements LogFile {
  readonly path: string
  readonly #volume: MemoryVolume
  readonly #node: FileNode
  readonly sync: Effect.Effect<void, LogFilesError> = Effect.void
  readonly close: Effect.Effect<void> = Effect.sync(() => {
    this.#closed = true
  })
  #closed = false

  constructor(volume: MemoryVolume, path: string, node: FileNode) {
    this.#volume = volume
    this.path = path
    this.#node = node
  }

  get sizeBytes(): number {
    return this.#node.sizeBytes
  }

  append(chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => {
      const volume = this.#volume
      const node = this.#node
      if (this.#closed) return fail("append", this.path, "Io", "the file is closed")
      if (volume.readOnly) return fail("append", this.path, "ReadOnly", "the volume is read-only")
      let total = 0
      for (let i = 0; i < chunks.length; i++) total += chunks[i]!.length
      if (volume.capacityBytes !== Infinity && usedBytes(volume) + total > volume.capacityBytes) {
        return fail("append", this.path, "NoSpace", `the volume holds at most ${volume.capacityBytes} bytes`)
      }
      reserve(node, node.sizeBytes + total)
      for (let i = 0; i < chunks.length; i++) {
        node.bytes.set(chunks[i]!, node.sizeBytes)
        node.sizeBytes += chunks[i]!.length
      }
      return Effect.void
    })
  }

  readAt(position: number, lengthBytes: number, allocate?: Allocate): Effect.Effect<Uint8Array, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#closed) return fail("readAt", this.path, "Io", "the file is closed")
      const end = Math.max(position, Math.min(position + lengthBytes, this.#node.sizeBytes))
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
      const node = this.#node
      reserve(node, sizeBytes)
      // Bytes beyond the end read as zeros should the file grow again by truncation, as on a disk.
      node.bytes.fill(0, Math.min(sizeBytes, node.sizeBytes), Math.max(sizeBytes, node.sizeBytes))
      node.sizeBytes = sizeBytes
      return Effect.void
    })
  }
}

const listDirectory = (volume: MemoryVolume, path: string): ReadonlyArray<DirectoryEntry> => {
  const prefixLength = path === "" ? 0 : path.length + 1
  return [
    ...volume.directories.in(path).map((name) => ({ name: name.slice(prefixLength), isDirectory: true })),
    ...volume.files.in(path).map((name) => ({ name: name.slice(prefixLength), isDirectory: false }))
  ]
}

const renameInside = (volume: MemoryVolume, from: string, to: string): void => {
  const file = volume.files.get(from)
  if (file !== undefined) {
    volume.files.delete(from)
    volume.files.set(to, file)
    return
  }
  volume.directories.delete(from)
  volume.directories.add(to)
  for (const path of [...volume.directories.in(from), ...volume.files.in(from)]) {
    renameInside(volume, path, to + path.slice(from.length))
  }
}

const removeInside = (volume: MemoryVolume, path: string): void => {
  if (volume.files.delete(path)) return
  for (const inside of [...volume.directories.in(path), ...volume.files.in(path)]) removeInside(volume, inside)
  volume.directories.delete(path)
}

const makeDirectories = (volume: MemoryVolume, path: string): void => {
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) volume.directories.add(path.slice(0, at))
  volume.directories.add(path)
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
          if (!volume.directories.has(parentOf(path))) return fail("open", path, "NotFound", "no such directory")
          if (volume.readOnly) return fail("open", path, "ReadOnly", "the volume is read-only")
          node = { bytes: new Uint8Array(0), sizeBytes: 0 }
          volume.files.set(path, node)
        }
        return Effect.succeed<LogFile>(new MemoryLogFile(volume, path, node))
      }),
    list: (given) =>
      Effect.suspend(() => {
        const path = normalise(given)
        return volume.directories.has(path)
          ? Effect.succeed(listDirectory(volume, path))
          : fail("list", given, "NotFound", "no such directory")
      }),
    sizeOf: (path) =>
      Effect.suspend(() => {
        const node = volume.files.get(path)
        return node === undefined
          ? fail("sizeOf", path, "NotFound", "no such file")
          : Effect.succeed(node.sizeBytes)
      }),
    makeDirectory: (path) => change("makeDirectory", path, () => makeDirectories(volume, normalise(path))),
    syncDirectory: (path) =>
      Effect.suspend(() =>
        volume.directories.has(normalise(path))
          ? Effect.void
          : fail("syncDirectory", path, "NotFound", "no such directory")
      ),
    rename: (from, to) =>
      change("rename", from, () => {
        if (!volume.files.has(from) && !volume.directories.has(from)) {
          return fail("rename", from, "NotFound", "no such file or directory")
        }
        renameInside(volume, from, to)
      }),
    remove: (path) => change("remove", path, () => removeInside(volume, path)),
    lock: (path): Effect.Effect<void, LogFilesError, Scope.Scope> =>
      Effect.acquireRelease(
        Effect.suspend(() => {
          if (volume.locks.has(path)) return fail("lock", path, "Locked", "held by another broker")
          volume.locks.add(path)
          return Effect.void
        }),
        () => Effect.sync(() => volume.locks.delete(path))
      ),
    location: "memory",
    volume: Effect.sync(() => ({
      totalBytes: volume.capacityBytes === Infinity ? -1 : volume.capacityBytes,
      usableBytes: volume.capacityBytes === Infinity ? -1 : volume.capacityBytes - usedBytes(volume)
    }))
  })
}

/** Files that live as long as the layer, or as the given volume. */
export const MemoryLogFiles = {
  layer: (volume: MemoryVolume = makeMemoryVolume()): Layer.Layer<LogFiles> =>
    Layer.succeed(LogFiles, makeMemoryLogFiles(volume))
}
