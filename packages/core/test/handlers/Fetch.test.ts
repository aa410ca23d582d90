import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeFetch } from "../../src/handlers/Fetch.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import * as RecordBatch from "../../src/protocol/records/RecordBatch.ts"
import {
  appendTo,
  batchOf,
  idOf,
  leaderOf,
  partitionImage,
  testCodecs,
  testLeaders,
  topicImage,
  World
} from "../actors/partition-leader/testLeaders.ts"
import { codes, partitionsOf, recordsOf, requestOf, sizes, withoutIds } from "./fetch/fetchRequests.ts"
import { ask, denying, testBroker } from "./testHandlers.ts"

describe("Fetch", () => {
  it.effect("returns the stored bytes with the offsets of the partition", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a", "b"]))
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t", offset: 1 }]))
      assert.deepStrictEqual(response.responses, [{
        topic: "t",
        topicId: idOf("t"),
        partitions: [{
          partitionIndex: 0,
          errorCode: 0,
          highWatermark: 2,
          lastStableOffset: 2,
          logStartOffset: 0,
          abortedTransactions: null,
          records: [logs.log("t", 0).batches[0]!]
        }]
      }])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a partition nobody used yet is opened to be read", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t" }]))
      assert.deepStrictEqual(partitionsOf(response)[0]?.highWatermark, 0)
      assert.deepStrictEqual(codes(response), [0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("the first batch comes whole, whatever the limits; the next only within them", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"), topicImage("u"))
      const batch = batchOf(["a"])
      yield* appendTo(yield* leaderOf("t"), batch.slice())
      yield* appendTo(yield* leaderOf("u"), batch.slice())
      const fetch = yield* makeFetch
      const both = [{ topic: "t", maxBytes: 1 }, { topic: "u", maxBytes: 1 }]
      assert.deepStrictEqual(sizes(yield* ask(fetch, 17, requestOf(both))), [batch.length, 0])
      const limited = requestOf([{ topic: "t" }, { topic: "u" }], { maxBytes: 1 })
      assert.deepStrictEqual(sizes(yield* ask(fetch, 17, limited)), [batch.length, 0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("each partition has its own code; those found before the read come last", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(
        topicImage("t", {
          partitions: [partitionImage(0, { leaderEpoch: 4 }), partitionImage(1, { leader: 2, leaderEpoch: 4 })]
        }),
        topicImage("secret")
      )
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      const request = requestOf([
        { topic: "secret" },
        { topic: "nowhere" },
        { topic: "t", partition: 5 },
        { topic: "t", partition: 1 },
        { topic: "t", leaderEpoch: 3 }
      ])
      const fetch = yield* makeFetch
      const response = yield* ask(fetch, 17, request)
      assert.deepStrictEqual(codes(response), [6, 74, 29, 100, 3])
      const failed = partitionsOf(response)[0]!
      assert.deepStrictEqual([failed.highWatermark, failed.logStartOffset, failed.records], [-1, -1, []])
      assert.deepStrictEqual(failed.currentLeader, { leaderId: 2, leaderEpoch: 4 })
      // This broker is shown under the address that the client came by.
      const here = { nodeId: 1, host: "here", port: 9092 }
      assert.deepStrictEqual(response.nodeEndpoints?.map((node) => node.nodeId), [2, 1])
      assert.deepInclude(response.nodeEndpoints?.[1], here)
      const wrongOffsets = [{ offset: 2 }, { offset: -1 }, { leaderEpoch: 5 }]
      for (const [i, wanted] of wrongOffsets.entries()) {
        const response = yield* ask(fetch, 17, requestOf([{ topic: "t", ...wanted }]))
        assert.deepStrictEqual(codes(response), [[1, 1, 75][i]])
      }
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("READ TOPIC secret")))))

  it.effect("a log that is offline answers 56, old clients 6", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      logs.openFailure = "Storage"
      const fetch = yield* makeFetch
      assert.deepStrictEqual(codes(yield* ask(fetch, 17, requestOf([{ topic: "t" }]))), [56])
      assert.deepStrictEqual(codes(yield* ask(fetch, 5, withoutIds(requestOf([{ topic: "t" }])))), [6])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a reader whose log went another way is told where it parted", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a", "b"]))
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 2 })] }))
      yield* appendTo(yield* leaderOf("t"), batchOf(["c", "d"]))
      const request = requestOf([{ topic: "t", offset: 3, lastFetchedEpoch: 0 }], { maxWaitMs: 10_000 })
      const response = yield* ask(yield* makeFetch, 17, request)
      assert.deepStrictEqual(partitionsOf(response)[0]?.divergingEpoch, { epoch: 0, endOffset: 2 })
      assert.deepStrictEqual(sizes(response), [0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("committed readers stop at the last stable offset", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const plain = batchOf(["a"])
      yield* appendTo(leader, plain)
      yield* appendTo(
        leader,
        batchOf(["b"], { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
        { origin: "Coordinator" }
      )
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t" }], { isolationLevel: 1 }))
      const partition = partitionsOf(response)[0]!
      assert.deepStrictEqual(
        [
          recordsOf(partition).length,
          partition.lastStableOffset,
          partition.highWatermark,
          partition.abortedTransactions
        ],
        [plain.length, 1, 2, []]
      )
    }).pipe(Effect.provide(testBroker)))

  it.effect("a replica id is believed only of those who may act for the cluster", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const fetch = yield* makeFetch
      const asReplica = requestOf([{ topic: "t" }], { replicaState: { replicaId: 3, replicaEpoch: 0 } })
      assert.deepStrictEqual(codes(yield* ask(fetch, 17, asReplica)), [ErrorCode.TOPIC_AUTHORIZATION_FAILED])
      const old = withoutIds(requestOf([{ topic: "t" }], { replicaId: 3 }))
      assert.deepStrictEqual(codes(yield* ask(fetch, 12, old)), [ErrorCode.TOPIC_AUTHORIZATION_FAILED])
    }).pipe(Effect.provide(Layer.merge(testLeaders, denying("CLUSTER_ACTION CLUSTER kafka-cluster")))))

  it.effect("topics stored in zstd are sent as they are, also to clients that do not know it", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"], { compression: { codec: "zstd", codecs: testCodecs } }))
      const response = yield* ask(yield* makeFetch, 4, withoutIds(requestOf([{ topic: "t" }])))
      assert.deepStrictEqual(codes(response), [0])
      assert.deepStrictEqual(recordsOf(partitionsOf(response)[0]!), logs.log("t", 0).batches[0]!)
    }).pipe(Effect.provide(testBroker)))

  it.effect("partitions that are not read have empty aborted transactions, those whose read failed null", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "nowhere" }, { topic: "t", offset: 9 }]))
      assert.deepStrictEqual(partitionsOf(response).map((each) => [each.errorCode, each.abortedTransactions]), [
        [1, null],
        [100, []]
      ])
    }).pipe(Effect.provide(testBroker)))

  it.effect("an isolation level that does not exist fails the request and every partition", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const fetch = yield* makeFetch
      const response = yield* ask(fetch, 17, requestOf([{ topic: "t" }, { topic: "nowhere" }], { isolationLevel: 7 }))
      assert.deepStrictEqual([response.errorCode, response.sessionId, codes(response)], [-1, 0, [-1, -1]])
    }).pipe(Effect.provide(testBroker)))

  it.effect("what is read keeps a valid checksum", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { configs: { "message.timestamp.type": "LogAppendTime" } }))
      yield* appendTo(yield* leaderOf("t"), batchOf(["a"]))
      const response = yield* ask(yield* makeFetch, 17, requestOf([{ topic: "t" }]))
      assert.isTrue(RecordBatch.isCrcValid(recordsOf(partitionsOf(response)[0]!), 0))
    }).pipe(Effect.provide(testBroker)))
})
