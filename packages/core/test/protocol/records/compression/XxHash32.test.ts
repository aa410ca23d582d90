import { assert, describe, it } from "@effect/vitest"
import { xxHash32 } from "../../../../src/protocol/records/compression/XxHash32.ts"

const hashOf = (text: string): number => {
  const bytes = new TextEncoder().encode(text)
  return xxHash32(bytes, 0, bytes.length)
}

describe("XxHash32", () => {
  it("gives the published vectors", () => {
    assert.strictEqual(hashOf(""), 0x02cc5d05)
    assert.strictEqual(hashOf("a"), 0x550d7456)
    assert.strictEqual(hashOf("abc"), 0x32d153ff)
    assert.strictEqual(hashOf("Nobody inspects the spammish repetition"), 0xe2293b2f)
  })

  it("hashes the range it is given", () => {
    const bytes = new TextEncoder().encode("xxNobody inspects the spammish repetitionyy")
    assert.strictEqual(xxHash32(bytes, 2, bytes.length - 2), 0xe2293b2f)
  })
})
