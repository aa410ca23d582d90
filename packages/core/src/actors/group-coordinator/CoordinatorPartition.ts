import { Effect } from "effect"
import type { Clock } from "effect"
import type { GroupSettings } from "../../config/broker-settings/GroupSettings.ts"
import type { Metadata } from "../../metadata/Metadata.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { CompressionCodecs } from "../../protocol/records/Compression.ts"
import type { AppendResult, PartitionLeader } from "../partition-leader/PartitionLeaders.ts"
import type { GroupEffect, ReplyTo, TimerKind } from "./GroupEffect.ts"
import { GroupLimits } from "./GroupLimits.ts"
import type { GroupTimers } from "./GroupTimers.ts"
import type { GroupTopics } from "./GroupTopics.ts"
import { loadPartition } from "./loadPartition.ts"
import { decide } from "./machine/decide.ts"
import type { GroupCommand } from "./machine/GroupCommand.ts"
import { applyDecision, type GroupDecision, type GroupEnvironment } from "./machine/GroupDecision.ts"
import { emptyPartitionState, type PartitionState, replayTransactionEnd } from "./machine/PartitionState.ts"
import { type OffsetTransaction, recordBatch } from "./records/recordBatch.ts"
import { settingsOfGroup } from "./settingsOfGroup.ts"

/** Somebody who waits for an answer; exactly one of the two is called, once. */
export interface Waiter {
  readonly complete: (response: unknown) => void
  readonly fail: (errorCode: ErrorCode) => void
}

/** A deadline of a group of a partition. */
export interface GroupTimer {
  readonly partition: CoordinatorPartition
  readonly groupId: string
  readonly timer: TimerKind
  readonly memberId: string
}

/** What all partitions of a coordinator share. */
export interface CoordinatorServices {
  readonly clock: Clock.Clock
  readonly codecs: CompressionCodecs
  readonly metadata: Metadata["Service"]
  readonly topics: () => GroupTopics
  readonly settings: GroupSettings
  readonly timers: GroupTimers<GroupTimer>
  /** Tells the sleeper that an earlier deadline may have come. */
  readonly wake: () => void
  /** Starts a fiber that lives no longer than the coordinator. */
  readonly fork: (effect: Effect.Effect<void>) => void
  /** The leader of this partition, undefined when it is elsewhere. */
  readonly findLeader: (partition: number) => PartitionLeader | undefined
}

/** An append under way, with the answers that wait for it. */
interface Append {
  readonly replies: Array<{ readonly to: ReplyTo; readonly response: unknown }>
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
 * The groups of one partition of `__consumer_offsets` and their only owner: commands are decided one after the other,
 * each to its end, so a group needs no queue of its own. Records are replayed when they are handed to the leader, and
 * answers wait until the leader has committed them, together with all answers decided after them. When an append fails,
 * everything not committed is forgotten: whoever waits is told to look for the coordinator, and the log is read again.
 * Source: CoordinatorRuntime.
 */
export class CoordinatorPartition {
  readonly partition: number
  private readonly services: CoordinatorServices
  private state: PartitionState = emptyPartitionState()
  private phase: "Unloaded" | "Loading" | "Active" = "Unloaded"
  /** Whose log the state is of. */
  private leader: PartitionLeader | undefined = undefined
  private leaderEpoch = -1
  /** Changes with every (un)load, so that what belongs to an older one is recognised. */
  private term = 0
  private readonly waiters = new Map<ReplyTo, Waiter>()
  private nextReplyTo = 0
  private inFlight: Array<Append> = []

  constructor(partition: number, services: CoordinatorServices) {
    this.partition = partition
    this.services = services
  }

