import * as Fs from "node:fs"
import * as RecordBatch from "../../../packages/core/src/protocol/records/RecordBatch.ts"

/** Groups of fewer bytes are written at once, larger ones and synced ones through the thread pool. */
const syncWriteBytes = 32 * 1024
/** Bytes of one partition kept in memory behind its end. */
const tailBytesMax = 8 * 1024 * 1024

/** Whether answers wait for stable storage: for none, one sync per group, or one per request. */
export type FloorDurability = "page-cache" | "sync" | "sync-each"

/** Called with the base offset once the batch is in the file, or with -1 when the write failed. */
export type Appended = (baseOffset: number) => void

/** Bytes written in one go, beginning with a whole batch. */
interface Group {
  readonly baseOffset: number
  readonly position: number
  readonly sizeBytes: number
  /** The bytes while they are kept in memory. */
  bytes: ReadonlyArray<Uint8Array> | undefined
}

interface Waiter {
  readonly fetchOffset: number
  readonly wake: () => void
}

/** One partition: a file, the batches that wait for the next write, and where each group of batches lies. */
export class FloorPartition {
  readonly path: string
  readonly isSynced: boolean
  /** Every batch has a write and a sync of its own. */
  readonly isSyncedAlone: boolean
  highWatermark = 0
  private readonly onPending: (partition: FloorPartition) => void
  private fd = -1
  private sizeBytes = 0
  private nextOffset = 0
  private pending: Array<Uint8Array> = []
  private replies: Array<Appended> = []
  private isWriting = false
  private isRemoved = false
  private readonly groups: Array<Group> = []
  private firstKept = 0
  private keptBytes = 0
  private waiters: Array<Waiter> = []

  constructor(path: string, durability: FloorDurability, onPending: (partition: FloorPartition) => void) {
    this.path = path
    this.isSynced = durability !== "page-cache"
    this.isSyncedAlone = durability === "sync-each"
    this.onPending = onPending
  }

  /** Takes a checked batch; it is written with the others of this tick. */
  append(batch: Uint8Array, appended: Appended): void {
    if (this.pending.length === 0 && !this.isWriting) this.onPending(this)
    this.pending.push(batch)
    this.replies.push(appended)
  }

  /** Assigns offsets to everything that waits and writes it. */
  flush(): void {
    const batches = this.pending
    const replies = this.replies
    if (batches.length === 0 || this.isRemoved) return
    this.pending = this.isSyncedAlone ? batches.splice(1) : []
    this.replies = this.isSyncedAlone ? replies.splice(1) : []
    const baseOffset = this.nextOffset
    const offsets: Array<number> = []
    let total = 0
    for (let index = 0; index < batches.length; index++) {
      const batch = batches[index]!
      offsets.push(this.nextOffset)
      RecordBatch.setBaseOffset(batch, 0, this.nextOffset)
      RecordBatch.setPartitionLeaderEpoch(batch, 0, 0)
      this.nextOffset += RecordBatch.lastOffsetDelta(batch, 0) + 1
      total += batch.length
    }
    if (this.fd < 0) this.fd = Fs.openSync(this.path, "w+")
    const position = this.sizeBytes
    this.sizeBytes += total
    const end = this.nextOffset
    if (total < syncWriteBytes && !this.isSynced) {
      const bytes = batches.length === 1 ? batches[0]!.slice() : concatenated(batches, total)
      Fs.writeSync(this.fd, bytes, 0, total, position)
      return this.written({ baseOffset, position, sizeBytes: total, bytes: [bytes] }, end, replies, offsets)
    }
    this.isWriting = true
    const done = (): void => {
      this.isWriting = false
      if (this.isRemoved) this.remove()
      this.written({ baseOffset, position, sizeBytes: total, bytes: batches }, end, replies, offsets)
      if (this.pending.length > 0) this.onPending(this)
    }
    this.writeAll(batches, position, total, () => this.isSynced ? Fs.fdatasync(this.fd, done) : done())
  }

