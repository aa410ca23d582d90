import { assert, describe, it } from "@effect/vitest"
import { ConnectionQuota } from "../../../src/actors/connection/ConnectionQuota.ts"

let limits = { max: 4, maxPerAddress: 2, overrides: new Map([["b", 1], ["c", 9]]) }
const quota = new ConnectionQuota(() => limits)

describe("ConnectionQuota", () => {
  it("limits an address, by its own limit where it has one, and all together", () => {
    const admitted = ["a", "a", "a", "b", "b", "c", "c"].map((address) => quota.admit(address))
    assert.deepStrictEqual(admitted, [true, true, false, true, false, true, false])
  })

  it("takes a connection again when one of the same address has closed", () => {
    quota.release("a")
    assert.deepStrictEqual([quota.admit("b"), quota.admit("a"), quota.admit("a")], [false, true, false])
  })

  it("follows limits that change, and closes nothing that is open", () => {
    limits = { max: 5, maxPerAddress: 3, overrides: new Map() }
    assert.deepStrictEqual([quota.admit("a"), quota.admit("a")], [true, false])
    limits = { max: 1, maxPerAddress: 1, overrides: new Map() }
    quota.release("a")
    assert.isFalse(quota.admit("d"))
    for (const address of ["a", "a", "b", "c"]) quota.release(address)
    assert.isTrue(quota.admit("d"))
  })
})
