import type { Allocate, FileNode, LogFile, LogFilesError } from "@kafka-broker/core/seams"
import { Effect, Latch } from "effect"
import { ioError, type SimDiskState } from "./SimDiskState.ts"

const totalOf = (chunks: ReadonlyArray<Uint8Array>): number => {
  let total = 0
  for (let i = 0; i < chunks.length; i++) total += chunks[i]!.length
  return total
}

/** The first bytes of chunks. */
const prefixOf = (chunks: ReadonlyArray<Uint8Array>, sizeBytes: number): ReadonlyArray<Uint8Array> => {
  const prefix: Array<Uint8Array> = []
  let left = sizeBytes
  for (let i = 0; left > 0; i++) {
    prefix.push(chunks[i]!.subarray(0, left))
    left -= chunks[i]!.length
  }
  return prefix
}

/** One open file of a simulated disk. */
export class SimDiskFile implements LogFile {
  readonly path: string
  readonly #state: SimDiskState
  readonly #file: LogFile
  readonly #node: FileNode
  readonly #life: number
  #pending = 0
  readonly #idle = Latch.makeUnsafe(true)

  constructor(state: SimDiskState, file: LogFile, node: FileNode) {
    this.path = file.path
    this.#state = state
    this.#file = file
    this.#node = node
    this.#life = state.life
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes
  }

  append(chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogFilesError> {
    return this.#do("append", () => {
      const { faults } = this.#state
      if (this.#state.happens(faults.failedWrites)) {
        this.#writePrefix(chunks)
        return ioError("append", this.path, "EIO")
      }
      if (this.#state.happens(faults.shortWrites)) this.#writePrefix(chunks)
      return Effect.tapError(this.#slowly("append", this.#file.append(chunks)), (error) =>
        Effect.sync(() => {
          if (error.reason === "NoSpace") this.#fillVolume(chunks)
        }))
    })
  }

  appendNow(chunks: ReadonlyArray<Uint8Array>): boolean {
    const { faults } = this.#state
    if (this.#isGone) return false
    if (this.#state.happens(faults.failedWrites) || this.#state.happens(faults.shortWrites)) {
      this.#writePrefix(chunks)
      return false
    }
    // A slow disk makes the system wait with its cache full; then the other path is taken.
    if (faults.latencyMsMax > 0 && this.#state.happens(0.5)) return false
    return this.#file.appendNow!(chunks)
  }

  readAt(position: number, lengthBytes: number, allocate?: Allocate): Effect.Effect<Uint8Array, LogFilesError> {
    return this.#do("readAt", () =>
      this.#state.happens(this.#state.faults.failedReads)
        ? ioError("readAt", this.path, "EIO")
        : this.#slowly("readAt", this.#file.readAt(position, lengthBytes, allocate)))
  }

  get sync(): Effect.Effect<void, LogFilesError> {
    return this.#do("sync", () => {
      const { faults, unsynced } = this.#state
      const { order } = unsynced
      const isFailed = this.#state.happens(faults.failedSyncs)
      const end = Effect.suspend(() => {
        if (!isFailed) unsynced.synced(this.#node, order)
        else unsynced.syncFailed(this.#node, order)
        return isFailed ? ioError("sync", this.path, "EIO") : Effect.void
      })
      return Effect.andThen(this.#file.sync, this.#state.later("sync", this.path, faults.syncMsMax, end))
    })
  }

  truncate(sizeBytes: number): Effect.Effect<void, LogFilesError> {
    return this.#do("truncate", () =>
      this.#state.happens(this.#state.faults.failedWrites)
        ? ioError("truncate", this.path, "EIO")
        : this.#slowly("truncate", this.#file.truncate(sizeBytes)))
  }

  get close(): Effect.Effect<void> {
    return Effect.andThen(this.#idle.await, this.#file.close)
  }

  get #isGone(): boolean {
    return this.#state.life !== this.#life
  }

  #slowly<A>(operation: string, run: Effect.Effect<A, LogFilesError>): Effect.Effect<A, LogFilesError> {
    return this.#state.later(operation, this.path, this.#state.faults.latencyMsMax, run)
  }

  /** A close waits for the operation. */
  #do<A>(operation: string, run: () => Effect.Effect<A, LogFilesError>): Effect.Effect<A, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#isGone) return ioError(operation, this.path, "the disk is gone")
      if (++this.#pending === 1) this.#idle.closeUnsafe()
      return Effect.ensuring(
        Effect.suspend(run),
        Effect.sync(() => {
          if (--this.#pending === 0) this.#idle.openUnsafe()
        })
      )
    })
  }

  #writePrefix(chunks: ReadonlyArray<Uint8Array>): void {
    const total = totalOf(chunks)
    if (total > 0) this.#write(prefixOf(chunks, this.#state.below(total)))
  }

  /** What of an append still fitted is in the file. */
  #fillVolume(chunks: ReadonlyArray<Uint8Array>): void {
    const { volume } = this.#state
    const room = volume.capacityBytes - volume.usedBytes + this.#node.sizeBytes - this.#file.sizeBytes
    if (room > 0) this.#write(prefixOf(chunks, Math.min(room, totalOf(chunks))))
  }

  /** The size of the open file stays: what follows is written over it. */
  #write(chunks: ReadonlyArray<Uint8Array>): void {
    this.#state.volume.write(this.#node, this.#file.sizeBytes, chunks)
  }
}
