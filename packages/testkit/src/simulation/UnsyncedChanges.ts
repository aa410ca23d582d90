import {
  DirectoryNode,
  emptyFile,
  type FileNode,
  type NameStep,
  resize,
  type VolumeNode,
  type VolumeObserver,
  writeInto
} from "@kafka-broker/core/seams"

/** What a disk writes whole or not at all, unless it tears. */
const SECTOR_BYTES = 512
/** What a system writes of a file at least. */
const PAGE_BYTES = 4096

/** What a crash made of the bytes of one sector that were written and not synced. */
export type SectorFate =
  /** The first `writes` of them are there: 0 for none, all of them as if it had been synced. */
  | { readonly _tag: "Written"; readonly writes: number }
  /** All were on the way; only the first bytes arrived. */
  | { readonly _tag: "Torn"; readonly keptBytes: number }
  | { readonly _tag: "Zeroed" }
  | { readonly _tag: "Garbage"; readonly byteAt: () => number }

/** Decides what a crash leaves of each change that was not synced. Called in the same order for the same disk. */
export interface CrashChoices {
  isNameKept(steps: ReadonlyArray<NameStep>): boolean
  isTruncationKept(file: FileNode): boolean
  /** `writes` is how often the sector was written, `sizeBytes` how many of its bytes. */
  sector(file: FileNode, writes: number, sizeBytes: number): SectorFate
}

type ContentChange =
  | {
    readonly order: number
    readonly _tag: "Write"
    readonly position: number
    bytes: Uint8Array
    /** A sync failed: the system takes it for written, so that no later sync writes it. */
    isDoubtful: boolean
  }
  | { readonly order: number; readonly _tag: "Truncate"; readonly sizeBytes: number }
type Write = Extract<ContentChange, { readonly _tag: "Write" }>

interface NameChange {
  readonly order: number
  readonly steps: ReadonlyArray<NameStep>
  /** As of a write. */
  isDoubtful: boolean
}

/** A file as the disk has it for certain, and what was done to it since. */
interface StoredFile {
  content: FileNode
  /** The content is part of an image, which must not change. */
  isShared: boolean
  changes: Array<ContentChange>
}

const copyOf = (file: FileNode): FileNode => ({ bytes: file.bytes.slice(0, file.sizeBytes), sizeBytes: file.sizeBytes })

/** Nothing of the write is left from this size on. */
const cut = (write: Write, sizeBytes: number): void => {
  write.bytes = write.bytes.subarray(0, Math.max(0, sizeBytes - write.position))
}

const own = (stored: StoredFile): void => {
  if (stored.isShared) stored.content = copyOf(stored.content)
  stored.isShared = false
}

interface Piece {
  readonly position: number
  readonly bytes: Uint8Array
}

/** The parts of writes by the sectors they fall into, in the order of the file. */
const bySector = (writes: ReadonlyArray<Write>): ReadonlyArray<ReadonlyArray<Piece>> => {
  const sectors = new Map<number, Array<Piece>>()
  for (const { bytes, position } of writes) {
    for (let from = position; from < position + bytes.length;) {
      const sector = Math.floor(from / SECTOR_BYTES)
      const to = Math.min(position + bytes.length, (sector + 1) * SECTOR_BYTES)
      const piece = { position: from, bytes: bytes.subarray(from - position, to - position) }
      const pieces = sectors.get(sector)
      if (pieces === undefined) sectors.set(sector, [piece])
      else pieces.push(piece)
      from = to
    }
  }
  return [...sectors].toSorted(([one], [other]) => one - other).map(([, pieces]) => pieces)
}

const applySector = (content: FileNode, pieces: ReadonlyArray<Piece>, file: FileNode, choices: CrashChoices): void => {
  const from = Math.min(...pieces.map(({ position }) => position))
  const to = Math.max(...pieces.map(({ bytes, position }) => position + bytes.length))
  const fate = choices.sector(file, pieces.length, to - from)
  if (fate._tag === "Written") {
    for (const { bytes, position } of pieces.slice(0, fate.writes)) writeInto(content, position, bytes)
    return
  }
  const whole = emptyFile()
  for (const { bytes, position } of pieces) writeInto(whole, position - from, bytes)
  let result = whole.bytes.subarray(0, to - from)
  if (fate._tag === "Torn") result = result.subarray(0, fate.keptBytes)
  else if (fate._tag === "Zeroed") result.fill(0)
  else for (let i = 0; i < result.length; i++) result[i] = fate.byteAt()
  writeInto(content, from, result)
}

/**
 * What of a volume is on stable storage, and which changes are not: content until its file is synced, names until their
 * directory is. From both it makes the tree that a crash leaves. Bytes that were synced stay as they are, also when their
 * sector is written again.
 */
export class UnsyncedChanges implements VolumeObserver {
  private files = new WeakMap<FileNode, StoredFile>()
  private directories = new WeakMap<DirectoryNode, Map<string, VolumeNode>>()
  private names: Array<NameChange> = []
  private changes = 0

  /** How many changes there were: what a sync that begins now covers. */
  get order(): number {
    return this.changes
  }

  wrote(file: FileNode, position: number, sizeBytes: number): void {
    const bytes = file.bytes.slice(position, position + sizeBytes)
    const { changes } = this.stored(file)
    // The system writes whole pages, and so what a failed sync left out of them too.
    const pageFrom = position - position % PAGE_BYTES
    for (const change of changes) {
      if (change._tag === "Write" && change.position + change.bytes.length > pageFrom) change.isDoubtful = false
    }
    changes.push({ order: ++this.changes, _tag: "Write", position, bytes, isDoubtful: false })
  }

