import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeInitProducerId } from "../../src/handlers/InitProducerId.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { ask, layerAdmin } from "./adminFixtures.ts"

const request = (transactionalId: string | null = null, producerId = -1, producerEpoch = -1) => ({
  transactionalId,
  transactionTimeoutMs: 60_000,
  producerId,
  producerEpoch
})

const answerOf = (response: any) => [response.errorCode, response.producerId, response.producerEpoch]

describe("InitProducerId", () => {
  it.effect.each([0, 1, 2, 3, 4, 5])("version %i gives a fresh id each time", (version) =>
    Effect.gen(function*() {
      const handler = yield* makeInitProducerId
      assert.deepStrictEqual(answerOf(yield* ask(handler, version, request())), [0, 0, 0])
      assert.deepStrictEqual(answerOf(yield* ask(handler, version, request())), [0, 1, 0])
      assert.strictEqual((yield* Metadata).current().nextProducerId, 1000)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("takes the next block when one is used up, and gives no id twice", () =>
    Effect.gen(function*() {
      const handler = yield* makeInitProducerId
      const ids = yield* Effect.forEach(
        Array.from({ length: 1500 }),
        () => Effect.map(ask(handler, 5, request()), (response) => response.producerId),
        { concurrency: 100 }
      )
      assert.strictEqual(new Set(ids).size, 1500)
      assert.strictEqual((yield* Metadata).current().nextProducerId, 2000)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("gives a fresh id to a producer that carries one, but not to one that carries half of it", () =>
    Effect.gen(function*() {
      const handler = yield* makeInitProducerId
      assert.deepStrictEqual(answerOf(yield* ask(handler, 5, request(null, 77, 3))), [0, 0, 0])
      assert.deepStrictEqual(answerOf(yield* ask(handler, 5, request(null, 77, -1))), [42, -1, -1])
      assert.deepStrictEqual(answerOf(yield* ask(handler, 5, request(null, -1, 3))), [42, -1, -1])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("passes on that the coordinator of a transactional id is not available", () =>
    Effect.gen(function*() {
      const handler = yield* makeInitProducerId
      assert.deepStrictEqual(answerOf(yield* ask(handler, 5, request("tx"))), [15, -1, -1])
      assert.deepStrictEqual(answerOf(yield* ask(handler, 5, request(""))), [42, -1, -1])
      const tooLong = { ...request("tx"), transactionTimeoutMs: 900_001 }
      assert.deepStrictEqual(answerOf(yield* ask(handler, 5, tooLong)), [50, -1, -1])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect.each(
    [
      ["tx", ["WRITE TRANSACTIONAL_ID *"], 53],
      [null, ["IDEMPOTENT_WRITE CLUSTER *", "WRITE TOPIC *"], 31],
      [null, ["IDEMPOTENT_WRITE CLUSTER *"], 0]
    ] as const
  )("with transactional id %s and without %s answers %i", ([transactionalId, denied, code]) =>
    Effect.gen(function*() {
      const response = yield* ask(yield* makeInitProducerId, 5, request(transactionalId))
      assert.strictEqual(response.errorCode, code)
    }).pipe(Effect.provide(layerAdmin({ denied }))))
})
