import { Cause, Effect, Exit, type Fiber } from "effect"
import type { Clock } from "effect"
import type { AwaitingRoom } from "../../actors/connection/ResponseMemory.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { Tick } from "../../seams/Tick.ts"
import { DelayedFetch } from "./DelayedFetch.ts"
import type { FetchDeadlines, TimedWait } from "./FetchDeadlines.ts"
import { PartitionReads, type ReadParameters } from "./PartitionReads.ts"
import { endOffsetFor, type PartitionRead, type PartitionToRead } from "./readPartition.ts"

/** What all fetches of a broker share. */
export interface FetchServices {
  readonly clock: Clock.Clock
  readonly tick: Tick["Service"]
  readonly deadlines: FetchDeadlines
  readonly runFork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
}

export interface FetchWaitOptions extends ReadParameters {
  readonly partitions: ReadonlyArray<PartitionToRead>
  readonly minBytes: number
  readonly maxWaitMs: number
  /** Called once, unless the wait is abandoned. What was read is counted until `onTaken` is called. */
  readonly onRead: (reads: ReadonlyArray<PartitionRead>, onTaken?: (isSent: boolean) => void) => void
  /** Called instead of `onRead` after a mistake of the program. */
  readonly onDefect: (cause: Cause.Cause<never>) => void
}

/** Whether the reader is to be answered now. */
const isEnough = ({ isShort, results }: PartitionReads, minBytes: number): boolean => {
  let readableBytes = 0
  for (const { response, sizeBytes } of results) {
    if (response.errorCode !== ErrorCode.NONE || response.divergingEpoch !== undefined) return true
    readableBytes += sizeBytes
  }
  return readableBytes >= minBytes || (isShort && readableBytes > 0)
}

/**
 * Reads the partitions, waiting up to `maxWaitMs` for `minBytes`, an error or a diverging epoch. Made of plain functions:
 * a fiber runs only while files are read. A fetch that was woken reads at the end of the tick, so that one answer has all
 * that was appended in it. Source: ReplicaManager.fetchMessages, DelayedFetch.
 */
export class FetchWait implements TimedWait, AwaitingRoom {
  /** It is read while there is room for any answer at all. */
  readonly isSmall = true
  readonly maxWaitMs: number
  /** Milliseconds since the epoch; known once the fetch has to wait. */
  deadlineMs = Infinity
  private readonly options: FetchWaitOptions
  private readonly services: FetchServices
  /** Registered at the leaders. */
  private delayed: DelayedFetch | undefined = undefined
  private reads: PartitionReads | undefined = undefined
  private fiber: Fiber.Fiber<void> | undefined = undefined
  /** There are records, and no memory for any of them. */
  private awaitsRoom = false
  private isEnded = false

  constructor(options: FetchWaitOptions, services: FetchServices) {
    this.options = options
    this.services = services
    this.maxWaitMs = options.maxWaitMs
  }

  /** True when the fetch waits, for appends or for files; else it was answered. */
  start(): boolean {
    this.read()
    return !this.isEnded
  }

  /** The time is up: answers with what there is. */
  expire(): void {
    this.deadlineMs = 0
    // A read under way is judged by the new deadline when it ends.
    if (this.delayed === undefined && !this.awaitsRoom) return
    this.delayed?.stop()
    this.read()
  }

  /** Memory was given back. */
  roomFound(): void {
    this.services.tick.atEnd(() => {
      if (this.awaitsRoom) this.read()
    })
  }

  /** Waits no more and is never answered. */
  abandon(): void {
    this.end()
    // A read under way goes on, into memory that is given back when it ends.
    if (this.fiber === undefined) this.reads?.drop()
  }

  private read(): void {
    this.delayed = undefined
    this.awaitsRoom = false
    const reads = this.reads = new PartitionReads(this.options.partitions, this.options)
    this.guard(() => {
      if (reads.readNow()) return this.judge(reads)
      this.fiber = this.services.runFork(reads.read)
      this.fiber.addObserver((exit) => {
        this.fiber = undefined
        if (this.isEnded) return reads.drop()
        if (Exit.isSuccess(exit)) return this.guard(() => this.judge(reads))
        this.fail(exit.cause)
      })
    })
  }

  /** A mistake of the program costs this fetch, not the others that its caller has still to wake. */
  private guard(task: () => void): void {
    try {
      task()
    } catch (error) {
      this.fail(Cause.die(error))
    }
  }

  private fail(cause: Cause.Cause<never>): void {
    this.end()
    this.reads?.drop()
    if (!Cause.hasInterruptsOnly(cause)) this.options.onDefect(cause)
  }

  /** Answers, or waits for more. */
  private judge(reads: PartitionReads): void {
    const isFirst = this.deadlineMs === Infinity
    const nowMs = this.services.clock.currentTimeMillisUnsafe()
    const isLate = isFirst ? this.maxWaitMs <= 0 : nowMs >= this.deadlineMs
    if (isLate || isEnough(reads, this.options.minBytes)) {
      this.end()
      return this.options.onRead(
        reads.results,
        reads.isEmpty ? undefined : (isSent) => isSent ? reads.release() : reads.drop()
      )
    }
    if (isFirst) {
      this.deadlineMs = nowMs + this.maxWaitMs
      this.services.deadlines.add(this)
    }
    reads.drop()
    if (reads.isStarved) this.waitForRoom()
    else this.wait(reads.results)
  }

  private waitForRoom(): void {
    const { memory } = this.options
    this.awaitsRoom = true
    memory.whenRoom(this)
    memory.makeRoom(this.services.clock.currentTimeMillisUnsafe())
  }

  private wait(reads: ReadonlyArray<PartitionRead>): void {
    const delayed = this.delayed = new DelayedFetch({
      minBytes: this.options.minBytes,
      partitions: this.options.partitions.map(({ leader, of }, i) => ({
        leader: leader!,
        fetchOffset: of.fetchOffset,
        maxBytes: of.maxBytes,
        readableBytes: reads[i]!.sizeBytes,
        endOffset: reads[i]!.endOffset
      })),
      endOffset: (view) => endOffsetFor(view, this.options.isolation),
      onReady: () => this.services.tick.atEnd(() => this.onReady(delayed))
    })
    delayed.start()
  }

  private onReady(delayed: DelayedFetch): void {
    // Late or abandoned meanwhile.
    if (this.delayed === delayed) this.read()
  }

  private end(): void {
    this.isEnded = true
    if (this.awaitsRoom) this.options.memory.forget(this)
    this.awaitsRoom = false
    this.delayed?.stop()
    this.delayed = undefined
    if (this.deadlineMs !== Infinity) this.services.deadlines.remove(this)
  }
}
