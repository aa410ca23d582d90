/** How a bug is found that needs a connection to be lost at one moment: the same program is run by many seeds. */
import { assert, describe, it } from "@effect/vitest"
import { KafkaBroker } from "@kafka-broker/core"
import { Simulation } from "@kafka-broker/testkit"
import { Effect, Exit } from "effect"
import { addUpPayments } from "../src/addUpPayments.ts"

const payments = [10, 20, 30, 40, 50]

/** Pays, and adds up what was paid; tries each step again until it is done. */
const payAndAddUp = (isCareful: boolean) =>
  Effect.gen(function*() {
    const { client: broker } = yield* KafkaBroker
    const untilDone = <A, E>(step: Effect.Effect<A, E>) =>
      Effect.eventually(Effect.tapError(Effect.timeout(step, "5 seconds"), () => Effect.sleep("100 millis")))
    yield* untilDone(Effect.ignore(broker.createTopics([{ name: "payments" }, { name: "totals" }])))
    for (let paid = 0; paid < payments.length;) {
      yield* untilDone(broker.produce("payments", [{ value: String(payments[paid]) }]).pipe(Effect.ignore))
      paid = (yield* untilDone(broker.records("payments"))).length
    }
    return yield* addUpPayments({ total: 0, next: 0 }, payments.length, isCareful)
  })

/** The total that a seed gives. */
const totalOf = (seed: number, isCareful: boolean) =>
  Effect.map(
    Simulation.run({
      seed,
      faults: { network: { latencyMsMax: 5, lost: 0.05, cut: 0.2 }, crashesPerMinute: 6 },
      program: payAndAddUp(isCareful)
    }),
    ({ exit, trace, verdict }) => {
      assert.deepStrictEqual(verdict, [])
      assert.isTrue(exit !== undefined && Exit.isSuccess(exit))
      return { total: exit !== undefined && Exit.isSuccess(exit) ? exit.value : -1, hash: trace.hash }
    }
  )

const seeds = Array.from({ length: 30 }, (_, seed) => seed)

describe("a service that counts twice what it tries again", () => {
  it.live("is right in most seeds, wrong in one, and wrong in the same way whenever that seed is run", () =>
    Effect.gen(function*() {
      const right = payments.reduce((sum, amount) => sum + amount, 0)
      const results = yield* Effect.forEach(seeds, (seed) => totalOf(seed, false))
      const wrong = seeds.filter((seed) => results[seed]!.total !== right)
      assert.isAtLeast(wrong.length, 1)
      assert.isBelow(wrong.length, seeds.length / 2)
      assert.deepStrictEqual(yield* totalOf(wrong[0]!, false), results[wrong[0]!])
    }))

  it.live("is right in all seeds once it is mended", () =>
    Effect.gen(function*() {
      for (const { total } of yield* Effect.forEach(seeds, (seed) => totalOf(seed, true))) {
        assert.strictEqual(total, payments.reduce((sum, amount) => sum + amount, 0))
      }
    }))
})
