import { assert, describe, it } from "@effect/vitest"
import { cutPlan, drawPlan } from "./Plan.ts"
import { runOnce, runPlan } from "./runPlan.ts"

describe("the simulated world", () => {
  it("leaves the same trace for the same seed, byte for byte", { timeout: 60_000 }, () => {
    for (const seed of [1, 2, 3]) {
      const plan = cutPlan(drawPlan(seed), { operations: 12 })
      const [one, other] = [runOnce(plan), runOnce(plan)]
      assert.isUndefined(one.trace.firstDifference(other.trace))
      assert.strictEqual(one.trace.hash, other.trace.hash)
      assert.isAbove(one.operations, 50)
    }
  })

  it("goes another way with another seed", { timeout: 60_000 }, () => {
    const [one, other] = [runOnce(drawPlan(1)), runOnce(drawPlan(2))]
    assert.isDefined(one.trace.firstDifference(other.trace))
  })

  it.each([1, 26, 51, 76])("finds no promise broken in the 25 seeds from %i on", { timeout: 300_000 }, (from) => {
    for (let seed = from; seed < from + 25; seed++) {
      const { violations } = runPlan(drawPlan(seed))
      assert.deepStrictEqual(violations, [], `npx -y pnpm@12 simulate --seed ${seed}`)
    }
  })
})