  /** NONE when commands are taken; starts a load when the partition was not loaded, or under another epoch. */
  readiness(): ErrorCode {
    const leader = this.services.findLeader(this.partition)
    if (leader === undefined) {
      if (this.phase !== "Unloaded") this.unload(ErrorCode.NOT_COORDINATOR)
      return ErrorCode.NOT_COORDINATOR
    }
    const isCurrent = leader === this.leader && leader.leaderEpoch === this.leaderEpoch
    if (isCurrent && this.phase === "Active") return ErrorCode.NONE
    if (!isCurrent && this.phase !== "Unloaded") this.unload(ErrorCode.NOT_COORDINATOR)
    if (this.phase === "Unloaded") this.load(leader)
    return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  }

  /** Decides a command; the answer may come at once or later. Returns how to stop waiting for it. */
  submit(command: (replyTo: ReplyTo) => GroupCommand, waiter: Waiter, transaction?: OffsetTransaction): () => void {
    const errorCode = this.waiters.size >= GroupLimits.parkedRepliesMax
      ? ErrorCode.COORDINATOR_NOT_AVAILABLE
      : this.readiness()
    if (errorCode !== ErrorCode.NONE) {
      waiter.fail(errorCode)
      return () => {}
    }
    const replyTo = this.nextReplyTo++
    this.waiters.set(replyTo, waiter)
    if (!this.run(command(replyTo), transaction)) this.fail(replyTo, ErrorCode.UNKNOWN_SERVER_ERROR)
    return () => this.waiters.delete(replyTo)
  }

  /** Answers from the state as it is, once all that was decided before is committed. */
  read(use: (state: PartitionState) => unknown, waiter: Waiter): void {
    const errorCode = this.readiness()
    if (errorCode !== ErrorCode.NONE) return waiter.fail(errorCode)
    const replyTo = this.nextReplyTo++
    this.waiters.set(replyTo, waiter)
    this.carryOut("", [{ _tag: "Reply", to: replyTo, response: use(this.state) }])
  }

  /** A deadline passed. */
  expire({ groupId, memberId, timer }: GroupTimer): void {
    if (this.readiness() === ErrorCode.NONE) this.run({ _tag: "Timer", groupId, memberId, timer }, undefined)
  }

  /** Forgets offsets whose time is over. */
  expireOffsets(): void {
    if (this.readiness() !== ErrorCode.NONE) return
    for (const groupId of [...this.state.groups.keys()]) this.run({ _tag: "ExpireOffsets", groupId }, undefined)
  }

  /** Removes the offsets of topics that are gone. Source: GroupCoordinatorService.onPartitionsDeleted. */
  deleteTopics(topics: ReadonlySet<string>): void {
    if (this.readiness() !== ErrorCode.NONE) return
    for (const groupId of [...this.state.offsets.committed.keys()]) {
      this.run({ _tag: "TopicsDeleted", groupId, topics }, undefined)
    }
  }

  /** A transaction's marker was appended to this partition. */
  completeTransaction(producerId: number, isCommit: boolean): void {
    if (this.phase === "Active") replayTransactionEnd(this.state, producerId, isCommit)
  }

  /** Answers those who wait for other members; an answer that waits for its append only is left alone. */
  stopWaiting(errorCode: ErrorCode): void {
    const decided = new Set(this.inFlight.flatMap(({ replies }) => replies.map(({ to }) => to)))
    for (const replyTo of [...this.waiters.keys()]) if (!decided.has(replyTo)) this.fail(replyTo, errorCode)
  }

  /** Tells everybody who waits that the coordinator is elsewhere, and forgets everything. */
  unload(errorCode: ErrorCode): void {
    this.term++
    this.phase = "Unloaded"
    this.leader = undefined
    this.leaderEpoch = -1
    this.state = emptyPartitionState()
    this.inFlight = []
    this.services.timers.cancelWhere((timer) => timer.partition === this)
    for (const replyTo of [...this.waiters.keys()]) this.fail(replyTo, errorCode)
  }

