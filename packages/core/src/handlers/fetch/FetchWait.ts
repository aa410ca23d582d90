import { Cause, Effect, Exit, type Fiber } from "effect"
import type { Clock } from "effect"
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
  /** Called once, unless the wait is abandoned. */
  readonly onRead: (reads: ReadonlyArray<PartitionRead>) => void
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
export class FetchWait implements TimedWait {
  readonly maxWaitMs: number
  /** Milliseconds since the epoch; known once the fetch has to wait. */
  deadlineMs = Infinity
  private readonly options: FetchWaitOptions
  private readonly services: FetchServices
  /** Registered at the leaders. */
  private delayed: DelayedFetch | undefined = undefined
  private reads: PartitionReads | undefined = undefined
  private fiber: Fiber.Fiber<void> | undefined = undefined
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
    // Who is reading sees afterwards that it is late.
    if (this.delayed === undefined) return
    this.delayed.stop()
    this.read()
  }

  /** Waits no more and is never answered. */
  abandon(): void {
    this.end()
    this.fiber?.interruptUnsafe()
  }

  private read(): void {
    this.delayed = undefined
    const reads = this.reads = new PartitionReads(this.options.partitions, this.options)
    if (reads.readNow()) return this.judge(reads)
    this.fiber = this.services.runFork(reads.read)
    this.fiber.addObserver((exit) => {
      this.fiber = undefined
      if (this.isEnded) return
      if (Exit.isSuccess(exit)) return this.judge(reads)
      this.end()
      if (!Cause.hasInterruptsOnly(exit.cause)) this.options.onDefect(exit.cause)
    })
  }

  /** Answers, or waits for more. */
  private judge(reads: PartitionReads): void {
    const isFirst = this.deadlineMs === Infinity
    const nowMs = this.services.clock.currentTimeMillisUnsafe()
    const isLate = isFirst ? this.maxWaitMs <= 0 : nowMs >= this.deadlineMs
    if (isLate || isEnough(reads, this.options.minBytes)) {
      this.end()
      return this.options.onRead(reads.results)
    }
    if (isFirst) {
      this.deadlineMs = nowMs + this.maxWaitMs
      this.services.deadlines.add(this)
    }
    reads.release()
    this.wait(reads.results)
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
    this.reads?.release()
    this.delayed?.stop()
    this.delayed = undefined
    if (this.deadlineMs !== Infinity) this.services.deadlines.remove(this)
  }
}
