import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeMemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { makeCountedFiles } from "./countedFiles.ts"
import { batchAt, config, openLog, withStore } from "./logTestKit.ts"

describe("a trim", () => {
  it.effect("has what it keeps on stable storage, by content and name, before the new start is saved and the rest goes", () =>
    Effect.gen(function*() {
      const files = makeCountedFiles(makeMemoryVolume())
      yield* withStore(
        files.layer,
        Effect.gen(function*() {
          const batch = batchAt(0, { values: ["a"] })
          const log = yield* openLog({ config: { ...config, segmentBytes: batch.length } })
          yield* log.append([batch])
          yield* log.flush
          // Each in a segment of its own, of which no power cut knows yet.
          yield* log.append([batchAt(1, { values: ["b"] })])
          yield* log.append([batchAt(2, { values: ["c"] })])
          files.operations.length = 0
          yield* log.trim(2)
          assert.strictEqual(log.durableEndOffset, 3)
          const { operations } = files
          const saved = operations.findIndex((operation) => operation.includes("log-start-offset-checkpoint"))
          const removed = operations.findIndex((operation) => operation.startsWith("remove "))
          for (const sync of ["sync orders-0/00000000000000000002.log", "syncDirectory orders-0"]) {
            const at = operations.indexOf(sync)
            assert.isTrue(at >= 0 && at < saved && saved < removed, `${sync} in ${operations.join(", ")}`)
          }
          // Nothing is left to be synced by the next one.
          yield* log.append([batchAt(3, { values: ["d"] })])
          yield* log.flush
          files.operations.length = 0
          yield* log.trim(3)
          assert.isFalse(operations.some((operation) => operation.startsWith("sync orders-0/")))
        })
      )
    }))
})
