import { Result } from "effect"
import type { ReplyTo } from "../../../src/actors/coordinator-runtime/CoordinatorMachine.ts"
import type { TimerKind } from "../../../src/actors/group-coordinator/GroupEffect.ts"
import type { GroupTopic, GroupTopics } from "../../../src/actors/group-coordinator/GroupTopics.ts"
import { TopicMatches } from "../../../src/actors/group-coordinator/TopicMatches.ts"
import { decide } from "../../../src/actors/group-coordinator/machine/decide.ts"
import type { GroupCommand } from "../../../src/actors/group-coordinator/machine/GroupCommand.ts"
import { applySoft, type GroupDecision } from "../../../src/actors/group-coordinator/machine/GroupDecision.ts"
import {
  emptyPartitionState,
  type PartitionState,
  replay
} from "../../../src/actors/group-coordinator/machine/PartitionState.ts"
import type { CoordinatorRecord } from "../../../src/actors/group-coordinator/records/CoordinatorRecord.ts"
import { decodeRecord } from "../../../src/actors/group-coordinator/records/decodeRecord.ts"
import { encodeRecord } from "../../../src/actors/group-coordinator/records/encodeRecord.ts"
import type { GroupSettings } from "../../../src/config/broker-settings/GroupSettings.ts"
import { brokerSettings } from "../../../src/config/BrokerSettings.ts"
import { Uuid } from "../../../src/model/Uuid.ts"

/** Kafka's defaults. */
const defaultSettings: GroupSettings = Result.getOrThrow(
  brokerSettings(new Map([["log.dirs", "/data"], ["node.id", "1"]]))
).group

/** An id that is the same for the same number. */
export const topicIdOf = (number: number): Uuid => {
  const bytes = new Uint8Array(16).fill(7)
  bytes[15] = number
  return Uuid.fromBytes(bytes)
}

/** Topics by name with their partition counts; ids follow the order. */
export const topicsOf = (counts: Readonly<Record<string, number>>, endOffset = 1): GroupTopics => {
  const topics: ReadonlyArray<GroupTopic> = Object.entries(counts).map(([name, partitionCount], i) => ({
    name,
    id: topicIdOf(i + 1),
    partitionCount
  }))
  const matches = new TopicMatches({ atEnd: () => undefined })
  const shown: GroupTopics = {
    endOffset,
    byName: (name) => topics.find((topic) => topic.name === name),
    byId: (id) => topics.find((topic) => topic.id === id),
    names: () => topics.map((topic) => topic.name),
    matching: (regularExpression) => matches.matching(regularExpression, shown)
  }
  return shown
}

interface PendingTimer {
  readonly groupId: string
  readonly timer: TimerKind
  readonly memberId: string
  readonly atMs: number
  readonly order: number
}

/** Omits the reply token, which the simulation hands out. */
export type Ask = GroupCommand extends infer C ? C extends { readonly replyTo: ReplyTo } ? Omit<C, "replyTo"> : C
  : never

/** One coordinator partition without an Effect runtime: a clock by hand, timers in a map, a log in an array. */
export class GroupSimulation {
  state: PartitionState = emptyPartitionState()
  nowMs = 1_000_000
  settings: GroupSettings
  topics: GroupTopics
  /** All records appended, one array per batch. */
  readonly log: Array<ReadonlyArray<CoordinatorRecord>> = []
  readonly replies = new Map<ReplyTo, unknown>()
  private readonly timers = new Map<string, PendingTimer>()
  private nextReplyTo = 0
  private order = 0
  /** Called after every decision was applied. */
  onApplied: (decision: GroupDecision) => void = () => {}

  constructor(options: { readonly settings?: Partial<GroupSettings>; readonly topics?: GroupTopics } = {}) {
    this.settings = { ...defaultSettings, ...options.settings }
    this.topics = options.topics ?? topicsOf({ orders: 4, payments: 2 })
  }

  /** Sends a command; the token under which its answer will be found. */
  send(command: Ask): ReplyTo {
    const replyTo = this.nextReplyTo++
    this.apply({ ...command, replyTo } as GroupCommand)
    return replyTo
  }

  /** Sends a command that is answered at once. */
  ask<A>(command: Ask): A {
    const replyTo = this.send(command)
    if (!this.replies.has(replyTo)) throw new Error(`${command._tag} was not answered`)
    return this.replies.get(replyTo) as A
  }

