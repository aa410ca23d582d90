import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeAlterPartitionReassignments } from "../../src/handlers/AlterPartitionReassignments.ts"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeListPartitionReassignments } from "../../src/handlers/ListPartitionReassignments.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

const request = (...replicas: ReadonlyArray<number>) => ({
  timeoutMs: 1000,
  topics: [{ name: "a", partitions: [{ partitionIndex: 0, replicas }, { partitionIndex: 1, replicas: null }] }]
})

const answer = (errorCode: number, errorMessage: string | null, ...partitions: ReadonlyArray<readonly unknown[]>) => ({
  throttleTimeMs: 0,
  allowReplicationFactorChange: true,
  errorCode,
  errorMessage,
  responses: [{
    name: "a",
    partitions: partitions.map(([partitionIndex, code, message]) => ({
      partitionIndex,
      errorCode: code,
      errorMessage: message
    }))
  }]
})

const setUp = Effect.gen(function*() {
  yield* ask(yield* makeCreateTopics, 7, topicsNamed(["a", 2]))
  return yield* makeAlterPartitionReassignments
})

describe("AlterPartitionReassignments", () => {
  it.effect.each([0, 1])("version %i answers every partition of the request", (version) =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, version, request(1))
      assert.deepStrictEqual(response, answer(0, null, [0, 0, null], [1, 85, null]))
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("version 1 says whether the number of replicas could change", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 1, { ...request(1), allowReplicationFactorChange: false })
      assert.strictEqual(response.allowReplicationFactorChange, false)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a request that gives no time is refused, and so is each of its partitions", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 1, { ...request(1), timeoutMs: 0 })
      assert.deepStrictEqual(response, answer(7, null, [0, 7, null], [1, 7, null]))
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a request for nothing is answered with an empty sentence, whatever time it gives", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* setUp, 1, { timeoutMs: 0, topics: [] })
      assert.deepStrictEqual(response, { ...answer(0, ""), responses: [] })
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("only those who may alter the cluster are served", () =>
    Effect.gen(function*() {
      const message = "Cluster authorization failed."
      const response = yield* ask(yield* setUp, 1, request(1))
      assert.deepStrictEqual(response, answer(31, message, [0, 31, message], [1, 31, message]))
    }).pipe(Effect.provide(layerAdmin({ denied: ["ALTER CLUSTER kafka-cluster"] }))))
})

describe("ListPartitionReassignments", () => {
  it.effect("lists nothing, asked for all topics or for some", () =>
    Effect.gen(function*() {
      const handler = yield* makeListPartitionReassignments
      const nothing = { throttleTimeMs: 0, errorCode: 0, errorMessage: null, topics: [] }
      assert.deepStrictEqual(yield* ask(handler, 0, { topics: null }), nothing)
      assert.deepStrictEqual(yield* ask(handler, 0, { topics: [{ name: "a", partitionIndexes: [0, 9] }] }), nothing)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("only those who may describe the cluster are served", () =>
    Effect.gen(function*() {
      const response = yield* ask(yield* makeListPartitionReassignments, 0, {
        topics: [{ name: "a", partitionIndexes: [3] }]
      })
      assert.deepStrictEqual(response, {
        throttleTimeMs: 0,
        errorCode: 31,
        errorMessage: "Cluster authorization failed.",
        topics: [{
          name: "a",
          partitions: [{ partitionIndex: 3, replicas: [], addingReplicas: [], removingReplicas: [] }]
        }]
      })
    }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE CLUSTER kafka-cluster"] }))))
})
