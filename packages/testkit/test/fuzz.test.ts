import { assert, describe, it } from "@effect/vitest"
import { fuzz } from "./fuzz/fuzz.ts"

describe("a broker fed with hostile frames", () => {
  it("answers what can be answered, closes on the rest, and disturbs nobody", { timeout: 60_000 }, async () => {
    const report = await fuzz({ inputs: 9_000, seed: 20_260 })
    assert.isAbove(report.answers, 3_000)
    assert.isAbove(report.closes, 3_000)
    assert.isAbove(report.recordsReadBack.count, 100)
    assert.isAtMost(report.fibersAfter, report.fibersBefore + 4)
  })

  it("is fed with the same bytes again by the same seed", { timeout: 60_000 }, async () => {
    const [one, same, other] = [
      await fuzz({ inputs: 500, seed: 7 }),
      await fuzz({ inputs: 500, seed: 7 }),
      await fuzz({ inputs: 500, seed: 8 })
    ]
    assert.strictEqual(one.digest, same.digest)
    assert.strictEqual(one.answers, same.answers)
    assert.notStrictEqual(one.digest, other.digest)
  })
})
