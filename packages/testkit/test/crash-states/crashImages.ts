import { DirectoryNode, type FileNode, type NameStep } from "@kafka-broker/core/seams"
import { hash } from "node:crypto"
import type { CrashChoices, SectorFate, UnsyncedChanges } from "../../src/simulation/UnsyncedChanges.ts"

/** One thing that a crash decides, and what it may decide in place of what was assumed. */
interface Question {
  readonly key: string
  readonly otherwise: ReadonlyArray<Answer>
}
type Answer = boolean | SectorFate

/** What of the changes that were not synced is there, but for the deviations of an image. */
type Assumed = "Kept" | "Lost"

/** Names what a crash decides, the same for the same decision in every image of one moment. */
class Keys {
  private readonly numbers = new Map<object, number>()
  private readonly asked = new Map<object, number>()

  of(of: object): string {
    let number = this.numbers.get(of)
    if (number === undefined) this.numbers.set(of, number = this.numbers.size)
    const times = this.asked.get(of) ?? 0
    this.asked.set(of, times + 1)
    return `${number}/${times}`
  }

  beginImage(): void {
    this.asked.clear()
  }
}

const sectorOtherwise = (assumed: Assumed, writes: number, sizeBytes: number): ReadonlyArray<SectorFate> => [
  { _tag: "Written", writes: assumed === "Kept" ? 0 : writes },
  ...(writes > 1 ? [{ _tag: "Written", writes: writes >> 1 } as const] : []),
  ...(sizeBytes > 1 ? [{ _tag: "Torn", keptBytes: sizeBytes >> 1 } as const] : []),
  { _tag: "Zeroed" }
]

const choicesOf = (
  keys: Keys,
  assumed: Assumed,
  deviations: ReadonlyMap<string, Answer>,
  onQuestion: (question: Question) => void
): CrashChoices => {
  const isKept = assumed === "Kept"
  const yesOrNo = (of: object): boolean => {
    const key = keys.of(of)
    onQuestion({ key, otherwise: [!isKept] })
    return (deviations.get(key) as boolean | undefined) ?? isKept
  }
  return {
    isNameKept: (steps: ReadonlyArray<NameStep>) => yesOrNo(steps),
    isTruncationKept: (file: FileNode) => yesOrNo(file),
    sector: (file, writes, sizeBytes) => {
      const key = keys.of(file)
      onQuestion({ key, otherwise: sectorOtherwise(assumed, writes, sizeBytes) })
      return (deviations.get(key) as SectorFate | undefined) ?? { _tag: "Written", writes: isKept ? writes : 0 }
    }
  }
}

/** A tree of files as one crash leaves it. */
export interface CrashImage {
  readonly hash: string
  readonly root: DirectoryNode
}

/** Makes equal files one object, so that thousands of images take little memory, and tells equal images apart. */
export class ImageStore {
  private readonly files = new Map<string, FileNode>()
  private readonly hashes = new WeakMap<FileNode, string>()

  keep(root: DirectoryNode): CrashImage {
    let description = ""
    const keepAll = (directory: DirectoryNode): void => {
      for (const name of [...directory.entries.keys()].toSorted()) {
        const node = directory.entries.get(name)!
        description += `${name}\n`
        if (node instanceof DirectoryNode) {
          keepAll(node)
          description += "..\n"
        } else {
          const file = this.keepFile(node)
          directory.entries.set(name, file)
          description += `${this.hashes.get(file)}\n`
        }
      }
    }
    keepAll(root)
    return { hash: hash("sha1", description, "base64"), root }
  }

  private keepFile(file: FileNode): FileNode {
    if (this.hashes.has(file)) return file
    const key = hash("sha1", file.bytes.subarray(0, file.sizeBytes), "base64")
    const known = this.files.get(key)
    if (known !== undefined) return known
    this.files.set(key, file)
    this.hashes.set(file, key)
    return file
  }
}

/** A tree that may be written to. */
export const copyOfTree = (directory: DirectoryNode): DirectoryNode => {
  const copy = new DirectoryNode()
  for (const [name, node] of directory.entries) {
    copy.entries.set(
      name,
      node instanceof DirectoryNode
        ? copyOfTree(node)
        : { bytes: node.bytes.slice(0, node.sizeBytes), sizeBytes: node.sizeBytes }
    )
  }
  return copy
}

/**
 * The images that a crash at this moment can leave, with at most two deviations from all that was not synced being there,
 * and from none of it. Of the pairs at most `pairsMax` are taken, evenly spread.
 */
export const imagesOf = function*(
  unsynced: UnsyncedChanges,
  store: ImageStore,
  pairsMax: number
): Generator<CrashImage> {
  const keys = new Keys()
  for (const assumed of ["Kept", "Lost"] as const) {
    const make = (deviations: ReadonlyMap<string, Answer>, onQuestion: (question: Question) => void = () => {}) => {
      keys.beginImage()
      return store.keep(unsynced.image(choicesOf(keys, assumed, deviations, onQuestion)))
    }
    const single: Array<readonly [string, Answer]> = []
    yield make(new Map(), ({ key, otherwise }) => {
      for (const answer of otherwise) single.push([key, answer])
    })
    for (const one of single) yield make(new Map([one]))
    const pairs = single.length * (single.length - 1) / 2
    const step = Math.max(1, Math.ceil(pairs / pairsMax))
    let at = 0
    for (let first = 0; first < single.length; first++) {
      for (let second = first + 1; second < single.length; second++) {
        if (at++ % step === 0 && single[first]![0] !== single[second]![0]) {
          yield make(new Map([single[first]!, single[second]!]))
        }
      }
    }
  }
}
