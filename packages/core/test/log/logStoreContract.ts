import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer, Scope } from "effect"
import { LogStore } from "../../src/log/LogStore.ts"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import {
  appendAll,
  appendMarker,
  batchAt,
  concat,
  config,
  contentOf,
  openLog,
  overwrite,
  producersOf,
  readAll,
  topicPartition,
  withStore
} from "./logTestKit.ts"

const LOG = "orders-0/00000000000000000000.log"
const MARKER = ".kafka_cleanshutdown"

const removeMarker = Effect.flatMap(LogFiles, (files) => files.remove(MARKER))

/** Text long enough that a few batches pass an index interval. */
const kilobyte = "k".repeat(1000)

const transactional = (producerId: number, baseSequence: number, values: ReadonlyArray<string>) => ({
  values,
  producerId,
  producerEpoch: 0,
  baseSequence,
  isTransactional: true
})

/**
 * What every implementation of `LogStore` over files promises, on every implementation of `LogFiles`. `make` gives the
 * layer of an empty directory, which shows the same content each time it is built.
 */
export const logStoreContract = (
  name: string,
  make: Effect.Effect<Layer.Layer<LogFiles>, never, Scope.Scope>
): void => {
  type Store = LogStore | LogDirectory | LogFiles
  const check = <E>(
    promise: string,
    body: (run: <A, E2>(use: Effect.Effect<A, E2, Store>) => Effect.Effect<A, unknown>, files: Layer.Layer<LogFiles>) =>
      Effect.Effect<void, E>
  ) =>
    it.effect(promise, () =>
      Effect.scoped(Effect.gen(function*() {
        const layer = yield* make
        yield* body((use) => withStore(layer, use), layer)
      })))

  describe(`FileLogStore over ${name}`, () => {
    check("appended batches are read back byte for byte, whatever the read size", (run) =>
      run(Effect.gen(function*() {
        const log = yield* openLog()
        const batches = Array.from({ length: 40 }, (_, i) => batchAt(i * 2, { values: [kilobyte, `v${i}`] }))
        yield* log.append(batches.slice(0, 1))
        yield* log.append(batches.slice(1))
        assert.strictEqual(log.logEndOffset, 80)
        assert.strictEqual(log.sizeBytes, concat(batches).length)
        for (const maxBytes of [1, 1500, 5000, 1_000_000]) {
          assert.deepStrictEqual(yield* readAll(log, maxBytes), concat(batches))
        }
      })))

    check("a read begins with the batch that holds the offset and stops at the bound", (run) =>
      run(Effect.gen(function*() {
        const log = yield* openLog()
        const batches = Array.from({ length: 10 }, (_, i) => batchAt(i * 3, { values: ["a", kilobyte, "c"] }))
        yield* log.append(batches)
        const read = (offset: number, upperBoundOffset: number, maxBytes = 1_000_000, minOneBatch = true) =>
          log.read({ offset, maxBytes, minOneBatch, upperBoundOffset })
        assert.deepStrictEqual((yield* read(4, 6)).records, batches[1])
        assert.deepStrictEqual(yield* read(4, 9), { records: concat(batches.slice(1, 3)), hasMore: false })
        assert.deepStrictEqual((yield* read(6, 6)).records.length, 0)
        assert.deepStrictEqual((yield* read(30, 100)).records.length, 0)
        assert.deepStrictEqual(yield* read(0, 100, 10), { records: batches[0], hasMore: true })
        assert.deepStrictEqual(yield* read(0, 100, 10, false), { records: new Uint8Array(0), hasMore: true })
        const cut = yield* read(0, 100, batches[0]!.length + 20)
        assert.deepStrictEqual(cut, { records: concat(batches).subarray(0, batches[0]!.length + 20), hasMore: true })
      })))

    check("another process reads the appended bytes from the file before any flush", (run, files) =>
      run(Effect.gen(function*() {
        const log = yield* openLog()
        yield* appendAll(log, [{ values: ["a"] }, { values: [kilobyte] }])
        const seen = yield* Effect.provide(contentOf(LOG), files, { local: true })
        assert.deepStrictEqual(seen, yield* readAll(log))
      })))

    check("after a clean stop everything is as before", (run) =>
      Effect.gen(function*() {
        const write = Effect.gen(function*() {
          const log = yield* openLog({ config: { ...config, segmentBytes: 6000, indexIntervalBytes: 1500 } })
          yield* writeHistory(log)
          return yield* stateOf(log)
        })
        const before = yield* run(write)
        const after = yield* run(Effect.flatMap(openLog(), stateOf))
        // A snapshot keeps each producer's last batch only.
        const expected = { ...before, producers: asSaved(before.producers) }
        assert.deepStrictEqual({ ...after, producers: asSaved(after.producers) }, expected)
      }))

    check("after an unclean stop recovery equals having lived through it", (run) =>
      Effect.gen(function*() {
        const files = yield* run(Effect.gen(function*() {
          const log = yield* openLog({ config: { ...config, segmentBytes: 6000, indexIntervalBytes: 1500 } })
          yield* writeHistory(log)
          yield* log.flush
          return { state: yield* stateOf(log), content: yield* logFilesOf }
        }))
        yield* run(restoreAsCrashed(files.content))
        const after = yield* run(Effect.flatMap(openLog({ config: { ...config, indexIntervalBytes: 1500 } }), stateOf))
        assert.deepStrictEqual(after, files.state)
      }))

    check("rebuilt indexes equal the written ones byte for byte", (run) =>
      Effect.gen(function*() {
        const settings = { ...config, segmentBytes: 6000, indexIntervalBytes: 1500 }
        yield* run(Effect.flatMap(openLog({ config: settings }), writeHistory))
        const written = yield* run(allFiles)
        const indexes = Object.keys(written).filter((path) => path.endsWith("index"))
        assert.isTrue(indexes.length >= 6 && indexes.some((path) => written[path]!.length > 8))
        yield* run(Effect.gen(function*() {
          for (const path of indexes) yield* overwrite(path, Uint8Array.of(1, 2, 3))
          const directory = yield* LogDirectory
          directory.noteOpened("orders-0")
          directory.noteRecoveryPoint("orders-0", 0)
        }))
        yield* run(openLog({ config: settings }))
        const rebuilt = yield* run(allFiles)
        for (const path of indexes) assert.deepStrictEqual(rebuilt[path], written[path], path)
      }))

    check("a missing index of a clean log is rebuilt, and an untrimmed one of Kafka is read", (run) =>
      Effect.gen(function*() {
        const settings = { ...config, segmentBytes: 6000, indexIntervalBytes: 1500 }
        const before = yield* run(Effect.gen(function*() {
          const log = yield* openLog({ config: settings })
          yield* writeHistory(log)
          return yield* readAll(log)
        }))
        yield* run(Effect.gen(function*() {
          const files = yield* LogFiles
          const index = yield* contentOf("orders-0/00000000000000000000.index")
          yield* overwrite("orders-0/00000000000000000000.index", concat([index, new Uint8Array(8000)]))
          for (const { name } of yield* files.list("orders-0")) {
            if (/[1-9]\.(time)?index$/.test(name)) yield* files.remove(`orders-0/${name}`)
          }
        }))
        const log = Effect.flatMap(openLog({ config: settings }), (opened) =>
          Effect.all([readAll(opened), opened.offsetForTimestamp(1003)]))
        const [after, found] = yield* run(log)
        assert.deepStrictEqual(after, before)
        assert.strictEqual(found?.timestamp, 1003)
      }))

    check("a torn end is cut at every position, and the log goes on from the last whole batch", (run, files) =>
      Effect.gen(function*() {
        const batches = [["a"], ["b", "c"], ["d"]].map((values, index) => batchAt([0, 1, 3][index]!, { values }))
        yield* run(Effect.flatMap(openLog(), (log) => log.append(batches)))
        const whole = concat(batches)
        const ends = [0, batches[0]!.length, batches[0]!.length + batches[1]!.length, whole.length]
        const offsets = [0, 1, 3, 4]
        for (let cut = 0; cut <= whole.length; cut++) {
          const crash = Effect.andThen(overwrite(LOG, whole.subarray(0, cut)), markUnclean)
          yield* Effect.provide(crash, files, { local: true })
          const kept = ends.findLastIndex((end) => end <= cut)
          yield* run(Effect.gen(function*() {
            const log = yield* openLog()
            assert.strictEqual(log.logEndOffset, offsets[kept], `cut at ${cut}`)
            assert.strictEqual(log.sizeBytes, ends[kept])
            yield* appendAll(log, [{ values: ["again"] }])
            assert.strictEqual((yield* contentOf(LOG)).length, log.sizeBytes)
          }))
        }
      }))

    check("a tail of zeros or of garbage is cut", (run, files) =>
      Effect.gen(function*() {
        yield* run(Effect.flatMap(openLog(), (log) => appendAll(log, [{ values: ["a"] }])))
        const good = yield* Effect.provide(contentOf(LOG), files, { local: true })
        const garbage = Uint8Array.from({ length: 300 }, (_, i) => (i * 167 + 13) & 0xff)
        for (const tail of [new Uint8Array(5000), garbage, batchAt(1, { values: ["b"] }).fill(1, 61)]) {
          const crash = Effect.andThen(overwrite(LOG, concat([good, tail])), markUnclean)
          yield* Effect.provide(crash, files, { local: true })
          assert.strictEqual(yield* run(Effect.map(openLog(), (log) => log.logEndOffset)), 1)
          assert.deepStrictEqual(yield* Effect.provide(contentOf(LOG), files, { local: true }), good)
        }
      }))

    check("damage in the middle is reported with file and position, and nothing is deleted", (run, files) =>
      Effect.gen(function*() {
        const batches = [0, 1, 2].map((offset) => batchAt(offset, { values: [`value ${offset}`] }))
        yield* run(Effect.flatMap(openLog(), (log) => log.append(batches)))
        const whole = concat(batches)
        const second = batches[0]!.length
        // A length field, the magic, the CRC and a record of the second batch.
        for (const at of [8, 11, 16, 18, 62]) {
          const bad = whole.slice()
          bad[second + at]! ^= 0x55
          yield* Effect.provide(Effect.andThen(overwrite(LOG, bad), markUnclean), files, { local: true })
          const error = yield* Effect.flip(run(openLog())) as Effect.Effect<{ reason: string; message: string }>
          assert.strictEqual(error.reason, "Damaged", `byte ${at}`)
          assert.include(error.message, `${LOG} is damaged at byte ${second}`)
          assert.deepStrictEqual(yield* Effect.provide(contentOf(LOG), files, { local: true }), bad)
        }
      }))

    check("a bad spot below the recovery point is damage even at the end of the file", (run, files) =>
      Effect.gen(function*() {
        yield* run(Effect.flatMap(openLog(), (log) => appendAll(log, [{ values: ["a"] }, { values: ["b"] }])))
        const bad = (yield* Effect.provide(contentOf(LOG), files, { local: true })).slice(0, -1)
        const crash = Effect.andThen(overwrite(LOG, bad), Effect.flatMap(LogFiles, (each) => each.remove(MARKER)))
        yield* Effect.provide(crash, files, { local: true })
        const error = yield* Effect.flip(run(openLog())) as Effect.Effect<{ reason: string; message: string }>
        assert.strictEqual(error.reason, "Damaged")
        assert.include(error.message, "it was synced")
      }))

    check("another partition opens beside a damaged one, and the next start checks again", (run, files) =>
      Effect.gen(function*() {
        yield* run(Effect.flatMap(openLog(), (log) => appendAll(log, [{ values: ["a"] }, { values: ["b"] }])))
        const bad = yield* Effect.provide(contentOf(LOG), files, { local: true })
        bad[62]! ^= 1
        yield* Effect.provide(Effect.andThen(overwrite(LOG, bad), markUnclean), files, { local: true })
        const start = Effect.gen(function*() {
          const error = yield* Effect.flip(openLog())
          assert.strictEqual(error.reason, "Damaged")
          const other = yield* openLog({ topicPartition: { topic: "orders", partition: 1 } })
          yield* appendAll(other, [{ values: ["a"] }])
        })
        yield* run(start)
        yield* run(start)
      }))

    check("a newer leadership fences the older one, and an older one cannot open", (run) =>
      run(Effect.gen(function*() {
        const old = yield* openLog({ leaderEpoch: 3 })
        yield* old.append([batchAt(0, { values: ["a"], partitionLeaderEpoch: 3 })])
        const young = yield* openLog({ leaderEpoch: 4 })
        assert.strictEqual((yield* Effect.flip(old.append([batchAt(1, { values: ["b"] })]))).reason, "Fenced")
        assert.strictEqual((yield* Effect.flip(openLog({ leaderEpoch: 3 }))).reason, "Fenced")
        yield* young.append([batchAt(1, { values: ["b"], partitionLeaderEpoch: 4 })])
        yield* young.close
        assert.strictEqual((yield* Effect.flip(openLog({ leaderEpoch: 3 }))).reason, "Fenced")
      })))

    check("epochs tell where they end", (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          const log = yield* openLog({ leaderEpoch: 5 })
          yield* appendAll(log, [
            { values: ["a", "b"], partitionLeaderEpoch: 0 },
            { values: ["c"], partitionLeaderEpoch: 2 },
            { values: ["d"], partitionLeaderEpoch: 2 }
          ])
        }))
        yield* run(Effect.gen(function*() {
          const log = yield* openLog({ leaderEpoch: 5 })
          assert.strictEqual(log.latestEpoch, 2)
          const expected = [[-1, -1, -1], [0, 0, 2], [1, 0, 2], [2, 2, 4], [3, 2, 4], [5, 5, 4], [6, -1, -1]] as const
          for (const [asked, leaderEpoch, endOffset] of expected) {
            assert.deepStrictEqual(log.endOffsetForEpoch(asked), { leaderEpoch, endOffset })
          }
          assert.deepStrictEqual([0, 1, 2, 3, 9].map((offset) => log.epochForOffset(offset)), [0, 0, 2, 2, 2])
          const text = new TextDecoder().decode(yield* contentOf("orders-0/leader-epoch-checkpoint"))
          assert.strictEqual(text, "0\n2\n0 0\n2 2\n")
        }))
      }))

    check("a record is found by timestamp, inside compressed batches and across segments", (run) =>
      run(Effect.gen(function*() {
        const log = yield* openLog({ config: { ...config, segmentBytes: 300 } })
        assert.strictEqual(yield* log.offsetForTimestamp(0), undefined)
        assert.strictEqual(yield* log.maxTimestamp, undefined)
        yield* appendAll(log, [
          { values: ["a", "b", "c"], timestamp: 100, codec: "lz4" },
          { values: ["d", "e"], timestamp: 50 },
          { values: ["f", "g", "h"], timestamp: 200, codec: "snappy" },
          { values: ["i", kilobyte], timestamp: 150 },
          { values: ["k"], timestamp: 202 }
        ])
        const at = (timestamp: number) => Effect.map(log.offsetForTimestamp(timestamp), (found) => found?.offset)
        const found = yield* Effect.all([0, 100, 101, 102, 103, 200, 201, 202, 203].map(at))
        assert.deepStrictEqual(found, [0, 0, 1, 2, 5, 5, 6, 7, undefined])
        assert.deepStrictEqual(yield* log.maxTimestamp, { timestamp: 202, offset: 7, leaderEpoch: 0 })
        yield* log.trim(2)
        assert.deepStrictEqual(yield* Effect.all([0, 101].map(at)), [2, 2])
      })))

    check("aborted transactions are found for what a read covers", (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          const log = yield* openLog({ config: { ...config, segmentBytes: 400 } })
          yield* appendAll(log, [transactional(1, 0, ["a"]), transactional(2, 0, ["b"])])
          assert.strictEqual(log.producers.firstUnstableOffset(log.logEndOffset), 0)
          yield* appendMarker(log, "Abort", 1)
          assert.strictEqual(log.producers.firstUnstableOffset(log.logEndOffset), 1)
          yield* appendMarker(log, "Commit", 2)
          assert.strictEqual(log.producers.firstUnstableOffset(3), 1)
          assert.strictEqual(log.producers.firstUnstableOffset(log.logEndOffset), -1)
          yield* appendAll(log, [transactional(1, 1, ["c", "d"])])
          yield* appendMarker(log, "Abort", 1)
        }))
        const aborted = Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual(yield* log.abortedTransactions(0, 7), [
            { producerId: 1, firstOffset: 0 },
            { producerId: 1, firstOffset: 4 }
          ])
          assert.deepStrictEqual(yield* log.abortedTransactions(0, 1), [{ producerId: 1, firstOffset: 0 }])
          assert.deepStrictEqual(yield* log.abortedTransactions(3, 7), [{ producerId: 1, firstOffset: 4 }])
          assert.deepStrictEqual(yield* log.abortedTransactions(3, 4), [])
        })
        yield* run(aborted)
        yield* run(Effect.andThen(removeMarker, crashNext))
        yield* run(aborted)
      }))

    check("trim raises the log start for good and removes whole segments below it", (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          const log = yield* openLog({ config: { ...config, segmentBytes: 1200 } })
          yield* appendAll(log, Array.from({ length: 6 }, () => ({ values: [kilobyte] })))
          const before = log.sizeBytes
          yield* log.trim(3)
          yield* log.trim(2)
          assert.strictEqual(log.logStartOffset, 3)
          assert.strictEqual(log.sizeBytes, before / 2)
          const names = (yield* (yield* LogFiles).list("orders-0")).map((entry) => entry.name)
          assert.isFalse(names.some((each) => /^0+[0-2]\./.test(each)))
        }))
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual([log.logStartOffset, log.logEndOffset], [3, 6])
          yield* log.trim(5)
        }))
        yield* run(crashNext)
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual([log.logStartOffset, log.logEndOffset], [5, 6])
        }))
      }))

    check("a log whose records above its start were lost begins anew at its start", (run, files) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          yield* appendAll(log, [{ values: ["a"] }, { values: ["b"] }, { values: ["c"] }])
          yield* log.trim(2)
        }))
        yield* Effect.provide(Effect.andThen(overwrite(LOG, new Uint8Array(0)), markUnclean), files, { local: true })
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual([log.logStartOffset, log.logEndOffset, log.sizeBytes], [2, 2, 0])
          yield* appendAll(log, [{ values: ["d"] }])
        }))
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual([log.logStartOffset, log.logEndOffset], [2, 3])
          assert.deepStrictEqual(yield* readAll(log), batchAt(2, { values: ["d"] }))
        }))
      }))

    check("flush moves the durable end, flush.messages does it by itself", (run) =>
      run(Effect.gen(function*() {
        const log = yield* openLog({ config: { ...config, segmentBytes: 3000 } })
        yield* appendAll(log, Array.from({ length: 5 }, () => ({ values: [kilobyte] })))
        assert.strictEqual(log.durableEndOffset, 0)
        yield* log.flush
        assert.strictEqual(log.durableEndOffset, 5)
        log.updateConfig({ ...config, flushMessages: 2 })
        yield* appendAll(log, [{ values: ["a"] }])
        assert.strictEqual(log.durableEndOffset, 5)
        yield* appendAll(log, [{ values: ["b"] }])
        assert.strictEqual(log.durableEndOffset, 7)
      })))

    check("leftovers of deletion and compaction are dealt with as Kafka does", (run) =>
      Effect.gen(function*() {
        const batches = [0, 1, 2, 3].map((offset) => batchAt(offset, { values: [kilobyte] }))
        yield* run(Effect.gen(function*() {
          const log = yield* openLog({ config: { ...config, segmentBytes: 1200 } })
          yield* log.append(batches)
        }))
        const stem = "orders-0/0000000000000000000"
        yield* run(Effect.gen(function*() {
          // The segments of offsets 0 and 1 were compacted into one that keeps offset 1 only.
          yield* overwrite(`${stem}0.log.swap`, batches[1]!)
          yield* overwrite(`${stem}9.log.deleted`, batches[1]!)
          yield* overwrite("orders-0/00000000000000000777.index", new Uint8Array(8))
        }))
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual(yield* readAll(log), concat(batches.slice(1)))
          yield* overwrite(`${stem}2.log.swap`, batches[0]!)
          yield* overwrite(`${stem}2.log.cleaned`, batches[0]!)
        }))
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual(yield* readAll(log), concat(batches.slice(1)))
          const names = (yield* (yield* LogFiles).list("orders-0")).map((entry) => entry.name)
          assert.deepStrictEqual(names.filter((each) => /swap|cleaned|deleted|777/.test(each)), [])
        }))
      }))

    check("a removed log is gone, and a topic of the same name begins anew", (run) =>
      Effect.gen(function*() {
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          yield* appendAll(log, [{ values: ["a"] }])
          yield* log.trim(1)
          yield* log.close
          const store = yield* LogStore
          assert.deepStrictEqual((yield* store.describe).map((each) => each.sizeBytes), [log.sizeBytes])
          yield* store.remove(topicPartition)
          yield* store.remove(topicPartition)
          assert.deepStrictEqual(yield* store.describe, [])
          const again = yield* openLog({ topicId: "AAAAAAAAAAAAAAAAAAAAAg" })
          assert.deepStrictEqual([again.logStartOffset, again.logEndOffset], [0, 0])
        }))
        const error = yield* Effect.flip(run(openLog())) as Effect.Effect<{ message: string }>
        assert.include(error.message, "AAAAAAAAAAAAAAAAAAAAAg")
      }))

  })
}

