import { assert, describe, it } from "@effect/vitest"
import { parseServerProperties } from "../src/ServerProperties.ts"

/** Texts and their entries sorted by key, as recorded from java.util.Properties.load. */
const recorded: ReadonlyArray<readonly [string, ReadonlyArray<readonly [string, string]>]> = [
  ["a=b", [["a", "b"]]],
  ["a:b", [["a", "b"]]],
  ["a b", [["a", "b"]]],
  ["a = b", [["a", "b"]]],
  ["a : b ", [["a", "b "]]],
  ["a\u0009=\u0009b", [["a", "b"]]],
  ["a==b", [["a", "=b"]]],
  ["a=:b", [["a", ":b"]]],
  ["a", [["a", ""]]],
  ["a=", [["a", ""]]],
  ["=b", [["", "b"]]],
  [" a=b", [["a", "b"]]],
  ["#c\u000aa=b", [["a", "b"]]],
  ["!c\u000aa=b", [["a", "b"]]],
  ["  # c\u000aa=b", [["a", "b"]]],
  ["a=b\\\u000a  c", [["a", "bc"]]],
  ["a=b\\\\\u000ac=d", [["a", "b\\"], ["c", "d"]]],
  ["a=b\\\\\\\u000a c=d", [["a", "b\\c=d"]]],
  ["a\\=b=c", [["a=b", "c"]]],
  ["a\\:b=c", [["a:b", "c"]]],
  ["a\\ b=c", [["a b", "c"]]],
  ["a=\\u0041", [["a", "A"]]],
  ["a=\\t\\n\\r\\fx", [["a", "\u0009\u000a\u000d\u000cx"]]],
  ["a=\\q", [["a", "q"]]],
  ["a=b\\", [["a", "b"]]],
  ["a=\\\u000a#c", [["a", "#c"]]],
  ["a=b\u000d\u000ac=d\u000dd=e", [["a", "b"], ["c", "d"], ["d", "e"]]],
  ["\u000a\u000a\u000aa=b\u000a", [["a", "b"]]],
  ["a=1\u000aa=2", [["a", "2"]]],
  ["a\\\u000ab=c", [["ab", "c"]]],
  ["listeners=PLAINTEXT://127.0.0.1:9092", [["listeners", "PLAINTEXT://127.0.0.1:9092"]]],
  ["a=b#c", [["a", "b#c"]]],
  ["a=b !c", [["a", "b !c"]]],
  ["a  b  c", [["a", "b  c"]]],
  ["\\#a=b", [["#a", "b"]]],
  ["a=\\\\u0041", [["a", "\\u0041"]]],
  ["a=b\\\u000a", [["a", "b"]]],
  ["a=b\\\u000a\u000ac=d", [["a", "b"], ["c", "d"]]]
]

describe("parseServerProperties", () => {
  for (const [text, entries] of recorded) {
    it(`reads ${JSON.stringify(text)} as Java does`, () => {
      assert.deepStrictEqual(Array.from(parseServerProperties(text)).sort(([a], [b]) => a < b ? -1 : 1), entries)
    })
  }

  it("refuses a malformed unicode escape", () => {
    assert.throws(() => parseServerProperties("a=\\u00g0"), SyntaxError)
  })
})
