import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeCreatePartitions } from "../../src/handlers/CreatePartitions.ts"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

const request = (...topics: ReadonlyArray<readonly [string, number]>) => ({
  topics: topics.map(([name, count]) => ({ name, count, assignments: null })),
  timeoutMs: 1000,
  validateOnly: false
})

const resultsOf = (response: any) => response.results.map((r: any) => [r.name, r.errorCode, r.errorMessage])

const setUp = Effect.gen(function*() {
  yield* ask(yield* makeCreateTopics, 7, topicsNamed("a", "b"))
  return yield* makeCreatePartitions
})

describe("CreatePartitions", () => {
  it.effect.each([0, 1, 2, 3])(
    "version %i adds partitions that exist when the answer comes",
    (version) =>
      Effect.gen(function*() {
        const response = yield* ask(yield* setUp, version, request(["a", 4], ["absent", 2]))
        assert.deepStrictEqual(resultsOf(response), [["a", 0, null], ["absent", 3, null]])
        assert.strictEqual((yield* Metadata).current().topic("a")?.partitions.length, 4)
      }).pipe(Effect.provide(layerAdmin()))
  )

  it.effect("a request that gives no time is refused, and changes nothing", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 3, { ...request(["a", 2]), timeoutMs: 0 })
      assert.deepStrictEqual(resultsOf(response), [["a", 7, null]])
      assert.strictEqual((yield* Metadata).current().topic("a")?.partitions.length, 1)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("answers repeated and unauthorized names first, and changes neither", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 3, request(["b", 2], ["a", 2], ["a", 3], ["secret", 2]))
      assert.deepStrictEqual(resultsOf(response), [
        ["a", 42, "Duplicate topic name."],
        ["secret", 29, null],
        ["b", 0, null]
      ])
      assert.strictEqual((yield* Metadata).current().topic("a")?.partitions.length, 1)
    }).pipe(Effect.provide(layerAdmin({ denied: ["ALTER TOPIC secret"] }))))

  it.effect("only validates when asked to", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 3, { ...request(["a", 4]), validateOnly: true })
      assert.deepStrictEqual(resultsOf(response), [["a", 0, null]])
      assert.strictEqual((yield* Metadata).current().topic("a")?.partitions.length, 1)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("refuses every topic of a request that is too large", () =>
    Effect.gen(function*() {
      const message = "Unable to perform excessively large batch operation."
      const response = yield* ask(yield* setUp, 3, request(["a", 20_000], ["b", 2]))
      assert.deepStrictEqual(resultsOf(response), [["a", 44, message], ["b", 44, message]])
    }).pipe(Effect.provide(layerAdmin())))
})
