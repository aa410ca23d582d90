import { Cause, Effect, Exit } from "effect"
import type { Clock, Semaphore } from "effect"
import type { TopicSettings } from "../../config/TopicSettings.ts"
import type { LogStore, LogStoreError, LogStoreReason, OpenLogOptions, PartitionLog } from "../../log/LogStore.ts"
import type { PartitionImage } from "../../metadata/MetadataImage.ts"
import type { ErrorCode } from "../../model/ErrorCode.ts"
import { inSlices } from "../../model/inSlices.ts"
import { directoryName, type TopicPartition } from "../../model/TopicPartition.ts"
import type { CompressionCodecs } from "../../protocol/records/Compression.ts"
import type { Tick } from "../../seams/Tick.ts"
import type { AppendEntry } from "./AppendPlan.ts"
import type { AppendResult } from "./AppendResult.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import type { DeadlineTimer } from "./DeadlineTimer.ts"
import type { AppendOptions, PartitionLeader, PartitionView, ViewWatcher } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { step } from "./PartitionMachine.ts"
import {
  dueMsOf,
  initialState,
  type OpenLog,
  type PartitionEffect,
  type PartitionEvent,
  type PartitionState,
  type TaskEntry,
  viewOf
} from "./PartitionState.ts"
import type { TurnWork } from "./TurnWork.ts"
import { type Judged, validateInSlices } from "./validateBatch.ts"

/** What all partition actors of a broker share. */
export interface ActorServices {
  readonly logStore: LogStore["Service"]
  readonly tick: Tick["Service"]
  readonly clock: Clock.Clock
  readonly codecs: CompressionCodecs
  /** `producer.id.expiration.ms`: how long a producer is known after its last batch. */
  readonly producerExpirationMs: number
  /** `kafka.broker.acks.all.durability`: whether an append with acks -1 is answered once it is on stable storage. */
  readonly isAcksAllSynced: boolean
  readonly turn: TurnWork
  /** Held by the one batch that is judged in slices: each may keep a record as large as `decompressedBytesMax`. */
  readonly slices: Semaphore.Semaphore
  /** Bounds the syncs under way; those that wait for their turn take it in order, and gather more until then. */
  readonly syncs: Semaphore.Semaphore
  /** Bounds the logs that are closed at the same time. */
  readonly closes: Semaphore.Semaphore
  readonly deadlines: DeadlineTimer
  /** Starts a fiber that lives no longer than the leaders. */
  readonly fork: (effect: Effect.Effect<void>) => void
  /** Called when a partition opens its log and when it has closed it. */
  readonly onOpened: (actor: PartitionActor) => void
  readonly onClosed: (actor: PartitionActor) => void
}

/** The partition an actor leads, and how. */
export interface PartitionActorOptions {
  readonly topicPartition: TopicPartition
  readonly topicId: string
  readonly leaderEpoch: number
  readonly settings: TopicSettings
  readonly services: ActorServices
  /** An earlier leadership of the same partition by this broker: its log is closed before this one opens. */
  readonly predecessor: PartitionActor | undefined
}

/** What a failure of the log is to the machine. A defect is a mistake of the store, and as bad as a broken disk. */
const reasonOf = (cause: Cause.Cause<LogStoreError>): LogStoreReason => {
  const error = Cause.findErrorOption(cause)
  return error._tag === "Some" ? error.value.reason : "Storage"
}

/**
 * The actor of one led partition: it hands events to the machine and carries out the effects. What the log can do at once
 * (`openNow`, `appendNow`) costs no fiber; all else runs in a fiber of its own, whose end is the next event. The machine
 * lets one thing at a time use the log, beside syncs and reads.
 */
export class PartitionActor implements PartitionLeader {
  readonly topicId: string
  private readonly state: PartitionState
  private readonly services: ActorServices
  /** There from the opening of the log until its close begins. */
  private log: PartitionLog | undefined = undefined
  private predecessor: PartitionActor | undefined
  private watchers: Set<ViewWatcher> | undefined = undefined
  /** Effects that are not carried out yet; there while any is. */
  private pending: Array<PartitionEffect> | undefined = undefined
  /** Whether this broker leads the partition no more, what was accepted is done, and the log is closed. */
  isEnded = false
  private onEnded: Array<() => void> | undefined = undefined
  private lastUsedMs = 0

