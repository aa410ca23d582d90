import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeProduce } from "../../src/handlers/Produce.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import { Uuid } from "../../src/model/Uuid.ts"
import type { ProduceRequest } from "../../src/protocol/apis/Produce.ts"
import { decodeRecords } from "../../src/protocol/records/Record.ts"
import { batchOf, idOf, partitionImage, testCodecs, topicImage, World } from "../actors/partition-leader/testLeaders.ts"
import { ask, denying, send, testBroker, testBrokerWith } from "./testHandlers.ts"

const requestOf = (
  partitions: ReadonlyArray<readonly [topic: string, partition: number, records: Uint8Array | null]>,
  options: Partial<ProduceRequest> & { readonly topicIds?: boolean } = {}
): ProduceRequest => {
  const { topicIds, ...rest } = options
  return {
    transactionalId: null,
    acks: 1,
    timeoutMs: 1000,
    topicData: partitions.map(([topic, index, records]) => ({
      name: topicIds === true ? "" : topic,
      topicId: topicIds === true ? idOf(topic) : Uuid.zero,
      partitionData: [{ index, records }]
    })),
    ...rest
  }
}

const codes = (
  response: {
    readonly responses: ReadonlyArray<{ readonly partitionResponses: ReadonlyArray<{ readonly errorCode: number }> }>
  }
) => response.responses.flatMap((topic) => topic.partitionResponses.map((partition) => partition.errorCode))

const concat = (...chunks: ReadonlyArray<Uint8Array>): Uint8Array =>
  Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))

/** One magic-1 message with value `v` and CRC-32 of zlib's polynomial, as Produce 2 carries it. */
const crc32 = (bytes: Uint8Array): number => {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}
const message = (value: Uint8Array = Uint8Array.of(118), codecId = 0): Uint8Array => {
  const body = new Uint8Array(18 + value.length)
  body.set([1, codecId, 0, 0, 0, 0, 0, 0, 0, 7, 255, 255, 255, 255])
  body.set(value, 18)
  new DataView(body.buffer).setInt32(14, value.length)
  const bytes = new Uint8Array(12 + 4 + body.length)
  const view = new DataView(bytes.buffer)
  view.setInt32(8, 4 + body.length)
  view.setUint32(12, crc32(body))
  bytes.set(body, 16)
  return bytes
}

