import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { GroupLimits } from "../../../src/actors/group-coordinator/GroupLimits.ts"
import { TopicMatches } from "../../../src/actors/group-coordinator/TopicMatches.ts"
import { RegexSyntaxError } from "../../../src/model/regex/RegexNode.ts"

/** Names that are counted as they are looked at. */
const topicsOf = (names: ReadonlyArray<string>, endOffset = 1) => {
  const topics = {
    endOffset,
    looked: 0,
    *names() {
      for (const name of names) {
        topics.looked++
        yield name
      }
    }
  }
  return topics
}

/** Turns that end when the test says so. */
const turns = () => {
  let tasks: Array<() => void> = []
  const end = (): void => {
    const due = tasks
    tasks = []
    for (const task of due) task()
  }
  return { matches: new TopicMatches({ atEnd: (task) => void tasks.push(task) }), end }
}

const usual = Array.from({ length: 1000 }, (_, index) => `some-topic-with-a-usual-name-${index}`)
/** Each name leads this expression to sets of states that it did not have before. */
const hard = ".*[aeiou0-].{100}.*"
const hardNames = Array.from(
  { length: 2000 },
  (_, index) => `${(index * 2_654_435_761 % 2 ** 32).toString(2)}a-e`.repeat(6)
)

describe("TopicMatches", () => {
  it("looks at every name once, until there are others", () => {
    const { matches } = turns()
    const topics = topicsOf(["orders", "payments", "orders-2"])
    assert.deepStrictEqual(matches.matching("ord.*", topics), ["orders", "orders-2"])
    assert.deepStrictEqual(matches.matching("ord.*", topics), ["orders", "orders-2"])
    assert.strictEqual(topics.looked, 3)
    assert.deepStrictEqual(matches.matching("ord.*", topicsOf(["orders"], 2)), ["orders"])
    assert.instanceOf(matches.matching("(", topics), RegexSyntaxError)
  })

  it("does no more in a turn than its share, and goes on where it stopped", () => {
    const { end, matches } = turns()
    const topics = topicsOf(hardNames)
    let asked = 0
    while (matches.matching(hard, topics) === undefined && asked < 200) {
      asked++
      const { looked } = topics
      assert.isUndefined(matches.matching(hard, topics))
      assert.strictEqual(topics.looked, looked, "nothing is left of the turn")
      end()
    }
    assert.isAbove(asked, 2)
    const result = matches.matching(hard, topics)
    assert.isTrue(result instanceof RegexSyntaxError || topics.looked === hardNames.length)
  })

  it("an expression that takes too much work is refused", () => {
    const { end, matches } = turns()
    const endless = topicsOf(Array.from({ length: 200 }, () => hardNames).flat())
    let result = matches.matching(hard, endless)
    for (let asked = 0; result === undefined && asked < 1000; asked++) {
      end()
      result = matches.matching(hard, endless)
    }
    assert.instanceOf(result, RegexSyntaxError)
    assert.isBelow(endless.looked, 200 * hardNames.length)
  })

  it.effect("is prepared in slices, one expression at a time, and then known", () =>
    Effect.gen(function*() {
      const { matches } = turns()
      const topics = topicsOf(hardNames.slice(0, 100))
      const expressions = [hard, `${hard}x?`, `${hard}y?`]
      const fibers = yield* Effect.forEach(expressions, (text) => Effect.forkChild(matches.prepare(text, () => topics)))
      let slices = 0
      let greatest = 0
      while (!expressions.every((text) => matches.isKnown(text, topics)) && slices < 10_000) {
        const { looked } = topics
        yield* Effect.yieldNow
        slices++
        greatest = Math.max(greatest, topics.looked - looked)
      }
      for (const fiber of fibers) yield* Fiber.join(fiber)
      assert.isAbove(slices, 10)
      assert.isBelow(greatest, 100)
      assert.strictEqual(topics.looked, 3 * 100)
    }))

  it("keeps as many expressions as it may", () => {
    const { end, matches } = turns()
    const topics = topicsOf(usual.slice(0, 5))
    for (let index = 0; index <= GroupLimits.regexesKnownMax; index++) {
      matches.matching(`.*${index}`, topics)
      end()
    }
    assert.isFalse(matches.isKnown(".*0", topics))
    assert.isTrue(matches.isKnown(".*1", topics))
    assert.isTrue(matches.isKnown(`.*${GroupLimits.regexesKnownMax}`, topics))
  })
})
