import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { makeClientConnection } from "../../src/client/ClientConnection.ts"
import { consume } from "../../src/client/consume.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import { buildBatch } from "../../src/protocol/records/RecordBatchBuilder.ts"
import { hostCodecs } from "../protocol/records/hostCodecs.ts"
import { makeScriptedBroker, metadataOf, type ScriptedRequest } from "./scriptedBroker.ts"

const batchOf = (baseOffset: number, count: number): Uint8Array =>
  buildBatch(
    Array.from({ length: count }, (_, i) => ({ value: new Uint8Array([baseOffset + i]), timestamp: 0 })),
    { baseOffset }
  )

const offsetsOf = ({ body }: ScriptedRequest) => ({
  topics: [{
    name: "t",
    partitions: [{
      partitionIndex: 0,
      errorCode: 0,
      timestamp: -1,
      offset: body.topics[0].partitions[0].timestamp === -1 ? 100 : 5
    }]
  }]
})

interface Fetched {
  readonly errorCode?: ErrorCode
  readonly records?: ReadonlyArray<Uint8Array>
}

/** One partition whose fetches are answered by `fetched`, given the offset. */
const topicOf = (fetched: (fetchOffset: number, turn: number) => Fetched) => {
  let turn = 0
  const broker = makeScriptedBroker((request) => {
    if (request.api === "Metadata") return metadataOf("t", 1)
    if (request.api === "ListOffsets") return offsetsOf(request)
    const { errorCode, records } = fetched(request.body.topics[0].partitions[0].fetchOffset, turn++)
    const bytes = new Uint8Array((records ?? []).flatMap((batch) => [...batch]))
    return {
      errorCode: 0,
      responses: [{
        topic: "t",
        partitions: [{
          partitionIndex: 0,
          errorCode: errorCode ?? ErrorCode.NONE,
          highWatermark: 100,
          abortedTransactions: null,
          records: bytes
        }]
      }]
    }
  })
  const stream = consume(makeClientConnection(broker.endpoint, "test"), hostCodecs, "t", {})
  return { stream, fetches: () => broker.requests.filter(({ api }) => api === "Fetch").length }
}

describe("consume", () => {
  it.effect("fetches again only when everything fetched before was taken", () =>
    Effect.gen(function*() {
      const { fetches, stream } = topicOf((offset) => ({ records: [batchOf(offset, 2), batchOf(offset + 2, 2)] }))
      const seen: Array<readonly [offset: number, fetches: number]> = []
      yield* stream.pipe(
        Stream.take(5),
        // A slow reader: many turns for every record.
        Stream.runForEach(({ offset }) =>
          Effect.repeat(Effect.yieldNow, { times: 20 }).pipe(
            Effect.andThen(Effect.sync(() => seen.push([offset, fetches()])))
          )
        )
      )
      assert.deepStrictEqual(seen, [[5, 1], [6, 1], [7, 1], [8, 1], [9, 2]])
    }))

  it.effect("asks a leader that moved again", () =>
    Effect.gen(function*() {
      const { stream } = topicOf((offset, turn) =>
        turn < 3 ? { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER } : { records: [batchOf(offset, 1)] }
      )
      const records = yield* stream.pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(records.map(({ offset }) => offset), [5])
    }))

  it.effect("goes on at the earliest record when retention took away the next one", () =>
    Effect.gen(function*() {
      const { stream } = topicOf((_offset, turn) =>
        turn === 0 ? { errorCode: ErrorCode.OFFSET_OUT_OF_RANGE } : { records: [batchOf(5, 1)] }
      )
      const records = yield* stream.pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(records.map(({ offset }) => offset), [5])
    }))

  it.effect("skips records of a batch that lie before its position, and a batch cut off at the end", () =>
    Effect.gen(function*() {
      const { stream } = topicOf((offset) => ({
        records: [batchOf(offset - 2, 4), batchOf(offset + 2, 1).subarray(0, 30)]
      }))
      const records = yield* stream.pipe(Stream.take(4), Stream.runCollect)
      assert.deepStrictEqual(records.map(({ offset }) => offset), [5, 6, 7, 8])
    }))

  it.effect("fails on a batch it cannot read", () =>
    Effect.gen(function*() {
      const broken = batchOf(5, 2)
      broken[61] = 0x7f
      const { stream } = topicOf(() => ({ records: [broken] }))
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(stream))).name, "CORRUPT_MESSAGE")
    }))

  it.effect("fails with the broker's error", () =>
    Effect.gen(function*() {
      const { stream } = topicOf(() => ({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }))
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(stream))).name, "TOPIC_AUTHORIZATION_FAILED")
    }))
})
