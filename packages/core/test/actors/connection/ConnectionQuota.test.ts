import { assert, describe, it } from "@effect/vitest"
import { ConnectionQuota } from "../../../src/actors/connection/ConnectionQuota.ts"

const quota = new ConnectionQuota({ max: 4, maxPerAddress: 2, overrides: new Map([["b", 1], ["c", 9]]) })

describe("ConnectionQuota", () => {
  it("limits an address, by its own limit where it has one, and all together", () => {
    const admitted = ["a", "a", "a", "b", "b", "c", "c"].map((address) => quota.admit(address))
    assert.deepStrictEqual(admitted, [true, true, false, true, false, true, false])
  })

  it("takes a connection again when one of the same address has closed", () => {
    quota.release("a")
    assert.deepStrictEqual([quota.admit("b"), quota.admit("a"), quota.admit("a")], [false, true, false])
  })
})
