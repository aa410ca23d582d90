import { apis, buildBatch, ErrorCode, RecordBatch, Uuid } from "@kafka-broker/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { TestBroker, type TestBrokerShape } from "../src/TestBroker.ts"

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

const id = "tx"
const topic = "orders"
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Waits, on the test's clock, for what another request or fiber does by itself. */
const soon = <A, E>(effect: Effect.Effect<A, E>, isDone: (a: A) => boolean): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    for (let attempt = 0; attempt < 200; attempt++) {
      const running = yield* Effect.forkChild(effect)
      yield* TestClock.adjust(100)
      const result = yield* Fiber.join(running)
      if (isDone(result)) return result
    }
    return yield* Effect.die("it did not become so")
  })

const init = (broker: TestBrokerShape, expected?: Producer): Effect.Effect<Producer & { errorCode: number }> =>
  soon(
    Effect.orDie(broker.client.request(apis.InitProducerId, {
      transactionalId: id,
      transactionTimeoutMs: 60_000,
      producerEpoch: -1,
      ...expected
    })),
    ({ errorCode }) =>
      errorCode !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS && errorCode !== ErrorCode.CONCURRENT_TRANSACTIONS
  )

const start = Effect.gen(function*() {
  const broker = yield* TestBroker
  yield* broker.client.createTopics([{ name: topic, partitions: 1 }])
  yield* broker.client.request(apis.FindCoordinator, { keyType: 1, key: "", coordinatorKeys: [id] })
  return { broker, producer: yield* init(broker) }
}).pipe(Effect.orDie)

const produce = (
  broker: TestBrokerShape,
  producer: Producer,
  baseSequence: number,
  value: string,
  version?: number
): Effect.Effect<number> =>
  broker.client.request(apis.Produce, {
    transactionalId: id,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{
      name: topic,
      topicId: Uuid.zero,
      partitionData: [{
        index: 0,
        records: buildBatch([{ value: bytes(value), timestamp: 1 }], {
          producerId: producer.producerId,
          producerEpoch: producer.producerEpoch,
          baseSequence,
          isTransactional: true
        })
      }]
    }]
  }, version ?? 12).pipe(
    Effect.map(({ responses }) => responses[0]!.partitionResponses[0]!.errorCode),
    Effect.orDie
  )

const end = (broker: TestBrokerShape, producer: Producer, committed: boolean, version = 5) =>
  Effect.orDie(broker.client.request(
    apis.EndTxn,
    { transactionalId: id, producerId: producer.producerId, producerEpoch: producer.producerEpoch, committed },
    version
  ))

/** What a reader sees: how many batches, and the ranges that were aborted. */
const fetch = (broker: TestBrokerShape, isolationLevel: number) =>
  Effect.orDie(Effect.map(
    broker.client.request(apis.Fetch, {
      maxWaitMs: 0,
      minBytes: 0,
      isolationLevel,
      forgottenTopicsData: [],
      topics: [{
        topic,
        topicId: Uuid.zero,
        partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
      }]
    }, 12),
    ({ responses }) => {
      const read = responses[0]!.partitions[0]!
      return {
        lastStableOffset: read.lastStableOffset,
        highWatermark: read.highWatermark,
        sizeBytes: read.records?.length ?? 0,
        aborted: read.abortedTransactions ?? []
      }
    }
  ))

const stateOf = (broker: TestBrokerShape) =>
  Effect.orDie(Effect.map(
    broker.client.request(apis.DescribeTransactions, { transactionalIds: [id] }),
    ({ transactionStates }) => transactionStates[0]!.transactionState
  ))

