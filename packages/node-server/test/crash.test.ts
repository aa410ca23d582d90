import { assert, describe, it } from "@effect/vitest"
import { crash } from "./crash/crash.ts"

describe("a broker killed while it works", () => {
  it("has everything it confirmed when it starts again, once and in order", { timeout: 120_000 }, async () => {
    const report = await crash({ cycles: 4, seed: 3 })
    assert.strictEqual(report.cycles, 4)
    assert.isAbove(report.acknowledged, 100)
  })
})
