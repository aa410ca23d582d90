/** First capacity of a file with content, doubled when it is full. */
const INITIAL_CAPACITY_BYTES = 256

/** A file's content: the first `sizeBytes` of `bytes`. */
export interface FileNode {
  bytes: Uint8Array<ArrayBuffer>
  sizeBytes: number
}

/** A directory's entries by name, in the order in which they were made. */
export class DirectoryNode {
  readonly entries = new Map<string, VolumeNode>()
}

/** What a name can stand for. */
export type VolumeNode = FileNode | DirectoryNode

/** A name of a directory stands for something else, or for nothing, from now on. */
export interface NameStep {
  readonly directory: DirectoryNode
  readonly name: string
  readonly node: VolumeNode | undefined
}

/** Is shown each change of a volume once it is made, in order. */
export interface VolumeObserver {
  wrote(file: FileNode, position: number, sizeBytes: number): void
  truncated(file: FileNode, sizeBytes: number): void
  /** The steps of one change belong together: a disk has all of them or none. */
  named(steps: ReadonlyArray<NameStep>): void
}

/** What limits a volume in memory. */
export interface MemoryVolumeOptions {
  /** Default: no bound. */
  readonly capacityBytes?: number
  readonly readOnly?: boolean
}

const lastSlash = (path: string): number => path.lastIndexOf("/")
const nameOf = (path: string): string => path.slice(lastSlash(path) + 1)

const reserve = (file: FileNode, sizeBytes: number): void => {
  if (file.bytes.length >= sizeBytes) return
  const grown = new Uint8Array(Math.max(sizeBytes, file.bytes.length * 2, INITIAL_CAPACITY_BYTES))
  grown.set(file.bytes.subarray(0, file.sizeBytes))
  file.bytes = grown
}

/** Puts a file's content at `position` on, which may lie beyond its end: what is between reads as zeros. */
export const writeInto = (file: FileNode, position: number, bytes: Uint8Array): void => {
  const end = position + bytes.length
  reserve(file, end)
  // Bytes beyond the end may be left from before a truncation.
  if (position > file.sizeBytes) file.bytes.fill(0, file.sizeBytes, position)
  file.bytes.set(bytes, position)
  if (end > file.sizeBytes) file.sizeBytes = end
}

/** Makes a file shorter, or longer by zeros. */
export const resize = (file: FileNode, sizeBytes: number): void => {
  reserve(file, sizeBytes)
  if (sizeBytes > file.sizeBytes) file.bytes.fill(0, file.sizeBytes, sizeBytes)
  file.sizeBytes = sizeBytes
}

/** An empty file. */
export const emptyFile = (): FileNode => ({ bytes: new Uint8Array(0), sizeBytes: 0 })

const pathsBelow = function*(directory: DirectoryNode, prefix: string): Generator<readonly [string, VolumeNode]> {
  for (const [name, node] of directory.entries) {
    yield [prefix + name, node]
    if (node instanceof DirectoryNode) yield* pathsBelow(node, `${prefix}${name}/`)
  }
}

/** A volume's files by path. */
class VolumeFiles {
  readonly #volume: MemoryVolume

  constructor(volume: MemoryVolume) {
    this.#volume = volume
  }

  get(path: string): FileNode | undefined {
    const node = this.#volume.nodeAt(path)
    return node instanceof DirectoryNode ? undefined : node
  }

  has(path: string): boolean {
    return this.get(path) !== undefined
  }

  /** The directory must exist. */
  set(path: string, file: FileNode): void {
    this.#volume.name(path, file)
  }

  delete(path: string): void {
    this.#volume.remove(path)
  }