  constructor(options: PartitionActorOptions) {
    const { leaderEpoch, services, settings, topicPartition } = options
    this.topicId = options.topicId
    this.services = services
    this.predecessor = options.predecessor
    const { codecs, isAcksAllSynced, turn } = services
    this.state = initialState({
      topicPartition,
      codecs,
      turn,
      isAcksAllSynced,
      leaderEpoch,
      settings
    })
  }

  get topicPartition(): TopicPartition {
    return this.state.topicPartition
  }

  get leaderEpoch(): number {
    return this.state.leaderEpoch
  }

  get settings(): TopicSettings {
    return this.state.settings
  }

  get view(): PartitionView | undefined {
    return viewOf(this.state)
  }

  append(batch: Uint8Array, options: AppendOptions, complete: (result: AppendResult) => void): void {
    this.handle({ _tag: "Append", batch, options, complete })
  }

  withLog<A>(
    use: (log: PartitionLog, view: PartitionView) => Effect.Effect<A, ErrorCode>
  ): Effect.Effect<A, ErrorCode> {
    return Effect.callback<A, ErrorCode>((resume) => {
      let result: Effect.Effect<A, ErrorCode> | undefined = undefined
      const task: TaskEntry = {
        _tag: "Task",
        isCancelled: false,
        run: (log, view, done) =>
          this.fork(Effect.suspend(() => use(log, view)), (exit) => {
            result = exit
            done()
          }),
        answer: (refusal) => resume(refusal === undefined ? result! : Effect.fail(refusal))
      }
      this.handle(task)
      return Effect.sync(() => {
        task.isCancelled = true
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
      const read = this.beginRead()
      return Effect.ensuring(
        use(log, this.state.view!),
        Effect.sync(() => this.handle({ _tag: "ReadEnded", log: read, nowMs: this.nowMs }))
      )
    })
  }

  get readableLog(): PartitionLog | undefined {
    const { life, service } = this.state
    if (service._tag !== "Online") return undefined
    this.lastUsedMs = this.nowMs
    if (life._tag === "Closed") this.openNow()
    return this.state.life._tag === "Open" ? this.log : undefined
  }

  watch(watcher: ViewWatcher): void {
    this.watchers ??= new Set()
    this.watchers.add(watcher)
  }

  unwatch(watcher: ViewWatcher): void {
    this.lastUsedMs = this.nowMs
    this.watchers?.delete(watcher)
    if (this.watchers?.size === 0) this.watchers = undefined
  }

  /** Follows changed topic configs and in-sync replicas from the next append on. Source: Partition.effectiveMinIsr. */
  follow(settings: TopicSettings, image: PartitionImage): void {
    const isUnderMinIsr = image.isr.length < Math.min(settings.minInsyncReplicas, image.replicas.length)
    const isChanged = settings !== this.settings
    this.handle({ _tag: "Follow", settings, isUnderMinIsr })
    if (isChanged) this.log?.updateConfig(settings.log)
  }

  /** Leads under a newer epoch: the log is opened again, also when the partition was out of service. */
  changeEpoch(leaderEpoch: number): void {
    this.handle({ _tag: "ChangeEpoch", leaderEpoch, nowMs: this.nowMs })
  }

  /** Forgets the producers that were silent for too long. Source: ProducerStateManager.removeExpiredProducers. */
  expireProducers(nowMs: number): void {
    this.handle({ _tag: "ExpireProducers", producerExpirationMs: this.services.producerExpirationMs, nowMs })
  }

  /** Closes the log when the partition was not used since `unusedSinceMs`. */
  restIfUnused(unusedSinceMs: number, nowMs: number): void {
    if (this.watchers === undefined && this.lastUsedMs <= unusedSinceMs) this.handle({ _tag: "Rest", nowMs })
  }

  /** Answers the waiting appends that are due; returns when the next is. */
  expire(nowMs: number): number {
    this.handle({ _tag: "Expire", nowMs })
    return dueMsOf(this.state)
  }

  /**
   * Stops serving from now on: what is queued is still done, everything later is refused with `errorCode`. `ended` completes
   * once the log is closed; that of a deleted partition (UNKNOWN_TOPIC_OR_PARTITION) is left to `LogStore.remove`.
   */
  stop(errorCode: ErrorCode): void {
    this.handle({ _tag: "Stop", errorCode, nowMs: this.nowMs })
  }

  /** Completes once a stopped partition has done what it had accepted and its log is closed. */
  get ended(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      if (this.isEnded) return resume(Effect.void)
      this.onEnded ??= []
      this.onEnded.push(() => resume(Effect.void))
    })
  }

