import type { Load, RunResult } from "../generator/Load.ts"
import { peakRssBytesOf } from "../generator/ProcessUsage.ts"
import type { Measured, SystemFacts } from "../report/Report.ts"
import { type Running, startSystem, type System } from "../systems/System.ts"
import { Generator } from "./Generator.ts"

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
  readonly onProgress: (line: string) => void
}

const startAll = async (options: MeasureOptions, left: Array<string>): Promise<Array<Running>> => {
  const running: Array<Running> = []
  for (const system of options.systems) {
    try {
      await system.prepare()
      running.push(await startSystem(system))
    } catch (error) {
      left.push(`${system.name}: ${String(error).split("\n").slice(0, 4).join(" ")}`)
    }
  }
  return running
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Starts the systems and lets them take turns: for every load, A B C, A B C … */
export const measure = async (options: MeasureOptions): Promise<Measured> => {
  const left: Array<string> = []
  const begunAt = performance.now()
  const startedAt = new Date().toISOString()
  const generator = await Generator.start()
  const running = await startAll(options, left)
  const runs: Record<string, Record<string, Array<RunResult>>> = {}
  let count = 0
  try {
    const all = Object.entries(options.loads)
    for (const [index, [name, load]] of all.entries()) {
      const deadline = begunAt + (options.budgetMs ?? Infinity) * (index + 1) / all.length
      const bySystem: Record<string, Array<RunResult>> = runs[name] = {}
      const given = new Set<Running>()
      for (let round = 0; round < options.repeat && (round === 0 || performance.now() < deadline); round++) {
        for (const system of running) {
          if (given.has(system) || system.system.serves?.(load) === false) continue
          const results = bySystem[system.name] ??= []
          try {
            results.push(
              await generator.run({
                load,
                port: system.port,
                pid: system.pid,
                dataDir: system.dataDir,
                topic: `b${count++}`,
                warmUpMs: round === 0 ? options.firstWarmUpMs : options.warmUpMs,
                measureMs: options.measureMs
              })
            )
            const last = results[results.length - 1]!
            options.onProgress(`${name} ${round + 1}/${options.repeat} ${system.name}: ${describe(last)}`)
          } catch (error) {
            given.add(system)
            left.push(`${name} on ${system.name}: ${String(error)}`)
            options.onProgress(`${name} on ${system.name}: ${String(error)}`)
            if (!isAlive(system.pid)) running.splice(running.indexOf(system), 1)
          }
        }
      }
    }
    const facts: Record<string, SystemFacts> = {}
    for (const system of running) {
      const { startMs, idleRssBytes } = system
      facts[system.name] = { startMs, idleRssBytes, peakRssBytes: peakRssBytesOf(system.pid) }
    }
    return { command: options.command, startedAt, systems: facts, loads: options.loads, runs, left }
  } finally {
    generator.stop()
    await Promise.all(running.map((system) => system.stop()))
  }
}

const describe = (result: RunResult): string =>
  result.bytesEach === undefined
    ? `${Math.round(result.requests / result.seconds)}/s`
    : `${(result.bytesEach / 1024).toFixed(2)} KiB each`
