import { Effect } from "effect"
import type { BufferPool } from "../../actors/connection/BufferPool.ts"
import type { ResponseMemory } from "../../actors/connection/ResponseMemory.ts"
import type { PartitionLeader } from "../../actors/partition-leader/PartitionLeader.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { Allocate } from "../../seams/LogFiles.ts"
import {
  beginRead,
  checkLeader,
  emptyAtEnd,
  failedRead,
  type FetchIsolation,
  type PartitionRead,
  type PartitionToRead,
  type ReadLimits,
  readLog,
  readLogNow
} from "./readPartition.ts"

export interface ReadParameters {
  readonly isolation: FetchIsolation
  /** For all partitions together; the first batch found is returned whole whatever its size. */
  readonly maxBytes: number
  /** Where records are put that are not answered as they lie in memory; what is not answered is given back. */
  readonly buffers: BufferPool
  /** Where what was read is counted until it is answered or dropped. */
  readonly memory: ResponseMemory
}

/**
 * One pass over the partitions of a fetch, in order, until `maxBytes` are reached. The stored bytes are what is returned.
 * What memory has costs no Effect. Source: ReplicaManager.readFromLog.
 */
export class PartitionReads {
  /** What was read so far; complete once `readNow` is true or `read` completed. */
  readonly results: Array<PartitionRead> = []
  /** Less was read than was asked for, because too much waits to be sent. */
  isShort = false
  /** A partition was not read at all for that reason. */
  isStarved = false
  private readonly partitions: ReadonlyArray<PartitionToRead>
  private readonly isolation: FetchIsolation
  private readonly buffers: BufferPool
  private readonly allocate: Allocate
  private readonly memory: ResponseMemory
  /** Of the records in `results`, until `release`. */
  private heldBytes = 0
  /** Of the read under way: what it may bring. */
  private reservedBytes = 0
  private isReleased = false
  private maxBytes: number
  private minOneBatch = true

  constructor(partitions: ReadonlyArray<PartitionToRead>, parameters: ReadParameters) {
    this.partitions = partitions
    this.isolation = parameters.isolation
    const { buffers } = parameters
    this.buffers = buffers
    this.allocate = (sizeBytes) => buffers.take(sizeBytes)
    this.memory = parameters.memory
    this.maxBytes = parameters.maxBytes
  }

  /** Reads on as far as memory goes; true when that is to the end. */
  readNow(): boolean {
    while (this.results.length < this.partitions.length) {
      const read = this.nextNow(this.partitions[this.results.length]!)
      if (read === undefined) return false
      this.add(read)
    }
    return true
  }

  /** Reads on to the end, from files where it must. */
  get read(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      while (!this.readNow()) {
        const { leader, of } = this.partitions[this.results.length]!
        const limits = this.limitsFor(of.maxBytes)
        // Many reads are under way before the first of them ends.
        this.reserve(Math.max(limits.maxBytes, limits.minOneBatch ? leader!.settings.maxMessageBytes : 0))
        const read = yield* Effect.catch(
          leader!.reading((log, view) => readLog(of, log, view, this.isolation, limits)),
          (failure) => Effect.succeed(failedRead(of.partition, failure))
        )
        this.reserve(0)
        this.add(read)
      }
    })
  }

  /** Nothing was read that has to be released. */
  get isEmpty(): boolean {
    return this.heldBytes === 0
  }

  /** The records will never be sent. */
  drop(): void {
    for (const { response: { records } } of this.results) {
      if (records instanceof Uint8Array) this.buffers.give(records)
      else for (const part of records ?? []) this.buffers.give(part)
    }
    this.release()
  }

  /** The records are counted elsewhere from now on. */
  release(): void {
    this.isReleased = true
    this.memory.remove(this.heldBytes + this.reservedBytes)
    this.heldBytes = 0
    this.reservedBytes = 0
  }

  private reserve(bytes: number): void {
    if (this.isReleased) return
    if (bytes > this.reservedBytes) this.memory.add(bytes - this.reservedBytes)
    else this.memory.remove(this.reservedBytes - bytes)
    this.reservedBytes = bytes
  }

  private nextNow({ leader, of }: PartitionToRead): PartitionRead | undefined {
    if (leader === undefined) return failedRead(of.partition, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    const errorCode = checkLeader(of, leader)
    if (errorCode !== ErrorCode.NONE) return failedRead(of.partition, errorCode)
    return emptyAtEnd(of, leader.view, this.isolation) ?? this.readOpenLog(of, leader)
  }

  private readOpenLog(of: PartitionToRead["of"], leader: PartitionLeader): PartitionRead | undefined {
    const log = leader.readableLog
    const view = leader.view
    if (log === undefined || view === undefined) return undefined
    const limits = this.limitsFor(of.maxBytes)
    const begun = beginRead(of, log, view, this.isolation, limits)
    if (typeof begun === "number") return failedRead(of.partition, begun)
    return begun ?? readLogNow(of, log, view, this.isolation, limits)
  }

  private limitsFor(maxBytes: number): ReadLimits {
    const wanted = Math.min(maxBytes, this.maxBytes)
    const room = this.memory.roomFor(this.heldBytes)
    if (room < wanted) this.isShort = true
    const minOneBatch = this.minOneBatch && !this.memory.isExhausted
    if (minOneBatch !== this.minOneBatch) this.isStarved = true
    return { maxBytes: Math.min(wanted, room), minOneBatch, allocate: this.allocate }
  }

  private add(read: PartitionRead): void {
    if (read.sizeBytes > 0) this.minOneBatch = false
    this.maxBytes = Math.max(0, this.maxBytes - read.sizeBytes)
    this.results.push(read)
    if (this.isReleased) return
    this.heldBytes += read.sizeBytes
    this.memory.add(read.sizeBytes)
  }
}
