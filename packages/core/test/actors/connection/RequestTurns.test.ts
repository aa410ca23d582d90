import { assert, describe, it } from "@effect/vitest"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { type AwaitingTurn, RequestTurns } from "../../../src/actors/connection/RequestTurns.ts"

const { turnMs } = ConnectionLimits

/** Turns of an event loop that a test moves on by hand. */
const loop = () => {
  const state = { nowMs: 0, atEnd: [] as Array<() => void>, later: [] as Array<() => void> }
  const turns = new RequestTurns(
    { atEnd: (task) => void state.atEnd.push(task) },
    () => state.nowMs,
    (task) => void state.later.push(task)
  )
  const next = (): void => {
    for (const task of state.atEnd.splice(0)) task()
    for (const task of state.later.splice(0)) task()
  }
  /** A connection whose requests take so long each. */
  const connection = (requests: number, requestMs: number) => {
    const done: Array<number> = []
    let left = requests
    const one: AwaitingTurn = {
      turnCame: () => {
        while (left > 0) {
          if (turns.isSpent()) return turns.wait(one)
          left--
          state.nowMs += requestMs
          done.push(state.nowMs)
        }
      }
    }
    return { one, done }
  }
  return { state, turns, next, connection }
}

describe("RequestTurns", () => {
  it("300 requests of 40 ms each are begun one in a turn, in the order in which they came", () => {
    const { connection, next, state } = loop()
    const all = Array.from({ length: 300 }, () => connection(1, 40))
    for (const { one } of all) one.turnCame()
    let before = state.nowMs
    for (let turn = 0; turn < 299; turn++) {
      assert.isAtMost(state.nowMs - before, 40)
      before = state.nowMs
      next()
    }
    assert.deepStrictEqual(all.map(({ done }) => done[0]), all.map((_, i) => 40 * (i + 1)))
  })

  it("short requests share a turn, and one connection with many gives way to the others", () => {
    const { connection, next } = loop()
    const many = connection(100, 1)
    const few = connection(3, 1)
    many.one.turnCame()
    few.one.turnCame()
    assert.deepStrictEqual([many.done.length, few.done.length], [turnMs, 0])
    next()
    next()
    assert.strictEqual(few.done.length, 3)
    assert.isBelow(many.done.length, 3 * turnMs)
  })

  it("a connection that left gets no turn, and without any nothing is scheduled", () => {
    const { connection, next, state, turns } = loop()
    const gone = connection(1, 1)
    const busy = connection(1, turnMs)
    busy.one.turnCame()
    gone.one.turnCame()
    turns.forget(gone.one)
    next()
    assert.deepStrictEqual(gone.done, [])
    next()
    assert.deepStrictEqual([state.later.length, state.atEnd.length], [0, 0])
  })
})
