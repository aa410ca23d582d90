import { Effect, Exit } from "effect"
import type { Cause } from "effect"
import type { TopicSettings } from "../../config/TopicSettings.ts"
import type { LogStoreError, PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { inSlices } from "../../model/inSlices.ts"
import type { TopicPartition } from "../../model/TopicPartition.ts"
import type { ActorServices } from "./ActorServices.ts"
import { DurableAcks } from "./DurableAcks.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import { type AppendEntry, failEntry, type MailboxEntry } from "./Mailbox.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import type { ViewBoard } from "./ViewBoard.ts"
import { type Judged, validateInSlices } from "./validateBatch.ts"
import { appendsFrom, beginWrite, completeWrite, cutWrite, isOutOfSpace, type WriteGroup } from "./writeGroup.ts"

/** The leader whose mailbox is drained. */
export interface DrainedLeader {
  readonly topicPartition: TopicPartition
  readonly leaderEpoch: number
  readonly settings: TopicSettings
  /** Whether fewer replicas are in sync than an append with acks -1 asks for. */
  readonly isUnderMinIsr: boolean
  /** Why the partition cannot serve, until it is led under a new epoch. */
  readonly outOfService: ErrorCode | undefined
  readonly board: ViewBoard
  /** Tells the watchers what the board shows. */
  readonly notify: (addedBytes: number) => void
  /** Takes the partition out of service. */
  readonly failBy: (cause: Cause.Cause<LogStoreError>) => Effect.Effect<void>
  /** No sync is under way any more. */
  readonly onSynced: () => void
}

const noEntries: ReadonlyArray<MailboxEntry> = []

/** What was taken from a leader's mailbox, and how it is done: runs of appends in one write each, tasks between them. */
export class MailboxDrain {
  private readonly services: ActorServices
  private readonly leader: DrainedLeader
  /** There since the first append with acks -1 that had to wait for stable storage. */
  private durableAcks: DurableAcks | undefined = undefined
  /** What was taken, and the first of it that is not answered. */
  private inHand = noEntries
  private inHandAt = 0
  private nowMs = 0
  /** What was decided about the appends in hand, when it could not be written at once. */
  private begun: WriteGroup | undefined = undefined
  /** What the first append in hand was judged in slices. */
  private judged: Judged | undefined = undefined

  constructor(services: ActorServices, leader: DrainedLeader) {
    this.services = services
    this.leader = leader
  }

  get isDone(): boolean {
    return this.inHandAt >= this.inHand.length
  }

  get isSyncing(): boolean {
    return this.durableAcks?.isSyncing === true
  }

  /** Takes what is to be done next, when everything before it is done. */
  take(entries: ReadonlyArray<MailboxEntry>, nowMs: number): void {
    this.inHand = entries
    this.inHandAt = 0
    this.nowMs = nowMs
  }

  /** Does the appends that are written at once; `run` goes on where this stopped. */
  runNow(log: PartitionLog): void {
    while (this.inHandAt < this.inHand.length && this.inHand[this.inHandAt]!._tag === "Append") {
      const group = this.beginGroup(log)
      // Its turn is over, or the next batch is judged in slices.
      if (group.appends.length === 0) {
        this.begun = group
        return
      }
      if (group.chunks.length > 0 && log.appendNow?.(group.chunks) !== true) {
        this.begun = group
        return
      }
      this.endGroup(group, log)
    }
    if (this.isDone) this.inHand = noEntries
  }

  /** Does everything in hand, in order; without a log everything fails. */
  *run(log: PartitionLog | undefined): Generator<Effect.Effect<any>, void, any> {
    const entries = this.inHand
    const { leader } = this
    while (this.inHandAt < entries.length) {
      const entry = entries[this.inHandAt]!
      if (leader.outOfService !== undefined || log === undefined) {
        this.inHandAt++
        this.begun = undefined
        this.judged = undefined
        failEntry(entry, leader.outOfService ?? ErrorCode.KAFKA_STORAGE_ERROR)
      } else if (entry._tag === "Append") {
        let group = this.begun ?? this.beginGroup(log)
        this.begun = undefined
        if (group.appends.length === 0) {
          if (group.isCutAtLarge) this.judged = yield* this.judgeInSlices(entry)
          else yield* Effect.yieldNow
          continue
        }
        if (group.chunks.length > 0) {
          const exit: Exit.Exit<void, LogStoreError> = yield* Effect.exit(log.append(group.chunks))
          if (Exit.isFailure(exit) && isOutOfSpace(exit.cause)) group = cutWrite(group, log.logEndOffset)
          else if (Exit.isFailure(exit)) yield* leader.failBy(exit.cause)
        }
        this.endGroup(group, log)
      } else {
        this.inHandAt++
        if (!entry.cancelled) {
          const tell: () => void = yield* entry.run(log, leader.board.view!)
          this.publish(log)
          tell()
          leader.notify(0)
        }
      }
    }
    this.inHand = noEntries
  }

  /**
   * Shows readers what the log has now; the one place that moves the high watermark. With a single replica all that the
   * log took is committed, save for what acks -1 has still to see on stable storage; other replicas would count here.
   */
  publish(log: PartitionLog): void {
    this.leader.board.show(log, this.durableAcks?.highWatermarkOf(log) ?? log.logEndOffset)
  }

  /** Fails what waits for stable storage. */
  failWaiting(errorCode: ErrorCode): void {
    this.durableAcks?.failAll(errorCode)
  }

  /** Fails all that is not answered. */
  failAll(errorCode: ErrorCode): void {
    for (let i = this.inHandAt; i < this.inHand.length; i++) failEntry(this.inHand[i]!, errorCode)
    this.failWaiting(errorCode)
  }

  private beginGroup(log: PartitionLog): WriteGroup {
    const group = beginWrite(log, appendsFrom(this.inHand, this.inHandAt), this.check, this.leader, this.judged)
    this.judged = undefined
    return group
  }

  private get check(): BatchCheck {
    return {
      topicPartition: this.leader.topicPartition,
      settings: this.leader.settings,
      codecs: this.services.codecs,
      decompressedAtOnceBytesMax: PartitionLeaderLimits.decompressedAtOnceBytesMax,
      decompressedBytesMax: PartitionLeaderLimits.decompressedBytesMax,
      turn: this.services.turn,
      nowMs: this.nowMs
    }
  }

  /** Lets everybody else run between the slices; what waits at this partition waits longer, as the order of appends asks. */
  private judgeInSlices({ batch, options: { origin, request } }: AppendEntry): Effect.Effect<Judged> {
    const { check } = this
    return this.services.slices.withPermit(
      inSlices(() => {
        const leftBytes = PartitionLeaderLimits.decompressedInRequestBytesMax - (request?.decompressedBytes ?? 0)
        return validateInSlices(batch, origin, {
          ...check,
          decompressedBytesMax: Math.min(check.decompressedBytesMax, leftBytes)
        }, (bytes) => {
          if (request !== undefined) request.decompressedBytes += bytes
        })
      })
    )
  }

  /** Answers a write, or what of it need not wait for stable storage. */
  private endGroup(group: WriteGroup, log: PartitionLog): void {
    const { isAcksAllSynced } = this.services
    const failure = this.leader.outOfService
    const hasWritten = group.chunks.length > 0
    const isDurabilityAwaited = isAcksAllSynced && failure === undefined &&
      group.acksAllEndOffset > log.durableEndOffset
    if (isDurabilityAwaited) this.acksToWait().add(group, log)
    if (hasWritten && failure === undefined) this.publish(log)
    this.inHandAt += group.appends.length
    completeWrite(group, log, { failure, isAcksAllSynced, isDurabilityAwaited })
    // Producers are answered before waiting fetches read.
    if (hasWritten) this.leader.notify(group.addedBytes)
    if (isDurabilityAwaited) this.durableAcks?.sync(log)
  }

  private acksToWait(): DurableAcks {
    return this.durableAcks ??= new DurableAcks(this.services, {
      onDurable: (log, answer) => {
        this.publish(log)
        answer()
        this.leader.notify(0)
      },
      onFailure: (cause) => this.leader.failBy(cause),
      onRest: () => this.leader.onSynced()
    })
  }
}
