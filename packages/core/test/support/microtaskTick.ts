import { Layer } from "effect"
import { Tick } from "../../src/seams/Tick.ts"

/** A tick that ends with the current microtask: deterministic, and nothing to wait for. */
export const makeMicrotaskTick = (): Tick["Service"] => ({
  atEnd: (task) => queueMicrotask(task)
})

export const microtaskTick = Layer.sync(Tick, makeMicrotaskTick)
