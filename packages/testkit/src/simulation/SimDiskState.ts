import {
  DirectoryNode,
  type FileNode,
  LogFilesError,
  makeMemoryVolume,
  type MemoryVolume,
  type VolumeNode
} from "@kafka-broker/core/seams"
import { Effect } from "effect"
import { type DiskRandom, drawCrash } from "./drawCrash.ts"
import { noDiskFaults, type SimDiskFaults } from "./SimDiskFaults.ts"
import { UnsyncedChanges } from "./UnsyncedChanges.ts"

/** What a simulated disk is made of. */
export interface SimDiskOptions {
  /** All that is not determined is drawn from it, in the order of the operations. */
  readonly random: DiskRandom
  /** Default: none. */
  readonly faults?: Partial<SimDiskFaults>
  /** Bytes of all files together; the append that would exceed it leaves a prefix and fails with `NoSpace`. Default: no bound. */
  readonly capacityBytes?: number
}

/** Draws faults of one disk, and knows its handles apart by the life in which they were opened. */
export class SimDiskState {
  readonly volume: MemoryVolume
  readonly unsynced: UnsyncedChanges
  readonly faults: SimDiskFaults
  readonly random: DiskRandom
  /** Rises with each crash and kill. */
  life = 0

  constructor({ capacityBytes, faults, random }: SimDiskOptions) {
    this.volume = makeMemoryVolume(capacityBytes === undefined ? {} : { capacityBytes })
    this.unsynced = new UnsyncedChanges(this.volume.root)
    this.volume.observer = this.unsynced
    this.faults = { ...noDiskFaults, ...faults }
    this.random = random
  }

  /** Nothing is drawn for what cannot happen, so that a fault that is switched off does not change the others. */
  happens(rate: number): boolean {
    return rate > 0 && this.random.next() < rate
  }

  /** A whole number from 0 to below the bound. */
  below(bound: number): number {
    return Math.floor(this.random.next() * bound)
  }

  /** Runs an operation after a time of up to `msMax`, unless its life ended meanwhile. */
  later<A>(
    operation: string,
    path: string,
    msMax: number,
    run: Effect.Effect<A, LogFilesError>
  ): Effect.Effect<A, LogFilesError> {
    const { life } = this
    const go = Effect.suspend(() => this.life === life ? run : ioError(operation, path, "the disk is gone"))
    // The operation goes on in the system even when nothing waits any more, so it is not interruptible.
    return msMax > 0 ? Effect.uninterruptible(Effect.andThen(Effect.sleep(this.random.next() * msMax), go)) : go
  }

  endLife(): void {
    this.life++
    this.volume.locks.clear()
  }

  crash(): void {
    this.endLife()
    const root = this.unsynced.image(drawCrash(this.random))
    this.volume.root = root
    this.unsynced.adopt(root)
    if (this.happens(this.faults.rottenCrashes)) this.rot()
  }

  rot(): boolean {
    const files = filesIn(this.volume.root).filter(({ sizeBytes }) => sizeBytes > 0)
    if (files.length === 0) return false
    const file = files[this.below(files.length)]!
    const at = this.below(file.sizeBytes)
    const flipped = file.bytes[at]! ^ (1 << this.below(8))
    file.bytes[at] = flipped
    this.unsynced.rotted(file, at, flipped)
    return true
  }
}

const filesIn = (node: VolumeNode): ReadonlyArray<FileNode> =>
  node instanceof DirectoryNode ? [...node.entries.values()].flatMap(filesIn) : [node]

/** An `Io` failure, as of a device error. */
export const ioError = (operation: string, path: string, message: string): LogFilesError =>
  new LogFilesError({ operation, path, reason: "Io", message })
