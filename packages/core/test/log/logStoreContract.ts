import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer, Scope } from "effect"
import { LogStore } from "../../src/log/LogStore.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import { checkStore } from "./checkStore.ts"
import { crashNext, kilobyte, LOG, removeMarker, transactional } from "./logHistory.ts"
import {
  appendAll,
  appendMarker,
  batchAt,
  concat,
  config,
  contentOf,
  openLog,
  readAll,
  topicPartition
} from "./logTestKit.ts"

/**
 * What every implementation of `LogStore` over files promises while it runs, on every implementation of `LogFiles`.
 * `make` gives the layer of an empty directory, which shows the same content each time it is built.
 */
export const logStoreContract = (
  name: string,
  make: Effect.Effect<Layer.Layer<LogFiles>, never, Scope.Scope>
): void => {
  const check = checkStore(make)

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

    check(
      "a read begins with the batch that holds the offset and stops at the bound",
      (run) =>
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
        }))
    )

    check("recent appends are read at once, and the same as from the files", (run) =>
      Effect.gen(function*() {
        const all = [0, 1, 4, 7].flatMap((offset) =>
          [1, 1500, 10_000].map((maxBytes) => ({ offset, maxBytes, minOneBatch: true, upperBoundOffset: 9 }))
        )
        const fromMemory = yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          yield* log.append(Array.from({ length: 4 }, (_, i) => batchAt(i * 3, { values: ["a", kilobyte, "c"] })))
          const reads = all.map((options) => log.readNow?.(options))
          yield* log.close
          return reads
        }))
        yield* run(Effect.gen(function*() {
          const log = yield* openLog()
          for (const [i, options] of all.entries()) {
            assert.isUndefined(log.readNow?.(options))
            const { hasMore, views } = fromMemory[i]!
            assert.deepStrictEqual({ records: concat(views), hasMore }, yield* log.read(options))
          }
          assert.isUndefined(log.abortedTransactionsNow?.(0, 9))
          yield* log.abortedTransactions(0, 9)
          assert.deepStrictEqual(log.abortedTransactionsNow?.(0, 9), [])
        }))
      }))

    check(
      "another process reads the appended bytes from the file before any flush",
      (run, files) =>
        run(Effect.gen(function*() {
          const log = yield* openLog()
          yield* appendAll(log, [{ values: ["a"] }, { values: [kilobyte] }])
          const seen = yield* Effect.provide(contentOf(LOG), files, { local: true })
          assert.deepStrictEqual(seen, yield* readAll(log))
        }))
    )

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

    check(
      "a record is found by timestamp, inside compressed batches and across segments",
      (run) =>
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
        }))
    )

    check(
      "the largest timestamp of records without one is none, at the first record",
      (run) =>
        run(Effect.gen(function*() {
          const log = yield* openLog({ config })
          yield* appendAll(log, [{ values: ["a"], timestamp: -1 }, { values: ["b"], timestamp: -1 }])
          const found = yield* log.maxTimestamp
          assert.deepStrictEqual([found?.timestamp, found?.offset], [-1, 0])
        }))
    )

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
          yield* appendAll(again, [{ values: ["b"] }])
        }))
        const error = yield* Effect.flip(run(openLog())) as Effect.Effect<{ message: string }>
        assert.include(error.message, "AAAAAAAAAAAAAAAAAAAAAg")
      }))
  })
}
