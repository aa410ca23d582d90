import {
  type LogFile,
  LogFiles,
  type LogFilesError,
  makeMemoryLogFiles,
  type MemoryVolume
} from "@kafka-broker/core/seams"
import { Effect, Layer } from "effect"
import type { SimDiskFaults } from "./SimDiskFaults.ts"
import { SimDiskFile } from "./SimDiskFile.ts"
import type { UnsyncedChanges } from "./UnsyncedChanges.ts"
import { ioError, type SimDiskOptions, SimDiskState } from "./SimDiskState.ts"

/** A disk that fails, delays and forgets as a seed says, and outlives the broker that uses it. */
export interface SimDisk {
  readonly layer: Layer.Layer<LogFiles>
  /** What the system shows of the files now; reads of it never fail. */
  readonly volume: MemoryVolume
  /** What of it a crash could still take. */
  readonly unsynced: UnsyncedChanges
  /** May be changed while the disk is in use. */
  readonly faults: SimDiskFaults
  /** The power is cut: what was not synced becomes one of the images that a disk may have then. Handles fail from now on. */
  crash(): void
  /** The process is gone: the system has all that was written. Handles fail from now on. */
  kill(): void
  /** Flips a bit of a stored file; false when all files are empty. */
  rot(): boolean
}

const makeFiles = (state: SimDiskState): LogFiles["Service"] => {
  const { faults, unsynced, volume } = state
  const memory = makeMemoryLogFiles(volume)
  const faulty = <A>(operation: string, path: string, rate: () => number, run: Effect.Effect<A, LogFilesError>) =>
    Effect.suspend(() => {
      const done = state.happens(rate()) ? ioError(operation, path, "EIO") : run
      return state.later(operation, path, faults.latencyMsMax, done)
    })
  const change = (operation: string, path: string, run: Effect.Effect<void, LogFilesError>) =>
    faulty(operation, path, () => faults.failedWrites, run)
  const syncDirectory = (path: string) =>
    Effect.suspend(() => {
      const { order } = unsynced
      const directory = volume.directories.get(path)
      if (directory === undefined) return memory.syncDirectory(path)
      const isFailed = state.happens(faults.failedSyncs)
      return state.later(
        "syncDirectory",
        path,
        faults.syncMsMax,
        Effect.suspend(() => {
          if (!isFailed) unsynced.directorySynced(directory, order)
          else unsynced.directorySyncFailed(directory, order)
          return isFailed ? ioError("syncDirectory", path, "EIO") : Effect.void
        })
      )
    })
  return LogFiles.of({
    ...memory,
    open: (path, options) =>
      faulty(
        "open",
        path,
        () => faults.failedOpens,
        Effect.map(memory.open(path, options), (file): LogFile => new SimDiskFile(state, file, volume.files.get(path)!))
      ),
    list: (path) => faulty("list", path, () => faults.failedLists, memory.list(path)),
    sizeOf: (path) => faulty("sizeOf", path, () => faults.failedReads, memory.sizeOf(path)),
    makeDirectory: (path) => change("makeDirectory", path, memory.makeDirectory(path)),
    syncDirectory,
    rename: (from, to) => change("rename", from, memory.rename(from, to)),
    remove: (path) => change("remove", path, memory.remove(path)),
    location: "simulated disk"
  })
}

/** A simulated disk without any files. */
export const makeSimDisk = (options: SimDiskOptions): SimDisk => {
  const state = new SimDiskState(options)
  return {
    layer: Layer.sync(LogFiles, () => makeFiles(state)),
    volume: state.volume,
    unsynced: state.unsynced,
    faults: state.faults,
    crash: () => state.crash(),
    kill: () => state.endLife(),
    rot: () => state.rot()
  }
}
