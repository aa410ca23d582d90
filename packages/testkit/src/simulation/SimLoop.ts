import type { SimLife } from "./SimLife.ts"
import type { SimRandom } from "./SimRandom.ts"
import { SimTrace } from "./SimTrace.ts"

/** Something that has work to do now. */
export interface ReadySource {
  readonly life: SimLife
  /** Does one piece of its work; true when there is more. */
  readonly runOne: () => boolean
}

/** Steps without any time passing after which the world is taken to turn for ever. */
const STEPS_IN_PLACE_MAX = 2_000_000

/** A call at a time to come. */
export class SimTimer implements ReadySource {
  readonly life: SimLife
  readonly dueMicros: number
  readonly order: number
  private task: (() => void) | undefined

  constructor(life: SimLife, dueMicros: number, order: number, task: () => void) {
    this.life = life
    this.dueMicros = dueMicros
    this.order = order
    this.task = task
    life.timers++
  }

  get isPending(): boolean {
    return this.task !== undefined
  }

  readonly cancel = (): void => {
    if (this.task === undefined) return
    this.task = undefined
    this.life.timers--
  }

  readonly runOne = (): boolean => {
    const task = this.task
    if (task !== undefined) {
      this.cancel()
      task()
    }
    return false
  }
}

const isBefore = (one: SimTimer, other: SimTimer): boolean =>
  one.dueMicros < other.dueMicros || (one.dueMicros === other.dueMicros && one.order < other.order)

/** Timers by time. */
class TimerHeap {
  private readonly timers: Array<SimTimer> = []

  get first(): SimTimer | undefined {
    return this.timers[0]
  }

  push(timer: SimTimer): void {
    const { timers } = this
    let at = timers.length
    timers.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, timers[parent]!)) break
      timers[at] = timers[parent]!
      at = parent
    }
    timers[at] = timer
  }

  pop(): void {
    const { timers } = this
    const last = timers.pop()!
    if (timers.length === 0) return
    let at = 0
    while (true) {
      let child = at * 2 + 1
      if (child >= timers.length) break
      if (child + 1 < timers.length && isBefore(timers[child + 1]!, timers[child]!)) child++
      if (!isBefore(timers[child]!, last)) break
      timers[at] = timers[child]!
      at = child
    }
    timers[at] = last
  }
}

/** Why the loop returned. */
export type LoopEnd = "Done" | "AtRest" | "Endless"

/**
 * The one driver of a simulated world: fibers, ticks, timers and deliveries of all lives are run here and nowhere else, one
 * piece after the other in an order drawn from the seed. Time stands still while there is something to run, then jumps to
 * the next timer. Nothing waits for the host.
 */
export class SimLoop {
  /** Microseconds since the world began; never goes back. */
  nowMicros = 0
  /** How far the wall clock is off; the world's jumps of time change it. */
  wallOffsetMs = 0
  /** Pieces run. */
  steps = 0
  /** What was thrown out of a piece of work: always a mistake of the program. */
  readonly defects: Array<unknown> = []
  readonly trace = new SimTrace()
  private readonly ready: Array<ReadySource> = []
  private readonly timers = new TimerHeap()
  private readonly random: SimRandom
  private timerOrder = 0
  private stepsInPlace = 0

  constructor(random: SimRandom) {
    this.random = random
  }

  /** The source has work from now on; it must not be ready already. */
  makeReady(source: ReadySource): void {
    this.ready.push(source)
  }

  /** Calls `task` once after a while, unless the life is over by then. */
  after(life: SimLife, delayMicros: number, task: () => void): SimTimer {
    const timer = new SimTimer(life, this.nowMicros + Math.max(0, Math.round(delayMicros)), this.timerOrder++, task)
    this.timers.push(timer)
    return timer
  }

  /** Runs until `isDone`, until nothing is left that could run, or until it turns in place. */
  run(isDone: () => boolean): LoopEnd {
    while (!isDone()) {
      if (this.ready.length > 0) {
        if (++this.stepsInPlace > STEPS_IN_PLACE_MAX) return "Endless"
        this.step()
      } else if (!this.advance()) return "AtRest"
    }
    return "Done"
  }

  private step(): void {
    const { ready } = this
    const count = ready.length
    const index = count === 1 ? 0 : this.random.below(count)
    const source = ready[index]!
    const last = ready.pop()!
    if (last !== source) ready[index] = last
    if (source.life.isOver) return
    this.steps++
    if (count > 1) this.trace.note(this.nowMicros, "Run", count, index)
    try {
      if (source.runOne()) ready.push(source)
    } catch (error) {
      this.defects.push(error)
    }
  }

  /** Jumps to the next timer; all that are due at that time become ready together. */
  private advance(): boolean {
    const { timers } = this
    let next = timers.first
    while (next !== undefined && (!next.isPending || next.life.isOver)) {
      timers.pop()
      next = timers.first
    }
    if (next === undefined) return false
    const { dueMicros } = next
    if (dueMicros > this.nowMicros) {
      this.stepsInPlace = 0
      this.trace.note(this.nowMicros, "Time", dueMicros - this.nowMicros)
      this.nowMicros = dueMicros
    }
    while (next !== undefined && next.dueMicros === dueMicros) {
      timers.pop()
      if (next.isPending) this.ready.push(next)
      next = timers.first
    }
    return true
  }
}
