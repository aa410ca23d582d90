import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { LogFiles, LogFilesError } from "../../src/seams/LogFiles.ts"
import type { LogFile } from "../../src/seams/LogFiles.ts"
import { makeMemoryLogFiles, makeMemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import type { MemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { appendAll, batchAt, concat, config, openLog, readAll, withStore } from "./logTestKit.ts"

const segmentPath = "orders-0/00000000000000000000.log"

const noSpace = (operation: string, path: string) =>
  new LogFilesError({ operation, path, reason: "NoSpace", message: "ENOSPC" })

interface Disk {
  /** Appends to paths that it matches reach the file by half and fail; any other operation it names fails as well. */
  isFull: (path: string, operation: string) => boolean
}

const files = (volume: MemoryVolume, disk: Disk): Layer.Layer<LogFiles> => {
  const memory = makeMemoryLogFiles(volume)
  const wrap = (file: LogFile): LogFile => ({
    path: file.path,
    get sizeBytes() {
      return file.sizeBytes
    },
    append: (chunks) =>
      Effect.suspend(() => {
        if (!disk.isFull(file.path, "append")) return file.append(chunks)
        const half = chunks.map((chunk) => chunk.subarray(0, chunk.length >> 1))
        return Effect.andThen(file.append(half), Effect.fail(noSpace("append", file.path)))
      }),
    sync: Effect.suspend(() => disk.isFull(file.path, "sync") ? Effect.fail(noSpace("sync", file.path)) : file.sync),
    readAt: (position, lengthBytes) => file.readAt(position, lengthBytes),
    truncate: (sizeBytes) =>
      Effect.suspend(() =>
        disk.isFull(file.path, "truncate") ? Effect.fail(noSpace("truncate", file.path)) : file.truncate(sizeBytes)
      ),
    close: file.close
  })
  return Layer.succeed(LogFiles, {
    ...memory,
    open: (path, options) => Effect.map(memory.open(path, options), wrap)
  })
}

const makeDisk = (): Disk => ({ isFull: () => false })

const endsWith = (suffix: string) => (path: string, operation: string): boolean =>
  operation === "append" && path.endsWith(suffix)

describe("a log on a full disk", () => {
  it.effect("an append without room is cut off again: reads go on, and so do appends once there is room", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const disk = makeDisk()
      const [a, b] = [batchAt(0, { values: ["a"] }), batchAt(1, { values: ["b"] })]
      yield* withStore(
        files(volume, disk),
        Effect.gen(function*() {
          const log = yield* openLog()
          yield* log.append([a])
          disk.isFull = endsWith(".log")
          for (let i = 0; i < 2; i++) {
            assert.strictEqual((yield* Effect.flip(log.append([b]))).reason, "NoSpace")
            assert.strictEqual(volume.files.get(segmentPath)!.sizeBytes, a.length)
            assert.strictEqual(log.logEndOffset, 1)
          }
          assert.deepStrictEqual(yield* readAll(log), a)
          yield* log.flush
          disk.isFull = () => false
          yield* log.append([b])
          yield* log.close
          assert.deepStrictEqual(yield* readAll(yield* openLog()), concat([a, b]))
        })
      )
    }))

  it.effect("a torn end that cannot be cut off is final, and so is a sync without room", () =>
    Effect.gen(function*() {
      for (const operations of [["append", "truncate"], ["sync"]]) {
        const disk = makeDisk()
        yield* withStore(
          files(makeMemoryVolume(), disk),
          Effect.gen(function*() {
            const log = yield* openLog()
            yield* appendAll(log, [{ values: ["a"] }])
            disk.isFull = (path, operation) => path.endsWith(".log") && operations.includes(operation)
            const change = operations.includes("sync") ? log.flush : log.append([batchAt(1, { values: ["b"] })])
            assert.strictEqual((yield* Effect.flip(change)).reason, "Storage")
            disk.isFull = () => false
            assert.strictEqual((yield* Effect.flip(log.append([batchAt(1, { values: ["b"] })]))).reason, "Storage")
          })
        )
      }
    }))

  it.effect("a segment that cannot end for want of space ends later; what was written before stays", () =>
    Effect.gen(function*() {
      for (const suffix of [".snapshot", ".timeindex", "1.log"]) {
        const volume = makeMemoryVolume()
        const disk = makeDisk()
        const [a, b] = [batchAt(0, { values: ["a"] }), batchAt(1, { values: ["b"] })]
        yield* withStore(
          files(volume, disk),
          Effect.gen(function*() {
            const small = { config: { ...config, segmentBytes: a.length + 10, indexIntervalBytes: 1 } }
            const log = yield* openLog(small)
            disk.isFull = endsWith(suffix)
            const error = yield* Effect.flip(log.append([a, b]))
            assert.strictEqual(error.reason, "NoSpace", suffix)
            assert.strictEqual(log.logEndOffset, 1)
            yield* Effect.flip(log.append([b]))
            disk.isFull = () => false
            yield* log.append([b])
            yield* log.close
            const again = yield* openLog(small)
            assert.deepStrictEqual(yield* readAll(again), concat([a, b]))
            assert.strictEqual((yield* again.offsetForTimestamp(1000))?.offset, 0)
          })
        )
      }
    }))

  it.effect("an epoch whose file cannot be written refuses the append before anything of it is in the log", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const disk = makeDisk()
      yield* withStore(
        files(volume, disk),
        Effect.gen(function*() {
          const log = yield* openLog()
          disk.isFull = endsWith("leader-epoch-checkpoint")
          const a = batchAt(0, { values: ["a"] })
          assert.strictEqual((yield* Effect.flip(log.append([a]))).reason, "NoSpace")
          assert.strictEqual(volume.files.get(segmentPath)!.sizeBytes, 0)
          disk.isFull = () => false
          yield* log.append([a])
          assert.strictEqual(log.latestEpoch, 0)
          assert.isAbove(volume.files.get("orders-0/leader-epoch-checkpoint")!.sizeBytes, 0)
        })
      )
    }))

  it.effect("closes without its indexes and snapshot, to be checked when it is opened again", () =>
    Effect.gen(function*() {
      const disk = makeDisk()
      yield* withStore(
        files(makeMemoryVolume(), disk),
        Effect.gen(function*() {
          const log = yield* openLog()
          const batches = [0, 1, 2].map((offset) => batchAt(offset, { values: ["x".repeat(5_000)] }))
          yield* log.append(batches)
          disk.isFull = (path, operation) => operation === "append" && !path.endsWith(".log")
          yield* log.close
          assert.strictEqual(log.durableEndOffset, 3)
          assert.deepStrictEqual(yield* readAll(yield* openLog()), concat(batches))
        })
      )
    }))

  it.effect("a start offset that cannot be saved leaves the log as it was", () =>
    Effect.gen(function*() {
      const disk = makeDisk()
      yield* withStore(
        files(makeMemoryVolume(), disk),
        Effect.gen(function*() {
          const log = yield* openLog()
          yield* appendAll(log, [{ values: ["a"] }, { values: ["b"] }])
          disk.isFull = endsWith("log-start-offset-checkpoint.tmp")
          assert.strictEqual((yield* Effect.flip(log.trim(1))).reason, "NoSpace")
          assert.strictEqual(log.logStartOffset, 0)
          disk.isFull = () => false
          yield* log.trim(1)
          assert.strictEqual(log.logStartOffset, 1)
        })
      )
    }))
})
