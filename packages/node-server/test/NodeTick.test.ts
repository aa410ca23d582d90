import { Tick } from "@kafka-broker/core/seams"
import { assert, describe, it } from "@effect/vitest"
import { Effect, References } from "effect"
import { NodeTick } from "../src/NodeTick.ts"

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

describe("NodeTick", () => {
  it.effect("runs tasks in order, those given meanwhile too, in one turn", () =>
    Effect.gen(function*() {
      const { atEnd } = yield* Tick
      const ran: Array<string> = []
      atEnd(() => {
        ran.push("a")
        atEnd(() => ran.push("a's"))
      })
      atEnd(() => ran.push("b"))
      yield* turn
      assert.deepStrictEqual(ran, ["a", "b", "a's"])
    }).pipe(Effect.provide(NodeTick.layer)))

  it.effect("goes on after a task that throws: with the others, with those it gave, and in later turns", () =>
    Effect.gen(function*() {
      const { atEnd } = yield* Tick
      const ran: Array<string> = []
      const fail = (): void => {
        throw new Error("a mistake of the program")
      }
      atEnd(() => {
        atEnd(() => ran.push("given before the throw"))
        fail()
      })
      atEnd(() => ran.push("other"))
      atEnd(fail)
      yield* turn
      assert.deepStrictEqual(ran, ["other", "given before the throw"])
      atEnd(() => ran.push("later"))
      yield* turn
      assert.strictEqual(ran.at(-1), "later")
    }).pipe(Effect.provide(NodeTick.layer), Effect.provideService(References.MinimumLogLevel, "None")))
})
