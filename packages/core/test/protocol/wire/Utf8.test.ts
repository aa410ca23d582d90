import { assert, describe, it } from "@effect/vitest"
import { decodeUtf8, encodeUtf8, utf8Length } from "../../../src/protocol/wire/Utf8.ts"
import { seeded } from "../randomMessage.ts"
import { integer } from "../records/generators.ts"

const platform = new TextDecoder("utf-8", { ignoreBOM: true })

describe("UTF-8", () => {
  it.prop("decodes any bytes as the platform's decoder does, invalid ones to U+FFFD", {
    seed: integer(0, 0x7fff_ffff),
    length: integer(0, 120)
  }, ({ length, seed }) => {
    const next = seeded(seed)
    const interesting = [0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xa0, 0xef, 0xf0, 0xf1, 0xf4, 0x90, 0xf5, 0xff]
    const bytes = Uint8Array.from({ length }, () => next(3) === 0 ? next(256) : interesting[next(interesting.length)]!)
    assert.strictEqual(decodeUtf8(bytes, 0, length), platform.decode(bytes))
  })

  it("decodes long text, ASCII or not", () => {
    for (const text of ["a".repeat(10_000), "aé日\u{1f980}".repeat(5_000)]) {
      const bytes = encodeUtf8(text)
      assert.strictEqual(decodeUtf8(bytes, 0, bytes.length), text)
    }
  })

  it("gives the right one of two short strings that share a slot of the table", () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `topic-${i}`)
    for (const text of [...texts, ...texts]) {
      const bytes = encodeUtf8(text)
      assert.strictEqual(decodeUtf8(bytes, 0, bytes.length), text)
    }
  })

  it("encodes lone surrogates as a question mark, like Java", () => {
    assert.deepStrictEqual([...encodeUtf8("a\ud800b\udc00\ud801\udc37")], [97, 63, 98, 63, 0xf0, 0x90, 0x90, 0xb7])
    assert.strictEqual(utf8Length("\ud800"), 1)
  })
})
