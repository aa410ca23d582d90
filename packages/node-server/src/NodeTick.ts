import { Tick } from "@kafka-broker/core/seams"
import { Layer } from "effect"

/**
 * The end of Node's poll phase: everything that sockets and files delivered in this turn of the event loop has been
 * seen. Tasks given while others run still run in the same turn, so an append, its answer and its write are one tick.
 */
const makeNodeTick = (): Tick["Service"] => {
  let tasks: Array<() => void> = []
  let scheduled = false
  const run = () => {
    for (let i = 0; i < tasks.length; i++) tasks[i]!()
    tasks = []
    scheduled = false
  }
  return {
    atEnd: (task) => {
      tasks.push(task)
      if (!scheduled) {
        scheduled = true
        setImmediate(run)
      }
    }
  }
}

export const NodeTick = {
  layer: Layer.sync(Tick, makeNodeTick)
}