  truncated(file: FileNode, sizeBytes: number): void {
    this.stored(file).changes.push({ order: ++this.changes, _tag: "Truncate", sizeBytes })
  }

  named(steps: ReadonlyArray<NameStep>): void {
    for (const change of this.names) {
      if (steps.some(({ directory }) => isOf(change, directory))) change.isDoubtful = false
    }
    this.names.push({ order: ++this.changes, steps, isDoubtful: false })
  }

  /** A sync of the file that began at `order` is done. */
  synced(file: FileNode, order: number): void {
    const stored = this.stored(file)
    if (stored.changes.length === 0) return
    own(stored)
    const left: Array<ContentChange> = []
    for (const change of stored.changes) {
      if (change.order > order || (change._tag === "Write" && change.isDoubtful)) {
        left.push(change)
      } else if (change._tag === "Write") {
        writeInto(stored.content, change.position, change.bytes)
      } else {
        resize(stored.content, change.sizeBytes)
        for (const before of left) if (before._tag === "Write") cut(before, change.sizeBytes)
      }
    }
    stored.changes = left
  }

  /** A sync of the file failed. */
  syncFailed(file: FileNode, order: number): void {
    for (const change of this.stored(file).changes) {
      if (change._tag === "Write" && change.order <= order) change.isDoubtful = true
    }
  }

  /** A stored byte changed by itself. */
  rotted(file: FileNode, position: number, byte: number): void {
    const stored = this.stored(file)
    own(stored)
    const { content } = stored
    if (position < content.sizeBytes) content.bytes[position] = byte
  }

  /** A sync of the directory that began at `order` is done. */
  directorySynced(directory: DirectoryNode, order: number): void {
    this.names = this.names.filter((change) => {
      const isCovered = change.order <= order && !change.isDoubtful && isOf(change, directory)
      if (isCovered) { for (const step of change.steps) this.applyName(step) }
      return !isCovered
    })
  }

  /** A sync of the directory failed. */
  directorySyncFailed(directory: DirectoryNode, order: number): void {
    for (const change of this.names) if (change.order <= order && isOf(change, directory)) change.isDoubtful = true
  }

  /** What a crash leaves now. Files that no change is left of are the same objects in every image until they change. */
  image(choices: CrashChoices): DirectoryNode {
    const tables = new Map<DirectoryNode, Map<string, VolumeNode>>()
    const tableOf = (directory: DirectoryNode): Map<string, VolumeNode> => {
      let table = tables.get(directory)
      if (table === undefined) tables.set(directory, table = new Map(this.table(directory)))
      return table
    }
    for (const { steps } of this.names) {
      if (choices.isNameKept(steps)) { for (const step of steps) setName(tableOf(step.directory), step) }
    }
    const copies = new Map<VolumeNode, VolumeNode>()
    const copyNode = (node: VolumeNode): VolumeNode => {
      let copy = copies.get(node)
      if (copy !== undefined) return copy
      copy = node instanceof DirectoryNode ? new DirectoryNode() : this.contentAfterCrash(node, choices)
      copies.set(node, copy)
      if (node instanceof DirectoryNode) {
        for (const [name, inside] of tableOf(node)) (copy as DirectoryNode).entries.set(name, copyNode(inside))
      }
      return copy
    }
    return copyNode(this.root) as DirectoryNode
  }

  private root: DirectoryNode

  /** All that the tree holds is on stable storage. */
  constructor(root: DirectoryNode) {
    this.root = root
    this.adopt(root)
  }

  /** From now on this tree is what the disk has. */
  adopt(root: DirectoryNode): void {
    this.root = root
    this.files = new WeakMap()
    this.directories = new WeakMap()
    this.names = []
    this.store(root)
  }

  private store(node: VolumeNode): void {
    if (!(node instanceof DirectoryNode)) this.files.set(node, { content: copyOf(node), isShared: false, changes: [] })
    else {
      this.directories.set(node, new Map(node.entries))
      for (const inside of node.entries.values()) this.store(inside)
    }
  }

  private contentAfterCrash(file: FileNode, choices: CrashChoices): FileNode {
    const stored = this.stored(file)
    const { changes } = stored
    if (changes.length === 0) {
      stored.isShared = true
      return stored.content
    }
    const content = copyOf(stored.content)
    for (let from = 0; from < changes.length;) {
      const change = changes[from]!
      if (change._tag === "Truncate") {
        if (choices.isTruncationKept(file)) resize(content, change.sizeBytes)
        from++
        continue
      }
      const writes: Array<Write> = []
      for (let next = changes[from]; next?._tag === "Write"; next = changes[++from]) writes.push(next)
      for (const pieces of bySector(writes)) applySector(content, pieces, file, choices)
    }
    return content
  }

  private stored(file: FileNode): StoredFile {
    let stored = this.files.get(file)
    if (stored === undefined) this.files.set(file, stored = { content: emptyFile(), isShared: false, changes: [] })
    return stored
  }

  private table(directory: DirectoryNode): Map<string, VolumeNode> {
    let table = this.directories.get(directory)
    if (table === undefined) this.directories.set(directory, table = new Map())
    return table
  }

  private applyName(step: NameStep): void {
    setName(this.table(step.directory), step)
  }
}

const isOf = ({ steps }: NameChange, directory: DirectoryNode): boolean =>
  steps.some((step) => step.directory === directory)

const setName = (table: Map<string, VolumeNode>, { name, node }: NameStep): void => {
  if (node === undefined) table.delete(name)
  else table.set(name, node)
}
