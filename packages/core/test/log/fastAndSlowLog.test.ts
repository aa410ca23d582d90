import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Layer, Random, Schema } from "effect"
import { FileLogStore } from "../../src/log/FileLogStore.ts"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { LogStore, type PartitionLog, type ReadOptions } from "../../src/log/LogStore.ts"
import { buildEndTransactionMarker } from "../../src/protocol/records/ControlRecord.ts"
import { Compression } from "../../src/seams/Compression.ts"
import { makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import { slowFiles, slowStore } from "../support/slowForms.ts"
import { filesOf } from "../support/volumeFiles.ts"
import { batchAt, codecs, concat, config, producersOf, topicPartition } from "./logTestKit.ts"

const int = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Append = Schema.Struct({
  _tag: Schema.Literal("Append"),
  batches: Schema.Array(Schema.Struct({
    producer: int(0, 2),
    isTransactional: Schema.Boolean,
    records: int(1, 3),
    valueBytes: int(0, 700),
    /** Now and then more than what is written at once. */
    isLarge: int(0, 30)
  })).check(Schema.isMinLength(1), Schema.isMaxLength(3))
})
const Marker = Schema.Struct({ _tag: Schema.Literal("Marker"), producer: int(1, 2), isAbort: Schema.Boolean })
const Read = Schema.Struct({
  _tag: Schema.Literal("Read"),
  fromPercent: int(0, 110),
  toPercent: int(0, 110),
  maxBytes: int(0, 6000),
  minOneBatch: Schema.Boolean
})
const Other = Schema.Struct({ _tag: Schema.Literals(["Flush", "Trim", "Reopen", "FlushEach", "FlushNever"]) })
const Step = Schema.Union([Append, Append, Append, Marker, Read, Read, Other])
type Step = typeof Step.Type
const history = Arbitrary.schema(Schema.Array(Step).check(Schema.isMinLength(3), Schema.isMaxLength(40)))

const small = { ...config, segmentBytes: 9000, indexIntervalBytes: 700 }
const topicId = "Wq3l0jPlT2m3rKQkNQXb5A"

/** The same names for every store. */
const seeded = () => {
  let state = 1
  const uint32 = () => (state = Math.imul(state, 1_664_525) + 1_013_904_223 >>> 0)
  return Layer.succeed(Random.Random, { nextIntUnsafe: uint32, nextDoubleUnsafe: () => uint32() / 0x1_0000_0000 })
}

/** How often a form that ends before it returns was there, and did it. */
interface FastForms {
  opens: number
  appends: number
  reads: number
  aborted: number
}

/** What a history shows of a log after each step, and what it leaves: the bytes of every file. */
const walk = Effect.fnUntraced(function*(steps: ReadonlyArray<Step>, forms: FastForms) {
  const store = yield* LogStore
  const seen: Array<unknown> = []
  const sequences = new Map<number, number>()
  let epoch = 0
  let current = small
  let timestamp = 1000

  const open = Effect.suspend(() => {
    const options = { topicPartition, topicId, leaderEpoch: epoch, config: current }
    const log = store.openNow?.(options)
    if (log === undefined) return store.open(options)
    forms.opens++
    return Effect.succeed(log)
  })
  const append = (log: PartitionLog, batches: ReadonlyArray<Uint8Array>) =>
    Effect.suspend(() => {
      if (log.appendNow?.(batches) !== true) return log.append(batches)
      forms.appends++
      return Effect.void
    })
  const read = Effect.fnUntraced(function*(log: PartitionLog, options: ReadOptions) {
    const now = log.readNow?.(options)
    if (now !== undefined) forms.reads++
    const { hasMore, records } = now === undefined
      ? yield* log.read(options)
      : { hasMore: now.hasMore, records: concat(now.views) }
    const aborted = log.abortedTransactionsNow?.(options.offset, options.upperBoundOffset)
    if (aborted !== undefined) forms.aborted++
    return {
      hasMore,
      records,
      aborted: aborted ?? (yield* log.abortedTransactions(options.offset, options.upperBoundOffset))
    }
  })
  const batchesOf = (log: PartitionLog, step: typeof Append.Type): ReadonlyArray<Uint8Array> => {
    let baseOffset = log.logEndOffset
    return step.batches.map(({ isLarge, isTransactional, producer, records, valueBytes }) => {
      const baseSequence = sequences.get(producer) ?? 0
      const value = "v".repeat(isLarge === 0 ? 20_000 : valueBytes)
      const batch = batchAt(baseOffset, {
        values: Array.from({ length: records }, () => value),
        timestamp: timestamp += 10,
        partitionLeaderEpoch: epoch,
        ...(producer === 0 ? {} : { producerId: producer, producerEpoch: 0, baseSequence, isTransactional })
      })
      baseOffset += records
      sequences.set(producer, baseSequence + records)
      return batch
    })
  }

  let log = yield* open
  for (const step of steps) {
    let answer: unknown
    switch (step._tag) {
      case "Append":
        yield* append(log, batchesOf(log, step))
        break
      case "Marker":
        yield* append(log, [buildEndTransactionMarker({
          type: step.isAbort ? "Abort" : "Commit",
          producerId: step.producer,
          producerEpoch: 0,
          coordinatorEpoch: 7,
          timestamp: timestamp += 10,
          baseOffset: log.logEndOffset,
          partitionLeaderEpoch: epoch
        })])
        break
      case "Read": {
        const span = log.logEndOffset - log.logStartOffset
        answer = yield* read(log, {
          offset: log.logStartOffset + Math.floor(span * Math.min(step.fromPercent, 100) / 100),
          upperBoundOffset: log.logStartOffset + Math.floor(span * step.toPercent / 100),
          maxBytes: step.maxBytes,
          minOneBatch: step.minOneBatch
        })
        break
      }
      case "Flush":
        yield* log.flush
        break
      case "Trim":
        yield* log.trim(Math.floor((log.logStartOffset + log.logEndOffset) / 2))
        break
      case "FlushEach":
      case "FlushNever":
        current = { ...small, flushMessages: step._tag === "FlushEach" ? 2 : small.flushMessages }
        log.updateConfig(current)
        break
      case "Reopen":
        yield* log.close
        epoch++
        log = yield* open
    }
    seen.push({
      answer,
      end: log.logEndOffset,
      start: log.logStartOffset,
      durable: log.durableEndOffset,
      size: log.sizeBytes,
      epoch: log.latestEpoch,
      producers: producersOf(log),
      undecided: log.producers.firstUndecidedOffset
    })
  }
  return seen
})

/** A walk over a new volume, and the volume's files after a clean stop. */
const walked = Effect.fnUntraced(function*(
  steps: ReadonlyArray<Step>,
  forms: FastForms,
  slow: { readonly store: boolean; readonly files: boolean }
) {
  const volume = makeMemoryVolume()
  const memory = MemoryLogFiles.layer(volume)
  const files = slow.files ? slowFiles(memory) : memory
  const logs = FileLogStore.layer({ tailCacheBytes: 40_000 }).pipe(
    Layer.provide(LogDirectory.layer({ nodeId: 1 })),
    Layer.provide(files),
    Layer.provide(Layer.succeed(Compression, codecs))
  )
  const layer = Layer.provide(slow.store ? slowStore(logs) : logs, seeded())
  const seen = yield* Effect.scoped(Effect.provide(walk(steps, forms), layer, { local: true }))
  return { seen, files: filesOf(volume) }
})

describe("the fast and the slow forms of a log", () => {
  const forms: FastForms = { opens: 0, appends: 0, reads: 0, aborted: 0 }

  it.effect.prop(
    "answer alike and leave equal files, whatever the history",
    [history],
    ([steps]) =>
      Effect.gen(function*() {
        const none: FastForms = { opens: 0, appends: 0, reads: 0, aborted: 0 }
        const fast = yield* walked(steps, forms, { store: false, files: false })
        const without = yield* walked(steps, none, { store: true, files: false })
        assert.deepStrictEqual(without, fast)
        assert.deepStrictEqual(none, { opens: 0, appends: 0, reads: 0, aborted: 0 })
        assert.deepStrictEqual(yield* walked(steps, none, { store: false, files: true }), fast)
        assert.strictEqual(none.appends, 0)
      }),
    { arbitrary: { runs: 50 } }
  )

  it("were all taken", () => {
    for (const [form, count] of Object.entries(forms)) assert.isAbove(count, 20, form)
  })
})
