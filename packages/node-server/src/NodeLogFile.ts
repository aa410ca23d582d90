import { type Allocate, type LogFile, LogFilesError, type LogFilesReason } from "@kafka-broker/core/seams"
import { Effect } from "effect"
import * as Fs from "node:fs"

/** Appends of fewer bytes are written at once: the system call costs less than the way through the thread pool. */
const SYNC_WRITE_BYTES = 32 * 1024
/** Reads of at most this many bytes are done at once; larger ones could wait long for a cold disk. */
const SYNC_READ_BYTES = 64 * 1024
/** Chunks of one vectored write: what every system allows (IOV_MAX). */
const CHUNKS_PER_WRITE = 1024
/** Reads below this size share slabs of Node's buffer pool. */
const POOLED_READ_BYTES = 4 * 1024

const reasons: Readonly<Record<string, LogFilesReason>> = {
  ENOENT: "NotFound",
  ENOSPC: "NoSpace",
  EDQUOT: "NoSpace",
  EFBIG: "NoSpace",
  EROFS: "ReadOnly",
  EACCES: "Denied",
  EPERM: "Denied"
}

/** The reason for an `errno` code such as `ENOSPC`. */
export const reasonOf = (code: string | undefined): LogFilesReason => reasons[code ?? ""] ?? "Io"

/** The failure of an operation of `node:fs`. */
export const fileError = (operation: string, path: string, cause: unknown): LogFilesError => {
  const error = cause as NodeJS.ErrnoException
  return new LogFilesError({ operation, path, reason: reasonOf(error.code), message: error.message })
}

/** Small appends of several chunks are put together here; used and left within one call. */
const staging = new Uint8Array(SYNC_WRITE_BYTES)

const newMemory: Allocate = (sizeBytes) => {
  const buffer = sizeBytes < POOLED_READ_BYTES ? Buffer.allocUnsafe(sizeBytes) : Buffer.allocUnsafeSlow(sizeBytes)
  return new Uint8Array(buffer.buffer, buffer.byteOffset, sizeBytes)
}

const writeAllSync = (fd: number, bytes: Uint8Array, lengthBytes: number, position: number): void => {
  let done = 0
  // A short write is a normal result, not an error.
  while (done < lengthBytes) done += Fs.writeSync(fd, bytes, done, lengthBytes - done, position + done)
}

const remainingChunks = (chunks: ReadonlyArray<Uint8Array>, skipBytes: number): Array<Uint8Array> => {
  const rest: Array<Uint8Array> = []
  let skip = skipBytes
  for (const chunk of chunks) {
    if (rest.length === CHUNKS_PER_WRITE) break
    if (skip < chunk.length) rest.push(skip === 0 ? chunk : chunk.subarray(skip))
    skip = Math.max(0, skip - chunk.length)
  }
  return rest
}

/** One file over a descriptor. It is closed only when no operation is under way: the system reuses descriptors. */
export class NodeLogFile implements LogFile {
  readonly path: string
  readonly #fd: number
  #sizeBytes: number
  #pending = 0
  #closed = false
  #onIdle: (() => void) | undefined