const crashNext = Effect.gen(function*() {
  const log = yield* Effect.exit(openLog())
  // A log that stays open beyond its store is what a killed broker leaves: no marker is written.
  const directory = yield* LogDirectory
  if (log._tag === "Success") yield* log.value.close
  directory.noteOpened("orders-0")
  directory.noteRecoveryPoint("orders-0", 0)
})

/** Removes what a clean stop writes, so that the next start checks everything from the beginning. */
const markUnclean = Effect.gen(function*() {
  const files = yield* LogFiles
  yield* files.remove(MARKER)
  yield* files.remove("recovery-point-offset-checkpoint")
})

const writeHistory = Effect.fnUntraced(function*(log: Effect.Success<ReturnType<typeof openLog>>) {
  yield* appendAll(log, [
    { values: [kilobyte], timestamp: 1000 },
    ...[0, 1, 2, 3, 4, 5, 6].map((sequence) => ({
      values: [kilobyte],
      producerId: 10,
      producerEpoch: 1,
      baseSequence: sequence,
      timestamp: 1003 + sequence
    })),
    transactional(20, 0, ["a", kilobyte]),
    transactional(30, 0, [kilobyte])
  ])
  yield* appendMarker(log, "Abort", 20)
  yield* appendAll(log, [{ values: [kilobyte], codec: "lz4" }, transactional(20, 2, ["b"]), { values: [kilobyte] }])
  yield* appendMarker(log, "Commit", 20)
})