  answer<A>(replyTo: ReplyTo): A | undefined {
    return this.replies.get(replyTo) as A | undefined
  }

  /** Records of the newest batch. */
  get lastRecords(): ReadonlyArray<CoordinatorRecord> {
    return this.log[this.log.length - 1] ?? []
  }

  timerAt(timer: TimerKind, memberId = ""): number | undefined {
    for (const pending of this.timers.values()) {
      if (pending.timer === timer && pending.memberId === memberId) return pending.atMs - this.nowMs
    }
    return undefined
  }

  private apply(command: GroupCommand): void {
    const decision = decide(this.state, command, { nowMs: this.nowMs, settings: this.settings, topics: this.topics })
    const producerId = command._tag === "Commit" ? command.transaction?.producerId ?? -1 : -1
    for (const record of decision.records) replay(this.state, record, producerId)
    if (decision.soft !== undefined) applySoft(this.state, decision.soft)
    if (decision.records.length > 0) this.log.push(decision.records)
    for (const effect of decision.effects) {
      if (effect._tag === "Reply") {
        if (this.replies.has(effect.to)) throw new Error(`answered twice: ${command._tag}`)
        this.replies.set(effect.to, effect.reply.response)
        continue
      }
      if (effect._tag === "Emit") continue
      const { memberId, timer } = effect.deadline
      const key = `${command.groupId}/${timer}/${memberId}`
      if (effect._tag === "Cancel") this.timers.delete(key)
      else if (!effect.ifAbsent || !this.timers.has(key)) {
        this.timers.set(key, {
          groupId: command.groupId,
          timer,
          memberId,
          atMs: this.nowMs + effect.delayMs,
          order: this.order++
        })
      }
    }
    this.onApplied(decision)
  }

  /** Lets time pass; deadlines fire in order. */
  advance(ms: number): void {
    const until = this.nowMs + ms
    for (;;) {
      let next: readonly [string, PendingTimer] | undefined
      for (const [key, timer] of this.timers) {
        if (timer.atMs > until) continue
        if (
          next === undefined || timer.atMs < next[1].atMs ||
          (timer.atMs === next[1].atMs && timer.order < next[1].order)
        ) next = [key, timer]
      }
      if (next === undefined) break
      this.timers.delete(next[0])
      const { atMs, groupId, memberId, timer } = next[1]
      this.nowMs = Math.max(this.nowMs, atMs)
      this.apply({ _tag: "Timer", groupId, memberId, timer })
    }
    this.nowMs = until
  }

  /** The state that replaying the log gives, through the bytes. */
  replayed(): PartitionState {
    const state = emptyPartitionState()
    for (const batch of this.log) {
      for (const record of batch) {
        const { key, value } = encodeRecord(record)
        const decoded = decodeRecord(key, value)
        if (decoded !== undefined) replay(state, decoded, -1)
      }
    }
    return state
  }

  /** The coordinator dies and is loaded again: soft state, deadlines and parked answers are gone. */
  crash(): void {
    this.timers.clear()
    this.state = this.replayed()
    for (const groupId of [...this.state.groups.keys()]) this.apply({ _tag: "Loaded", groupId })
  }
}

/** Entries in the order of their keys. */
const inOrder = <Key extends string | number, Value>(
  entries: Iterable<readonly [Key, Value]>
): ReadonlyArray<readonly [Key, Value]> => [...entries].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)

/** What of a state must outlive a crash, in a form that can be compared. */
export const durablePart = (state: PartitionState): unknown => ({
  groups: inOrder(state.groups).map(([groupId, group]) =>
    group._tag === "Classic"
      ? { groupId, persisted: group.persisted }
      : {
        groupId,
        epochs: [group.groupEpoch, group.targetEpoch, group.metadataHash],
        members: inOrder(group.members),
        staticMembers: inOrder(group.staticMembers),
        target: inOrder(group.target),
        owners: inOrder(group.owners).map(([id, owners]) => [id, inOrder(owners)]),
        regularExpressions: inOrder(group.regularExpressions)
      }
  ),
  offsets: inOrder(state.offsets.committed).map(([groupId, topics]) => [
    groupId,
    inOrder(topics).map(([topic, partitions]) => [topic, inOrder(partitions)])
  ])
})
