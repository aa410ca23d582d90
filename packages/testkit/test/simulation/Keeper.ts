import { Cause, Effect, Option } from "effect"
import type { SimWorld } from "../../src/simulation/SimWorld.ts"
import type { Violation } from "./checkers/Facts.ts"
import type { History } from "./History.ts"
import { Operator } from "./Operator.ts"

/** A broker starts, or stops, within this simulated time; milliseconds. */
const START_STOP_MS = 30_000
/** Pause before a broker that did not come up is started again; milliseconds. */
const RESTART_MS = 300
/** How often the operator looks at the log; milliseconds. */
const OPERATOR_MS = 1_000

/** Keeps the broker of a run alive: starts it, stops it, and says what is wrong when it does not obey. */
export class Keeper {
  readonly violations: Array<Violation> = []
  readonly operator: Operator
  /** Windows in which the disk is not as it should be: the broker need not obey then. */
  diskFaults = 0
  private readonly world: SimWorld
  private readonly history: History

  constructor(world: SimWorld, history: History) {
    this.world = world
    this.history = history
    this.operator = new Operator(world)
  }

  /** A promise was broken. */
  violate(checker: string, message: string): void {
    this.world.note(checker, `VIOLATION ${message}`)
    this.violations.push({ checker, message })
  }

  /** Starts the broker. False when it does not come up, which is a violation when nothing is wrong with its disk. */
  readonly start: Effect.Effect<boolean> = Effect.gen({ self: this }, function*() {
    const { number } = this.world.startBroker()
    yield* Effect.timeoutOption(this.world.awaitBroker, START_STOP_MS)
    const { current } = this.world
    if (current?.number !== number) return current?.broker !== undefined
    if (current.broker !== undefined && current.end === undefined) return true
    if (current.end?._tag === "Crashed") return false
    if (current.end === undefined) this.world.crashBroker(false)
    if (this.diskFaults > 0) return false
    this.violate(
      "starts",
      current.end?._tag === "Failed"
        ? `the broker does not start: ${Cause.pretty(current.end.cause)}`
        : "the broker does not start in time"
    )
    return false
  })

  /** Stops the broker as a signal does. */
  readonly stop: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    const { current } = this.world
    this.world.stopBroker()
    const ended = yield* Effect.timeoutOption(this.world.awaitEnd, START_STOP_MS)
    const end = current?.end
    if (end?._tag === "Crashed") return
    if (Option.isNone(ended)) {
      if (this.diskFaults === 0) this.violate("stops", "the broker does not stop")
      this.world.crashBroker(false)
    } else if (end?._tag === "Failed" && this.diskFaults === 0) {
      this.violate("stops", `the broker failed while it stopped: ${Cause.pretty(end.cause)}`)
    }
  })

  /** Starts the broker if it is down; again and again while the disk does not let it. */
  readonly restart: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    while (this.world.current?.end !== undefined) {
      if ((yield* this.start) || this.diskFaults === 0) return
      yield* Effect.sleep(RESTART_MS)
    }
  })

  /** What the operator does while everything else goes on: where a power cut left a log damaged, it is cut and started again. */
  readonly operate: Effect.Effect<never> = Effect.gen({ self: this }, function*() {
    const { history, operator, world } = this
    while (true) {
      yield* Effect.sleep(OPERATOR_MS)
      const found = operator.takeDamage()
      const damage = found.filter(({ path }) => path.slice(0, path.indexOf("/")) !== history.rotted)
      history.isRotSeen ||= damage.length < found.length
      if (damage.length === 0) continue
      if (!history.crashes.some(({ isPowerCut }) => isPowerCut)) {
        this.violate("damage", `${damage[0]!.path} is damaged at byte ${damage[0]!.position}, and no power was cut`)
      }
      world.crashBroker(false)
      for (const one of damage) yield* operator.repair(one)
      yield* this.restart
    }
  })
}
