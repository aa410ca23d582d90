import { Cause, Effect, Exit } from "effect"
import type { TopicSettings } from "../../config/TopicSettings.ts"
import type { LogStoreError, OpenLogOptions, PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { PartitionImage } from "../../metadata/MetadataImage.ts"
import { directoryName, type TopicPartition } from "../../model/TopicPartition.ts"
import type { ActorServices, PartitionActorOptions } from "./ActorServices.ts"
import { failEntry, Mailbox, taskEntry } from "./Mailbox.ts"
import { type DrainedLeader, MailboxDrain } from "./MailboxDrain.ts"
import type { AppendOptions, AppendResult, PartitionLeader, PartitionView, ViewWatcher } from "./PartitionLeader.ts"
import { failedAppend } from "./Rejection.ts"
import { ViewBoard } from "./ViewBoard.ts"
import { isOutOfSpace } from "./writeGroup.ts"

/**
 * The actor of one led partition: one fiber owns the log and drains the mailbox, one drain per tick. The fiber lives
 * from the first append until the partition rests or stops; else it comes for what there is to do, and the actor is this
 * object alone.
 */
export class PartitionActor implements PartitionLeader, DrainedLeader {
  readonly topicPartition: TopicPartition
  readonly topicId: string
  leaderEpoch: number
  settings: TopicSettings
  /** Whether fewer replicas are in sync than an append with acks -1 asks for. */
  isUnderMinIsr = false
  /** Changed only by the fiber. Open only while it lives, save for a log without files, which needs no owner. */
  private log: PartitionLog | undefined = undefined
  readonly board = new ViewBoard()
  /** Why the partition cannot serve, until it is led under a new epoch. */
  outOfService: ErrorCode | undefined = undefined
  /** Set for good once this broker does not lead the partition any more. */
  private stopped: ErrorCode | undefined = undefined
  private readonly services: ActorServices
  private readonly mailbox = new Mailbox()
  private readonly drain: MailboxDrain
  private isTicking = false
  private isRunning = false
  /** Asks the fiber to close the log: to rest, to open it again under a new epoch, or to stop. */
  private mustClose = false
  /** Reads under way beside the actor; the log is not closed under them. */
  private readers = 0
  private resume: ((effect: Effect.Effect<void>) => void) | undefined = undefined
  private onStopped: Array<() => void> | undefined = undefined
  private lastUsedMs = 0

  constructor(options: PartitionActorOptions) {
    this.topicPartition = options.topicPartition
    this.topicId = options.topicId
    this.leaderEpoch = options.leaderEpoch
    this.settings = options.settings
    this.services = options.services
    this.drain = new MailboxDrain(options.services, this)
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
    if (this.stopped !== undefined || this.outOfService !== undefined || this.mustClose) return undefined
    this.lastUsedMs = this.services.clock.currentTimeMillisUnsafe()
    return this.log ?? this.openNow()
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
    if (this.isRunning || this.log !== undefined) this.askToClose()
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
   * closed; that of a deleted partition (UNKNOWN_TOPIC_OR_PARTITION) is left to `LogStore.remove`.
   */
  stop(errorCode: ErrorCode): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      this.stopped = errorCode
      this.notifyWatchers(undefined, 0)
      // Appends that wait for the end of the tick are still done.
      if (!this.isRunning && this.mailbox.isEmpty && this.log === undefined) return resume(Effect.void)
      this.onStopped ??= []
      this.onStopped.push(() => resume(Effect.void))
      this.mustClose = true
      this.onTick()
    })
  }

  notify(addedBytes: number): void {
    this.notifyWatchers(this.view, addedBytes)
  }

  onSynced(): void {
    if (this.mustClose) this.wake()
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
    if (this.isRunning) this.wake()
    else this.onTick()
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
    if (this.mailbox.isEmpty && !this.mustClose) return
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
      this.drain.runNow(log)
    } catch (error) {
      return resume(Effect.die(error))
    }
    this.resume = resume
    if (!this.drain.isDone || this.mustClose) this.wake()
  }

  private takeInHand(): void {
    this.lastUsedMs = this.services.clock.currentTimeMillisUnsafe()
    this.drain.take(this.mailbox.takeAll(), this.lastUsedMs)
  }

  private park(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      this.resume = resume
    })
  }

  /** The fiber: drains until there is nothing to do and somebody asked it to close. */
  private *live(): Generator<Effect.Effect<any>, void, any> {
    while (true) {
      if (!this.drain.isDone) {
        yield* this.drain.run(this.log)
      } else if (this.mustClose && (this.stopped === undefined || this.mailbox.isEmpty)) {
        if (this.readers > 0 || this.drain.isSyncing) {
          yield* this.park()
          continue
        }
        this.mustClose = false
        yield* this.close()
        if (this.mailbox.isEmpty && !this.mustClose) break
      } else if (this.mailbox.isEmpty) {
        // An empty log that has no files is read without the fiber, which comes back for the first append.
        if (this.log?.hasFiles === false) break
        yield* this.park()
      } else {
        if (this.log === undefined && this.outOfService === undefined) yield* this.open()
        this.takeInHand()
        yield* this.drain.run(this.log)
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

  /** A partition that was never written to is read without the fiber. */
  private openNow(): PartitionLog | undefined {
    if (!this.isRunning) this.log = this.services.logStore.openNow?.(this.openOptions)
    if (this.log !== undefined) this.drain.publish(this.log)
    return this.log
  }

  private get openOptions(): OpenLogOptions {
    const { leaderEpoch, settings, topicId, topicPartition } = this
    return { topicPartition, topicId, leaderEpoch, config: settings.log }
  }

  private *open(): Generator<Effect.Effect<any>, void, any> {
    const exit: Exit.Exit<PartitionLog, LogStoreError> = yield* Effect.exit(
      this.services.logStore.open(this.openOptions)
    )
    if (Exit.isSuccess(exit)) {
      this.log = exit.value
      this.expireProducers()
      this.drain.publish(exit.value)
    } else if (!isOutOfSpace(exit.cause)) {
      yield* this.failBy(exit.cause)
    }
  }

  private *close(): Generator<Effect.Effect<any>, void, any> {
    const log = this.log
    this.log = undefined
    this.board.view = undefined
    // The store lets go of a deleted log together with its files: nothing is written or synced for its sake.
    if (log === undefined || this.stopped === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return
    const exit: Exit.Exit<void, LogStoreError> = yield* Effect.exit(log.close)
    if (Exit.isFailure(exit) && this.outOfService === undefined) yield* this.failBy(exit.cause)
  }

  /** Takes the partition out of service until it is led under a new epoch or the broker starts again. */
  failBy(cause: Cause.Cause<LogStoreError>): Effect.Effect<void> {
    const error = Cause.findErrorOption(cause)
    this.outOfService = error._tag === "Some" && error.value.reason === "Fenced"
      ? ErrorCode.NOT_LEADER_OR_FOLLOWER
      : ErrorCode.KAFKA_STORAGE_ERROR
    this.mustClose = true
    this.drain.failWaiting(this.outOfService)
    this.notifyWatchers(undefined, 0)
    return Effect.logError(`Partition ${directoryName(this.topicPartition)} is out of service`, cause)
  }

  /** A mistake of the program: nobody may wait for ever because of it. */
  private crash(cause: Cause.Cause<unknown>): Effect.Effect<void> {
    this.outOfService = ErrorCode.UNKNOWN_SERVER_ERROR
    this.log = undefined
    this.board.view = undefined
    this.drain.failAll(this.outOfService)
    for (const entry of this.mailbox.takeAll()) failEntry(entry, this.outOfService)
    this.notifyWatchers(undefined, 0)
    this.endFiber()
    return Effect.logError(`The leader of partition ${directoryName(this.topicPartition)} died`, cause)
  }
}
