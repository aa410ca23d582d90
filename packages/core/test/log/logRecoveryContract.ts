import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer, Scope } from "effect"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import { checkStore } from "./checkStore.ts"
import {
  allFiles,
  asSaved,
  kilobyte,
  LOG,
  logFilesOf,
  MARKER,
  markUnclean,
  restoreAsCrashed,
  stateOf,
  writeHistory
} from "./logHistory.ts"
import { appendAll, batchAt, concat, config, contentOf, openLog, overwrite, readAll } from "./logTestKit.ts"

/**
 * What `LogStore` over files promises after a stop, a crash or damage, on every implementation of `LogFiles`. `make` is
 * that of `logStoreContract`. `cutStepBytes` is how far the positions lie apart at which a file is cut.
 */
export const logRecoveryContract = (
  name: string,
  make: Effect.Effect<Layer.Layer<LogFiles>, never, Scope.Scope>,
  cutStepBytes = 1
): void => {
  const check = checkStore(make)

  describe(`FileLogStore started again over ${name}`, () => {
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

    check(
      "a missing index of a clean log is rebuilt, and an untrimmed one of Kafka is read",
      (run) =>
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
          const log = Effect.flatMap(
            openLog({ config: settings }),
            (opened) => Effect.all([readAll(opened), opened.offsetForTimestamp(1003)])
          )
          const [after, found] = yield* run(log)
          assert.deepStrictEqual(after, before)
          assert.strictEqual(found?.timestamp, 1003)
        })
    )

    check(
      "a torn end is cut wherever it is, and the log goes on from the last whole batch",
      (run, files) =>
        Effect.gen(function*() {
          const batches = [["a"], ["b", "c"], ["d"]].map((values, index) => batchAt([0, 1, 3][index]!, { values }))
          yield* run(Effect.flatMap(openLog(), (log) => log.append(batches)))
          const whole = concat(batches)
          const ends = [0, batches[0]!.length, batches[0]!.length + batches[1]!.length, whole.length]
          const offsets = [0, 1, 3, 4]
          for (let cut = 0; cut <= whole.length; cut++) {
            if (cut % cutStepBytes !== 0 && !ends.includes(cut)) continue
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
        })
    )

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

    check(
      "damage in the middle is reported with file and position, and nothing is deleted",
      (run, files) =>
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
        })
    )

    check(
      "a bad spot below the recovery point is damage even at the end of the file",
      (run, files) =>
        Effect.gen(function*() {
          yield* run(Effect.flatMap(openLog(), (log) => appendAll(log, [{ values: ["a"] }, { values: ["b"] }])))
          const bad = (yield* Effect.provide(contentOf(LOG), files, { local: true })).slice(0, -1)
          const crash = Effect.andThen(overwrite(LOG, bad), Effect.flatMap(LogFiles, (each) => each.remove(MARKER)))
          yield* Effect.provide(crash, files, { local: true })
          const error = yield* Effect.flip(run(openLog())) as Effect.Effect<{ reason: string; message: string }>
          assert.strictEqual(error.reason, "Damaged")
          assert.include(error.message, "it was synced")
        })
    )

    check(
      "another partition opens beside a damaged one, and the next start checks again",
      (run, files) =>
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
        })
    )

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
  })
}
