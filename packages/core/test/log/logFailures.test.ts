import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { LogStore } from "../../src/log/LogStore.ts"
import { LogFiles, LogFilesError } from "../../src/seams/LogFiles.ts"
import type { LogFile } from "../../src/seams/LogFiles.ts"
import { makeMemoryLogFiles, makeMemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import type { MemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { TestClock } from "effect/testing"
import { makeCountedFiles } from "./countedFiles.ts"
import { appendAll, batchAt, config, contentOf, openLog, readAll, topicPartition, withStore } from "./logTestKit.ts"

type Operation = "append" | "sync"
interface Faults {
  /** Runs instead of the operation on a `.log` file when it returns an effect. */
  inject: (operation: Operation, run: Effect.Effect<void, LogFilesError>) => Effect.Effect<void, LogFilesError>
}

const failure = (operation: string) => new LogFilesError({ operation, path: "x.log", reason: "Io", message: "EIO" })

/** Files of a memory volume whose `.log` files fail as `faults` say. */
const faultyFiles = (volume: MemoryVolume, faults: Faults): Layer.Layer<LogFiles> => {
  const files = makeMemoryLogFiles(volume)
  const wrap = (file: LogFile): LogFile => ({
    path: file.path,
    get sizeBytes() {
      return file.sizeBytes
    },
    append: (chunks) => Effect.suspend(() => faults.inject("append", file.append(chunks))),
    sync: Effect.suspend(() => faults.inject("sync", file.sync)),
    readAt: (position, lengthBytes) => file.readAt(position, lengthBytes),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    close: file.close
  })
  return Layer.succeed(LogFiles, {
    ...files,
    open: (path, options) => Effect.map(files.open(path, options), (file) => path.endsWith(".log") ? wrap(file) : file)
  })
}

describe("a log whose files fail", () => {
  it.effect("a failed append is final, and opening again shows what the file holds", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const faults: Faults = { inject: (_, run) => run }
      yield* withStore(
        faultyFiles(volume, faults),
        Effect.gen(function*() {
          const log = yield* openLog()
          yield* appendAll(log, [{ values: ["a"] }])
          const lost = batchAt(1, { values: ["b"] })
          const node = volume.files.get("orders-0/00000000000000000000.log")!
          // Half of the batch reaches the file before the disk fails.
          faults.inject = (operation) => {
            const grown = new Uint8Array(node.sizeBytes + 30)
            grown.set(node.bytes.subarray(0, node.sizeBytes))
            grown.set(lost.subarray(0, 30), node.sizeBytes)
            node.bytes = grown
            node.sizeBytes = grown.length
            return Effect.fail(failure(operation))
          }
          const error = yield* Effect.flip(log.append([lost]))
          assert.strictEqual(error.reason, "Storage")
          assert.include(error.message, "EIO")
          faults.inject = (_, run) => run
          assert.strictEqual(log.logEndOffset, 1)
          assert.strictEqual((yield* Effect.flip(log.append([lost]))).reason, "Storage")
          assert.strictEqual((yield* Effect.flip(log.flush)).reason, "Storage")
          yield* log.close
          const again = yield* openLog()
          assert.strictEqual(again.logEndOffset, 1)
          yield* again.append([lost])
          assert.strictEqual((yield* contentOf("orders-0/00000000000000000000.log")).length, again.sizeBytes)
        })
      )
    }))

  it.effect("a failed sync is final: nothing after it counts as durable, whatever later syncs say", () =>
    Effect.gen(function*() {
      const faults: Faults = { inject: (_, run) => run }
      yield* withStore(
        faultyFiles(makeMemoryVolume(), faults),
        Effect.gen(function*() {
          const log = yield* openLog()
          yield* appendAll(log, [{ values: ["a"] }])
          faults.inject = (operation, run) => operation === "sync" ? Effect.fail(failure(operation)) : run
          assert.strictEqual((yield* Effect.flip(log.flush)).reason, "Storage")
          faults.inject = (_, run) => run
          assert.strictEqual((yield* Effect.flip(log.flush)).reason, "Storage")
          assert.strictEqual(log.durableEndOffset, 0)
          assert.strictEqual((yield* Effect.flip(log.append([batchAt(1, { values: ["b"] })]))).reason, "Storage")
          assert.strictEqual((yield* readAll(log)).length, log.sizeBytes)
        })
      )
    }))

  it.effect("a log that failed is checked at the next start even after a clean stop", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const faults: Faults = { inject: (_, run) => run }
      yield* withStore(
        faultyFiles(volume, faults),
        Effect.gen(function*() {
          const log = yield* openLog()
          faults.inject = (operation) => Effect.fail(failure(operation))
          yield* Effect.flip(log.append([batchAt(0, { values: ["a"] })]))
        })
      )
      assert.isFalse(volume.files.has(".kafka_cleanshutdown"))
    }))

  it.effect("a second flush waits for the sync that covers its bytes", () =>
    Effect.gen(function*() {
      const faults: Faults = { inject: (_, run) => run }
      yield* withStore(
        faultyFiles(makeMemoryVolume(), faults),
        Effect.gen(function*() {
          const log = yield* openLog()
          yield* log.flush
          yield* appendAll(log, [{ values: ["a"] }])
          const gate = yield* Deferred.make<void>()
          faults.inject = (operation, run) => operation === "sync" ? Effect.andThen(Deferred.await(gate), run) : run
          const first = yield* Effect.forkChild(log.flush, { startImmediately: true })
          const second = yield* Effect.forkChild(log.flush, { startImmediately: true })
          yield* appendAll(log, [{ values: ["b"] }])
          yield* Effect.yieldNow
          assert.strictEqual(log.durableEndOffset, 0)
          assert.strictEqual(second.pollUnsafe(), undefined)
          yield* Deferred.succeed(gate, undefined)
          yield* Fiber.join(first)
          yield* Fiber.join(second)
          assert.strictEqual(log.durableEndOffset, 1)
          yield* log.flush
          assert.strictEqual(log.durableEndOffset, 2)
        })
      )
    }))

  it.effect("a directory that cannot be read is described with the reason, and the others as ever", () => {
    const counted = makeCountedFiles(makeMemoryVolume())
    const other = { topic: "orders", partition: 1 }
    return Effect.gen(function*() {
      yield* withStore(
        counted.layer,
        Effect.forEach(
          [topicPartition, other],
          (each) => Effect.flatMap(openLog({ topicPartition: each }), (log) => appendAll(log, [{ values: ["a"] }]))
        )
      )
      counted.failsWith = (_, path) => path.startsWith("orders-0") ? "Denied" : undefined
      yield* withStore(
        counted.layer,
        Effect.gen(function*() {
          const described = yield* (yield* LogStore).describe
          assert.deepStrictEqual(described.map(({ failure, topicPartition: { partition } }) => [partition, failure]), [
            [0, "cannot open orders-0/partition.metadata: as told by the test (Denied)"],
            [1, undefined]
          ])
          assert.strictEqual((yield* Effect.flip(openLog())).reason, "Storage")
          assert.strictEqual((yield* openLog({ topicPartition: other })).logEndOffset, 1)
        })
      )
    })
  })

  it.effect("a year in which nothing happens costs nothing, and what moved is in a checkpoint after a minute", () => {
    const counted = makeCountedFiles(makeMemoryVolume())
    return withStore(
      counted.layer,
      Effect.gen(function*() {
        const log = yield* openLog()
        yield* appendAll(log, [{ values: ["a"] }])
        yield* log.flush
        counted.operations.length = 0
        yield* TestClock.adjust("1 minute")
        assert.include(counted.operations, "rename recovery-point-offset-checkpoint.tmp")
        const checkpoint = new TextDecoder().decode(yield* contentOf("recovery-point-offset-checkpoint"))
        assert.strictEqual(checkpoint, "0\n1\norders 0 1\n")
        counted.operations.length = 0
        yield* TestClock.adjust("365 days")
        assert.deepStrictEqual(counted.operations, [])
      })
    )
  })

  it.effect("a full disk and a read-only one are told as storage trouble", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const files = Layer.succeed(LogFiles, makeMemoryLogFiles(volume))
      yield* withStore(
        files,
        Effect.gen(function*() {
          const log = yield* openLog()
          volume.capacityBytes = 1000
          const error = yield* Effect.flip(log.append([batchAt(0, { values: ["x".repeat(2000)] })]))
          assert.include(error.message, "NoSpace")
          volume.capacityBytes = Infinity
          volume.readOnly = true
          const store = yield* LogStore
          assert.include((yield* Effect.flip(store.remove(topicPartition))).message, "ReadOnly")
          const other = { topic: "orders", partition: 1 }
          const unmade = yield* openLog({ topicPartition: other, config })
          assert.include((yield* Effect.flip(unmade.append([batchAt(0, { values: ["a"] })]))).message, "ReadOnly")
        })
      )
    }))
})
