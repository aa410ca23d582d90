import { Cause, Effect, Exit } from "effect"
import type { TopicSettings } from "../../config/TopicSettings.ts"
import type { LogStoreError, PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { PartitionImage } from "../../metadata/MetadataImage.ts"
import { directoryName, type TopicPartition } from "../../model/TopicPartition.ts"
import type { ActorServices, PartitionActorOptions } from "./ActorServices.ts"
import { DurableAcks } from "./DurableAcks.ts"
import { failEntry, Mailbox, type MailboxEntry, taskEntry } from "./Mailbox.ts"
import type { AppendOptions, AppendResult, PartitionLeader, PartitionView, ViewWatcher } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { failedAppend } from "./Rejection.ts"
import { ViewBoard } from "./ViewBoard.ts"
import { appendsFrom, beginWrite, completeWrite, cutWrite, isOutOfSpace, type WriteGroup } from "./writeGroup.ts"

const noEntries: ReadonlyArray<MailboxEntry> = []

/**
 * The actor of one led partition: one fiber owns the log and drains the mailbox, one drain per tick. The fiber lives
 * from first use until the partition rests or stops; between, the actor is this object alone.
 */
export class PartitionActor implements PartitionLeader {
  readonly topicPartition: TopicPartition
  readonly topicId: string
  leaderEpoch: number
  settings: TopicSettings
  /** Whether fewer replicas are in sync than an append with acks -1 asks for. */
  private isUnderMinIsr = false
  /** Open only while the fiber lives, and changed only by it. */
  private log: PartitionLog | undefined = undefined
  private readonly board = new ViewBoard()
  /** Why the partition cannot serve, until it is led under a new epoch. */
  private outOfService: ErrorCode | undefined = undefined
  /** Set for good once this broker does not lead the partition any more. */
  private stopped: ErrorCode | undefined = undefined
  private readonly services: ActorServices
  private readonly mailbox = new Mailbox()
  /** There since the first append with acks -1 that had to wait for stable storage. */
  private durableAcks: DurableAcks | undefined = undefined
  private isTicking = false
  private isRunning = false
  /** Asks the fiber to close the log: to rest, to open it again under a new epoch, or to stop. */
  private mustClose = false
  /** Reads under way beside the actor; the log is not closed under them. */
  private readers = 0
  private resume: ((effect: Effect.Effect<void>) => void) | undefined = undefined
  /** What the drain under way took from the mailbox, and the first of it that is not answered. */
  private inHand: ReadonlyArray<MailboxEntry> = noEntries
  private inHandAt = 0
  /** What was decided about the appends in hand, when it could not be written at once. */
  private begun: WriteGroup | undefined = undefined
  private onStopped: Array<() => void> | undefined = undefined
  private lastUsedMs = 0

  constructor(options: PartitionActorOptions) {
    this.topicPartition = options.topicPartition
    this.topicId = options.topicId
    this.leaderEpoch = options.leaderEpoch
    this.settings = options.settings
    this.services = options.services
  }

  /** Undefined as soon as the partition does not serve, not only once its log is closed: nobody may wait on it then. */
  get view(): PartitionView | undefined {
    return this.stopped === undefined && this.outOfService === undefined ? this.board.view : undefined
  }

  append(batch: Uint8Array, options: AppendOptions, complete: (result: AppendResult) => void): void {
    const refused = this.stopped ?? this.outOfService
    if (refused !== undefined) return complete(failedAppend(refused))
    if (!this.mailbox.offer({ _tag: "Append", batch, options, complete })) {
      // Certain not to be in the log, and every client sends it again.
      return complete(failedAppend(ErrorCode.NOT_ENOUGH_REPLICAS))
    }
    this.schedule()
  }

  withLog<A>(
    use: (log: PartitionLog, view: PartitionView) => Effect.Effect<A, ErrorCode>
  ): Effect.Effect<A, ErrorCode> {
    return Effect.callback<A, ErrorCode>((resume) => {
      const refused = this.stopped ?? this.outOfService
      if (refused !== undefined) return resume(Effect.fail(refused))
      const entry = taskEntry(use, resume)
      this.mailbox.offer(entry)
      this.schedule()
      return Effect.sync(() => {
        entry.cancelled = true
      })
    })
  }

  reading<A>(
    use: (log: PartitionLog, view: PartitionView) => Effect.Effect<A, ErrorCode>
  ): Effect.Effect<A, ErrorCode> {
    return Effect.suspend(() => {
      const log = this.readableLog
      // Refused there when the partition cannot serve.
      if (log === undefined) return Effect.flatMap(this.withLog(() => Effect.void), () => this.reading(use))
      this.readers++
      return Effect.ensuring(use(log, this.board.view!), Effect.sync(() => this.endRead()))
    })
  }

  get readableLog(): PartitionLog | undefined {
    if (this.view === undefined || this.mustClose) return undefined
    this.lastUsedMs = this.services.clock.currentTimeMillisUnsafe()
    return this.log
  }

  watch(watcher: ViewWatcher): void {
    this.board.watch(watcher)
  }

  unwatch(watcher: ViewWatcher): void {
    this.lastUsedMs = this.services.clock.currentTimeMillisUnsafe()
    this.board.unwatch(watcher)
  }

  /** Follows changed topic configs and in-sync replicas from the next append on. Source: Partition.effectiveMinIsr. */
  follow(settings: TopicSettings, image: PartitionImage): void {
    this.isUnderMinIsr = image.isr.length < Math.min(settings.minInsyncReplicas, image.replicas.length)
    if (settings === this.settings) return
    this.settings = settings
    this.log?.updateConfig(settings.log)
  }

  /** Leads under a newer epoch: the log is opened again, also when it was out of service. */
  changeEpoch(leaderEpoch: number): void {
    this.leaderEpoch = leaderEpoch
    this.outOfService = undefined
    if (this.isRunning) this.askToClose()
  }

  /** Forgets the producers that were silent for too long. Source: ProducerStateManager.removeExpiredProducers. */
  expireProducers(): void {
    this.log?.producers.expire(this.services.clock.currentTimeMillisUnsafe(), this.services.producerExpirationMs)
  }

  /** Closes the log and ends the fiber when the partition was not used since `unusedSinceMs`. */
  restIfUnused(unusedSinceMs: number): void {
    const isUsed = this.readers > 0 || this.board.isWatched || this.lastUsedMs > unusedSinceMs
    if (this.log !== undefined && this.mailbox.isEmpty && !isUsed) this.askToClose()
  }

  /**
   * Stops serving: what is queued is still done, everything later is refused with `errorCode`. Completes once the log is
   * closed.
   */
  stop(errorCode: ErrorCode): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      this.stopped = errorCode
      this.notifyWatchers(undefined, 0)
      // Appends that wait for the end of the tick are still done.
      if (!this.isRunning && this.mailbox.isEmpty) return resume(Effect.void)
      this.onStopped ??= []
      this.onStopped.push(() => resume(Effect.void))
      this.mustClose = true
      this.onTick()
    })
  }

  /**
   * Shows readers what the log has now; the one place that moves the high watermark. With a single replica all that the
   * log took is committed, save for what acks -1 has still to see on stable storage; other replicas would count here.
   */
  private publish(log: PartitionLog): void {
    this.board.show(log, this.durableAcks?.highWatermarkOf(log) ?? log.logEndOffset)
  }

  private notifyWatchers(view: PartitionView | undefined, addedBytes: number): void {
    // An answer may have led to the stop of this leader: then they were told of it.
    if (view === undefined || this.stopped === undefined) this.board.notify(this, view, addedBytes)
  }

  private endRead(): void {
    this.readers--
    if (this.readers === 0 && this.mustClose) this.wake()
  }

  private askToClose(): void {
    this.mustClose = true
    this.wake()
  }

  private schedule(): void {
    if (this.isTicking) return
    this.isTicking = true
    this.services.tick.atEnd(() => this.onTick())
  }

  /** Wakes or starts the fiber. May be called early: then the tick finds less to do, or nothing. */
  private onTick(): void {
    this.isTicking = false
    if (this.isRunning) return this.drainAtOnce()
    if (this.mailbox.isEmpty) return
    this.isRunning = true
    this.services.fork(Effect.catchCause(Effect.gen(() => this.live()), (cause) => this.crash(cause)))
  }

  private wake(): void {
    const resume = this.resume
    if (resume === undefined) return
    this.resume = undefined
    resume(Effect.void)
  }

  /**
   * What a drain mostly is, done on behalf of the parked fiber without waking it: appends that are written at once. The
   * fiber is woken for all else, and goes on where this stopped.
   */
  private drainAtOnce(): void {
    const { log, resume } = this
    const isClosing = this.mustClose || this.outOfService !== undefined
    if (resume === undefined || log === undefined || isClosing) return this.wake()
    // Whoever is answered may call this actor, which must not wake the fiber in the middle of this drain.
    this.resume = undefined
    try {
      this.takeInHand()
      while (this.inHandAt < this.inHand.length && this.inHand[this.inHandAt]!._tag === "Append") {
        const group = this.beginGroup(log)
        if (group.chunks.length > 0 && log.appendNow?.(group.chunks) !== true) {
          this.begun = group
          break
        }
        this.endGroup(group, log)
      }
    } catch (error) {
      return resume(Effect.die(error))
    }
    this.resume = resume
    if (this.inHandAt < this.inHand.length || this.mustClose) this.wake()
    else this.inHand = noEntries
  }

  private takeInHand(): void {
    this.lastUsedMs = this.services.clock.currentTimeMillisUnsafe()
    this.inHand = this.mailbox.takeAll()
    this.inHandAt = 0
  }

  private park(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      this.resume = resume
    })
  }

  /** The fiber: drains until there is nothing to do and somebody asked it to close. */
  private *live(): Generator<Effect.Effect<any>, void, any> {
    while (true) {
      if (this.inHandAt < this.inHand.length) {
        yield* this.drain()
      } else if (this.mustClose && (this.stopped === undefined || this.mailbox.isEmpty)) {
        if (this.readers > 0 || this.durableAcks?.isSyncing === true) {
          yield* this.park()
          continue
        }
        this.mustClose = false
        yield* this.close()
        if (this.mailbox.isEmpty && !this.mustClose) break
      } else if (this.mailbox.isEmpty) {
        yield* this.park()
      } else {
        if (this.log === undefined && this.outOfService === undefined) yield* this.open()
        this.takeInHand()
        yield* this.drain()
      }
    }
    this.endFiber()
  }

  private endFiber(): void {
    this.isRunning = false
    const onStopped = this.onStopped
    this.onStopped = undefined
    if (onStopped !== undefined) { for (const notify of onStopped) notify() }
  }

  private *open(): Generator<Effect.Effect<any>, void, any> {
    const exit: Exit.Exit<PartitionLog, LogStoreError> = yield* Effect.exit(this.services.logStore.open({
      topicPartition: this.topicPartition,
      topicId: this.topicId,
      leaderEpoch: this.leaderEpoch,
      config: this.settings.log
    }))
    if (Exit.isSuccess(exit)) {
      this.log = exit.value
      this.expireProducers()
      this.publish(exit.value)
    } else if (!isOutOfSpace(exit.cause)) {
      yield* this.failBy(exit.cause)
    }
  }

  private *close(): Generator<Effect.Effect<any>, void, any> {
    const log = this.log
    this.log = undefined
    this.board.view = undefined
    if (log === undefined) return
    const exit: Exit.Exit<void, LogStoreError> = yield* Effect.exit(log.close)
    if (Exit.isFailure(exit) && this.outOfService === undefined) yield* this.failBy(exit.cause)
  }

  /** Does everything queued, in order: runs of appends in one write each, tasks between them. */
  private *drain(): Generator<Effect.Effect<any>, void, any> {
    const entries = this.inHand
    while (this.inHandAt < entries.length) {
      const entry = entries[this.inHandAt]!
      const log = this.log
      if (this.outOfService !== undefined || log === undefined) {
        this.inHandAt++
        this.begun = undefined
        failEntry(entry, this.outOfService ?? ErrorCode.KAFKA_STORAGE_ERROR)
      } else if (entry._tag === "Append") {
        let group = this.begun ?? this.beginGroup(log)
        this.begun = undefined
        if (group.chunks.length > 0) {
          const exit: Exit.Exit<void, LogStoreError> = yield* Effect.exit(log.append(group.chunks))
          if (Exit.isFailure(exit) && isOutOfSpace(exit.cause)) group = cutWrite(group, log.logEndOffset)
          else if (Exit.isFailure(exit)) yield* this.failBy(exit.cause)
        }
        this.endGroup(group, log)
      } else {
        this.inHandAt++
        if (!entry.cancelled) {
          const tell: () => void = yield* entry.run(log, this.board.view!)
          this.publish(log)
          tell()
          this.notifyWatchers(this.view, 0)
        }
      }
    }
    this.inHand = noEntries
  }

  private beginGroup(log: PartitionLog): WriteGroup {
    return beginWrite(log, appendsFrom(this.inHand, this.inHandAt), {
      topicPartition: this.topicPartition,
      settings: this.settings,
      codecs: this.services.codecs,
      decompressedBytesMax: PartitionLeaderLimits.decompressedBytesMax,
      nowMs: this.lastUsedMs
    }, { leaderEpoch: this.leaderEpoch, isUnderMinIsr: this.isUnderMinIsr })
  }

  /** Answers a write, or what of it need not wait for stable storage. */
  private endGroup(group: WriteGroup, log: PartitionLog): void {
    const { isAcksAllSynced } = this.services
    const failure = this.outOfService
    const hasWritten = group.chunks.length > 0
    const isDurabilityAwaited = isAcksAllSynced && failure === undefined &&
      group.acksAllEndOffset > log.durableEndOffset
    if (isDurabilityAwaited) this.acksToWait().add(group, log)
    if (hasWritten && failure === undefined) this.publish(log)
    this.inHandAt += group.appends.length
    completeWrite(group, log, { failure, isAcksAllSynced, isDurabilityAwaited })
    // Producers are answered before waiting fetches read.
    if (hasWritten) this.notifyWatchers(this.view, group.addedBytes)
    if (isDurabilityAwaited) this.durableAcks?.sync(log)
  }

  private acksToWait(): DurableAcks {
    return this.durableAcks ??= new DurableAcks(this.services, {
      onDurable: (log, answer) => {
        this.publish(log)
        answer()
        this.notifyWatchers(this.view, 0)
      },
      onFailure: (cause) => this.failBy(cause),
      onRest: () => this.mustClose && this.wake()
    })
  }

  /** Takes the partition out of service until it is led under a new epoch or the broker starts again. */
  private failBy(cause: Cause.Cause<LogStoreError>): Effect.Effect<void> {
    const error = Cause.findErrorOption(cause)
    this.outOfService = error._tag === "Some" && error.value.reason === "Fenced"
      ? ErrorCode.NOT_LEADER_OR_FOLLOWER
      : ErrorCode.KAFKA_STORAGE_ERROR
    this.mustClose = true
    this.durableAcks?.failAll(this.outOfService)
    this.notifyWatchers(undefined, 0)
    return Effect.logError(`Partition ${directoryName(this.topicPartition)} is out of service`, cause)
  }

  /** A mistake of the program: nobody may wait for ever because of it. */
  private crash(cause: Cause.Cause<unknown>): Effect.Effect<void> {
    this.outOfService = ErrorCode.UNKNOWN_SERVER_ERROR
    this.log = undefined
    this.board.view = undefined
    for (let i = this.inHandAt; i < this.inHand.length; i++) failEntry(this.inHand[i]!, this.outOfService)
    for (const entry of this.mailbox.takeAll()) failEntry(entry, this.outOfService)
    this.durableAcks?.failAll(this.outOfService)
    this.notifyWatchers(undefined, 0)
    this.endFiber()
    return Effect.logError(`The leader of partition ${directoryName(this.topicPartition)} died`, cause)
  }
}
