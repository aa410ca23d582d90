import { Effect, Layer } from "effect"
import { FileLogStore } from "../../src/log/FileLogStore.ts"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { LogStore } from "../../src/log/LogStore.ts"
import type { LogConfig, OpenLogOptions, PartitionLog } from "../../src/log/LogStore.ts"
import { ownCodecs, wholeCodec } from "../../src/protocol/records/Compression.ts"
import type { CodecName } from "../../src/protocol/records/Compression.ts"
import { buildEndTransactionMarker } from "../../src/protocol/records/ControlRecord.ts"
import { buildBatch } from "../../src/protocol/records/RecordBatchBuilder.ts"
import type { BatchOptions } from "../../src/protocol/records/RecordBatchBuilder.ts"
import { Compression } from "../../src/seams/Compression.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"

const refuse = wholeCodec({
  compress: (bytes: Uint8Array) => bytes,
  decompress: (): Uint8Array => {
    throw new Error("this codec comes from the host")
  }
}, 0)

/** The codecs core has itself; gzip and zstd are left to tests with a host. */
export const codecs = { ...ownCodecs, gzip: refuse, zstd: refuse }

export const config: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  indexIntervalBytes: 4096,
  segmentIndexBytes: 10_485_760,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  isCompacted: false,
  fileDeleteDelayMs: 0
}

export const topicId = "Wq3l0jPlT2m3rKQkNQXb5A"
export const topicPartition = { topic: "orders", partition: 0 }

/** A store on the given files: built anew it is a restart of the broker. */
const storeLayer = (files: Layer.Layer<LogFiles>) =>
  FileLogStore.layer().pipe(
    Layer.provideMerge(LogDirectory.layer({ nodeId: 1 })),
    Layer.provideMerge(files),
    Layer.provideMerge(Layer.succeed(Compression, codecs))
  )

/** Runs `use` on a store that is started before and stopped cleanly after. */
export const withStore = <A, E>(
  files: Layer.Layer<LogFiles>,
  use: Effect.Effect<A, E, LogStore | LogDirectory | LogFiles>
) => Effect.scoped(Effect.provide(use, storeLayer(files), { local: true }))

export const openLog = (options: Partial<OpenLogOptions> = {}) =>
  Effect.flatMap(LogStore, (store) => store.open({ topicPartition, topicId, leaderEpoch: 0, config, ...options }))

export interface TestBatch extends BatchOptions {
  readonly values: ReadonlyArray<string>
  readonly timestamp?: number
  readonly codec?: CodecName
}

/** A batch at the given offset; record n has timestamp `timestamp + n`. */
export const batchAt = (baseOffset: number, { codec, timestamp = 1000, values, ...options }: TestBatch): Uint8Array =>
  buildBatch(
    values.map((value, index) => ({ value: new TextEncoder().encode(value), timestamp: timestamp + index })),
    {
      baseOffset,
      partitionLeaderEpoch: 0,
      ...options,
      ...(codec === undefined ? {} : { compression: { codec, codecs } })
    }
  )

/** Appends batches to a log, each at the log's end. */
export const appendAll = (log: PartitionLog, batches: ReadonlyArray<TestBatch>) =>
  Effect.gen(function*() {
    for (const batch of batches) yield* log.append([batchAt(log.logEndOffset, batch)])
  })

/** Appends the marker that ends a producer's transaction. */
export const appendMarker = (log: PartitionLog, type: "Commit" | "Abort", producerId: number, producerEpoch = 0) =>
  Effect.suspend(() =>
    log.append([
      buildEndTransactionMarker({
        type,
        producerId,
        producerEpoch,
        coordinatorEpoch: 7,
        timestamp: 5000,
        baseOffset: log.logEndOffset,
        partitionLeaderEpoch: log.leaderEpoch
      })
    ])
  )

/** All stored bytes from the log start, as successive reads return them. */
export const readAll = (log: PartitionLog, maxBytes = 1_000_000) =>
  Effect.gen(function*() {
    const parts: Array<Uint8Array> = []
    let offset = log.logStartOffset
    while (offset < log.logEndOffset) {
      const { records } = yield* log.read({ offset, maxBytes, minOneBatch: true, upperBoundOffset: Infinity })
      const end = wholeBatches(records)
      if (end.length === 0) break
      parts.push(records.slice(0, end.length))
      offset = end.nextOffset
    }
    return concat(parts)
  })

/** Length and end offset of the complete batches at the beginning of `records`. */
const wholeBatches = (records: Uint8Array): { readonly length: number; readonly nextOffset: number } => {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let at = 0
  let nextOffset = -1
  while (at + 61 <= records.length) {
    const size = view.getInt32(at + 8) + 12
    if (at + size > records.length) break
    nextOffset = Number(view.getBigInt64(at)) + view.getInt32(at + 23) + 1
    at += size
  }
  return { length: at, nextOffset }
}

export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The content of a file, by any path below the log directory. */
export const contentOf = (path: string) =>
  Effect.gen(function*() {
    const files = yield* LogFiles
    const file = yield* files.open(path, { create: false })
    const bytes = yield* file.readAt(0, file.sizeBytes)
    yield* file.close
    return bytes
  })

/** Makes `bytes` the content of a file. */
export const overwrite = (path: string, bytes: Uint8Array) =>
  Effect.gen(function*() {
    const files = yield* LogFiles
    const file = yield* files.open(path, { create: true })
    yield* file.truncate(0)
    yield* file.append([bytes])
    yield* file.close
  })

/** What is known of every producer, as plain values for comparison. */
export const producersOf = (log: PartitionLog) =>
  Array.from(log.producers.entries(), (entry) => ({ ...entry, batches: entry.batches.map((batch) => ({ ...batch })) }))
    .toSorted((a, b) => a.producerId - b.producerId)