describe("transactions", () => {
  it.effect("show committed records to read_committed readers once they commit, and not before", () =>
    Effect.gen(function*() {
      const { broker, producer } = yield* start
      assert.strictEqual(yield* produce(broker, producer, 0, "a"), ErrorCode.NONE)
      const before = yield* fetch(broker, 1)
      assert.deepStrictEqual([before.lastStableOffset, before.highWatermark, before.sizeBytes], [0, 1, 0])
      const ended = yield* end(broker, producer, true)
      assert.deepStrictEqual(
        [ended.errorCode, ended.producerId, ended.producerEpoch],
        [ErrorCode.NONE, producer.producerId, producer.producerEpoch + 1]
      )
      yield* soon(stateOf(broker), (state) => state === "CompleteCommit")
      const after = yield* fetch(broker, 1)
      assert.deepStrictEqual([after.lastStableOffset, after.highWatermark, after.aborted], [2, 2, []])
      assert.isAbove(after.sizeBytes, RecordBatch.RECORD_BATCH_OVERHEAD)
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("list aborted records as aborted, and a write that comes late is refused", () =>
    Effect.gen(function*() {
      const { broker, producer } = yield* start
      yield* produce(broker, producer, 0, "a")
      yield* end(broker, producer, false)
      yield* soon(stateOf(broker), (state) => state === "CompleteAbort")
      const after = yield* fetch(broker, 1)
      assert.deepStrictEqual(after.aborted, [{ producerId: producer.producerId, firstOffset: 0 }])
      assert.strictEqual(after.lastStableOffset, 2)
      assert.strictEqual(yield* produce(broker, producer, 1, "late"), ErrorCode.INVALID_PRODUCER_EPOCH)
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("of older clients need their partitions added, and keep their epoch", () =>
    Effect.gen(function*() {
      const { broker, producer } = yield* start
      const notAdded = yield* produce(broker, producer, 0, "a", 11)
      assert.strictEqual(notAdded, ErrorCode.TRANSACTION_ABORTABLE)
      assert.strictEqual(yield* produce(broker, producer, 0, "a", 10), ErrorCode.INVALID_TXN_STATE)
      const added = yield* broker.client.request(apis.AddPartitionsToTxn, {
        transactions: [],
        v3AndBelowTransactionalId: id,
        v3AndBelowProducerId: producer.producerId,
        v3AndBelowProducerEpoch: producer.producerEpoch,
        v3AndBelowTopics: [{ name: topic, partitions: [0] }]
      }, 3)
      assert.strictEqual(added.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode, ErrorCode.NONE)
      assert.strictEqual(yield* produce(broker, producer, 0, "a", 11), ErrorCode.NONE)
      assert.strictEqual((yield* end(broker, producer, true, 4)).errorCode, ErrorCode.NONE)
      yield* soon(stateOf(broker), (state) => state === "CompleteCommit")
      assert.strictEqual((yield* fetch(broker, 1)).lastStableOffset, 2)
      assert.strictEqual((yield* end(broker, producer, true, 4)).errorCode, ErrorCode.NONE)
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("commit offsets with their records", () =>
    Effect.gen(function*() {
      const { broker, producer } = yield* start
      yield* broker.client.request(apis.FindCoordinator, { keyType: 0, key: "", coordinatorKeys: ["g"] })
      const commit = (producer: Producer, offset: number) =>
        Effect.map(
          broker.client.request(apis.TxnOffsetCommit, {
            transactionalId: id,
            groupId: "g",
            producerId: producer.producerId,
            producerEpoch: producer.producerEpoch,
            topics: [{
              name: topic,
              partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }]
            }]
          }, 5),
          ({ topics }) => topics[0]!.partitions[0]!.errorCode
        )
      const isNone = (errorCode: number): boolean => errorCode === ErrorCode.NONE
      yield* soon(commit(producer, 7), isNone)
      assert.deepStrictEqual(yield* broker.client.committed("g"), [])
      const next = yield* end(broker, producer, true)
      yield* soon(stateOf(broker), (state) => state === "CompleteCommit")
      const committed = yield* broker.client.committed("g")
      assert.deepStrictEqual(committed.map(({ offset }) => offset), [7])
      yield* soon(commit(next, 9), isNone)
      yield* end(broker, next, false)
      yield* soon(stateOf(broker), (state) => state === "CompleteAbort")
      assert.deepStrictEqual((yield* broker.client.committed("g")).map(({ offset }) => offset), [7])
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("of a producer that is replaced are aborted, and the old producer is fenced", () =>
    Effect.gen(function*() {
      const { broker, producer } = yield* start
      yield* produce(broker, producer, 0, "a")
      const next = yield* init(broker)
      assert.deepStrictEqual([next.errorCode, next.producerEpoch], [ErrorCode.NONE, producer.producerEpoch + 2])
      assert.strictEqual((yield* end(broker, producer, true)).errorCode, ErrorCode.PRODUCER_FENCED)
      assert.strictEqual((yield* fetch(broker, 1)).aborted.length, 1)
    }).pipe(Effect.provide(TestBroker.layer())))

  it.effect("that take too long are aborted", () =>
    Effect.gen(function*() {
      const { broker, producer } = yield* start
      yield* produce(broker, producer, 0, "a")
      yield* TestClock.adjust(71_000)
      yield* soon(stateOf(broker), (state) => state === "CompleteAbort")
      assert.strictEqual((yield* fetch(broker, 1)).lastStableOffset, 2)
    }).pipe(Effect.provide(TestBroker.layer())))
})
