import { type Running, startSystem, type System } from "../systems/System.ts"

export interface Started {
  readonly running: Running
  /** Every start, in order; the last is the one that stays up. */
  readonly startsMs: Array<number>
}

/** Starts the systems in turn, `starts` times each on empty folders; those of the last round stay up. */
export const startAll = async (
  systems: ReadonlyArray<System>,
  starts: number,
  left: Array<string>
): Promise<Array<Started>> => {
  const startsMs = new Map<System, Array<number>>()
  const failed = (system: System, error: unknown): void => {
    startsMs.delete(system)
    left.push(`${system.name}: ${String(error).split("\n").slice(0, 4).join(" ")}`)
  }
  for (const system of systems) {
    startsMs.set(system, [])
    await system.prepare().catch((error: unknown) => failed(system, error))
  }
  const all: Array<Started> = []
  for (let round = 0; round < starts; round++) {
    for (const [system, times] of [...startsMs]) {
      try {
        const running = await startSystem(system)
        times.push(running.startMs)
        if (round < starts - 1) await running.stop()
        else all.push({ running, startsMs: times })
      } catch (error) {
        failed(system, error)
      }
    }
  }
  return all
}
