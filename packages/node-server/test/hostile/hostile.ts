import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { Worker } from "node:worker_threads"
import { BrokerProcess } from "../crash/BrokerProcess.ts"
import type { AttackOrder } from "./attacker.ts"
import type { Attack } from "./attacks/Attack.ts"
import { Probe } from "./Probe.ts"

/** How an attack went. */
export interface AttackReport {
  readonly attack: Attack
  /** The greatest wait of the well-behaved client, in milliseconds: without the attack, and while it ran. */
  readonly quietMs: number
  readonly waitMs: number
  /** Requests it had answered meanwhile. */
  readonly asked: number
  /** Peak resident memory of the broker. */
  readonly peakMiB: number
}

export interface HostileOptions {
  readonly seed: number
  /** How long the client is watched without an attack, and how long an attack lasts. */
  readonly quietMs: number
  readonly attackMs: number
  readonly attacks: ReadonlyArray<Attack>
  readonly onReport: (report: AttackReport) => void
}

const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))

/** The largest that the process ever was, from the kernel. */
const peakMiBOf = (pid: number): number => {
  const status = Fs.readFileSync(`/proc/${pid}/status`, "utf8")
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? "0") / 1024)
}

/** Waits for a message of a thread; rejects when it ends before. */
const messageOf = (thread: Worker, message: string): Promise<void> =>
  new Promise((resolve, reject) => {
    thread.on("message", (received) => {
      if (received === message) resolve()
    })
    thread.once("error", reject)
    thread.once("exit", () => reject(new Error(`the attacker ended before it was ${message}`)))
  })

const underAttack = async (broker: BrokerProcess, attack: Attack, options: HostileOptions): Promise<AttackReport> => {
  const order: AttackOrder = {
    name: attack.name,
    port: broker.port,
    seed: options.seed,
    durationMs: options.attackMs
  }
  const thread = new Worker(Path.join(import.meta.dirname, "attacker.ts"), { workerData: order })
  await messageOf(thread, "prepared")
  const probe = await Probe.connect(broker.port)
  const watchFor = async (end: Promise<unknown>) => {
    const waits = probe.run()
    await end
    probe.end()
    return waits
  }
  const quiet = await watchFor(pause(options.quietMs))
  const done = messageOf(thread, "done")
  thread.postMessage("begin")
  const waits = await watchFor(done.then(() => pause(500)))
  probe.close()
  await thread.terminate()
  return {
    attack,
    quietMs: quiet.greatestMs,
    waitMs: waits.greatestMs,
    asked: waits.asked,
    peakMiB: peakMiBOf(broker.pid)
  }
}

/** Lets every attack have a broker of its own, as a process of its own on loopback, while a client asks for Metadata. */
export const hostile = async (options: HostileOptions): Promise<ReadonlyArray<AttackReport>> => {
  const reports: Array<AttackReport> = []
  for (const attack of options.attacks) {
    const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "hostile-"))
    const broker = await BrokerProcess.start(directory)
    try {
      const report = await underAttack(broker, attack, options)
      reports.push(report)
      options.onReport(report)
    } finally {
      await broker.end("SIGKILL")
      Fs.rmSync(directory, { recursive: true, force: true })
    }
  }
  return reports
}