  constructor(path: string, fd: number, sizeBytes: number) {
    this.path = path
    this.#fd = fd
    this.#sizeBytes = sizeBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  append(chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#closed) return this.#closedError("append")
      let total = 0
      for (let i = 0; i < chunks.length; i++) total += chunks[i]!.length
      if (total >= SYNC_WRITE_BYTES) return this.#appendLarge(chunks, total)
      try {
        this.#appendSmall(chunks, total)
      } catch (error) {
        return Effect.fail(fileError("append", this.path, error))
      }
      return Effect.void
    })
  }

  appendNow(chunks: ReadonlyArray<Uint8Array>): boolean {
    let total = 0
    for (let i = 0; i < chunks.length; i++) total += chunks[i]!.length
    if (this.#closed || total >= SYNC_WRITE_BYTES) return false
    try {
      this.#appendSmall(chunks, total)
      return true
    } catch {
      // The size has not moved: `append` writes to the same place, and reports what happens.
      return false
    }
  }

  #appendSmall(chunks: ReadonlyArray<Uint8Array>, total: number): void {
    if (chunks.length === 1) {
      writeAllSync(this.#fd, chunks[0]!, total, this.#sizeBytes)
    } else {
      for (let i = 0, at = 0; i < chunks.length; i++) {
        staging.set(chunks[i]!, at)
        at += chunks[i]!.length
      }
      writeAllSync(this.#fd, staging, total, this.#sizeBytes)
    }
    this.#sizeBytes += total
  }

  #appendLarge(chunks: ReadonlyArray<Uint8Array>, total: number): Effect.Effect<void, LogFilesError> {
    const start = this.#sizeBytes
    return this.#async("append", (done) => {
      let written = 0
      const next = (error: NodeJS.ErrnoException | null, count: number): void => {
        if (error !== null) return done(error)
        written += count
        if (written < total) return write()
        this.#sizeBytes = start + total
        done(null)
      }
      const write = (): void => {
        const rest = remainingChunks(chunks, written)
        if (rest.length === 1) Fs.write(this.#fd, rest[0]!, 0, rest[0]!.length, start + written, next)
        else Fs.writev(this.#fd, rest, start + written, next)
      }
      write()
    })
  }

  readAt(
    position: number,
    lengthBytes: number,
    allocate: Allocate = newMemory
  ): Effect.Effect<Uint8Array, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#closed) return this.#closedError("readAt")
      const length = Math.max(0, Math.min(lengthBytes, this.#sizeBytes - position))
      const target = allocate(length)
      if (length > SYNC_READ_BYTES) return this.#readLarge(target, position)
      try {
        let done = 0
        while (done < length) {
          const count = Fs.readSync(this.#fd, target, done, length - done, position + done)
          if (count === 0) break
          done += count
        }
        return Effect.succeed(done === length ? target : target.subarray(0, done))
      } catch (error) {
        return Effect.fail(fileError("readAt", this.path, error))
      }
    })
  }

  #readLarge(target: Uint8Array, position: number): Effect.Effect<Uint8Array, LogFilesError> {
    let total = 0
    const work = this.#async("readAt", (done) => {
      const next = (error: NodeJS.ErrnoException | null, count: number): void => {
        if (error !== null) return done(error)
        total += count
        if (count === 0 || total === target.length) done(null)
        else read()
      }
      const read = () => Fs.read(this.#fd, target, total, target.length - total, position + total, next)
      read()
    })
    return Effect.map(work, () => total === target.length ? target : target.subarray(0, total))
  }

  get sync(): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() =>
      this.#closed ? this.#closedError("sync") : this.#async("sync", (done) => Fs.fdatasync(this.#fd, done))
    )
  }

  truncate(sizeBytes: number): Effect.Effect<void, LogFilesError> {
    return Effect.suspend(() => {
      if (this.#closed) return this.#closedError("truncate")
      try {
        Fs.ftruncateSync(this.#fd, sizeBytes)
      } catch (error) {
        return Effect.fail(fileError("truncate", this.path, error))
      }
      this.#sizeBytes = sizeBytes
      return Effect.void
    })
  }

  get close(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      if (this.#closed) return resume(Effect.void)
      this.#closed = true
      const end = () => {
        // What an earlier sync did not report, close would not report dependably either.
        Fs.close(this.#fd, () => resume(Effect.void))
      }
      if (this.#pending === 0) end()
      else this.#onIdle = end
    })
  }

  #closedError(operation: string): Effect.Effect<never, LogFilesError> {
    return Effect.fail(
      new LogFilesError({ operation, path: this.path, reason: "Io", message: "the file is closed" })
    )
  }

  /** The operation goes on in the thread pool even when nobody waits any more, so it is not interruptible. */
  #async(
    operation: string,
    run: (done: (error: NodeJS.ErrnoException | null) => void) => void
  ): Effect.Effect<void, LogFilesError> {
    return Effect.uninterruptible(Effect.callback<void, LogFilesError>((resume) => {
      this.#pending++
      run((error) => {
        this.#pending--
        resume(error === null ? Effect.void : Effect.fail(fileError(operation, this.path, error)))
        if (this.#pending === 0) this.#onIdle?.()
      })
    }))
  }
}
