import * as Fs from "node:fs"
import { type FloorDurability, FloorPartition } from "./FloorPartition.ts"

/** A topic of the floor server. */
export interface FloorTopic {
  readonly name: string
  /** The name in UTF-8, to be compared without decoding. */
  readonly nameBytes: Uint8Array
  readonly partitions: ReadonlyArray<FloorPartition>
}

/** All topics, found by the bytes of their name. */
export class FloorTopics {
  readonly byName = new Map<string, FloorTopic>()
  private readonly dataDir: string
  private readonly durability: FloorDurability
  private readonly onPending: (partition: FloorPartition) => void
  private last: FloorTopic | undefined

  /** `durability` is that of topics that do not ask for more. */
  constructor(dataDir: string, durability: FloorDurability, onPending: (partition: FloorPartition) => void) {
    this.dataDir = dataDir
    this.durability = durability
    this.onPending = onPending
    Fs.mkdirSync(dataDir, { recursive: true })
  }

  create(name: string, partitionCount: number, isSynced: boolean): boolean {
    if (this.byName.has(name)) return false
    const durability = isSynced && this.durability === "page-cache" ? "sync" : this.durability
    const partitions = Array.from(
      { length: partitionCount },
      (_, index) => new FloorPartition(`${this.dataDir}/${name}-${index}.log`, durability, this.onPending)
    )
    this.byName.set(name, { name, nameBytes: Buffer.from(name), partitions })
    return true
  }

  delete(name: string): boolean {
    const topic = this.byName.get(name)
    if (topic === undefined) return false
    this.byName.delete(name)
    if (this.last === topic) this.last = undefined
    for (const partition of topic.partitions) partition.remove()
    return true
  }

  /** The topic named by `bytes[start, start + length)`; requests mostly repeat the last one. */
  find(bytes: Uint8Array, start: number, length: number): FloorTopic | undefined {
    const last = this.last
    if (last !== undefined && isSame(last.nameBytes, bytes, start, length)) return last
    const found = this.byName.get(Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString())
    if (found !== undefined) this.last = found
    return found
  }
}

const isSame = (name: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean => {
  if (name.length !== length) return false
  for (let index = 0; index < length; index++) if (name[index] !== bytes[start + index]) return false
  return true
}
