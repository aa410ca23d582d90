/** The thread of an attacker: prepares one attack, says so, and does it once it is told to begin. */
import { parentPort, workerData } from "node:worker_threads"
import { attacks } from "./attacks.ts"

/** What the thread is given. */
export interface AttackOrder {
  readonly name: string
  readonly port: number
  readonly seed: number
  readonly durationMs: number
}

const { durationMs, name, port, seed } = workerData as AttackOrder

/** Numbers from the seed alone. Source: mulberry32. */
const drawFrom = (seed: number): (below: number) => number => {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

let untilMs = Infinity
const attack = attacks.find((one) => one.name === name)
if (attack === undefined) throw new Error(`no attack is called ${name}`)
const go = await attack.prepare({ port, draw: drawFrom(seed), isOver: () => performance.now() > untilMs })
parentPort!.postMessage("prepared")
parentPort!.once("message", async () => {
  untilMs = performance.now() + durationMs
  await go()
  parentPort!.postMessage("done")
  process.exit(0)
})
