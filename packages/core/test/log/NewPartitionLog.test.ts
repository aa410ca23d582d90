import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { LogStore } from "../../src/log/LogStore.ts"
import { makeMemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { type CountedFiles, makeCountedFiles } from "./countedFiles.ts"
import { appendAll, batchAt, concat, config, openLog, readAll, topicPartition, withStore } from "./logTestKit.ts"

const otherTopicId = "AAAAAAAAAAAAAAAAAAAAAg"
const segmentPath = "orders-0/00000000000000000000.log"

/** What the files were asked for while `work` ran. */
const operationsOf = <A, E, R>(files: CountedFiles, work: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    files.operations.length = 0
    return Effect.map(work, () => [...files.operations])
  })

const test = <E>(
  use: (
    files: CountedFiles,
    volume: ReturnType<typeof makeMemoryVolume>
  ) => Effect.Effect<void, E, LogStore | LogDirectory>
) =>
  Effect.suspend(() => {
    const volume = makeMemoryVolume()
    const files = makeCountedFiles(volume)
    return withStore(files.layer, use(files, volume))
  })

describe("the log of a partition that was never written to", () => {
  it.effect("is opened, looked at in every way, flushed and closed without a single operation on files", () =>
    test((files) =>
      Effect.gen(function*() {
        const operations = yield* operationsOf(
          files,
          Effect.gen(function*() {
            const log = yield* openLog({ leaderEpoch: 3 })
            assert.deepStrictEqual([log.logStartOffset, log.logEndOffset, log.durableEndOffset, log.sizeBytes], [
              0,
              0,
              0,
              0
            ])
            const read = { offset: 0, maxBytes: 1000, minOneBatch: true, upperBoundOffset: Infinity }
            assert.strictEqual((yield* log.read(read)).records.length, 0)
            assert.strictEqual(log.readNow?.(read)?.hasMore, false)
            assert.isUndefined(yield* log.offsetForTimestamp(0))
            assert.isUndefined(yield* log.maxTimestamp)
            assert.deepStrictEqual(yield* log.abortedTransactions(0, 10), [])
            assert.deepStrictEqual(log.abortedTransactionsNow?.(0, 10), [])
            assert.deepStrictEqual(log.endOffsetForEpoch(3), { leaderEpoch: 3, endOffset: 0 })
            assert.deepStrictEqual(log.endOffsetForEpoch(4), { leaderEpoch: -1, endOffset: -1 })
            assert.deepStrictEqual([log.latestEpoch, log.epochForOffset(0), log.producers.size], [-1, -1, 0])
            yield* log.trim(0)
            yield* log.flush
            yield* log.close
          })
        )
        assert.deepStrictEqual(operations, [])
      })
    ))

  it.effect("answers as an empty log does that has files", () =>
    Effect.gen(function*() {
      const look = Effect.gen(function*() {
        const log = yield* openLog({ leaderEpoch: 1 })
        return {
          seen: [
            [log.logStartOffset, log.logEndOffset, log.durableEndOffset, log.latestEpoch, log.epochForOffset(0)],
            [-1, 0, 1, 2].map((epoch) => log.endOffsetForEpoch(epoch)),
            [yield* log.maxTimestamp, yield* log.offsetForTimestamp(0), yield* log.abortedTransactions(0, 1)]
          ]
        }
      })
      const volume = makeMemoryVolume()
      const without = yield* withStore(makeCountedFiles(volume).layer, look)
      volume.directories.add("orders-0")
      const having = yield* withStore(makeCountedFiles(volume).layer, look)
      assert.isTrue([...volume.files.keys()].length > 0, "the second look was at files")
      assert.deepStrictEqual(without.seen, having.seen)
    }))

  it.effect("is made by its first append: the directory, whose it is, then its segment; nothing is synced", () =>
    test((files) =>
      Effect.gen(function*() {
        const log = yield* openLog()
        const operations = yield* operationsOf(files, appendAll(log, [{ values: ["a"] }]))
        assert.deepStrictEqual(operations, [
          "list orders-0",
          "makeDirectory orders-0",
          "create orders-0/partition.metadata",
          "append orders-0/partition.metadata",
          `create ${segmentPath}`,
          "create orders-0/leader-epoch-checkpoint",
          "append orders-0/leader-epoch-checkpoint",
          `append ${segmentPath}`
        ])
        assert.strictEqual(log.durableEndOffset, 0)
        assert.deepStrictEqual(yield* operationsOf(files, appendAll(log, [{ values: ["b"] }])), [
          `append ${segmentPath}`
        ])
      })
    ))

  it.effect("its first flush makes the name of its directory durable before all else, and only the first", () =>
    test((files) =>
      Effect.gen(function*() {
        const log = yield* openLog()
        yield* appendAll(log, [{ values: ["a"] }])
        const operations = yield* operationsOf(files, log.flush)
        assert.deepStrictEqual(operations.filter((operation) => operation.startsWith("sync")), [
          "syncDirectory ",
          `sync ${segmentPath}`,
          "sync orders-0/partition.metadata",
          "sync orders-0/leader-epoch-checkpoint",
          "syncDirectory orders-0"
        ])
        assert.strictEqual(log.durableEndOffset, 1)
        yield* appendAll(log, [{ values: ["b"] }])
        assert.deepStrictEqual(yield* operationsOf(files, log.flush), [`sync ${segmentPath}`])
      })
    ))

  it.effect("flushes of many new logs share the sync of their names", () =>
    test((files) =>
      Effect.gen(function*() {
        const logs = yield* Effect.forEach(
          Array.from({ length: 20 }, (_, partition) => partition),
          (partition) => openLog({ topicPartition: { topic: "orders", partition } })
        )
        for (const log of logs) yield* appendAll(log, [{ values: ["a"] }])
        const operations = yield* operationsOf(
          files,
          Effect.forEach(logs, (log) => log.flush, { concurrency: "unbounded" })
        )
        assert.strictEqual(operations.filter((operation) => operation === "syncDirectory ").length, 1)
      })
    ))

  it.effect("a name whose sync failed is not taken for durable", () =>
    test((files) =>
      Effect.gen(function*() {
        const log = yield* openLog()
        yield* appendAll(log, [{ values: ["a"] }])
        files.failsWith = (operation, path) => operation === "syncDirectory" && path === "" ? "Io" : undefined
        assert.strictEqual((yield* Effect.flip(log.flush)).reason, "Storage")
        assert.strictEqual(log.durableEndOffset, 0)
        yield* Effect.ignore(log.close)
        files.failsWith = () => undefined
        const again = yield* openLog({ leaderEpoch: 1 })
        yield* again.append([batchAt(1, { values: ["b"], partitionLeaderEpoch: 1 })])
        assert.include(yield* operationsOf(files, again.flush), "syncDirectory ")
      })
    ))

  for (const path of ["orders-0/partition.metadata", segmentPath, "orders-0/leader-epoch-checkpoint"]) {
    it.effect(`a full disk at ${path} refuses the append, and the next one makes what is missing`, () =>
      test((files, volume) =>
        Effect.gen(function*() {
          const log = yield* openLog()
          const batch = batchAt(0, { values: ["a"] })
          files.failsWith = (operation, at) => operation === "create" && at === path ? "NoSpace" : undefined
          assert.strictEqual((yield* Effect.flip(log.append([batch]))).reason, "NoSpace")
          assert.strictEqual((yield* Effect.flip(log.append([batch]))).reason, "NoSpace")
          assert.strictEqual(log.logEndOffset, 0)
          files.failsWith = () => undefined
          yield* log.append([batch])
          assert.deepStrictEqual(yield* readAll(log), concat([batch]))
          assert.isAbove(volume.files.get("orders-0/partition.metadata")!.sizeBytes, 0)
          assert.include(yield* operationsOf(files, log.flush), "syncDirectory ")
        })
      ))

    it.effect(`trouble at ${path} is final, until the log is opened again`, () =>
      test((files) =>
        Effect.gen(function*() {
          const log = yield* openLog()
          const batch = batchAt(0, { values: ["a"] })
          files.failsWith = (operation, at) => operation === "create" && at === path ? "Io" : undefined
          assert.strictEqual((yield* Effect.flip(log.append([batch]))).reason, "Storage")
          files.failsWith = () => undefined
          assert.strictEqual((yield* Effect.flip(log.append([batch]))).reason, "Storage")
          yield* Effect.ignore(log.close)
          const again = yield* openLog({ leaderEpoch: 1 })
          yield* again.append([batch])
          assert.deepStrictEqual(yield* readAll(again), concat([batch]))
        })
      ))
  }

  it.effect("a newer leadership fences it before it was made", () =>
    test((files) =>
      Effect.gen(function*() {
        const old = yield* openLog()
        const log = yield* openLog({ leaderEpoch: 1 })
        assert.strictEqual((yield* Effect.flip(openLog())).reason, "Fenced")
        const refused = Effect.flip(old.append([batchAt(0, { values: ["a"] })]))
        assert.deepStrictEqual(yield* operationsOf(files, refused), [])
        assert.strictEqual((yield* refused).reason, "Fenced")
        yield* log.append([batchAt(0, { values: ["b"], partitionLeaderEpoch: 1 })])
        assert.strictEqual(log.logEndOffset, 1)
      })
    ))

  it.effect("a closed one cannot be appended to, and is opened again", () =>
    test((files) =>
      Effect.gen(function*() {
        const log = yield* openLog()
        yield* log.close
        const refused = Effect.flip(log.append([batchAt(0, { values: ["a"] })]))
        assert.deepStrictEqual(yield* operationsOf(files, refused), [])
        yield* appendAll(yield* openLog(), [{ values: ["a"] }])
      })
    ))

  it.effect("a deleted topic is deleted without a look at files, and its name is used again under another id", () =>
    test((files, volume) =>
      Effect.gen(function*() {
        const store = yield* LogStore
        const old = yield* openLog()
        assert.deepStrictEqual(yield* operationsOf(files, store.remove(topicPartition)), [])
        assert.strictEqual((yield* Effect.flip(old.append([batchAt(0, { values: ["a"] })]))).reason, "Fenced")
        yield* appendAll(yield* openLog({ topicId: otherTopicId }), [{ values: ["a"] }])
        const metadata = volume.files.get("orders-0/partition.metadata")!
        assert.include(new TextDecoder().decode(metadata.bytes.subarray(0, metadata.sizeBytes)), otherTopicId)
      })
    ))

  it.effect("follows a config that changed before its first append", () =>
    test((_files, volume) =>
      Effect.gen(function*() {
        const log = yield* openLog()
        log.updateConfig({ ...config, segmentBytes: 100 })
        yield* appendAll(log, [{ values: ["x".repeat(80)] }, { values: ["x".repeat(80)] }])
        assert.isDefined(volume.files.get("orders-0/00000000000000000001.log"))
      })
    ))

  it.effect("leaves nothing behind: a stop is clean, and the next start finds no log", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const { layer } = makeCountedFiles(volume)
      yield* withStore(layer, openLog())
      assert.deepStrictEqual([...volume.directories], [""])
      assert.isTrue(volume.files.has(".kafka_cleanshutdown"))
      yield* withStore(
        layer,
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* (yield* LogStore).describe, [])
          assert.strictEqual((yield* openLog()).logEndOffset, 0)
        })
      )
    }))

  it.effect("a directory that a crash left half made is completed by the first append", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const { layer } = makeCountedFiles(volume)
      volume.directories.add("orders-0")
      yield* withStore(
        layer,
        Effect.gen(function*() {
          const log = yield* openLog()
          assert.deepStrictEqual([log.logStartOffset, log.logEndOffset], [0, 0])
          yield* appendAll(log, [{ values: ["a"] }])
          assert.isAbove(volume.files.get("orders-0/partition.metadata")!.sizeBytes, 0)
        })
      )
    }))
})