  private writeAll(batches: ReadonlyArray<Uint8Array>, position: number, total: number, done: () => void): void {
    Fs.writev(this.fd, batches, position, (error, count) => {
      if (error !== null) throw error
      if (count === total) return done()
      const rest = concatenated(batches, total).subarray(count)
      this.writeAll([rest], position + count, total - count, done)
    })
  }

  private written(
    group: Group,
    end: number,
    replies: ReadonlyArray<Appended>,
    offsets: ReadonlyArray<number>
  ): void {
    this.highWatermark = end
    this.groups.push(group)
    this.keptBytes += group.sizeBytes
    while (this.keptBytes > tailBytesMax && this.firstKept < this.groups.length - 1) {
      const oldest = this.groups[this.firstKept++]!
      oldest.bytes = undefined
      this.keptBytes -= oldest.sizeBytes
    }
    for (let index = 0; index < replies.length; index++) replies[index]!(offsets[index]!)
    if (this.waiters.length > 0) {
      const waiters = this.waiters
      this.waiters = []
      for (const waiter of waiters) waiter.wake()
    }
  }

  /** Calls `wake` once after the next write. */
  onAppend(fetchOffset: number, wake: () => void): void {
    this.waiters.push({ fetchOffset, wake })
  }

  /** Bytes from the batch of `offset` on, at most `maxBytes` but at least the first group's batch, as chunks. */
  read(offset: number, maxBytes: number, done: (chunks: ReadonlyArray<Uint8Array>) => void): void {
    if (offset >= this.highWatermark) return done([])
    let index = this.groupOf(offset)
    const first = this.groups[index]!
    if (first.bytes === undefined) return this.readFile(offset, first, maxBytes, done)
    const chunks: Array<Uint8Array> = []
    let size = 0
    for (; index < this.groups.length; index++) {
      for (const chunk of this.groups[index]!.bytes!) {
        for (let at = 0, batch; (batch = RecordBatch.nextBatchSize(chunk, at, chunk.length)) > 0; at += batch) {
          if (RecordBatch.lastOffset(chunk, at) < offset) continue
          if (size > 0 && size + batch > maxBytes) return done(chunks)
          const last = chunks[chunks.length - 1]
          if (
            last !== undefined && last.buffer === chunk.buffer &&
            last.byteOffset + last.length === chunk.byteOffset + at
          ) {
            chunks[chunks.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + batch)
          } else chunks.push(chunk.subarray(at, at + batch))
          size += batch
        }
      }
    }
    done(chunks)
  }

  private readFile(offset: number, group: Group, maxBytes: number, done: (chunks: ReadonlyArray<Uint8Array>) => void) {
    const length = Math.min(Math.max(maxBytes, group.sizeBytes), this.sizeBytes - group.position)
    const buffer = Buffer.allocUnsafeSlow(length)
    Fs.read(this.fd, buffer, 0, length, group.position, (error, count) => {
      if (error !== null) throw error
      let start = 0
      let at = 0
      for (let size; (size = RecordBatch.nextBatchSize(buffer, at, count)) > 0; at += size) {
        if (RecordBatch.lastOffset(buffer, at) < offset) start = at + size
        else if (at > start && at + size - start > maxBytes) break
      }
      done([buffer.subarray(start, at)])
    })
  }

  /** Index of the last group that begins at or before the offset. */
  private groupOf(offset: number): number {
    let low = 0
    let high = this.groups.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.groups[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Removes the file, after a write under way. */
  remove(): void {
    this.isRemoved = true
    if (this.fd < 0 || this.isWriting) return
    const fd = this.fd
    this.fd = -1
    Fs.unlinkSync(this.path)
    Fs.close(fd, () => undefined)
  }
}

const concatenated = (parts: ReadonlyArray<Uint8Array>, sizeBytes: number): Uint8Array => {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
