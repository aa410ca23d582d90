import { Effect } from "effect"
import type { Clock } from "effect"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { CompressionCodecs } from "../../protocol/records/Compression.ts"
import { RecordBatchBuilder } from "../../protocol/records/RecordBatchBuilder.ts"
import { monotonicMs } from "../../model/monotonicMs.ts"
import type { Deadlines } from "../Deadlines.ts"
import type { AppendOptions, PartitionLeader } from "../partition-leader/PartitionLeaders.ts"
import { CoordinatorLimits } from "./CoordinatorLimits.ts"
import type {
  Coordination,
  CoordinatorDecision,
  CoordinatorEffect,
  CoordinatorMachine,
  ReplyTo
} from "./CoordinatorMachine.ts"
import { loadPartition } from "./loadPartition.ts"

/** A request that waits for an answer; exactly one of the two is called, once. */
export interface Waiter<Reply> {
  readonly complete: (reply: Reply) => void
  readonly fail: (errorCode: ErrorCode) => void
}

/** A deadline of a key of a partition. */
export interface PartitionDeadline<C extends Coordination> {
  readonly partition: CoordinatorPartition<C>
  readonly key: string
  readonly deadline: C["Deadline"]
}

/** What all partitions of a coordinator share. */
export interface CoordinatorServices<C extends Coordination> {
  readonly clock: Clock.Clock
  readonly codecs: CompressionCodecs
  readonly machine: CoordinatorMachine<C>
  readonly deadlines: Deadlines<PartitionDeadline<C>, string>
  /** Makes the sleeper look for an earlier deadline. */
  readonly wake: () => void
  /** Starts a fiber that lives no longer than the coordinator. */
  readonly fork: (effect: Effect.Effect<void>) => void
  /** The leader of this partition, undefined when it is elsewhere. */
  readonly findLeader: (partition: number) => PartitionLeader | undefined
  /** Takes the events of committed decisions. */
  readonly emit: (event: C["Event"]) => void
  /** How long an append may wait to be committed. */
  readonly appendTimeoutMs: number
}

/** The marker of a transaction that ended, as a batch for the partition's log. */
export interface TransactionEnd {
  readonly batch: Uint8Array
  readonly options: AppendOptions
  readonly producerId: number
  readonly isCommit: boolean
}

/** An append under way, with what waits for it. */
interface Append<C extends Coordination> {
  readonly replies: Array<{ readonly to: ReplyTo; readonly reply: C["Reply"] }>
  readonly reads: Array<Waiter<void>>
  readonly events: Array<C["Event"]>
}

/** How a failed append is answered. Source: CoordinatorRuntime, appendGroupMetadataErrorToResponseError. */
const answerForAppend = (errorCode: ErrorCode): ErrorCode => {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
    case ErrorCode.INVALID_FETCH_SIZE:
      return ErrorCode.UNKNOWN_SERVER_ERROR
    default:
      return errorCode
  }
}

/**
 * The keys of one partition of an internal topic and their only owner: commands are decided one after the other, each
 * to its end, so a key needs no queue of its own. Records are replayed when they are handed to the leader, and answers
 * wait until the leader has committed them, together with all answers decided after them. When an append fails,
 * everything not committed is forgotten: what waits is answered NOT_COORDINATOR, and the log is read again.
 * Source: CoordinatorRuntime.
 */
export class CoordinatorPartition<C extends Coordination> {
  readonly partition: number
  private readonly services: CoordinatorServices<C>
  private state: C["State"]
  private phase: "Unloaded" | "Loading" | "Active" = "Unloaded"
  /** Whose log the state is of. */
  private leader: PartitionLeader | undefined = undefined
  private epoch = -1
  /** Changes with every (un)load, so that what belongs to an older one is recognised. */
  private term = 0
  private readonly waiters = new Map<ReplyTo, Waiter<C["Reply"]>>()
  private nextReplyTo = 0
  private inFlight: Array<Append<C>> = []

  constructor(partition: number, services: CoordinatorServices<C>) {
    this.partition = partition
    this.services = services
    this.state = services.machine.empty()
  }

  /** The leader epoch that the state was loaded under; -1 when it is not. */
  get leaderEpoch(): number {
    return this.epoch
  }

  /** NONE when commands are taken; starts a load when the partition was not loaded, or under another epoch. */
  readiness(): ErrorCode {
    const leader = this.services.findLeader(this.partition)
    if (leader === undefined) {
      if (this.phase !== "Unloaded") this.unload(ErrorCode.NOT_COORDINATOR)
      return ErrorCode.NOT_COORDINATOR
    }
    const isCurrent = leader === this.leader && leader.leaderEpoch === this.epoch
    if (isCurrent && this.phase === "Active") return ErrorCode.NONE
    if (!isCurrent && this.phase !== "Unloaded") this.unload(ErrorCode.NOT_COORDINATOR)
    if (this.phase === "Unloaded") this.load(leader)
    return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  }

