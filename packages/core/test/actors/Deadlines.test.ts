import { assert, describe, it } from "@effect/vitest"
import { Deadlines } from "../../src/actors/Deadlines.ts"
import { randomOf } from "./group-coordinator/random.ts"

const all = (timers: Deadlines<string>, nowMs: number): ReadonlyArray<string> => {
  const due: Array<string> = []
  for (let one = timers.takeDue(nowMs); one !== undefined; one = timers.takeDue(nowMs)) due.push(one)
  return due
}

const make = () => new Deadlines<string>((payload) => payload)

describe("Deadlines", () => {
  it("gives out deadlines that passed, in order and once", () => {
    const timers = make()
    timers.schedule("c", 30)
    timers.schedule("a", 10)
    timers.schedule("b", 20)
    assert.strictEqual(timers.nextMs, 10)
    assert.deepStrictEqual(all(timers, 20), ["a", "b"])
    assert.deepStrictEqual(all(timers, 20), [])
    assert.strictEqual(timers.size, 1)
  })

  it("forgets what is cancelled and follows what is moved, both ways", () => {
    const timers = make()
    timers.schedule("a", 10)
    timers.schedule("b", 10)
    timers.schedule("c", 50)
    timers.schedule("a", 40)
    timers.schedule("c", 5)
    timers.cancel("b")
    assert.deepStrictEqual(all(timers, 10), ["c"])
    timers.schedule("a", 1, true)
    assert.deepStrictEqual(all(timers, 39), [])
    assert.deepStrictEqual(all(timers, 40), ["a"])
    assert.strictEqual(timers.size, 0)
  })

  it("does as a plain map would, whatever the sequence", () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = randomOf(seed)
      const timers = make()
      const plain = new Map<string, number>()
      let nowMs = 0
      for (let step = 0; step < 300; step++) {
        const key = `k${random.below(12)}`
        const choice = random.below(10)
        if (choice < 6) {
          const deadlineMs = nowMs + random.below(100)
          timers.schedule(key, deadlineMs)
          plain.set(key, deadlineMs)
        } else if (choice < 8) {
          timers.cancel(key)
          plain.delete(key)
        } else {
          nowMs += random.below(60)
          const due = [...plain].filter(([, at]) => at <= nowMs).map(([one]) => one)
          for (const one of due) plain.delete(one)
          assert.deepStrictEqual([...all(timers, nowMs)].sort(), due.sort(), `seed ${seed}`)
        }
      }
    }
  })
})
