import { type LogFile, LogFiles } from "@kafka-broker/core/seams"
import { Effect } from "effect"
import type { SimLife } from "./SimLife.ts"
import type { SimLoop } from "./SimLoop.ts"

/** What one life of the broker does to the disk goes through here. */
export interface DiskGateOptions {
  readonly life: SimLife
  readonly loop: SimLoop
  /** Called before each operation that changes something; the world may end the life in it. */
  readonly onChange: () => void
}

/** A disk behind a gate. */
export interface DiskGate {
  readonly files: LogFiles["Service"]
  /** Files that are open. */
  readonly handles: () => number
}

/**
 * The disk as one life of the broker sees it: every operation is noted in the trace, and none is done once the life is
 * over, so that nothing of it touches what the next life reads.
 */
export const makeDiskGate = (files: LogFiles["Service"], { life, loop, onChange }: DiskGateOptions): DiskGate => {
  let handles = 0
  const note = (operation: string, path: string, detail: number): void => {
    if (!life.isOver) {
      loop.trace.note(loop.nowMicros, "Disk", loop.trace.place(operation), loop.trace.place(path), detail)
    }
  }
  /** Whether the operation may still be done. */
  const enter = (operation: string, path: string, detail: number, isChange: boolean): boolean => {
    if (isChange && !life.isOver) onChange()
    note(operation, path, detail)
    return !life.isOver
  }
  const guard = <A, E, R>(
    operation: string,
    path: string,
    isChange: boolean,
    effect: Effect.Effect<A, E, R>,
    detail = 0
  ): Effect.Effect<A, E, R> => Effect.suspend(() => enter(operation, path, detail, isChange) ? effect : Effect.never)
  const bytesOf = (chunks: ReadonlyArray<Uint8Array>): number => {
    let sizeBytes = 0
    for (let i = 0; i < chunks.length; i++) sizeBytes += chunks[i]!.length
    return sizeBytes
  }

  const gated = (file: LogFile): LogFile => {
    const { path } = file
    handles++
    let isOpen = true
    const appendNow = file.appendNow === undefined ? undefined : (chunks: ReadonlyArray<Uint8Array>): boolean => {
      if (!enter("appendNow", path, bytesOf(chunks), true)) return false
      return file.appendNow!(chunks)
    }
    return {
      path,
      get sizeBytes() {
        return file.sizeBytes
      },
      append: (chunks) => guard("append", path, true, file.append(chunks), bytesOf(chunks)),
      ...(appendNow === undefined ? {} : { appendNow }),
      readAt: (position, lengthBytes, allocate) =>
        guard("readAt", path, false, file.readAt(position, lengthBytes, allocate), position),
      sync: guard("sync", path, true, file.sync),
      truncate: (sizeBytes) => guard("truncate", path, true, file.truncate(sizeBytes), sizeBytes),
      close: Effect.suspend(() => {
        if (isOpen) handles--
        isOpen = false
        return guard("close", path, false, file.close)
      })
    }
  }

  const gate = LogFiles.of({
    open: (path, options) =>
      guard("open", path, options.create, Effect.map(files.open(path, options), gated), options.create ? 1 : 0),
    list: (path) => guard("list", path, false, files.list(path)),
    sizeOf: (path) => guard("sizeOf", path, false, files.sizeOf(path)),
    makeDirectory: (path) => guard("makeDirectory", path, true, files.makeDirectory(path)),
    syncDirectory: (path) => guard("syncDirectory", path, true, files.syncDirectory(path)),
    rename: (from, to) => guard(`rename to ${to}`, from, true, files.rename(from, to)),
    remove: (path) => guard("remove", path, true, files.remove(path)),
    lock: (path) => guard("lock", path, false, files.lock(path)),
    location: files.location,
    volume: files.volume
  })
  return { files: gate, handles: () => handles }
}
