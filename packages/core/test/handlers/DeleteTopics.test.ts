import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeDeleteTopics } from "../../src/handlers/DeleteTopics.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { Uuid } from "../../src/model/Uuid.ts"
import { testId } from "../actors/controller/fixtures.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

const create = (...names: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    yield* ask(yield* makeCreateTopics, 7, topicsNamed(...names))
    const image = (yield* Metadata).current()
    return names.map((name) => image.topic(name)!.id)
  })

const request = (topics: ReadonlyArray<readonly [string | null, Uuid]>) => ({
  topics: topics.map(([name, topicId]) => ({ name, topicId })),
  topicNames: [],
  timeoutMs: 1000
})

/** Answers are shuffled. */
const answersOf = (response: any) =>
  response.responses.map((r: any) => [r.name, r.topicId, r.errorCode, r.errorMessage])
    .sort((a: any, b: any) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

describe("DeleteTopics", () => {
  it.effect.each([1, 2, 3, 4, 5])("version %i deletes by name", (version) =>
    Effect.gen(function*() {
      yield* create("a", "b")
      const handler = yield* makeDeleteTopics
      const response = yield* ask(handler, version, { topics: [], topicNames: ["a", "absent"], timeoutMs: 1000 })
      const codes = response.responses.map((r: any) => [r.name, r.errorCode]).sort()
      assert.deepStrictEqual(codes, [["a", 0], ["absent", 3]])
      assert.deepStrictEqual((yield* Metadata).current().topics().map(({ name }) => name), ["b"])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("deletes by name and by id and answers both of them", () =>
    Effect.gen(function*() {
      const [a, b] = yield* create("a", "b")
      const response = yield* ask(yield* makeDeleteTopics, 6, request([["a", Uuid.zero], [null, b!]]))
      assert.deepStrictEqual(answersOf(response), [["a", a, 0, null], ["b", b, 0, null]])
      assert.strictEqual((yield* Metadata).current().topicCount, 0)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a request that gives no time is refused, and deletes nothing", () =>
    Effect.gen(function*() {
      const [, b] = yield* create("a", "b")
      const response = yield* ask(yield* makeDeleteTopics, 6, {
        ...request([["a", Uuid.zero], [null, b!]]),
        timeoutMs: 0
      })
      assert.deepStrictEqual(answersOf(response), [["a", Uuid.zero, 7, null], [null, b, 7, null]])
      assert.strictEqual((yield* Metadata).current().topicCount, 2)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("refuses what names no topic clearly", () =>
    Effect.gen(function*() {
      const [, b] = yield* create("a", "b")
      const response = yield* ask(
        yield* makeDeleteTopics,
        6,
        request([
          [null, Uuid.zero],
          ["x", testId(1)],
          ["twice", Uuid.zero],
          ["twice", Uuid.zero],
          [null, testId(2)],
          [null, testId(2)],
          [null, testId(3)],
          [null, b!],
          ["b", Uuid.zero]
        ])
      )
      assert.deepStrictEqual(answersOf(response), [
        ["b", b, 42, "The provided topic name maps to an ID that was already supplied."],
        ["twice", Uuid.zero, 42, "Duplicate topic name."],
        ["x", testId(1), 42, "You may not specify both topic name and topic id."],
        [null, Uuid.zero, 42, "Neither topic name nor id were specified."],
        [null, testId(2), 42, "Duplicate topic id."],
        [null, testId(3), 100, "This server does not host this topic ID."]
      ])
      assert.strictEqual((yield* Metadata).current().topicCount, 2)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("tells the unauthorized no more than they may know", () =>
    Effect.gen(function*() {
      const [hidden, shown] = yield* create("hidden", "shown")
      const response = yield* ask(
        yield* makeDeleteTopics,
        6,
        request([[null, hidden!], [null, shown!], ["absent", Uuid.zero]])
      )
      assert.deepStrictEqual(answersOf(response), [
        ["absent", Uuid.zero, 29, "Topic authorization failed."],
        ["shown", shown, 29, "Topic authorization failed."],
        [null, hidden, 29, "Topic authorization failed."]
      ])
    }).pipe(Effect.provide(layerAdmin({
      denied: ["DELETE CLUSTER *", "DELETE TOPIC *", "DESCRIBE TOPIC hidden", "DESCRIBE TOPIC absent"]
    }))))

  it.effect.each([[2, 42], [3, 73]])(
    "is disabled by delete.topic.enable (version %i)",
    ([version, code]) =>
      Effect.gen(function*() {
        const handler = yield* makeDeleteTopics
        const response = yield* ask(handler, version!, { topics: [], topicNames: ["a"], timeoutMs: 1000 })
        assert.deepStrictEqual(response.responses.map((r: any) => [r.name, r.errorCode]), [["a", code]])
      }).pipe(Effect.provide(layerAdmin({ properties: { "delete.topic.enable": "false" } })))
  )
})
