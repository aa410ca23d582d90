import { assert, describe, it } from "@effect/vitest"
import { Uuid } from "../../src/model/Uuid.ts"
import { seeded } from "../protocol/randomMessage.ts"
import { integer } from "../protocol/records/generators.ts"

describe("Uuid", () => {
  it.prop("text and bytes agree with base64url", { seed: integer(0, 0x7fff_ffff) }, ({ seed }) => {
    const next = seeded(seed)
    const bytes = Uint8Array.from({ length: 16 }, () => next(256))
    const uuid = Uuid.fromBytes(bytes)
    assert.strictEqual(uuid, Buffer.from(bytes).toString("base64url"))
    assert.deepStrictEqual(Uuid.toBytes(uuid), bytes)
    assert.strictEqual(Uuid.fromBytes(bytes), uuid)
  })

  it("parses text with and without padding, to one form for one id", () => {
    assert.strictEqual(Uuid.parse("AAAAAAAAAAAAAAAAAAAAAQ=="), Uuid.one)
    assert.strictEqual(Uuid.parse(Uuid.zero), Uuid.zero)
    assert.strictEqual(Uuid.parse("AAAAAAAAAAAAAAAAAAAAAR"), Uuid.one)
  })

  it("does not parse anything else", () => {
    for (const text of ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAA+", "AAAAAAAAAAAAAAAAAAAAAAA", "é".repeat(22)]) {
      assert.isUndefined(Uuid.parse(text))
    }
  })
})
