import { assert, describe, it } from "@effect/vitest"
import { crc32 } from "../../../src/protocol/records/Crc32.ts"

describe("Crc32", () => {
  it("gives the published vectors, over the range it is given", () => {
    const bytes = new TextEncoder().encode("x123456789x")
    assert.strictEqual(crc32(bytes, 1, 10), 0xcbf43926)
    assert.strictEqual(crc32(bytes, 3, 3), 0)
  })
})
