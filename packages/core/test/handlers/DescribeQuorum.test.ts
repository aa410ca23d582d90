import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeDescribeQuorum } from "../../src/handlers/DescribeQuorum.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { MetadataLog } from "../../src/metadata/MetadataLog.ts"
import { Uuid } from "../../src/model/Uuid.ts"
import { ask, layerAdmin, topicsNamed } from "./adminFixtures.ts"

type Asked = readonly [topicName: string, ...partitions: ReadonlyArray<number>]

const request = (...asked: ReadonlyArray<Asked>) => ({
  topics: asked.map(([topicName, ...partitions]) => ({
    topicName,
    partitions: partitions.map((partitionIndex) => ({ partitionIndex }))
  }))
})

describe("DescribeQuorum", () => {
  it.effect("this node alone votes and leads, and has all that there is", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust(5000)
      yield* ask(yield* makeCreateTopics, 7, topicsNamed(["a", 3]))
      const { endOffset } = (yield* Metadata).current()
      assert.isAbove(endOffset, 3)
      const voter = {
        replicaId: 1,
        replicaDirectoryId: Uuid.zero,
        logEndOffset: endOffset,
        lastFetchTimestamp: 5000,
        lastCaughtUpTimestamp: 5000
      }
      const partition = {
        partitionIndex: 0,
        errorCode: 0,
        errorMessage: "",
        leaderId: 1,
        leaderEpoch: (yield* MetadataLog).leaderEpoch,
        highWatermark: endOffset,
        currentVoters: [voter],
        observers: []
      }
      const handler = yield* makeDescribeQuorum
      const answer = {
        errorCode: 0,
        errorMessage: "",
        topics: [{ topicName: "__cluster_metadata", partitions: [partition] }],
        nodes: [{ nodeId: 1, listeners: [] }]
      }
      assert.deepStrictEqual(yield* ask(handler, 2, request(["__cluster_metadata", 0])), answer)
      const first = yield* ask(handler, 1, request(["__cluster_metadata", 0]))
      assert.deepStrictEqual(first, { ...answer, nodes: [] })
      const [oldest] = (yield* ask(handler, 0, request(["__cluster_metadata", 0]))).topics
      assert.deepStrictEqual(oldest.partitions[0].currentVoters, [
        { ...voter, lastFetchTimestamp: -1, lastCaughtUpTimestamp: -1 }
      ])
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("whatever else is asked for is unknown", () =>
    Effect.gen(function*() {
      const others: ReadonlyArray<ReadonlyArray<Asked>> = [
        [["a", 0]],
        [["__cluster_metadata", 1]],
        [["__cluster_metadata", 0, 0]],
        [["__cluster_metadata"]],
        [["__cluster_metadata", 0], ["__cluster_metadata", 0]],
        []
      ]
      const unknown = (partitionIndex: number) => ({
        partitionIndex,
        errorCode: 3,
        errorMessage: "This server does not host this topic-partition.",
        leaderId: 0,
        leaderEpoch: 0,
        highWatermark: 0,
        currentVoters: [],
        observers: []
      })
      const handler = yield* makeDescribeQuorum
      for (const asked of others) {
        assert.deepStrictEqual(yield* ask(handler, 2, request(...asked)), {
          errorCode: 0,
          errorMessage: "",
          topics: asked.map(([topicName, ...partitions]) => ({ topicName, partitions: partitions.map(unknown) })),
          nodes: []
        })
      }
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("only those who may describe the cluster are served", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* ask(yield* makeDescribeQuorum, 2, request(["__cluster_metadata", 0])), {
        errorCode: 31,
        errorMessage: "Cluster authorization failed.",
        topics: [],
        nodes: []
      })
    }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE CLUSTER kafka-cluster"] }))))
})
