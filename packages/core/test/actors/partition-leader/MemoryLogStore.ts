import { Effect } from "effect"
import {
  type LogConfig,
  type LogStore,
  LogStoreError,
  type LogStoreReason,
  type OpenLogOptions,
  type PartitionLog,
  type ReadOptions
} from "../../../src/log/LogStore.ts"
import { ProducerStates } from "../../../src/log/ProducerStates.ts"
import { directoryName, type TopicPartition } from "../../../src/model/TopicPartition.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"

/** What outlives an open log. */
class StoredLog {
  batches: Array<Uint8Array> = []
  logStartOffset = 0
  logEndOffset = 0
  readonly producers = new ProducerStates()
  topicId = ""
}

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

class MemoryPartitionLog implements PartitionLog {
  readonly topicPartition: TopicPartition
  readonly leaderEpoch: number
  config: LogConfig
  private readonly store: MemoryLogStore
  private readonly stored: StoredLog

  constructor(store: MemoryLogStore, stored: StoredLog, options: OpenLogOptions) {
    this.store = store
    this.stored = stored
    this.topicPartition = options.topicPartition
    this.leaderEpoch = options.leaderEpoch
    this.config = options.config
  }
  get logStartOffset() {
    return this.stored.logStartOffset
  }
  get logEndOffset() {
    return this.stored.logEndOffset
  }
  get durableEndOffset() {
    return this.stored.logEndOffset
  }
  get sizeBytes() {
    return this.stored.batches.reduce((total, batch) => total + batch.length, 0)
  }
  get producers() {
    return this.stored.producers
  }
  get latestEpoch() {
    const last = this.stored.batches.at(-1)
    return last === undefined ? -1 : RecordBatch.partitionLeaderEpoch(last, 0)
  }
  append(batches: ReadonlyArray<Uint8Array>) {
    return Effect.suspend(() => {
      this.store.writes.push(batches.length)
      const failure = this.store.appendFailure
      if (failure !== undefined) return Effect.fail(this.error(failure))
      const outcome = this.store.outcomeOf?.(batches.length)
      if (outcome !== undefined) {
        this.take(batches.slice(0, outcome.taken))
        return Effect.fail(this.error(outcome.reason))
      }
      this.take(batches)
      return Effect.void
    })
  }
  private take(batches: ReadonlyArray<Uint8Array>) {
    for (const batch of batches) {
      const copy = batch.slice()
      this.stored.batches.push(copy)
      this.stored.producers.replay(copy, 0)
      this.stored.logEndOffset = RecordBatch.lastOffset(copy, 0) + 1
    }
  }
  read(options: ReadOptions) {
    return Effect.sync(() => {
      const taken: Array<Uint8Array> = []
      let sizeBytes = 0
      for (const batch of this.stored.batches) {
        if (RecordBatch.lastOffset(batch, 0) < options.offset) continue
        if (RecordBatch.baseOffset(batch, 0) >= options.upperBoundOffset) break
        if (taken.length > 0 || !options.minOneBatch) {
          if (sizeBytes + batch.length > options.maxBytes) break
        }
        taken.push(batch)
        sizeBytes += batch.length
      }
      return { records: concat(taken), hasMore: false }
    })
  }
  abortedTransactions() {
    return Effect.succeed([])
  }
  offsetForTimestamp(timestamp: number) {
    return Effect.sync(() => {
      for (const record of this.records()) {
        if (record.timestamp >= timestamp) return { timestamp: record.timestamp, offset: record.offset, leaderEpoch: 0 }
      }
      return undefined
    })
  }
  get maxTimestamp() {
    return Effect.sync(() => {
      let found: { timestamp: number; offset: number; leaderEpoch: number } | undefined
      for (const { offset, timestamp } of this.records()) {
        if (found === undefined || timestamp > found.timestamp) found = { timestamp, offset, leaderEpoch: 0 }
      }
      return found
    })
  }
  endOffsetForEpoch(leaderEpoch: number) {
    const latest = this.latestEpoch
    if (latest < 0 || leaderEpoch > latest) return { leaderEpoch: -1, endOffset: -1 }
    const next = this.stored.batches.find((batch) => RecordBatch.partitionLeaderEpoch(batch, 0) > leaderEpoch)
    return { leaderEpoch, endOffset: next === undefined ? this.logEndOffset : RecordBatch.baseOffset(next, 0) }
  }
  epochForOffset() {
    return this.latestEpoch
  }
  /** Memory has room for all records of a test. */
  retain() {
    return Effect.succeed(0)
  }

  compact() {
    return Effect.succeed(undefined)
  }

  trim(newLogStartOffset: number) {
    return Effect.sync(() => {
      this.stored.logStartOffset = newLogStartOffset
    })
  }
  readonly flush = Effect.void
  updateConfig(config: LogConfig) {
    this.config = config
  }
  get close() {
    return Effect.sync(() => {
      this.store.openLogs.delete(directoryName(this.topicPartition))
      this.store.closed.push(directoryName(this.topicPartition))
    })
  }
  private records() {
    return this.stored.batches.flatMap((batch) => decodeRecords(batch, 0))
  }
  private error(reason: LogStoreReason) {
    return new LogStoreError({ ...this.topicPartition, reason, message: "as told by the test" })
  }
}

/** Logs in memory, with the failures a test asks for. What is written stays when a log is closed and opened again. */
export class MemoryLogStore {
  readonly stored = new Map<string, StoredLog>()
  readonly openLogs = new Map<string, MemoryPartitionLog>()
  /** Batches of each write, in order. */
  readonly writes: Array<number> = []
  readonly opens: Array<OpenLogOptions> = []
  readonly removed: Array<string> = []
  /** Logs that were closed to be opened again. */
  readonly closed: Array<string> = []
  appendFailure: LogStoreReason | undefined
  openFailure: LogStoreReason | undefined
  /** How a write of so many batches fails and how many of them it takes; undefined when it succeeds. */
  outcomeOf: ((count: number) => { readonly reason: LogStoreReason; readonly taken: number } | undefined) | undefined

  log(topic: string, partition: number): StoredLog {
    const name = directoryName({ topic, partition })
    let stored = this.stored.get(name)
    if (stored === undefined) {
      stored = new StoredLog()
      this.stored.set(name, stored)
    }
    return stored
  }

  readonly service: LogStore["Service"] = {
    open: (options) =>
      Effect.suspend(() => {
        this.opens.push(options)
        const { partition, topic } = options.topicPartition
        if (this.openFailure !== undefined) {
          return Effect.fail(new LogStoreError({ topic, partition, reason: this.openFailure, message: "told so" }))
        }
        const stored = this.log(topic, partition)
        stored.topicId = options.topicId
        const log = new MemoryPartitionLog(this, stored, options)
        this.openLogs.set(directoryName(options.topicPartition), log)
        return Effect.succeed(log)
      }),
    setAside: () => Effect.succeed(new Map()),
    remove: (topicPartition) =>
      Effect.sync(() => {
        this.stored.delete(directoryName(topicPartition))
        this.openLogs.delete(directoryName(topicPartition))
        this.removed.push(directoryName(topicPartition))
      }),
    describe: Effect.sync(() =>
      Array.from(this.stored, ([name, log]) => ({
        topicPartition: {
          topic: name.slice(0, name.lastIndexOf("-")),
          partition: Number(name.slice(name.lastIndexOf("-") + 1))
        },
        topicId: log.topicId,
        sizeBytes: log.batches.reduce((total, batch) => total + batch.length, 0)
      }))
    ),
    location: "/data",
    volume: Effect.succeed({ totalBytes: 1000, usableBytes: 400 })
  }
}
