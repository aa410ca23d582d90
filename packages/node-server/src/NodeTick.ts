import { Tick } from "@kafka-broker/core/seams"
import { Effect, Layer } from "effect"

/**
 * The end of Node's poll phase: everything that sockets and files delivered in this turn of the event loop has been
 * seen. Tasks given while others run still run in the same turn, so an append, its answer and its write are one tick.
 * A task that throws, which is a mistake of the program, is logged and costs none of the others their turn.
 */
const makeNodeTick = Effect.gen(function*() {
  const run = Effect.runForkWith(yield* Effect.context<never>())
  let tasks: Array<() => void> = []
  let next = 0
  const runTasks = (): void => {
    while (next < tasks.length) {
      try {
        while (next < tasks.length) tasks[next++]!()
      } catch (error) {
        run(Effect.logError("A task of the tick failed", error))
      }
    }
    tasks = []
    next = 0
  }
  return Tick.of({
    atEnd: (task) => {
      if (tasks.push(task) === 1) setImmediate(runTasks)
    }
  })
})

export const NodeTick = {
  layer: Layer.effect(Tick, makeNodeTick)
}
