import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeMemoryVolume } from "../../src/seams/MemoryLogFiles.ts"
import { makeCountedFiles } from "./countedFiles.ts"
import { markUnclean } from "./logHistory.ts"
import { appendAll, config, openLog, withStore } from "./logTestKit.ts"

describe("a log that is opened after the broker was killed", () => {
  it.effect("has the names of its segments made durable before anything is appended to them", () =>
    Effect.gen(function*() {
      const files = makeCountedFiles(makeMemoryVolume())
      yield* withStore(
        files.layer,
        Effect.flatMap(
          openLog({ config: { ...config, segmentBytes: 100 } }),
          (log) => appendAll(log, [{ values: ["a"] }, { values: ["b"] }, { values: ["c"] }])
        )
      )
      yield* Effect.provide(markUnclean, files.layer)
      files.operations.length = 0
      yield* withStore(
        files.layer,
        Effect.map(openLog(), () => {
          const syncs = files.operations.filter((operation) => operation.startsWith("sync"))
          assert.include(syncs, "sync orders-0/00000000000000000002.log")
          assert.strictEqual(syncs.at(-1), "syncDirectory orders-0")
        })
      )
    }))
})
