import { runClient } from "../clients/runClient.ts"
import type { Load, RunResult } from "../generator/Load.ts"
import { peakRssBytesOf } from "../generator/ProcessUsage.ts"
import type { Measured, SystemFacts } from "../report/Report.ts"
import { type Running, startSystem, type System } from "../systems/System.ts"
import { Generator } from "./Generator.ts"
import { measureRecovery, type Recovery, type RecoveryShape } from "./recovery.ts"
import { startAll } from "./starts.ts"
import { stoppedBy } from "./stopSignal.ts"

export interface MeasureOptions {
  readonly command: string
  readonly systems: ReadonlyArray<System>
  readonly loads: Readonly<Record<string, Load>>
  readonly repeat: number
  readonly measureMs: number
  readonly warmUpMs: number
  /** Warm-up of a system's first run of a load, which compiles code. */
  readonly firstWarmUpMs: number
  /** When it runs out on a busy machine, loads get fewer rounds, but each at least one. */
  readonly budgetMs?: number
  /** How often each system is started for the median of its start-up time; 1 unless given. */
  readonly starts?: number
  /** Absent: recovery is not measured. */
  readonly recovery?: { readonly rounds: number; readonly shape: RecoveryShape }
  readonly onProgress: (line: string) => void
  /** Stops the measurement: what was measured until then is the result. */
  readonly signal: AbortSignal
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/**
 * Runs of one load against one system. Loads that measure memory get a process of their own each time: what an earlier
 * load has left in the heap would hide the growth.
 */
const runOnce = async (
  generator: Generator,
  options: MeasureOptions,
  load: Load,
  running: Running,
  topic: string,
  warmUpMs: number
): Promise<RunResult> => {
  const { measureMs } = options
  const run = ({ dataDir, pid, port }: Running): Promise<RunResult> => {
    const order = { load, port, pid, dataDir, topic, warmUpMs, measureMs }
    return load.kind === "client" ? runClient(order, load) : generator.run(order)
  }
  if (load.kind !== "idle" && load.kind !== "coldPartitions") return await run(running)
  const fresh = await startSystem(running.system)
  try {
    return await run(fresh)
  } finally {
    await fresh.stop()
  }
}

const measureLoads = async (
  generator: Generator,
  options: MeasureOptions,
  running: Array<Running>,
  left: Array<string>,
  begunAt: number
): Promise<Measured["runs"]> => {
  const runs: Record<string, Record<string, Array<RunResult>>> = {}
  let count = 0
  const all = Object.entries(options.loads)
  const { signal } = options
  const stopped = stoppedBy(signal)
  stopped.catch(() => undefined)
  for (const [index, [name, load]] of all.entries()) {
    const deadline = begunAt + (options.budgetMs ?? Infinity) * (index + 1) / all.length
    const bySystem: Record<string, Array<RunResult>> = runs[name] = {}
    const given = new Set<Running>()
    for (let round = 0; round < options.repeat && (round === 0 || performance.now() < deadline); round++) {
      for (const system of [...running]) {
        if (signal.aborted) return runs
        if (given.has(system) || system.system.serves?.(load) === false) continue
        const results = bySystem[system.name] ??= []
        try {
          const warmUpMs = round === 0 ? options.firstWarmUpMs : options.warmUpMs
          const run = runOnce(generator, options, load, system, `b${count++}`, warmUpMs)
          // What it does after the stop is of no interest.
          run.catch(() => undefined)
          const result = await Promise.race([run, stopped])
          results.push(result)
          options.onProgress(`${name} ${round + 1}/${options.repeat} ${system.name}: ${describe(result)}`)
        } catch (error) {
          given.add(system)
          left.push(`${name} on ${system.name}: ${String(error)}`)
          options.onProgress(`${name} on ${system.name}: ${String(error)}`)
          if (!isAlive(system.pid)) running.splice(running.indexOf(system), 1)
        }
      }
    }
  }
  return runs
}

const measureRecoveries = async (options: MeasureOptions, left: Array<string>): Promise<Measured["recovery"]> => {
  if (options.recovery === undefined || options.recovery.rounds === 0) return undefined
  const { rounds, shape } = options.recovery
  const bySystem: Record<string, Array<Recovery>> = {}
  for (let round = 0; round < rounds; round++) {
    for (const system of options.systems.filter(({ recovers }) => recovers === true)) {
      if (options.signal.aborted) return { shape, bySystem }
      try {
        const recovery = await measureRecovery(system, shape)
        ;(bySystem[system.name] ??= []).push(recovery)
        options.onProgress(`recovery ${round + 1}/${rounds} ${system.name}: ${Math.round(recovery.produceMs)} ms`)
      } catch (error) {
        left.push(`recovery on ${system.name}: ${String(error)}`)
      }
    }
  }
  return { shape, bySystem }
}

/** Starts the systems and lets them take turns: for every load, A B C, A B C … */
export const measure = async (options: MeasureOptions): Promise<Measured> => {
  const left: Array<string> = []
  const begunAt = performance.now()
  const startedAt = new Date().toISOString()
  const generator = await Generator.start()
  const started = await startAll(options.systems, options.starts ?? 1, left)
  const running = started.map((one) => one.running)
  const facts: Record<string, SystemFacts> = {}
  let runs: Measured["runs"]
  try {
    runs = await measureLoads(generator, options, running, left, begunAt)
    for (const { running: { idleRssBytes, name, pid }, startsMs } of started) {
      if (!isAlive(pid)) continue
      const startMs = startsMs.toSorted((a, b) => a - b)[startsMs.length >> 1]!
      facts[name] = { startMs, startsMs, idleRssBytes, peakRssBytes: peakRssBytesOf(pid) }
    }
  } finally {
    generator.stop()
    await Promise.all(started.map(({ running: one }) => one.stop()))
  }
  // Alone on the machine, as a broker that comes back is.
  const recovery = await measureRecoveries(options, left)
  return {
    command: options.command,
    startedAt,
    seconds: Math.round((performance.now() - begunAt) / 1_000),
    systems: facts,
    loads: options.loads,
    runs,
    ...(recovery === undefined ? {} : { recovery }),
    left
  }
}

const describe = (result: RunResult): string =>
  result.bytesEach === undefined
    ? `${Math.round(result.requests / result.seconds)}/s`
    : `${(result.bytesEach / 1024).toFixed(2)} KiB each`
