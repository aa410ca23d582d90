import { assert, describe, it } from "@effect/vitest"
import { parseRegex, type Regex } from "../../../src/model/regex/Regex.ts"
import { RegexSyntaxError } from "../../../src/model/regex/RegexNode.ts"
import { randomOf } from "../../actors/group-coordinator/random.ts"

const regex = (text: string): Regex => {
  const parsed = parseRegex(text)
  if (parsed instanceof RegexSyntaxError) throw parsed
  return parsed
}

const matching = (text: string, ...candidates: ReadonlyArray<string>): ReadonlyArray<string> =>
  candidates.filter((candidate) => regex(text).matches(candidate))

describe("Regex", () => {
  it("matches whole texts as RE2 does", () => {
    assert.deepStrictEqual(matching("orders", "orders", "orders2", "my-orders"), ["orders"])
    assert.deepStrictEqual(matching("a|bc*", "a", "b", "bccc", "ac"), ["a", "b", "bccc"])
    assert.deepStrictEqual(matching("x{2,3}", "x", "xx", "xxx", "xxxx"), ["xx", "xxx"])
    assert.deepStrictEqual(matching("x{2,}?", "x", "xxxxx"), ["xxxxx"])
    assert.deepStrictEqual(matching("x{,2}", "x{,2}", "xx"), ["x{,2}"])
    assert.deepStrictEqual(matching("[^a-c]+", "def", "abc", "da"), ["def"])
    assert.deepStrictEqual(matching("[]a-]+", "]a-", "b"), ["]a-"])
    assert.deepStrictEqual(matching("\\d+\\.\\w\\S", "12.ab", "12xab"), ["12.ab"])
    assert.deepStrictEqual(matching("[[:alpha:]\\d_]+", "aZ9_", "a-b"), ["aZ9_"])
    assert.deepStrictEqual(matching("(?i)OrD[e]rs", "orders", "ORDERS"), ["orders", "ORDERS"])
    assert.deepStrictEqual(matching("(?i:a)b", "Ab", "AB"), ["Ab"])
    assert.deepStrictEqual(matching("(?P<name>a)(?<other>b)(?:c)", "abc"), ["abc"])
    assert.deepStrictEqual(matching("^a\\b.b$", "a-b", "aab"), ["a-b"])
    assert.deepStrictEqual(matching("\\Qa.b\\E+", "a.bb", "axbb"), ["a.bb"])
    assert.deepStrictEqual(matching("\\x61\\p{Lu}\\PN", "aBc", "aB1"), ["aBc"])
    assert.deepStrictEqual(matching("", "", "a"), [""])
    assert.deepStrictEqual(matching("(a|)*", "", "aaa", "b"), ["", "aaa"])
    assert.deepStrictEqual(matching(".", "a", "\n"), ["a"])
    assert.deepStrictEqual(matching("(?s).", "\n"), ["\n"])
  })

  it("refuses what RE2 refuses", () => {
    const wrong = [
      "(a",
      "a)",
      "[a",
      "*a",
      "a**",
      "a{1001}",
      "a{3,2}",
      "\\1",
      "(?=a)",
      "(?!a)",
      "(?<=a)",
      "(?<!a)",
      "\\",
      "[b-a]",
      "\\y",
      "[[:nope:]]",
      "\\p{Nope}",
      "(?z)a",
      "((a{100}){100}){100}"
    ]
    for (const text of wrong) assert.instanceOf(parseRegex(text), RegexSyntaxError, text)
  })

  it("takes a step for each character where backtracking explodes", () => {
    const text = "a".repeat(5000)
    for (const pattern of ["(a*)*b", "(a|a)*b", "(a+)+$b", "(.*)(.*)(.*)(.*)(.*)x"]) {
      const compiled = regex(pattern)
      assert.isFalse(compiled.matches(text))
      assert.isBelow(compiled.steps, text.length + 1000, pattern)
    }
  })

  it("refuses automata that are too large, however little text makes them", () => {
    for (
      const text of [
        ".?".repeat(3000),
        `(${".?".repeat(10)}){200}`,
        "a?".repeat(3000) + "a".repeat(3000),
        "((a{100}){100}){100}",
        // Repetitions of nothing have no instructions.
        "((((){1000}){1000}){1000}){1000}",
        "(|(|(|(|)){1000}){1000}){1000}",
        "(?:^{1000}){1000}",
        "[^a]{1000}{1000}"
      ]
    ) assert.instanceOf(parseRegex(text), RegexSyntaxError, text.slice(0, 40))
  })

  it("does the work of an automaton once, whatever is matched with it", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `some-topic-with-a-usual-name-${index}`)
    const characters = names.reduce((sum, name) => sum + name.length, 0)
    for (
      const [pattern, expected] of [
        [".?".repeat(450), 1000],
        [`(${".?".repeat(10)}){45}`, 1000],
        [`${"a?".repeat(300)}${"a".repeat(200)}`, 0],
        ["(some|topic|-|[a-z]+|\\d)*", 1000],
        [".*(topic|name).*[02468]", 500]
      ] as const
    ) {
      const compiled = regex(pattern)
      assert.strictEqual(names.filter((name) => compiled.matches(name)).length, expected, pattern.slice(0, 30))
      assert.isBelow(compiled.steps, characters + 400_000, pattern.slice(0, 30))
    }
  })

  it("keeps a bounded number of sets, and still matches rightly when it has to find them anew", () => {
    const compiled = regex(".*a.{11}")
    const theirs = /^.*a.{11}$/
    for (let seed = 0; seed < 300; seed++) {
      const random = randomOf(seed)
      const text = Array.from({ length: 60 }, () => "ab"[random.below(2)]!).join("")
      assert.strictEqual(compiled.matches(text), theirs.test(text), text)
    }
    assert.isAbove(compiled.steps, 300 * 60)
  })

  it("agrees with JavaScript on patterns both know", () => {
    const atoms = ["a", "b", "ab", ".", "[ab]", "[^a]", "(?:a|b)", "(?:ab|)", "\\w", "\\d"]
    const operators = ["", "*", "+", "?", "{2}", "{1,3}", "|"]
    for (let seed = 0; seed < 2000; seed++) {
      const random = randomOf(seed)
      const pick = (list: ReadonlyArray<string>): string => list[random.below(list.length)]!
      const pattern = Array.from({ length: 1 + random.below(4) }, () => pick(atoms) + pick(operators)).join("")
      const own = regex(pattern)
      const theirs = new RegExp(`^(?:${pattern})$`)
      for (let i = 0; i < 5; i++) {
        const text = Array.from({ length: random.below(6) }, () => pick(["a", "b", "c", "1"])).join("")
        assert.strictEqual(own.matches(text), theirs.test(text), `${pattern} on ${text}`)
      }
    }
  })
})
