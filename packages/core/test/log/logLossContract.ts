import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer, Scope } from "effect"
import { LogStore, type LogStoreError } from "../../src/log/LogStore.ts"
import { type DirectoryEntry, LogFiles } from "../../src/seams/LogFiles.ts"
import { checkStore } from "./checkStore.ts"
import { kilobyte, LOG, MARKER, markUnclean, removeMarker } from "./logHistory.ts"
import {
  appendAll,
  batchAt,
  concat,
  config,
  contentOf,
  openLog,
  overwrite,
  readAll,
  topicId,
  topicPartition
} from "./logTestKit.ts"

/**
 * What `LogStore` over files promises about a directory that has less, or other things, than its checkpoints say, on every
 * implementation of `LogFiles`. `make` is that of `logStoreContract`.
 */
export const logLossContract = (
  name: string,
  make: Effect.Effect<Layer.Layer<LogFiles>, never, Scope.Scope>
): void => {
  const check = checkStore(make)
  /** Each kilobyte begins a segment. */
  const rolling = { ...config, segmentBytes: 1200 }
  const otherTopicId = "Xq3l0jPlT2m3rKQkNQXb5A"
  const segmentsAndSnapshots = Effect.gen(function*() {
    const names = yield* (yield* LogFiles).list("orders-0")
    return names.map(({ name }) => name).filter((name) => /log$|snapshot$/.test(name)).sort()
  })

  describe(`FileLogStore compared with its checkpoints over ${name}`, () => {
    /** Three batches of one record each, in segments of their own when `segmentBytes` is small, stopped cleanly. */
    const writeThree = Effect.flatMap(
      openLog({ config: rolling }),
      (log) => log.append([0, 1, 2].map((offset) => batchAt(offset, { values: [kilobyte] })))
    )

    /** The log does not open for the reason that `message` tells, and its files are as they were. */
    const refusesLoss = Effect.fnUntraced(function*(
      run: Parameters<Parameters<typeof check>[1]>[0],
      files: Layer.Layer<LogFiles>,
      message: RegExp
    ) {
      const before = yield* Effect.provide(segmentsAndSnapshots, files, { local: true })
      const error = yield* Effect.flip(run(openLog({ config: rolling }))) as Effect.Effect<LogStoreError>
      assert.strictEqual(error.reason, "Damaged")
      assert.match(error.message, message)
      assert.deepStrictEqual(yield* Effect.provide(segmentsAndSnapshots, files, { local: true }), before)
    })

    const afterWriting = (
      promise: string,
      damage: Effect.Effect<void, unknown, LogFiles>,
      message: RegExp
    ) =>
      check(promise, (run, files) =>
        Effect.gen(function*() {
          yield* run(writeThree)
          yield* Effect.provide(damage, files, { local: true })
          yield* refusesLoss(run, files, message)
          // What the first start left is no excuse for the second.
          yield* refusesLoss(run, files, message)
        }))

    const removeFiles = (...names: ReadonlyArray<string>) =>
      Effect.flatMap(LogFiles, (files) => Effect.forEach(names, (name) => files.remove(`orders-0/${name}`)))

    const segment = (offset: number, ...suffixes: ReadonlyArray<string>) =>
      suffixes.map((suffix) => `${String(offset).padStart(20, "0")}${suffix}`)

    const cutAfterFirst = Effect.gen(function*() {
      yield* overwrite(LOG, (yield* contentOf(LOG)).subarray(0, batchAt(0, { values: [kilobyte] }).length))
    })

    for (const [how, also] of [["a clean stop", Effect.void], ["an unclean stop", removeMarker]] as const) {
      check(
        `records missing below the recovery point take the log offline after ${how}`,
        (run, files) =>
          Effect.gen(function*() {
            yield* run(Effect.flatMap(openLog(), (log) =>
              log.append([0, 1, 2].map((offset) =>
                batchAt(offset, { values: [kilobyte] })
              ))))
            yield* Effect.provide(Effect.andThen(cutAfterFirst, also), files, { local: true })
            yield* refusesLoss(run, files, /orders-0 ends at offset 1, but records below 3 were synced/)
          })
      )

      afterWriting(
        `an emptied last segment takes the log offline after ${how}`,
        Effect.andThen(overwrite("orders-0/00000000000000000002.log", new Uint8Array(0)), also),
        /orders-0 ends at offset 2, but records below 3 were synced/
      )

      afterWriting(
        `a lost last segment takes the log offline after ${how}`,
        Effect.andThen(removeFiles(...segment(2, ".log", ".index", ".timeindex")), also),
        /orders-0 ends at offset 2, but records below 3 were synced/
      )

      afterWriting(
        `a segment lost from the middle takes the log offline after ${how}`,
        Effect.andThen(removeFiles(...segment(1, ".log", ".index", ".timeindex", ".snapshot")), also),
        /orders-0 has no records from offset 1 to 1, between .*: a segment is gone/
      )

      afterWriting(
        `a segment whose index is left takes the log offline after ${how}`,
        Effect.andThen(removeFiles(...segment(1, ".log")), also),
        /orders-0\/00000000000000000001.log is gone, though its index is there/
      )

      afterWriting(
        `a directory without segments takes the log offline after ${how}`,
        Effect.gen(function*() {
          const files = yield* LogFiles
          for (const { name } of yield* files.list("orders-0")) {
            if (name !== "partition.metadata") yield* files.remove(`orders-0/${name}`)
          }
          yield* also
        }),
        /orders-0 has no segments, but records below 3 were synced/
      )
    }

    afterWriting(
      "lost first segments take the log offline",
      removeFiles(...segment(0, ".log", ".index", ".timeindex")),
      /orders-0 begins at offset 1, but its leader epochs begin at 0: the first segments are gone/
    )

    afterWriting(
      "a log start offset above the end of the log takes it offline",
      overwrite("log-start-offset-checkpoint", new TextEncoder().encode("0\n1\norders 0 7\n")),
      /orders-0 ends at offset 3, below its log start offset 7 in the checkpoint/
    )

    check(
      "a directory that is gone takes the log offline, and is not made anew",
      (run, files) =>
        Effect.gen(function*() {
          yield* run(writeThree)
          yield* Effect.provide(Effect.flatMap(LogFiles, (each) => each.remove("orders-0")), files, { local: true })
          for (let start = 0; start < 2; start++) {
            yield* run(Effect.gen(function*() {
              const store = yield* LogStore
              assert.strictEqual(store.openNow?.({ topicPartition, topicId, leaderEpoch: 0, config }), undefined)
              const error = yield* Effect.flip(openLog())
              assert.strictEqual(error.reason, "Damaged")
              assert.match(error.message, /orders-0 is gone: recovery-point-offset-checkpoint knows it up to offset 3/)
              assert.deepStrictEqual((yield* store.describe).map(({ failure }) => failure), [error.message])
              assert.isFalse((yield* (yield* LogFiles).list("")).some(({ name }) => name === "orders-0"))
            }))
          }
        })
    )

    check(
      "a topic that takes the name of a deleted one begins anew, also when a crash comes between",
      (run, files) =>
        Effect.gen(function*() {
          yield* run(Effect.gen(function*() {
            const log = yield* openLog()
            yield* appendAll(log, [{ values: ["a"] }, { values: ["b"] }, { values: ["c"] }])
            yield* log.trim(2)
          }))
          const checkpoint = "recovery-point-offset-checkpoint"
          const deletedNames = (found: ReadonlyArray<DirectoryEntry>) =>
            found.map(({ name }) => name).filter((name) => name.endsWith("-delete"))
          const left = yield* run(Effect.gen(function*() {
            yield* (yield* LogStore).remove(topicPartition)
            return {
              content: yield* contentOf(checkpoint),
              names: deletedNames(yield* (yield* LogFiles).list(""))
            }
          }))
          assert.include(new TextDecoder().decode(left.content), "orders 0 3")
          assert.strictEqual(left.names.length, 1)
          // As a crash right after the deletion: the checkpoint still speaks of the deleted log.
          yield* Effect.provide(
            Effect.gen(function*() {
              const each = yield* LogFiles
              yield* overwrite(checkpoint, left.content)
              yield* each.makeDirectory(left.names[0]!)
              yield* each.remove(MARKER)
            }),
            files,
            { local: true }
          )
          const log = yield* run(Effect.gen(function*() {
            const opened = yield* openLog({ topicId: otherTopicId })
            yield* appendAll(opened, [{ values: ["new"] }])
            return { start: opened.logStartOffset, end: opened.logEndOffset }
          }))
          assert.deepStrictEqual(log, { start: 0, end: 1 })
          const names = yield* Effect.provide(
            Effect.flatMap(LogFiles, (each) => each.list("")),
            files,
            { local: true }
          )
          assert.deepStrictEqual(deletedNames(names), [])
        })
    )

    check(
      "compaction may leave gaps between segments; a log compacted once is served with a word",
      (run, files) =>
        Effect.gen(function*() {
          yield* run(writeThree)
          yield* Effect.provide(removeFiles(...segment(1, ".log", ".index", ".timeindex", ".snapshot")), files, {
            local: true
          })
          const compacted = yield* run(Effect.flatMap(openLog({ config: { ...rolling, isCompacted: true } }), readAll))
          assert.strictEqual(compacted.length, 2 * batchAt(0, { values: [kilobyte] }).length)
          // A hole inside a segment: the log was compacted before its policy changed.
          const sparse = batchAt(2, { values: ["x"], lastOffset: 6 })
          yield* Effect.provide(overwrite("orders-0/00000000000000000002.log", sparse), files, { local: true })
          yield* Effect.provide(markUnclean, files, { local: true })
          assert.strictEqual(yield* run(Effect.map(openLog({ config: rolling }), (log) => log.logEndOffset)), 7)
        })
    )

    check(
      "what a clean stop left and the log has more of is checked from there",
      (run, files) =>
        Effect.gen(function*() {
          yield* run(Effect.flatMap(openLog(), (log) => appendAll(log, [{ values: ["a"] }])))
          const good = yield* Effect.provide(contentOf(LOG), files, { local: true })
          const more = batchAt(1, { values: ["b"] })
          yield* Effect.provide(overwrite(LOG, concat([good, more])), files, { local: true })
          assert.strictEqual(yield* run(Effect.map(openLog(), (log) => log.logEndOffset)), 2)
          const damaged = batchAt(2, { values: ["c"] }).fill(1, 61)
          yield* Effect.provide(overwrite(LOG, concat([good, more, damaged])), files, { local: true })
          assert.strictEqual(yield* run(Effect.map(openLog(), (log) => log.logEndOffset)), 2)
        })
    )

    check(
      "without the checkpoint of recovery points the clean shutdown marker means nothing",
      (run, files) =>
        Effect.gen(function*() {
          for (const content of [undefined, "", "0\n9\norders 0 1\n", "0\n0\n"]) {
            yield* run(Effect.flatMap(openLog(), (log) => appendAll(log, [{ values: ["a"] }])))
            const end = yield* run(Effect.map(openLog(), (log) => log.logEndOffset))
            const good = yield* Effect.provide(contentOf(LOG), files, { local: true })
            yield* Effect.provide(
              Effect.gen(function*() {
                yield* overwrite(LOG, concat([good, new Uint8Array(10)]))
                const path = "recovery-point-offset-checkpoint"
                yield* (yield* LogFiles).remove(path)
                if (content !== undefined) yield* overwrite(path, new TextEncoder().encode(content))
              }),
              files,
              { local: true }
            )
            assert.strictEqual(yield* run(Effect.map(openLog(), (log) => log.logEndOffset)), end)
          }
        })
    )

    check("a log is never made where something appeared after the start", (run) =>
      run(Effect.gen(function*() {
        const files = yield* LogFiles
        const log = yield* openLog()
        yield* files.makeDirectory("orders-0")
        yield* overwrite(LOG, batchAt(0, { values: ["theirs"] }))
        const error = yield* Effect.flip(log.append([batchAt(0, { values: ["ours"] })]))
        assert.match(error.message, /orders-0 appeared after the start/)
        assert.deepStrictEqual(yield* contentOf(LOG), batchAt(0, { values: ["theirs"] }))
      })))

    check("a log that is not this broker's is renamed, whole, and its name is free", (run) =>
      Effect.gen(function*() {
        yield* run(writeThree)
        const before = yield* run(contentOf(LOG))
        const name = yield* run(Effect.gen(function*() {
          const store = yield* LogStore
          const names = yield* store.setAside([topicPartition, { topic: "unknown", partition: 3 }])
          assert.deepStrictEqual([...names.keys()], ["orders-0"])
          const log = yield* openLog({ topicId: otherTopicId })
          assert.strictEqual(log.logEndOffset, 0)
          return names.get("orders-0")!
        }))
        assert.match(name, /^orders-0\.[0-9a-f]{32}-stray$/)
        yield* run(Effect.gen(function*() {
          assert.deepStrictEqual(yield* contentOf(LOG.replace("orders-0", name)), before)
          assert.deepStrictEqual(yield* (yield* LogStore).describe, [])
          assert.strictEqual(yield* Effect.map(openLog(), (log) => log.logEndOffset), 0)
        }))
      }))
  })
}
