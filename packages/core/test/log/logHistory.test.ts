import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Layer, Schema } from "effect"
import { FileLogStore } from "../../src/log/FileLogStore.ts"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { Compression } from "../../src/seams/Compression.ts"
import { makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import { batchAt, codecs, concat, config, openLog, readAll } from "./logTestKit.ts"

const step = Schema.Struct({
  valueBytes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 900 })),
  records: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
  together: Schema.Boolean
})
const history = Arbitrary.schema(Schema.Array(step).check(Schema.isMinLength(1), Schema.isMaxLength(40)))
const fraction = Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })))

/** The batches of a history, and the groups in which they are appended. */
const groupsOf = (steps: ReadonlyArray<typeof step.Type>): ReadonlyArray<ReadonlyArray<Uint8Array>> => {
  const groups: Array<Array<Uint8Array>> = []
  let offset = 0
  for (const { records, together, valueBytes } of steps) {
    const batch = batchAt(offset, { values: Array.from({ length: records }, () => "v".repeat(valueBytes)) })
    offset += records
    if (together && groups.length > 0) groups.at(-1)!.push(batch)
    else groups.push([batch])
  }
  return groups
}

const small = { ...config, segmentBytes: 4000, indexIntervalBytes: 500 }

const withCaches = (volume: ReturnType<typeof makeMemoryVolume>, tailCacheBytes: number) =>
  FileLogStore.layer({ tailCacheBytes }).pipe(
    Layer.provideMerge(LogDirectory.layer({ nodeId: 1 })),
    Layer.provideMerge(MemoryLogFiles.layer(volume)),
    Layer.provideMerge(Layer.succeed(Compression, codecs))
  )

describe("any history of appends", () => {
  it.effect.prop(
    "reads the same from memory, from a memory too small and from files, at every offset",
    [history, fraction],
    ([steps, cacheBytes]) =>
      Effect.gen(function*() {
        const groups = groupsOf(steps)
        const all = concat(groups.flat())
        for (const tailCacheBytes of [1_000_000, cacheBytes, 0]) {
          yield* Effect.scoped(Effect.provide(
            Effect.gen(function*() {
              const log = yield* openLog({ config: small })
              for (const group of groups) yield* log.append(group)
              assert.deepStrictEqual(yield* readAll(log, 1700), all)
              for (const batch of groups.flat()) {
                const view = new DataView(batch.buffer)
                const first = Number(view.getBigInt64(0))
                const last = first + view.getInt32(23)
                for (const offset of [first, last]) {
                  const { records } = yield* log.read({
                    offset,
                    maxBytes: 1,
                    minOneBatch: true,
                    upperBoundOffset: last + 1
                  })
                  assert.deepStrictEqual(records, batch)
                }
              }
            }),
            withCaches(makeMemoryVolume(), tailCacheBytes),
            { local: true }
          ))
        }
      })
  )

  it.effect.prop(
    "survives a crash up to the last whole batch that reached the file",
    [history, fraction],
    ([steps, cut]) =>
      Effect.gen(function*() {
        const batches = groupsOf(steps).flat()
        const volume = makeMemoryVolume()
        yield* Effect.scoped(Effect.provide(
          Effect.gen(function*() {
            const log = yield* openLog({ config: small })
            yield* log.append(batches)
          }),
          withCaches(volume, 0),
          { local: true }
        ))
        // The crash: no marker, no recovery point, stale indexes, and the last file cut anywhere.
        volume.files.delete(".kafka_cleanshutdown")
        volume.files.delete("recovery-point-offset-checkpoint")
        const lastName = [...volume.files.keys()].filter((name) => name.endsWith(".log")).toSorted().at(-1)!
        const last = volume.files.get(lastName)!
        const lost = last.sizeBytes - Math.floor(last.sizeBytes * cut / 1000)
        last.sizeBytes -= lost
        const all = concat(batches)
        let kept = 0
        for (const batch of batches) {
          if (kept + batch.length > all.length - lost) break
          kept += batch.length
        }
        yield* Effect.scoped(Effect.provide(
          Effect.gen(function*() {
            const log = yield* openLog({ config: small })
            assert.deepStrictEqual(yield* readAll(log), all.subarray(0, kept))
            assert.strictEqual(log.sizeBytes, kept)
          }),
          withCaches(volume, 0),
          { local: true }
        ))
      })
  )
})