describe("Produce", () => {
  it.effect("answers with offset, log start and no append time", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const produce = yield* makeProduce
      yield* ask(produce, 9, requestOf([["t", 0, batchOf(["a", "b"])]]))
      const response = yield* ask(produce, 9, requestOf([["t", 0, batchOf(["c"])]]))
      assert.deepStrictEqual(response, {
        responses: [{
          name: "t",
          topicId: Uuid.zero,
          partitionResponses: [{
            index: 0,
            errorCode: 0,
            baseOffset: 2,
            logAppendTimeMs: -1,
            logStartOffset: 0,
            recordErrors: [],
            errorMessage: null
          }]
        }],
        throttleTimeMs: 0
      })
    }).pipe(Effect.provide(testBroker)))

  it.effect("names topics by id from version 13", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const produce = yield* makeProduce
      const response = yield* ask(
        produce,
        13,
        requestOf([["t", 0, batchOf(["a"])], ["unknown", 0, batchOf(["a"])]], { topicIds: true })
      )
      assert.deepStrictEqual(codes(response), [0, ErrorCode.UNKNOWN_TOPIC_ID])
      assert.strictEqual(response.responses[0]?.topicId, idOf("t"))
    }).pipe(Effect.provide(testBroker)))

  it.effect("acks=0 is silent when all went well and ends the connection when not", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const produce = yield* makeProduce
      const silent = yield* send(produce, 9, requestOf([["t", 0, batchOf(["a"])]], { acks: 0 }))
      assert.deepStrictEqual(silent, { _tag: "Silence" })
      assert.strictEqual(logs.log("t", 0).logEndOffset, 1)
      const failed = yield* send(produce, 9, requestOf([["u", 0, batchOf(["a"])]], { acks: 0 }))
      assert.deepStrictEqual(failed, { _tag: "Disconnected" })
    }).pipe(Effect.provide(testBroker)))

  it.effect("each partition has its own code, in the order of the request", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(
        topicImage("t", { partitions: [partitionImage(0), partitionImage(1, { leader: 2, leaderEpoch: 5 })] }),
        topicImage("secret"),
        topicImage("__consumer_offsets")
      )
      const produce = yield* makeProduce
      const batch = batchOf(["a"])
      const response = yield* ask(
        produce,
        10,
        requestOf([
          ["t", 0, batch.slice()],
          ["t", 1, batch.slice()],
          ["t", 2, batch.slice()],
          ["secret", 0, batch.slice()],
          ["nowhere", 0, batch.slice()],
          ["__consumer_offsets", 0, batch.slice()],
          ["t", 0, null],
          ["t", 0, batch.subarray(0, 20)],
          ["t", 0, concat(batch, batch)]
        ])
      )
      assert.deepStrictEqual(codes(response), [0, 6, 3, 29, 3, 17, 87, 87, 87])
      for (const topic of response.responses.slice(1)) {
        assert.strictEqual(topic.partitionResponses[0]?.baseOffset, -1)
        assert.strictEqual(topic.partitionResponses[0]?.logStartOffset, -1)
      }
      assert.deepStrictEqual(response.responses[1]?.partitionResponses[0]?.currentLeader, {
        leaderId: 2,
        leaderEpoch: 5
      })
      assert.deepStrictEqual(response.nodeEndpoints, [{ nodeId: 2, host: "there", port: 9093, rack: "r2" }])
      assert.strictEqual(logs.log("t", 0).logEndOffset, 1)
    }).pipe(Effect.provide(testBrokerWith(denying("WRITE TOPIC secret")))))

  it.effect("Kafka's own tools may write internal topics", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("__consumer_offsets"))
      const request = requestOf([["__consumer_offsets", 0, batchOf(["a"])]])
      const response = yield* ask(yield* makeProduce, 9, request, "__admin_client")
      assert.deepStrictEqual(codes(response), [0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("other acks than -1, 0 and 1 refuse what was not refused before", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const request = requestOf([["t", 0, batchOf(["a"])], ["u", 0, batchOf(["a"])]], { acks: 2 })
      assert.deepStrictEqual(codes(yield* ask(yield* makeProduce, 9, request)), [ErrorCode.INVALID_REQUIRED_ACKS, 3])
    }).pipe(Effect.provide(testBroker)))

  it.effect("zstd is refused before version 7", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const produce = yield* makeProduce
      const batch = () => batchOf(["a"], { compression: { codec: "zstd", codecs: testCodecs } })
      assert.deepStrictEqual(codes(yield* ask(produce, 6, requestOf([["t", 0, batch()]]))), [76])
      assert.deepStrictEqual(codes(yield* ask(produce, 7, requestOf([["t", 0, batch()]]))), [0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("a first batch of no format refuses the whole request", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const broken = batchOf(["a"])
      broken[16] = 3
      const request = requestOf([["t", 0, batchOf(["a"])], ["u", 0, broken]])
      const produce = yield* makeProduce
      const response = yield* ask(produce, 9, request)
      assert.deepStrictEqual(codes(response), [2, 2])
      assert.strictEqual(
        response.responses[0]?.partitionResponses[0]?.errorMessage,
        "Invalid magic found in record: 3"
      )
      const zeros = yield* ask(produce, 9, requestOf([["t", 0, new Uint8Array(20)]]))
      assert.strictEqual(
        zeros.responses[0]?.partitionResponses[0]?.errorMessage,
        "Record size 0 is less than the minimum record overhead (14)"
      )
      assert.strictEqual(logs.log("t", 0).logEndOffset, 0)
    }).pipe(Effect.provide(testBroker)))

  it.effect("transactional records need the right to the transactional id", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const produce = yield* makeProduce
      const batch = () => batchOf(["a"], { isTransactional: true, producerId: 1, producerEpoch: 0, baseSequence: 0 })
      const request = (transactionalId: string | null) =>
        requestOf([["t", 0, batchOf(["a"])], ["t", 0, batch()]], { transactionalId })
      assert.deepStrictEqual(codes(yield* ask(produce, 9, request(null))), [53, 53])
      assert.deepStrictEqual(codes(yield* ask(produce, 9, request("mine"))), [53, 53])
      assert.deepStrictEqual(codes(yield* ask(produce, 9, request("unknown"))), [0, 49])
    }).pipe(Effect.provide(testBrokerWith(denying("WRITE TRANSACTIONAL_ID mine")))))

  it.effect("transactional records of two producers refuse the whole request", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t"))
      const batch = (producerId: number) =>
        batchOf(["a"], { isTransactional: true, producerId, producerEpoch: 0, baseSequence: 0 })
      const request = requestOf([["t", 0, batch(1)], ["t", 0, batch(2)]], { transactionalId: "id" })
      assert.deepStrictEqual(codes(yield* ask(yield* makeProduce, 9, request)), [49, 49])
    }).pipe(Effect.provide(testBroker)))

  it.effect("refused records are named", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { configs: { "cleanup.policy": "compact" } }))
      const response = yield* ask(yield* makeProduce, 9, requestOf([["t", 0, batchOf(["a"])]]))
      const result = response.responses[0]!.partitionResponses[0]!
      assert.strictEqual(result.errorCode, ErrorCode.INVALID_RECORD)
      assert.strictEqual(result.recordErrors.length, 1)
      assert.isString(result.errorMessage)
      assert.strictEqual(result.logStartOffset, 0)
    }).pipe(Effect.provide(testBroker)))

  it.effect("compressed messages of version 2 are converted, in slices if need be, up to the bound", () =>
    Effect.gen(function*() {
      const { become } = yield* World
      yield* become(topicImage("t", { partitions: [partitionImage(0), partitionImage(1)] }))
      const produce = yield* makeProduce
      const holding = (mebibytes: number): Uint8Array =>
        message(testCodecs.snappy.compress(message(new Uint8Array(mebibytes * 1024 * 1024))), 2)
      const response = yield* ask(
        produce,
        2,
        requestOf([["t", 0, holding(3)], ["t", 1, holding(5)], ["t", 1, message()]])
      )
      assert.deepStrictEqual(codes(response), [0, ErrorCode.MESSAGE_TOO_LARGE, 0])
    }).pipe(Effect.provide(testBroker)))

  it.effect("messages of version 2 are stored as a magic-2 batch", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const request = requestOf([["t", 0, concat(message(), message())]])
      assert.deepStrictEqual(codes(yield* ask(yield* makeProduce, 2, request)), [0])
      assert.deepStrictEqual(
        decodeRecords(logs.log("t", 0).batches[0]!, 0).map((
          { offset, timestamp, value }
        ) => [offset, timestamp, value]),
        [[0, 7, Uint8Array.of(118)], [1, 7, Uint8Array.of(118)]]
      )
    }).pipe(Effect.provide(testBroker)))

  it.effect("topics without partitions are left out of the answer", () =>
    Effect.gen(function*() {
      const produce = yield* makeProduce
      const empty = { ...requestOf([]), topicData: [{ name: "t", topicId: Uuid.zero, partitionData: [] }] }
      for (const request of [requestOf([]), empty]) {
        assert.deepStrictEqual((yield* ask(produce, 9, request)).responses, [])
      }
    }).pipe(Effect.provide(testBroker)))
})