  private load(leader: PartitionLeader): void {
    const term = ++this.term
    this.phase = "Loading"
    this.leader = leader
    this.leaderEpoch = leader.leaderEpoch
    this.services.fork(Effect.matchEffect(loadPartition(leader, this.services.codecs), {
      onSuccess: (state) => Effect.sync(() => this.loaded(term, state)),
      onFailure: (errorCode) =>
        Effect.andThen(
          Effect.logWarning(`Groups of partition ${this.partition} cannot be loaded: error ${errorCode}`),
          Effect.sync(() => {
            if (this.term === term) this.unload(ErrorCode.NOT_COORDINATOR)
          })
        )
    }))
  }

  private loaded(term: number, state: PartitionState): void {
    if (this.term !== term) return
    this.state = state
    this.phase = "Active"
    for (const groupId of [...state.groups.keys()]) this.run({ _tag: "Loaded", groupId }, undefined)
  }

  private environment(groupId: string): GroupEnvironment {
    const { clock, metadata, settings, topics } = this.services
    return {
      nowMs: clock.currentTimeMillisUnsafe(),
      settings: settingsOfGroup(settings, metadata.current().configs("GROUP", groupId)),
      topics: topics()
    }
  }

  /**
   * A broken invariant costs one answer, not the broker: deciding changes nothing, so the groups are as they were.
   */
  private decide(command: GroupCommand, environment: GroupEnvironment): GroupDecision | undefined {
    try {
      return decide(this.state, command, environment)
    } catch (error) {
      this.services.fork(Effect.logError(`${command._tag} of group ${command.groupId} failed`, error))
      return undefined
    }
  }

  /** False when there is no decision or it cannot be written; nothing happened then. */
  private run(command: GroupCommand, transaction: OffsetTransaction | undefined): boolean {
    const { leader } = this
    if (leader === undefined) return false
    const environment = this.environment(command.groupId)
    const decision = this.decide(command, environment)
    if (decision === undefined) return false
    const { effects, groupId, records } = decision
    if (records.length === 0) {
      applyDecision(this.state, decision)
      this.carryOut(groupId, effects)
      return true
    }
    const batch = recordBatch(records, environment.nowMs, transaction)
    if (batch.length > leader.settings.maxMessageBytes) return false
    applyDecision(this.state, decision, transaction?.producerId)
    const append: Append = { replies: [] }
    this.inFlight.push(append)
    this.carryOut(groupId, effects)
    const { term } = this
    leader.append(
      batch,
      { acks: -1, timeoutMs: environment.settings.offsetsCommitTimeoutMs, origin: "Coordinator" },
      (result) => this.appended(term, append, result)
    )
    return true
  }

  private appended(term: number, append: Append, result: AppendResult): void {
    if (this.term !== term) return
    if (result.errorCode !== ErrorCode.NONE) {
      const errorCode = answerForAppend(result.errorCode)
      for (const { to } of append.replies) this.fail(to, errorCode)
      return this.unload(ErrorCode.NOT_COORDINATOR)
    }
    const at = this.inFlight.indexOf(append)
    if (at >= 0) this.inFlight.splice(at, 1)
    for (const { response, to } of append.replies) this.deliver(to, response)
  }

  private carryOut(groupId: string, effects: ReadonlyArray<GroupEffect>): void {
    const { clock, timers, wake } = this.services
    for (const effect of effects) {
      if (effect._tag === "Reply") {
        const last = this.inFlight[this.inFlight.length - 1]
        if (last === undefined) this.deliver(effect.to, effect.response)
        else last.replies.push(effect)
        continue
      }
      const timer: GroupTimer = { partition: this, groupId, timer: effect.timer, memberId: effect.memberId }
      if (effect._tag === "Cancel") timers.cancel(timer)
      else {
        timers.schedule(timer, clock.currentTimeMillisUnsafe() + effect.delayMs, effect.ifAbsent)
        wake()
      }
    }
  }

  private deliver(to: ReplyTo, response: unknown): void {
    const waiter = this.waiters.get(to)
    this.waiters.delete(to)
    waiter?.complete(response)
  }

  private fail(to: ReplyTo, errorCode: ErrorCode): void {
    const waiter = this.waiters.get(to)
    this.waiters.delete(to)
    waiter?.fail(errorCode)
  }
}
