/**
 * Where the memory of idle connections and cold partitions lies: resident memory beside what the heap holds after a
 * full collection. Resident memory has garbage in it that nobody had reason to collect; live bytes are what must stay.
 *
 * `node bench/src/memory.ts [--connections n] [--partitions n]`, the broker of this repository alone.
 */
import { setTimeout as delay } from "node:timers/promises"
import { parseArgs } from "node:util"
import { openAndAsk } from "./generator/memoryLoads.ts"
import { rssBytesOf } from "./generator/ProcessUsage.ts"
import { createTopic, deleteTopic } from "./generator/Wire.ts"
import { freePorts } from "../../interop/src/Process.ts"
import { kafkaBroker } from "./systems/nodeSystems.ts"
import { startSystem } from "./systems/System.ts"

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "5000" },
    partitions: { type: "string", default: "9999" }
  }
})

interface Reading {
  readonly rss: number
  /** JavaScript objects and what they hold outside of the heap. */
  readonly live: number
}

const settleMs = 1_500
const [inspectorPort] = (await freePorts(1)) as [number]
process.env["BENCH_NODE_FLAGS"] = `--inspect=127.0.0.1:${inspectorPort}`
await kafkaBroker.prepare()

/** Asks the broker's process through its inspector: collects garbage, then reads what is left. */
const readLive = async (): Promise<number> => {
  const targets = await (await fetch(`http://127.0.0.1:${inspectorPort}/json/list`)).json() as ReadonlyArray<
    { readonly webSocketDebuggerUrl: string }
  >
  const socket = new WebSocket(targets[0]!.webSocketDebuggerUrl)
  await new Promise((resolve) => socket.addEventListener("open", resolve))
  const call = (id: number, method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data))
        if (message.id === id) resolve(message.result?.result?.value)
      })
      socket.send(JSON.stringify({ id, method, params }))
    })
  await call(1, "HeapProfiler.collectGarbage")
  const expression = "(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())"
  const live = await call(2, "Runtime.evaluate", { expression, returnByValue: true })
  socket.close()
  return Number(live)
}

const read = async (pid: number): Promise<Reading> => {
  await delay(settleMs)
  const rss = rssBytesOf(pid)
  return { rss, live: await readLive() }
}

const report = (what: string, count: number, before: Reading, after: Reading): void => {
  const each = (key: keyof Reading): string => ((after[key] - before[key]) / count / 1024).toFixed(2)
  console.log(
    `${what.padEnd(24)} ${String(count).padStart(6)}: RSS ${each("rss")} KiB each, live ${each("live")} KiB each`
  )
}

const running = await startSystem(kafkaBroker)
try {
  for (const socket of await openAndAsk(running.port, 250)) socket.destroy()
  const before = await read(running.pid)
  const sockets = await openAndAsk(running.port, Number(values.connections))
  report("idle connections", sockets.length, before, await read(running.pid))
  for (const socket of sockets) socket.destroy()
} finally {
  await running.stop()
}
const second = await startSystem(kafkaBroker)
try {
  await createTopic(second.port, "first", 50, {}, false)
  await deleteTopic(second.port, "first")
  const partitions = Number(values.partitions)
  // The first makes the heap grow for what creating so many takes for a moment; the others show what each partition keeps.
  for (const which of ["first", "second", "third"]) {
    const before = await read(second.pid)
    await createTopic(second.port, `cold-${which}`, partitions, {}, false)
    report(`cold partitions, ${which}`, partitions, before, await read(second.pid))
  }
} finally {
  await second.stop()
}
