import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Schema } from "effect"
import type { PartitionLeader } from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import { appendTo, batchOf, leaderOf, testLeaders, topicImage, World } from "./testLeaders.ts"

const int = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** What becomes of each write: it succeeds, or fails with a reason after so many of its batches were taken. */
const Outcome = Schema.Struct({ kind: Schema.Literals(["Ok", "Ok", "Unavailable", "Unknown"]), taken: int(0, 3) })
const Case = Schema.Struct({ outcomes: Schema.Array(Outcome), burst: int(1, 4), records: int(1, 25) })

const batchAt = (sequence: number) =>
  batchOf([`v${sequence}`], { producerId: 5, producerEpoch: 0, baseSequence: sequence })

/** Sends in bursts as an idempotent producer does: all from the first that failed again, until every one is acknowledged. */
const produce = Effect.fnUntraced(function*(leader: PartitionLeader, count: number, burst: number) {
  const offsets: Array<number> = []
  for (let attempts = 0; offsets.length < count && attempts < 1_000; attempts++) {
    const sequences = Array.from({ length: Math.min(burst, count - offsets.length) }, (_, i) => offsets.length + i)
    const results = yield* Effect.forEach(sequences, (each) => appendTo(leader, batchAt(each), { acks: -1 }), {
      concurrency: "unbounded"
    })
    for (const { baseOffset, errorCode } of results) {
      if (errorCode !== ErrorCode.NONE) {
        const isRetried = errorCode === ErrorCode.KAFKA_STORAGE_ERROR ||
          errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER ||
          errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
        assert.isTrue(isRetried, `error ${errorCode}`)
        break
      }
      offsets.push(baseOffset)
    }
  }
  return offsets
})

describe("a partition on a store that fails now and then", () => {
  it.effect.prop(
    "loses and duplicates nothing, and stays in service under its epoch",
    [Arbitrary.schema(Case)],
    ([all]) =>
      Effect.gen(function*() {
        const { become, logs } = yield* World
        yield* become(topicImage("t"))
        const leader = yield* leaderOf("t")
        const outcomes = [...all.outcomes]
        logs.outcomeOf = (count) => {
          const outcome = outcomes.shift()
          if (outcome === undefined || outcome.kind === "Ok") return undefined
          // Of what was certainly not appended, at most a part was.
          const taken = Math.min(outcome.taken, outcome.kind === "Unknown" ? count : count - 1)
          return { reason: outcome.kind, taken }
        }
        const offsets = yield* produce(leader, all.records, all.burst)
        const { batches } = logs.log("t", 0)
        const stored = batches.flatMap((batch) => decodeRecords(batch, 0))
        const texts = stored.map(({ value }) => new TextDecoder().decode(value!))
        assert.deepStrictEqual(texts, Array.from({ length: all.records }, (_, sequence) => `v${sequence}`))
        assert.deepStrictEqual(offsets, stored.map(({ offset }) => offset))
        assert.isTrue(logs.opens.every(({ leaderEpoch }) => leaderEpoch === 0))
      }).pipe(Effect.provide(testLeaders, { local: true })),
    { arbitrary: { runs: 60 } }
  )

  it.effect("an open that fails so is answered, and tried again at the next use", () =>
    Effect.gen(function*() {
      const { become, logs } = yield* World
      yield* become(topicImage("t"))
      const leader = yield* leaderOf("t")
      const codes: Array<ErrorCode> = []
      for (const reason of ["Unavailable", "Unknown", undefined] as const) {
        logs.openFailure = reason
        codes.push((yield* appendTo(leader, batchAt(0))).errorCode)
      }
      assert.deepStrictEqual(codes, [ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.NONE])
    }).pipe(Effect.provide(testLeaders)))
})
