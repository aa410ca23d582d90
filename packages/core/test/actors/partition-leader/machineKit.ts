import type { AppendResult } from "../../../src/actors/partition-leader/AppendResult.ts"
import type { AppendOptions } from "../../../src/actors/partition-leader/PartitionLeader.ts"
import { step } from "../../../src/actors/partition-leader/PartitionMachine.ts"
import {
  initialState,
  type LogFacts,
  type OpenLog,
  type PartitionEffect,
  type PartitionEvent,
  type PartitionState,
  type TaskEntry
} from "../../../src/actors/partition-leader/PartitionState.ts"
import { makeTopicSettingsOf } from "../../../src/config/TopicSettings.ts"
import type { LogStoreReason } from "../../../src/log/LogStore.ts"
import { ProducerStates } from "../../../src/log/ProducerStates.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { batchOf, imageOf, testCodecs, topicImage } from "./testLeaders.ts"

const settings = makeTopicSettingsOf(new Map())(imageOf(), topicImage("t"))

/** A log as a test moves it. */
interface TestLog extends LogFacts {
  leaderEpoch: number
  logStartOffset: number
  logEndOffset: number
  durableEndOffset: number
}

const testLog = (leaderEpoch = 0): TestLog => ({
  leaderEpoch,
  logStartOffset: 0,
  logEndOffset: 0,
  durableEndOffset: 0,
  producers: new ProducerStates()
})

/**
 * A partition leader without a shell: a test says what the log did. Answers are noted as `name@base offset` or
 * `name:error code`.
 */
export class Machine {
  readonly state: PartitionState
  log = testLog()
  nowMs = 1_000
  readonly turn = { isSpent: false, spend: () => undefined }
  readonly answers: Array<string> = []
  /** Tags of the effects of the last event. */
  effects: ReadonlyArray<PartitionEffect> = []
  private readonly names = new Map<unknown, string>()
  private readonly chunks: Array<ReadonlyArray<Uint8Array>> = []

  constructor(options: { readonly isAcksAllSynced?: boolean } = {}) {
    this.state = initialState({
      topicPartition: { topic: "t", partition: 0 },
      codecs: testCodecs,
      turn: this.turn,
      isAcksAllSynced: options.isAcksAllSynced ?? true,
      leaderEpoch: 0,
      settings
    })
  }

  /** Tags of the effects, in order. */
  send(event: PartitionEvent): ReadonlyArray<string> {
    this.effects = step(this.state, event)
    for (const effect of this.effects) this.note(effect)
    return this.effects.map(({ _tag }) => _tag)
  }

  append(
    name: string,
    options: Partial<AppendOptions> = {},
    batch: Uint8Array = batchOf([name])
  ): ReadonlyArray<string> {
    const event = {
      _tag: "Append",
      batch,
      options: { acks: 1, timeoutMs: 1_000, origin: "Client", ...options },
      complete: () => {}
    } as const
    this.names.set(event, name)
    return this.send(event)
  }

  task(name: string): ReadonlyArray<string> {
    const event: TaskEntry = { _tag: "Task", isCancelled: false, run: () => {}, answer: () => {} }
    this.names.set(event, name)
    return this.send(event)
  }

  tick(): ReadonlyArray<string> {
    return this.send({ _tag: "Tick", nowMs: this.nowMs })
  }

  opened(): ReadonlyArray<string> {
    this.log.leaderEpoch = this.state.leaderEpoch
    return this.send({ _tag: "Opened", log: this.log, producerExpirationMs: 86_400_000, nowMs: this.nowMs })
  }

  /** The log took what it was last given, or its first `count` batches. */
  take(count?: number): void {
    const chunks = this.chunks.shift()!
    for (const chunk of chunks.slice(0, count ?? chunks.length)) {
      this.log.producers.replay(chunk, 0)
      this.log.logEndOffset = RecordBatch.lastOffset(chunk, 0) + 1
    }
  }

  written(): ReadonlyArray<string> {
    this.take()
    return this.send({ _tag: "Written", log: this.log, nowMs: this.nowMs })
  }

  writeFailed(reason: LogStoreReason): ReadonlyArray<string> {
    return this.send({ _tag: "WriteFailed", log: this.log, nowMs: this.nowMs, reason, cause: reason })
  }

  synced(durableEndOffset = this.log.logEndOffset): ReadonlyArray<string> {
    this.log.durableEndOffset = durableEndOffset
    return this.send({ _tag: "Synced", log: this.log, nowMs: this.nowMs })
  }

  syncFailed(reason: LogStoreReason): ReadonlyArray<string> {
    return this.send({ _tag: "SyncFailed", nowMs: this.nowMs, reason, cause: reason })
  }

  logClosed(): ReadonlyArray<string> {
    return this.send({ _tag: "LogClosed", nowMs: this.nowMs })
  }

  stop(errorCode: Extract<PartitionEvent, { _tag: "Stop" }>["errorCode"]): ReadonlyArray<string> {
    return this.send({ _tag: "Stop", errorCode, nowMs: this.nowMs })
  }

  changeEpoch(leaderEpoch: number): ReadonlyArray<string> {
    return this.send({ _tag: "ChangeEpoch", leaderEpoch, nowMs: this.nowMs })
  }

  /** What is known of the log that is open. */
  get openLog(): OpenLog {
    const { life } = this.state
    if (!("log" in life)) throw new Error("no log is open")
    return life.log
  }

  /** Where the partition is, in words. */
  get place(): string {
    const { life, service } = this.state
    return `${life._tag} ${service._tag === "Online" ? "Online" : `${service._tag}(${service.errorCode})`}`
  }

  /** Takes a machine through everything that opens its log. */
  static open(options: { readonly isAcksAllSynced?: boolean } = {}): Machine {
    const machine = new Machine(options)
    machine.task("first")
    machine.tick()
    machine.opened()
    machine.send({ _tag: "TaskDone", log: machine.log, nowMs: machine.nowMs })
    machine.answers.length = 0
    return machine
  }

  private note(effect: PartitionEffect): void {
    if (effect._tag === "Write") this.chunks.push(effect.chunks)
    else if (effect._tag === "Answer") this.noteAnswer(effect.append, effect.result)
    else if (effect._tag === "AnswerTask") {
      this.answers.push(
        `${this.names.get(effect.task)}${effect.refusal === undefined ? " done" : `:${effect.refusal}`}`
      )
    }
  }

  private noteAnswer(append: unknown, { baseOffset, errorCode }: AppendResult): void {
    this.answers.push(`${this.names.get(append)}${errorCode === 0 ? `@${baseOffset}` : `:${errorCode}`}`)
  }
}
