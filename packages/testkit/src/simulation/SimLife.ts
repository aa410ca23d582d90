import { Clock, Context, Duration, Effect, Logger, Metric, Random, References, Scheduler } from "effect"
import { Tick } from "@kafka-broker/core/seams"
import type { ReadySource, SimLoop } from "./SimLoop.ts"
import type { SimRandom } from "./SimRandom.ts"

/** The longest sleep that is a timer, in microseconds: about 300 years. */
const SLEEP_MICROS_MAX = 2 ** 53 - 1

interface Task {
  readonly run: () => void
  readonly priority: number
}

/** The runnable pieces of one fiber, in Effect's order: by priority, then as they came. */
class SimDispatcher implements Scheduler.SchedulerDispatcher, ReadySource {
  readonly life: SimLife
  private readonly loop: SimLoop
  private tasks: Array<Task> = []
  private isReady = false

  constructor(life: SimLife, loop: SimLoop) {
    this.life = life
    this.loop = loop
  }

  scheduleTask(run: () => void, priority: number): void {
    const { tasks } = this
    let at = tasks.length
    while (at > 0 && tasks[at - 1]!.priority > priority) at--
    if (at === tasks.length) tasks.push({ run, priority })
    else tasks.splice(at, 0, { run, priority })
    if (this.isReady) return
    this.isReady = true
    this.loop.makeReady(this)
  }

  readonly runOne = (): boolean => {
    const task = this.tasks.shift()
    if (task !== undefined) task.run()
    this.isReady = this.tasks.length > 0
    return this.isReady
  }

  flush(): void {
    while (this.tasks.length > 0) this.tasks.shift()!.run()
  }
}

/** The end of a burst of input, at a time drawn from the seed; its tasks run together and in order, as on a real host. */
class SimTick implements ReadySource {
  readonly life: SimLife
  private readonly loop: SimLoop
  private tasks: Array<() => void> = []
  private isReady = false

  constructor(life: SimLife, loop: SimLoop) {
    this.life = life
    this.loop = loop
  }

  readonly atEnd = (task: () => void): void => {
    this.tasks.push(task)
    if (this.isReady) return
    this.isReady = true
    this.loop.makeReady(this)
  }

  readonly runOne = (): boolean => {
    try {
      for (let i = 0; i < this.tasks.length && !this.life.isOver; i++) this.tasks[i]!()
    } finally {
      this.tasks = []
      this.isReady = false
    }
    return false
  }
}

/** What one line of the log said. */
export interface LoggedLine {
  readonly life: SimLife
  readonly level: string
  readonly text: string
  readonly cause: unknown
}

const textOf = (part: unknown): string => typeof part === "string" ? part : JSON.stringify(part) ?? "undefined"

/** What a life is made of. */
export interface SimLifeOptions {
  readonly loop: SimLoop
  readonly random: SimRandom
  /** Operations of fibers between two pauses that the seed forces, on average; 0: only where Effect pauses by itself. */
  readonly operationsPerPause: number
  readonly onLog: (line: LoggedLine) => void
}

/**
 * Whatever may end by itself in a simulated world: one start of the broker, or the clients. Everything a life runs goes
 * through its scheduler, its clock and its tick, so that `end` stops it between two steps: no fiber of it runs again, no
 * finalizer, no timer. It is what `kill -9` leaves.
 */
export class SimLife {
  isOver = false
  /** Timers that wait. */
  timers = 0
  /** Fibers begun and not ended. */
  fibers = 0
  readonly tick: Tick["Service"]
  /** Scheduler, clock, random numbers and log of this life, for the fiber that is its root. */
  readonly context: Context.Context<never>
  private readonly loop: SimLoop
  private operationsLeft: number

  constructor({ loop, onLog, operationsPerPause, random }: SimLifeOptions) {
    this.loop = loop
    this.tick = new SimTick(this, loop)
    this.operationsLeft = operationsPerPause === 0 ? Infinity : random.between(1, operationsPerPause * 2)
    const scheduler: Scheduler.Scheduler = {
      executionMode: "sync",
      shouldYield: (fiber) => {
        if (this.isOver) return true
        if (--this.operationsLeft > 0) return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
        this.operationsLeft = random.between(1, operationsPerPause * 2)
        return true
      },
      makeDispatcher: () => new SimDispatcher(this, loop)
    }
    const logger = Logger.make(({ cause, logLevel, message }) => {
      onLog({
        life: this,
        level: logLevel,
        text: Array.isArray(message) ? message.map(textOf).join(" ") : textOf(message),
        cause
      })
    })
    this.context = Context.empty().pipe(
      Context.add(Scheduler.Scheduler, scheduler),
      Context.add(Clock.Clock, this.makeClock()),
      Context.add(Random.Random, {
        nextIntUnsafe: () => random.uint32(),
        nextDoubleUnsafe: random.next
      }),
      Context.add(References.CurrentLoggers, new Set([logger])),
      Context.add(References.MinimumLogLevel, "Info"),
      Context.add(Metric.FiberRuntimeMetrics, {
        recordFiberStart: () => void this.fibers++,
        recordFiberEnd: () => void this.fibers--
      })
    ) as Context.Context<never>
  }

  /** Nothing of this life runs from now on, whatever it was in the middle of. */
  end(): void {
    this.isOver = true
  }

  private makeClock(): Clock.Clock {
    const { loop } = this
    const currentTimeMillisUnsafe = (): number => Math.floor(loop.nowMicros / 1000) + loop.wallOffsetMs
    const currentTimeNanosUnsafe = (): bigint => BigInt(currentTimeMillisUnsafe()) * 1_000_000n
    const monotonicTimeNanosUnsafe = (): bigint => BigInt(loop.nowMicros) * 1000n
    return {
      currentTimeMillisUnsafe,
      currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
      currentTimeNanosUnsafe,
      currentTimeNanos: Effect.sync(currentTimeNanosUnsafe),
      monotonicTimeNanosUnsafe,
      monotonicTimeNanos: Effect.sync(monotonicTimeNanosUnsafe),
      sleep: (duration) => {
        const micros = Math.min(Duration.toMillis(duration) * 1000, SLEEP_MICROS_MAX)
        if (!(micros > 0)) return Effect.yieldNow
        return Effect.callback<void>((resume) => {
          const { cancel } = loop.after(this, micros, () => resume(Effect.void))
          return Effect.sync(cancel)
        })
      }
    }
  }
}