  /** Decides a command; the answer may come at once or later. Returns how to stop waiting for it. */
  submit(command: (replyTo: ReplyTo) => C["Command"], waiter: Waiter<C["Reply"]>): () => void {
    const errorCode = this.waiters.size >= CoordinatorLimits.parkedRepliesMax
      ? ErrorCode.COORDINATOR_NOT_AVAILABLE
      : this.readiness()
    if (errorCode !== ErrorCode.NONE) {
      waiter.fail(errorCode)
      return () => {}
    }
    const replyTo = this.nextReplyTo++
    this.waiters.set(replyTo, waiter)
    if (!this.run(command(replyTo))) this.fail(replyTo, ErrorCode.UNKNOWN_SERVER_ERROR)
    return () => this.waiters.delete(replyTo)
  }

  /** Reads the state as it is, and gives the result once all that was decided before is committed. */
  read<A>(use: (state: C["State"]) => A, waiter: Waiter<A>): void {
    const errorCode = this.readiness()
    if (errorCode !== ErrorCode.NONE) return waiter.fail(errorCode)
    const result = use(this.state)
    const last = this.inFlight[this.inFlight.length - 1]
    if (last === undefined) waiter.complete(result)
    else last.reads.push({ complete: () => waiter.complete(result), fail: waiter.fail })
  }

  /** Decides a command of a deadline. */
  expire({ deadline, key }: PartitionDeadline<C>): void {
    if (this.readiness() === ErrorCode.NONE) this.run(this.services.machine.expired(key, deadline))
  }

  /** Decides commands that nothing waits for, chosen by the state. */
  sweep(commands: (state: C["State"], nowMs: number) => Iterable<C["Command"]>): void {
    if (this.readiness() !== ErrorCode.NONE) return
    for (const command of [...commands(this.state, this.services.clock.currentTimeMillisUnsafe())]) this.run(command)
  }

  /**
   * Appends the marker that ends a transaction on this partition. It is replayed in its place of the log, as any record
   * is; refused by the leader, it is not in the log, and the state is read again. Source:
   * CoordinatorRuntime.scheduleTransactionCompletion.
   */
  appendMarker(marker: TransactionEnd, waiter: Waiter<void>): void {
    const errorCode = this.readiness()
    const { leader, term } = this
    if (errorCode !== ErrorCode.NONE || leader === undefined) return waiter.fail(errorCode)
    this.services.machine.replayTransactionEnd(this.state, marker.producerId, marker.isCommit)
    const append = this.begin()
    leader.append(marker.batch, marker.options, (result) => {
      this.ended(term, append, result.errorCode)
      if (result.errorCode === ErrorCode.NONE) waiter.complete()
      else waiter.fail(result.errorCode)
    })
  }

  /** Answers what waits for other commands; an answer that waits for its append only is left alone. */
  stopWaiting(errorCode: ErrorCode): void {
    const decided = new Set(this.inFlight.flatMap(({ replies }) => replies.map(({ to }) => to)))
    for (const replyTo of [...this.waiters.keys()]) if (!decided.has(replyTo)) this.fail(replyTo, errorCode)
  }

  /** Answers all that waits with a code, and forgets everything. */
  unload(errorCode: ErrorCode): void {
    const { inFlight } = this
    this.term++
    this.phase = "Unloaded"
    this.leader = undefined
    this.epoch = -1
    this.state = this.services.machine.empty()
    this.inFlight = []
    this.services.deadlines.cancelWhere((deadline) => deadline.partition === this)
    for (const replyTo of [...this.waiters.keys()]) this.fail(replyTo, errorCode)
    for (const { reads } of inFlight) for (const read of reads) read.fail(errorCode)
  }

  private load(leader: PartitionLeader): void {
    const { codecs, fork, machine } = this.services
    const term = ++this.term
    this.phase = "Loading"
    this.leader = leader
    this.epoch = leader.leaderEpoch
    fork(Effect.matchEffect(loadPartition(leader, machine, codecs), {
      onSuccess: (state) => Effect.sync(() => this.loaded(term, state)),
      onFailure: (errorCode) =>
        Effect.andThen(
          Effect.logWarning(`Partition ${this.partition} of ${machine.topic} cannot be loaded: error ${errorCode}`),
          Effect.sync(() => {
            if (this.term === term) this.unload(ErrorCode.NOT_COORDINATOR)
          })
        )
    }))
  }

