import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeClientConnection } from "../../src/client/ClientConnection.ts"
import { makeProduce } from "../../src/client/produce.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import { makeScriptedBroker, metadataOf, type ScriptedRequest } from "./scriptedBroker.ts"

const partitionsOf = ({ body }: ScriptedRequest): ReadonlyArray<number> =>
  body.topicData[0].partitionData.map(({ index }: { readonly index: number }) => index)

/** Partition i is appended at 10 * i, or answered with the code that `codeOf` gives for its n-th try. */
const producerOf = (codeOf: (partition: number, attempt: number) => ErrorCode) => {
  const attempts = new Map<number, number>()
  return makeScriptedBroker((request) => {
    if (request.api === "Metadata") return metadataOf("t", 3)
    const partitionResponses = partitionsOf(request).map((index) => {
      const attempt = (attempts.get(index) ?? 0) + 1
      attempts.set(index, attempt)
      const errorCode = codeOf(index, attempt)
      return { index, errorCode, baseOffset: errorCode === ErrorCode.NONE ? 10 * index : -1, recordErrors: [] }
    })
    return { responses: [{ name: "t", partitionResponses }] }
  })
}

const records = [0, 1, 2, 1].map((partition, i) => ({ partition, value: `${i}` }))

describe("produce", () => {
  it.effect("tries again only where the leader moved", () =>
    Effect.gen(function*() {
      const broker = producerOf((partition, attempt) =>
        partition === 1 && attempt < 3 ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.NONE
      )
      const produce = makeProduce(yield* makeClientConnection(broker.endpoint, "test"), 100_000_000)
      assert.deepStrictEqual(yield* produce("t", records), [
        { partition: 0, offset: 0 },
        { partition: 1, offset: 10 },
        { partition: 2, offset: 20 },
        { partition: 1, offset: 11 }
      ])
      const produced = broker.requests.filter(({ api }) => api === "Produce")
      assert.deepStrictEqual(produced.map(partitionsOf), [[0, 1, 2], [1], [1]])
    }))

  it.effect("gives up after half a minute of trying", () =>
    Effect.gen(function*() {
      const broker = producerOf(() => ErrorCode.NOT_LEADER_OR_FOLLOWER)
      const produce = makeProduce(yield* makeClientConnection(broker.endpoint, "test"), 100_000_000)
      const producing = yield* Effect.forkChild(Effect.flip(produce("t", [{ partition: 0, value: "x" }])), {
        startImmediately: true
      })
      for (let second = 0; second < 60; second++) yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(producing)).name, "NOT_LEADER_OR_FOLLOWER")
      assert.isBelow(broker.requests.length, 40)
    }))

  it.effect("never sends again what may have been appended, nor what was refused for good", () =>
    Effect.gen(function*() {
      for (const code of [ErrorCode.REQUEST_TIMED_OUT, ErrorCode.MESSAGE_TOO_LARGE]) {
        const broker = producerOf(() => code)
        const produce = makeProduce(yield* makeClientConnection(broker.endpoint, "test"), 100_000_000)
        const failed = yield* Effect.flip(produce("t", [{ partition: 0, value: "x" }]))
        assert.strictEqual(failed.code, code)
        assert.lengthOf(broker.requests.filter(({ api }) => api === "Produce"), 1)
      }
    }))
})
