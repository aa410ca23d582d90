import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeClientConnection } from "../../src/client/ClientConnection.ts"
import { ClientLimits } from "../../src/client/ClientLimits.ts"
import { makeProduce, type ProducerRecord } from "../../src/client/produce.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import { decodeRecords } from "../../src/protocol/records/Record.ts"
import { hostCodecs } from "../protocol/records/hostCodecs.ts"
import { makeScriptedBroker, metadataOf } from "./scriptedBroker.ts"

/** A topic of `partitions` whose batches may have `maxBytes`; it remembers the records of each batch that came. */
const makeTopic = (
  partitions: number,
  maxBytes: number,
  refuse: (partition: number, end: number) => boolean = () => false
) => {
  const batches: Array<readonly [partition: number, values: ReadonlyArray<number>]> = []
  const ends = new Map<number, number>()
  const broker = makeScriptedBroker(({ api, body }) => {
    if (api === "Metadata") return metadataOf("t", partitions)
    const partitionResponses = body.topicData[0].partitionData.map(
      ({ index, records }: { index: number; records: Uint8Array }) => {
        const baseOffset = ends.get(index) ?? 0
        if (records.length > maxBytes) {
          return { index, errorCode: ErrorCode.MESSAGE_TOO_LARGE, baseOffset: -1, recordErrors: [] }
        }
        if (refuse(index, baseOffset)) {
          return { index, errorCode: ErrorCode.KAFKA_STORAGE_ERROR, baseOffset: -1, recordErrors: [] }
        }
        const values = Array.from(
          decodeRecords(records, 0, { codecs: hostCodecs, maxOutputBytes: 1e9 }),
          ({ value }) => value!.length
        )
        batches.push([index, values])
        ends.set(index, baseOffset + values.length)
        return { index, errorCode: ErrorCode.NONE, baseOffset, recordErrors: [] }
      }
    )
    return { responses: [{ name: "t", partitionResponses }] }
  }, 100_000_000)
  const requests = () => broker.requests.filter(({ api }) => api === "Produce").length
  const produce = Effect.fnUntraced(function*(records: ReadonlyArray<unknown>) {
    const connection = yield* makeClientConnection(broker.endpoint, "test")
    return yield* makeProduce(connection, 100_000_000)("t", records as ReadonlyArray<ProducerRecord>)
  })
  return { batches, requests, produce }
}

const sized = (sizeBytes: number, partition = 0): ProducerRecord => ({ partition, value: new Uint8Array(sizeBytes) })