  private loaded(term: number, state: C["State"]): void {
    if (this.term !== term) return
    this.state = state
    this.phase = "Active"
    for (const command of [...this.services.machine.afterLoad(state)]) this.run(command)
  }

  /**
   * A broken invariant costs one answer, not the broker: deciding changes nothing, so the state is as it was.
   */
  private decide(command: C["Command"], nowMs: number): CoordinatorDecision<C> | undefined {
    const { fork, machine } = this.services
    try {
      return machine.decide(this.state, command, nowMs)
    } catch (error) {
      fork(Effect.logError(`${command._tag} of ${machine.keyOf(command)} failed`, error))
      return undefined
    }
  }

  private batchOf(decision: CoordinatorDecision<C>, command: C["Command"], nowMs: number): Uint8Array {
    const { machine } = this.services
    const transaction = machine.transactionOf(command)
    const builder = new RecordBatchBuilder(transaction === undefined ? {} : { ...transaction, isTransactional: true })
    for (const record of decision.records) {
      const { key, value } = machine.encode(record)
      builder.append({ key, value, timestamp: nowMs })
    }
    return builder.build()
  }

  private apply({ records, soft }: CoordinatorDecision<C>, producerId: number): void {
    const { machine } = this.services
    for (const record of records) machine.replay(this.state, record, producerId)
    if (soft !== undefined) machine.applySoft(this.state, soft)
  }

  private begin(): Append<C> {
    const append: Append<C> = { replies: [], reads: [], events: [] }
    this.inFlight.push(append)
    return append
  }

  /** False when there is no decision or it cannot be written; nothing happened then. */
  private run(command: C["Command"]): boolean {
    const { leader } = this
    if (leader === undefined) return false
    const { appendTimeoutMs, clock, machine } = this.services
    const nowMs = clock.currentTimeMillisUnsafe()
    const decision = this.decide(command, nowMs)
    if (decision === undefined) return false
    const key = machine.keyOf(command)
    if (decision.records.length === 0) {
      this.apply(decision, -1)
      this.carryOut(key, decision.effects)
      return true
    }
    const batch = this.batchOf(decision, command, nowMs)
    if (batch.length > leader.settings.maxMessageBytes) return false
    this.apply(decision, machine.transactionOf(command)?.producerId ?? -1)
    const append = this.begin()
    this.carryOut(key, decision.effects)
    const { term } = this
    leader.append(
      batch,
      { acks: -1, timeoutMs: appendTimeoutMs, origin: "Coordinator" },
      (result) => this.ended(term, append, result.errorCode)
    )
    return true
  }

  private ended(term: number, append: Append<C>, errorCode: ErrorCode): void {
    if (this.term !== term) return
    if (errorCode !== ErrorCode.NONE) {
      for (const { to } of append.replies) this.fail(to, answerForAppend(errorCode))
      return this.unload(ErrorCode.NOT_COORDINATOR)
    }
    const at = this.inFlight.indexOf(append)
    if (at >= 0) this.inFlight.splice(at, 1)
    for (const { reply, to } of append.replies) this.deliver(to, reply)
    for (const read of append.reads) read.complete()
    for (const event of append.events) this.services.emit(event)
  }

  private carryOut(key: string, effects: ReadonlyArray<CoordinatorEffect<C>>): void {
    const { clock, deadlines, emit, wake } = this.services
    const last = this.inFlight[this.inFlight.length - 1]
    for (const effect of effects) {
      switch (effect._tag) {
        case "Reply":
          if (last === undefined) this.deliver(effect.to, effect.reply)
          else last.replies.push(effect)
          break
        case "Emit":
          if (last === undefined) emit(effect.event)
          else last.events.push(effect.event)
          break
        case "Cancel":
          deadlines.cancel({ partition: this, key, deadline: effect.deadline })
          break
        case "Schedule":
          deadlines.schedule(
            { partition: this, key, deadline: effect.deadline },
            monotonicMs(clock) + effect.delayMs,
            effect.ifAbsent
          )
          wake()
      }
    }
  }

  private deliver(to: ReplyTo, reply: C["Reply"]): void {
    const waiter = this.waiters.get(to)
    this.waiters.delete(to)
    waiter?.complete(reply)
  }

  private fail(to: ReplyTo, errorCode: ErrorCode): void {
    const waiter = this.waiters.get(to)
    this.waiters.delete(to)
    waiter?.fail(errorCode)
  }
}
