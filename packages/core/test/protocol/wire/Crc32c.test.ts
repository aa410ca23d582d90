import { assert, describe, it } from "@effect/vitest"
import { crc32c, crc32cPortable, NATIVE_THRESHOLD_BYTES, useCrc32c } from "../../../src/protocol/wire/Crc32c.ts"

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const of = (bytes: Uint8Array): number => crc32c(bytes, 0, bytes.length)

/** Bit by bit, straight from the definition. */
const crcByDefinition = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

describe("Crc32c", () => {
  it("gives the published vectors", () => {
    assert.strictEqual(of(text("123456789")), 0xe3069283)
    assert.strictEqual(of(new Uint8Array(0)), 0)
    // RFC 3720 B.4
    assert.strictEqual(of(new Uint8Array(32)), 0x8a9136aa)
    assert.strictEqual(of(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
    assert.strictEqual(of(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e)
    assert.strictEqual(of(Uint8Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c)
  })

  it("equals the definition for every length and start", () => {
    const bytes = Uint8Array.from({ length: 80 }, (_, index) => (index * 197 + 31) & 0xff)
    for (let start = 0; start < 9; start++) {
      for (let end = start; end <= bytes.length; end++) {
        assert.strictEqual(crc32c(bytes, start, end), crcByDefinition(bytes.subarray(start, end)))
      }
    }
  })

  it("uses an installed implementation for long inputs only, and refuses a wrong one", () => {
    let calls = 0
    try {
      assert.isFalse(useCrc32c(() => 0))
      assert.isFalse(useCrc32c((bytes) => crc32cPortable(bytes, 0, bytes.length)))
      assert.isFalse(useCrc32c(() => {
        throw new Error("no such instruction")
      }))
      assert.isTrue(useCrc32c((bytes, start, end) => {
        calls++
        return crc32cPortable(bytes, start, end)
      }))
      calls = 0
      crc32c(new Uint8Array(NATIVE_THRESHOLD_BYTES), 0, NATIVE_THRESHOLD_BYTES - 1)
      assert.strictEqual(calls, 0)
      crc32c(new Uint8Array(NATIVE_THRESHOLD_BYTES), 0, NATIVE_THRESHOLD_BYTES)
      assert.strictEqual(calls, 1)
    } finally {
      useCrc32c(undefined)
    }
  })
})