describe("produce", () => {
  it.effect("makes as many batches as it takes, in the order of the records", () =>
    Effect.gen(function*() {
      const { batches, produce, requests } = makeTopic(2, 1_048_588)
      const records = Array.from({ length: 20 }, (_, i) => sized(100_000 + i, i % 2))
      const placed = yield* produce(records)
      assert.deepStrictEqual(placed, records.map((_, i) => ({ partition: i % 2, offset: i >> 1 })))
      for (const [, values] of batches) assert.isAtMost(values.reduce((a, b) => a + b), ClientLimits.batchBytesMax)
      assert.deepStrictEqual(
        batches.filter(([index]) => index === 0).flatMap(([, values]) => values),
        records.flatMap(({ partition, value }) => partition === 0 ? [value!.length] : [])
      )
      assert.strictEqual(requests(), 2)
    }))

  it.effect("cuts a batch that the topic finds too large in halves, down to single records", () =>
    Effect.gen(function*() {
      const { batches, produce } = makeTopic(1, 30_000)
      const placed = yield* produce(Array.from({ length: 7 }, () => sized(10_000)))
      assert.deepStrictEqual(placed.map(({ offset }) => offset), [0, 1, 2, 3, 4, 5, 6])
      for (const [, values] of batches) assert.isAtMost(values.length, 2)
    }))

  it.effect("says which records were appended when one is too large for the topic", () =>
    Effect.gen(function*() {
      const { produce } = makeTopic(2, 30_000)
      const error = yield* Effect.flip(produce([sized(10, 0), sized(10, 1), sized(40_000, 0), sized(10, 0)]))
      assert.deepStrictEqual([error.name, error.api, error.topic, error.partition], [
        "MESSAGE_TOO_LARGE",
        "Produce",
        "t",
        0
      ])
      assert.match(error.message, /^Produce t-0: MESSAGE_TOO_LARGE: .* \(raise max\.message\.bytes of the topic, /)
      assert.deepStrictEqual(error.produced, [
        { index: 0, partition: 0, offset: 0 },
        { index: 1, partition: 1, offset: 0 }
      ])
    }))

  it.effect("sends nothing more once a partition failed, and tells of the others", () =>
    Effect.gen(function*() {
      const { produce, requests } = makeTopic(2, 1_048_588, (partition, end) => partition === 1 && end === 0)
      const error = yield* Effect.flip(produce(Array.from({ length: 40 }, (_, i) => sized(100_000, i % 2))))
      assert.strictEqual(error.name, "KAFKA_STORAGE_ERROR")
      assert.strictEqual(requests(), 1)
      assert.deepStrictEqual(error.produced?.map(({ index }) => index), [0, 2, 4, 6, 8, 10, 12, 14, 16])
    }))

  it.effect("keeps a request below what the broker reads", () =>
    Effect.gen(function*() {
      const { produce, requests } = makeTopic(40, 1_048_588)
      yield* produce(Array.from({ length: 40 }, (_, partition) => sized(900_000, partition)))
      assert.strictEqual(requests(), 3)
    }))

  it.effect("refuses what is neither text nor bytes before anything is sent, in words", () =>
    Effect.gen(function*() {
      const { produce, requests } = makeTopic(1, 1_000_000)
      const cases: ReadonlyArray<readonly [unknown, string, RegExp]> = [
        [{ value: 42 }, "INVALID_RECORD", /record 1: its value must be text, bytes or null, but it is a number; /],
        [{ value: { a: 1 } }, "INVALID_RECORD", /its value must be text, bytes or null, but it is an object; /],
        [{ key: true, value: "" }, "INVALID_RECORD", /its key must be text/],
        [{ value: "", headers: [{ key: "h", value: 1 }] }, "INVALID_RECORD", /its header h must be text/],
        [{ value: "", headers: { h: "x" } }, "INVALID_RECORD", /its headers must be an array/],
        [{ value: "", headers: [null] }, "INVALID_RECORD", /the key of a header must be text/],
        [{ value: "", timestamp: NaN }, "INVALID_TIMESTAMP", /whole milliseconds since the epoch, but it is NaN/],
        [{ value: "", timestamp: 1.5 }, "INVALID_TIMESTAMP", /but it is 1\.5/],
        [{ value: "", timestamp: "now" }, "INVALID_TIMESTAMP", /but it is a string/],
        [{ value: "", partition: 0.5 }, "INVALID_RECORD", /its partition must be a whole number/],
        ["text", "INVALID_RECORD", /it must be an object, but it is a string/]
      ]
      for (const [record, name, message] of cases) {
        const error = yield* Effect.flip(produce([{ value: "fine" }, record]))
        assert.strictEqual(error.name, name)
        assert.match(error.message, message)
        assert.match(error.message, /^Produce t: /)
      }
      assert.strictEqual(requests(), 0)
    }))

  it.effect("takes text everywhere", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const broker = makeScriptedBroker(({ api, body }) => {
        if (api === "Metadata") return metadataOf("t", 1)
        const { records } = body.topicData[0].partitionData[0]
        const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes)
        for (const { headers, key, value } of decodeRecords(records, 0, { codecs: hostCodecs, maxOutputBytes: 1000 })) {
          seen.push([text(key), text(value), headers.map((header) => [header.key, text(header.value)])])
        }
        const partitionResponses = [{ index: 0, errorCode: 0, baseOffset: 0, recordErrors: [] }]
        return { responses: [{ name: "t", partitionResponses }] }
      })
      const produce = makeProduce(yield* makeClientConnection(broker.endpoint, "test"), 1_000_000)
      const headers = [{ key: "a", value: "ä" }, { key: "b", value: null }]
      yield* produce("t", [{ key: "k", value: "v", headers }, { key: null }])
      assert.deepStrictEqual(seen, [["k", "v", [["a", "ä"], ["b", null]]], [null, null, []]])
    }))
})