  *keys(): Generator<string> {
    for (const [path, node] of pathsBelow(this.#volume.root, "")) if (!(node instanceof DirectoryNode)) yield path
  }
}

/** A volume's directories by path; the root is the empty path. */
class VolumeDirectories {
  readonly #volume: MemoryVolume

  constructor(volume: MemoryVolume) {
    this.#volume = volume
  }

  get(path: string): DirectoryNode | undefined {
    const node = this.#volume.nodeAt(path)
    return node instanceof DirectoryNode ? node : undefined
  }

  has(path: string): boolean {
    return this.get(path) !== undefined
  }

  add(path: string): void {
    this.#volume.makeDirectory(path)
  }

  *[Symbol.iterator](): Generator<string> {
    yield ""
    for (const [path, node] of pathsBelow(this.#volume.root, "")) if (node instanceof DirectoryNode) yield path
  }
}

/** A tree of files in memory; given to several layers it outlives each of them, as a disk outlives a process. */
export class MemoryVolume {
  /** The top directory. */
  root = new DirectoryNode()
  readonly files = new VolumeFiles(this)
  readonly directories = new VolumeDirectories(this)
  /** Locked paths; the value is the lock's own, so that it is given back by its owner only. */
  readonly locks = new Map<string, object>()
  /** Bytes of all files together may not exceed this; the append that would fails with `NoSpace`. */
  capacityBytes: number
  /** Every change fails with `ReadOnly` while true. */
  readOnly: boolean
  observer: VolumeObserver | undefined = undefined

  constructor(options: MemoryVolumeOptions = {}) {
    this.capacityBytes = options.capacityBytes ?? Infinity
    this.readOnly = options.readOnly ?? false
  }

  /** Bytes of all files; looks at each of them. */
  get usedBytes(): number {
    let total = 0
    for (const [, node] of pathsBelow(this.root, "")) if (!(node instanceof DirectoryNode)) total += node.sizeBytes
    return total
  }

  nodeAt(path: string): VolumeNode | undefined {
    if (path === "" || path === ".") return this.root
    let node: VolumeNode | undefined = this.root
    for (let from = 0; from <= path.length && node !== undefined;) {
      if (!(node instanceof DirectoryNode)) return undefined
      const slash = path.indexOf("/", from)
      const end: number = slash < 0 ? path.length : slash
      node = node.entries.get(path.slice(from, end))
      from = end + 1
    }
    return node
  }

  /** The directory that has, or could have, the path's last name; undefined when there is none. */
  parentOf(path: string): DirectoryNode | undefined {
    return this.directories.get(path.slice(0, Math.max(0, lastSlash(path))))
  }

  /** Lets a path of an existing directory stand for the node. */
  name(path: string, node: VolumeNode): void {
    this.#change([{ directory: this.parentOf(path)!, name: nameOf(path), node }])
  }

  /** Makes a directory and those above it. */
  makeDirectory(path: string): void {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) this.makeDirectory(path.slice(0, at))
    if (this.nodeAt(path) === undefined) this.name(path, new DirectoryNode())
  }

  /** Both directories must exist, and `from` in one of them. */
  rename(from: string, to: string): void {
    const node = this.nodeAt(from)!
    this.#change([
      { directory: this.parentOf(from)!, name: nameOf(from), node: undefined },
      { directory: this.parentOf(to)!, name: nameOf(to), node }
    ])
  }

  /** Removes a file, or a directory after all that it holds. */
  remove(path: string): void {
    const directory = this.parentOf(path)
    const name = nameOf(path)
    const node = directory?.entries.get(name)
    if (directory === undefined || node === undefined) return
    if (node instanceof DirectoryNode) {
      for (const inside of [...node.entries.keys()]) {
        this.remove(`${path}/${inside}`)
      }
    }
    this.#change([{ directory, name, node: undefined }])
  }

  /** Writes chunks one after the other. */
  write(file: FileNode, position: number, chunks: ReadonlyArray<Uint8Array>): void {
    let end = position
    for (let i = 0; i < chunks.length; i++) {
      writeInto(file, end, chunks[i]!)
      end += chunks[i]!.length
    }
    if (end > position) this.observer?.wrote(file, position, end - position)
  }

  truncate(file: FileNode, sizeBytes: number): void {
    resize(file, sizeBytes)
    this.observer?.truncated(file, sizeBytes)
  }

  #change(steps: ReadonlyArray<NameStep>): void {
    for (const { directory, name, node } of steps) {
      if (node === undefined) directory.entries.delete(name)
      else directory.entries.set(name, node)
    }
    this.observer?.named(steps)
  }
}

/** An empty volume in memory. */
export const makeMemoryVolume = (options: MemoryVolumeOptions = {}): MemoryVolume => new MemoryVolume(options)