const stateOf = Effect.fnUntraced(function*(log: Effect.Success<ReturnType<typeof openLog>>) {
  return {
    bytes: yield* readAll(log),
    start: log.logStartOffset,
    end: log.logEndOffset,
    durable: log.durableEndOffset === log.logEndOffset || log.durableEndOffset === 0,
    size: log.sizeBytes,
    epoch: log.latestEpoch,
    producers: producersOf(log),
    undecided: log.producers.firstUndecidedOffset,
    aborted: yield* log.abortedTransactions(0, Infinity),
    timestamp: yield* log.offsetForTimestamp(1005),
    maxTimestamp: yield* log.maxTimestamp
  }
})

/** What a snapshot keeps of producers: the last batch, without its own timestamp. */
const asSaved = (producers: ReturnType<typeof producersOf>) =>
  producers.map((entry) => ({ ...entry, batches: entry.batches.slice(-1).map((batch) => ({ ...batch, timestamp: 0 })) }))

/** Content of every file below the log directory by path. */
const allFiles = Effect.gen(function*() {
  const files = yield* LogFiles
  const contents: Record<string, Uint8Array> = {}
  for (const { name } of yield* files.list("orders-0")) {
    contents[`orders-0/${name}`] = yield* contentOf(`orders-0/${name}`)
  }
  return contents
})

/** The `.log` files only: all that a crash is sure to leave. */
const logFilesOf = Effect.map(allFiles, (contents) =>
  Object.entries(contents).filter(([path]) => path.endsWith(".log")))

/** Makes the directory what a crash right after the given moment leaves, without any index, snapshot or checkpoint. */
const restoreAsCrashed = Effect.fnUntraced(function*(contents: ReadonlyArray<readonly [string, Uint8Array]>) {
  const files = yield* LogFiles
  for (const { name } of yield* files.list("orders-0")) {
    if (name !== "partition.metadata") yield* files.remove(`orders-0/${name}`)
  }
  for (const [path, bytes] of contents) yield* overwrite(path, bytes)
  const directory = yield* LogDirectory
  directory.noteOpened("orders-0")
  directory.noteRecoveryPoint("orders-0", 0)
})
