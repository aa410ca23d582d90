/** The load generator: a process of its own that takes orders from its parent and answers each with figures. */
import { runFetch } from "./fetchLoad.ts"
import { runFanOut, runLatency } from "./followLoads.ts"
import { runHeartbeat } from "./heartbeatLoad.ts"
import type { GeneratorReply, RunOrder, RunResult } from "./Load.ts"
import { runColdPartitions, runIdle } from "./memoryLoads.ts"
import { runProduce } from "./produceLoad.ts"

const run = (order: RunOrder): Promise<RunResult> => {
  const { load } = order
  switch (load.kind) {
    case "produce":
      return runProduce(order, load)
    case "fetch":
      return runFetch(order, load)
    case "latency":
      return runLatency(order, load)
    case "fanout":
      return runFanOut(order, load)
    case "idle":
      return runIdle(order, load)
    case "heartbeat":
      return runHeartbeat(order, load)
    case "coldPartitions":
      return runColdPartitions(order, load)
    case "client":
      return Promise.reject(new Error("clients have processes of their own"))
  }
}

process.on("message", (order: RunOrder) => {
  void run(order)
    .then((result): GeneratorReply => ({ result }), (error: unknown): GeneratorReply => ({ error: String(error) }))
    .then((reply) => process.send!(reply))
})
// A parent that is gone leaves nobody to measure for.
process.on("disconnect", () => process.exit(0))
