import { Effect, Fiber } from "effect"
import { noDiskFaults, type SimDiskFaults } from "../../src/simulation/SimDiskFaults.ts"
import type { Keeper } from "./Keeper.ts"
import { noNetworkFaults } from "../../src/simulation/SimFaults.ts"
import { describeFault, type Fault } from "./Plan.ts"
import type { Setting } from "./Setting.ts"

/** A broker that writes nothing is crashed after this simulated time; milliseconds. */
const CRASH_MS_MAX = 500

/** A broker whose disk was full goes on for so long before it is started again; milliseconds. */
const AFTER_FULL_MS = 1_500

/** Whether operations of the disk fail, and not only take their time. */
const failsOperations = (
  { failedLists, failedOpens, failedReads, failedSyncs, failedWrites, shortWrites }: Partial<SimDiskFaults>
) => [failedLists, failedOpens, failedReads, failedSyncs, failedWrites, shortWrites].some((rate) => (rate ?? 0) > 0)

/** Does to a world what its plan says. */
export class Inflictor {
  private readonly setting: Setting
  private readonly keeper: Keeper
  /** The disk has failed: what failed stays out of service until the machine is started again. */
  private mustReboot = false

  constructor(setting: Setting, keeper: Keeper) {
    this.setting = setting
    this.keeper = keeper
  }

  /** Completes when all faults are over, and not before `untilMs`; the broker is then up again. */
  inflict(faults: ReadonlyArray<Fault>, untilMs: number): Effect.Effect<void> {
    const { world } = this.setting
    const beganMicros = world.loop.nowMicros
    const at = (atMs: number) =>
      Effect.suspend(() => Effect.sleep(Math.max(0, atMs - (world.loop.nowMicros - beganMicros) / 1000)))
    return Effect.gen({ self: this }, function*() {
      const running = yield* Effect.forEach(
        faults.toSorted((one, other) => one.atMs - other.atMs),
        (fault) => Effect.forkChild(Effect.andThen(at(fault.atMs), this.inflictOne(fault)))
      )
      yield* Fiber.awaitAll(running)
      yield* at(untilMs)
      world.network.faults = noNetworkFaults
      world.crashAtChange(Infinity, false)
      yield* this.keeper.restart
      yield* world.awaitBroker
    })
  }

  private inflictOne(fault: Fault): Effect.Effect<void> {
    const { keeper, setting } = this
    const { world } = setting
    return Effect.gen({ self: this }, function*() {
      world.note("fault", describeFault(fault))
      switch (fault._tag) {
        case "Network":
          world.network.faults = fault.network
          yield* Effect.sleep(fault.untilMs - fault.atMs)
          if (world.network.faults === fault.network) world.network.faults = noNetworkFaults
          return
        case "Disk":
          return yield* this.spoilDisk(fault.disk, fault.untilMs - fault.atMs)
        case "Full":
          return yield* this.fillDisk(fault.freeBytes, fault.untilMs - fault.atMs)
        case "Clock":
          return world.moveWallClock(fault.byMs)
        case "Idle":
          setting.restUntilMicros = Math.max(setting.restUntilMicros, world.loop.nowMicros + fault.forMs * 1000)
          return
        case "Restart":
          if (world.current?.broker === undefined || world.current.end !== undefined) return
          yield* keeper.stop
          yield* Effect.sleep(fault.downMs)
          return yield* keeper.restart
        case "Crash":
          return yield* this.crash(fault)
      }
    })
  }

  private spoilDisk(faults: Partial<SimDiskFaults>, forMs: number): Effect.Effect<void> {
    const { keeper } = this
    const { world } = this.setting
    return Effect.gen({ self: this }, function*() {
      Object.assign(world.disk.faults, noDiskFaults, faults)
      keeper.diskFaults++
      this.mustReboot ||= failsOperations(faults)
      yield* Effect.sleep(forMs)
      keeper.diskFaults--
      if (keeper.diskFaults > 0) return
      Object.assign(world.disk.faults, noDiskFaults)
      if (!this.mustReboot) return
      this.mustReboot = false
      world.crashBroker(true)
      yield* keeper.restart
    })
  }

  /** No space for a while; some time after there is again, the broker is started anew, as what refused to go on may stay so. */
  private fillDisk(freeBytes: number, forMs: number): Effect.Effect<void> {
    const { keeper } = this
    const { world } = this.setting
    return Effect.gen(function*() {
      const { volume } = world.disk
      keeper.diskFaults++
      volume.capacityBytes = volume.usedBytes + freeBytes
      yield* Effect.sleep(forMs)
      volume.capacityBytes = Infinity
      yield* Effect.sleep(AFTER_FULL_MS)
      keeper.diskFaults--
      world.crashBroker(false)
      yield* keeper.restart
    })
  }

  private crash({ atChange, downMs, isPowerCut }: Extract<Fault, { readonly _tag: "Crash" }>): Effect.Effect<void> {
    const { keeper } = this
    const { world } = this.setting
    return Effect.gen(function*() {
      const { current } = world
      if (current === undefined || current.end !== undefined) return
      world.crashAtChange(atChange, isPowerCut)
      yield* Effect.timeoutOption(world.awaitEnd, CRASH_MS_MAX)
      if (current.end === undefined) world.crashBroker(isPowerCut)
      if (world.current !== current) return
      yield* Effect.sleep(downMs)
      yield* keeper.restart
    })
  }
}
