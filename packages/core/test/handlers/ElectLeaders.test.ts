import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeElectLeaders } from "../../src/handlers/ElectLeaders.ts"
import { newPartition } from "../../src/metadata/MetadataRecord.ts"
import { Uuid } from "../../src/model/Uuid.ts"
import { registration, runDecision, testId } from "../actors/controller/fixtures.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

const PREFERRED = 0
const UNCLEAN = 1

const notNeeded = [84, "Leader election not needed for topic partition."]

/** Topic "a" is led by this broker; of "wide", another broker should lead partition 0, and none can lead partition 1. */
const setUp = Effect.gen(function*() {
  yield* ask(yield* makeCreateTopics, 7, topicsNamed(["a", 2]))
  const topicId = testId(9)
  const of = (partitionId: number, replicas: Array<number>, isr: Array<number>) =>
    newPartition({ topicId, partitionId, replicas, isr, directories: replicas.map(() => Uuid.zero) })
  yield* runDecision(() => ({
    records: [
      registration(2, true),
      { _tag: "Topic", name: "wide", topicId },
      of(0, [2, 1], [1]),
      { ...of(1, [2], [2]), leader: -1 }
    ],
    reply: undefined
  }))
})

const elect = Effect.fnUntraced(function*(
  version: number,
  electionType: number,
  asked: ReadonlyArray<readonly [topic: string, ...partitions: ReadonlyArray<number>]> | null,
  timeoutMs = 1000
) {
  const topicPartitions = asked === null ? null : asked.map(([topic, ...partitions]) => ({ topic, partitions }))
  const response = yield* ask(yield* makeElectLeaders, version, { electionType, topicPartitions, timeoutMs })
  assert.strictEqual(response.throttleTimeMs, 0)
  return [
    response.errorCode,
    ...response.replicaElectionResults.map((each: any) => [
      each.topic,
      ...each.partitionResult.map((partition: any) => [
        partition.partitionId,
        partition.errorCode,
        partition.errorMessage
      ])
    ])
  ]
})

describe("ElectLeaders", () => {
  it.effect.each([0, 1, 2])("version %i answers each partition for itself", (version) =>
    Effect.gen(function*() {
      yield* setUp
      assert.deepStrictEqual(yield* elect(version, PREFERRED, [["a", 1, 9, -1], ["absent", 0], ["a", 0]]), [
        0,
        ["a", [1, ...notNeeded], [9, 3, "No such partition as a-9"], [-1, 3, "No such partition as a--1"]],
        ["absent", [0, 3, "No such topic as absent"]],
        ["a", [0, ...notNeeded]]
      ])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a partition whose preferred replica is on a broker that is gone keeps the leader it has", () =>
    Effect.gen(function*() {
      yield* setUp
      const message = "The preferred leader was not available."
      assert.deepStrictEqual(yield* elect(2, PREFERRED, [["wide", 0, 1]]), [0, [
        "wide",
        [0, 80, message],
        [1, 80, message]
      ]])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("an unclean election is for partitions without a leader, and finds no replica alive", () =>
    Effect.gen(function*() {
      yield* setUp
      assert.deepStrictEqual(yield* elect(2, UNCLEAN, [["wide", 0, 1]]), [0, [
        "wide",
        [0, ...notNeeded],
        [1, 83, "Eligible topic partition leaders are not available."]
      ]])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("asked for all partitions, it names every topic and of its partitions those that should be led otherwise", () =>
    Effect.gen(function*() {
      yield* setUp
      const [error, ...topics] = yield* elect(2, UNCLEAN, null)
      assert.strictEqual(error, 0)
      assert.sameDeepMembers(topics, [
        ["a"],
        ["wide", [1, 83, "Eligible topic partition leaders are not available."]]
      ])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a request that gives no time is refused with all that it names, unless it names nothing", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* elect(1, PREFERRED, [["a", 0, 7]], 0), [7, ["a", [0, 7, null], [7, 7, null]]])
      assert.deepStrictEqual(yield* elect(1, PREFERRED, null, -1), [7])
      assert.deepStrictEqual(yield* elect(1, PREFERRED, [], 0), [0])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a kind of election that does not exist is refused", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* elect(2, 7, [["a", 0]]), [42, ["a", [0, 42, "Unknown election type 7"]]])
      assert.deepStrictEqual(yield* elect(1, -1, null), [42])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("only those who may alter the cluster are served", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* elect(2, PREFERRED, [["a", 0]]), [31, [
        "a",
        [0, 31, "Cluster authorization failed."]
      ]])
      assert.deepStrictEqual(yield* elect(2, PREFERRED, []), [31])
    }).pipe(Effect.provide(layerAdmin({ denied: ["ALTER CLUSTER kafka-cluster"] }))))
})