  private get nowMs(): number {
    return this.services.clock.currentTimeMillisUnsafe()
  }

  private beginRead(): OpenLog {
    this.handle({ _tag: "ReadBegun" })
    const { life } = this.state
    if (life._tag !== "Open") throw new Error(`a read began while the log was ${life._tag}`)
    return life.log
  }

  /** Hands an event to the machine and carries out what comes of it, after what is being carried out. */
  private handle(event: PartitionEvent): void {
    let effects: ReadonlyArray<PartitionEffect>
    try {
      effects = step(this.state, event)
    } catch (error) {
      effects = step(this.state, { _tag: "Crash", cause: error })
    }
    if (effects.length === 0) return
    if (this.pending !== undefined) {
      for (const effect of effects) this.pending.push(effect)
      return
    }
    const pending = this.pending = effects as Array<PartitionEffect>
    for (let i = 0; i < pending.length; i++) this.carryOutSafely(pending[i]!)
    this.pending = undefined
  }

  /** A caller that throws when it is answered does no harm to the partition, nor to the other callers. */
  private carryOutSafely(effect: PartitionEffect): void {
    try {
      this.carryOut(effect)
    } catch (error) {
      this.report(`${effect._tag} of partition ${directoryName(this.topicPartition)} failed`, error)
    }
  }

  private carryOut(effect: PartitionEffect): void {
    switch (effect._tag) {
      case "AskTick":
        return this.services.tick.atEnd(() => this.onTick())
      case "Answer":
        return effect.append.complete(effect.result)
      case "Show":
        if (this.watchers === undefined) return
        for (const watcher of this.watchers) watcher.onViewChange(this, effect.view, effect.addedBytes)
        return
      case "Write":
        return this.write(effect.chunks)
      case "Sync":
        return this.sync()
      case "Deadline":
        return effect.dueMs === Infinity
          ? this.services.deadlines.forget(this)
          : this.services.deadlines.watch(this, effect.dueMs)
      case "AnswerTask":
        return effect.task.answer(effect.refusal)
      case "Run":
        return this.run(effect.task, effect.view)
      case "Judge":
        return this.judge(effect.append, effect.check)
      case "AwaitTurn":
        return this.awaitTurn()
      case "Open":
        return this.open()
      case "Close":
        return this.close()
      case "Drop":
        return this.dropLog()
      case "Report":
        return this.report(effect.message, effect.cause)
      case "Ended":
        return this.end()
    }
  }

  private onTick(): void {
    this.lastUsedMs = this.nowMs
    this.handle({ _tag: "Tick", nowMs: this.lastUsedMs })
  }

  private get openOptions(): OpenLogOptions {
    const { leaderEpoch, settings, topicPartition } = this.state
    return { topicPartition, topicId: this.topicId, leaderEpoch, config: settings.log }
  }

  /** Opens a log that takes no look at files, as that of a partition that was never written to. */
  private openNow(): void {
    if (this.predecessor?.isEnded === false) return
    const log = this.services.logStore.openNow?.(this.openOptions)
    if (log !== undefined) this.onLogOpened(log)
  }

  private open(): void {
    this.openNow()
    if (this.log !== undefined) return
    const { predecessor } = this
    const options = this.openOptions
    const open = this.services.logStore.open(options)
    this.fork(predecessor === undefined ? open : Effect.andThen(predecessor.ended, open), (exit) => {
      if (this.state.life._tag !== "Opening") return
      if (Exit.isFailure(exit)) return this.handle(this.failed("OpenFailed", exit.cause))
      if (this.settings.log !== options.config) exit.value.updateConfig(this.settings.log)
      this.onLogOpened(exit.value)
    })
  }

  private onLogOpened(log: PartitionLog): void {
    this.log = log
    this.predecessor = undefined
    this.services.onOpened(this)
    const { producerExpirationMs } = this.services
    this.handle({ _tag: "Opened", log, producerExpirationMs, nowMs: this.nowMs })
  }

  private write(chunks: ReadonlyArray<Uint8Array>): void {
    const log = this.log!
    if (log.appendNow?.(chunks) === true) return this.handle({ _tag: "Written", log, nowMs: this.nowMs })
    this.fork(log.append(chunks), (exit) =>
      this.handleOf(
        log,
        Exit.isSuccess(exit)
          ? { _tag: "Written", log, nowMs: this.nowMs }
          : { ...this.failed("WriteFailed", exit.cause), log }
      ))
  }

  private run(task: TaskEntry, view: PartitionView): void {
    const log = this.log!
    task.run(log, view, () => this.handleOf(log, { _tag: "TaskDone", log, nowMs: this.nowMs }))
  }

  private judge(append: AppendEntry, check: BatchCheck): void {
    const log = this.log!
    this.fork(this.services.slices.withPermit(judgeInSlices(append, check)), (exit) =>
      this.handleOf(
        log,
        Exit.isSuccess(exit)
          ? { _tag: "Judged", append, outcome: exit.value, nowMs: this.nowMs }
          : { _tag: "Crash", cause: exit.cause }
      ))
  }

  private awaitTurn(): void {
    const log = this.log!
    this.fork(Effect.yieldNow, () => this.handleOf(log, { _tag: "NextTurn", nowMs: this.nowMs }))
  }

  private sync(): void {
    const log = this.log!
    this.fork(this.services.syncs.withPermit(log.flush), (exit) =>
      this.handleOf(
        log,
        Exit.isSuccess(exit) ? { _tag: "Synced", log, nowMs: this.nowMs } : this.failed("SyncFailed", exit.cause)
      ))
  }

  private close(): void {
    const log = this.log!
    this.dropLog()
    // A log that closes writes and syncs several files, and of descriptors a process has few.
    this.fork(this.services.closes.withPermit(log.close), (exit) => {
      if (this.state.life._tag !== "Closing") return
      this.handle(
        Exit.isSuccess(exit) ? { _tag: "LogClosed", nowMs: this.nowMs } : this.failed("CloseFailed", exit.cause)
      )
    })
  }

  private dropLog(): void {
    this.log = undefined
    this.services.onClosed(this)
  }

  private end(): void {
    this.isEnded = true
    const onEnded = this.onEnded
    this.onEnded = undefined
    if (onEnded !== undefined) { for (const notify of onEnded) notify() }
  }

  /** What a log did that was let go of after a mistake of the program is of no interest any more. */
  private handleOf(log: PartitionLog, event: PartitionEvent): void {
    if (this.log === log) this.handle(event)
  }

  private failed<Tag extends string>(tag: Tag, cause: Cause.Cause<LogStoreError>) {
    return { _tag: tag, reason: reasonOf(cause), cause, nowMs: this.nowMs }
  }

  private report(message: string, cause: unknown): void {
    this.services.fork(Effect.logError(message, cause))
  }

  private fork<A, E>(effect: Effect.Effect<A, E>, onExit: (exit: Exit.Exit<A, E>) => void): void {
    this.services.fork(Effect.map(Effect.exit(effect), onExit))
  }
}

/** Lets everything else run between the slices. */
const judgeInSlices = (
  { batch, options: { origin, request } }: AppendEntry,
  check: BatchCheck
): Effect.Effect<Judged> =>
  inSlices(() => {
    const leftBytes = PartitionLeaderLimits.decompressedInRequestBytesMax - (request?.decompressedBytes ?? 0)
    return validateInSlices(batch, origin, {
      ...check,
      decompressedBytesMax: Math.min(check.decompressedBytesMax, leftBytes)
    }, (bytes) => {
      if (request !== undefined) request.decompressedBytes += bytes
    })
  })
