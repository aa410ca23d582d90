import { apis, ErrorCode } from "@kafka-broker/core/protocol"
import { Cause, Effect, Exit, Fiber, Option } from "effect"
import type { SimTrace } from "../../src/simulation/SimTrace.ts"
import { type BrokerLife, SimWorld } from "../../src/simulation/SimWorld.ts"
import { checkHistory } from "./checkers/index.ts"
import type { Violation } from "./checkers/Facts.ts"
import { findCoordinator } from "./client/findCoordinator.ts"
import { fetchCommitted } from "./client/offsets.ts"
import { keyOf, PartitionReader } from "./client/PartitionReader.ts"
import { WireClient } from "./client/WireClient.ts"
import { History } from "./History.ts"
import { Inflictor } from "./Inflictor.ts"
import { Keeper } from "./Keeper.ts"
import type { Plan } from "./Plan.ts"
import { type Setting, untilAnswered } from "./Setting.ts"
import { workloadKinds } from "./workloads/index.ts"

/** When faults have stopped, every client ends within this simulated time; milliseconds. */
const PROGRESS_MS = 120_000
/** After this simulated time without clients a broker holds nothing of theirs; milliseconds, and no multiple of a second. */
const IDLE_MS = 12 * 60_000 + 777

/** The offsets topic rolls each few records of a group. */
const OFFSETS_SEGMENT_BYTES = 4_096

/** Timeouts of groups that fit short runs. */
const properties = {
  "group.min.session.timeout.ms": "500",
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.session.timeout.ms": "3000",
  "group.consumer.min.heartbeat.interval.ms": "100",
  "group.consumer.heartbeat.interval.ms": "300"
}

/** What a run gave. */
export interface RunResult {
  readonly plan: Plan
  readonly violations: ReadonlyArray<Violation>
  readonly trace: SimTrace
  readonly operations: number
  /** Simulated time, in milliseconds. */
  readonly simulatedMs: number
  /** Logs that the operator cut. */
  readonly repairs: number
  /** Warnings and errors that the broker logged. */
  readonly warnings: ReadonlyArray<string>
}

/** What a broker holds. */
interface Holdings {
  readonly fibers: number
  readonly timers: number
  readonly handles: number
  readonly connections: number
  readonly unsentBytes: number
}

const holdingsOf = (world: SimWorld, { broker, handles, life, memory }: BrokerLife): Holdings => ({
  fibers: life.fibers,
  timers: life.timers,
  handles: handles(),
  connections: Math.max(broker?.connectionCount() ?? 0, world.network.openEnds(life)),
  unsentBytes: memory.unsentBytes()
})

/** One run of a plan: its setting, and what happens in it. */
class Run {
  readonly keeper: Keeper
  readonly history: History
  readonly world: SimWorld
  private readonly plan: Plan
  private readonly setting: Setting
  private readonly admin: WireClient

  constructor(plan: Plan) {
    this.plan = plan
    this.world = new SimWorld({
      seed: plan.seed,
      properties,
      operationsPerPause: plan.operationsPerPause,
      onCrash: (isPowerCut) => this.history.crashed(isPowerCut)
    })
    this.history = new History(this.world)
    this.keeper = new Keeper(this.world, this.history)
    this.setting = {
      world: this.world,
      history: this.history,
      topics: plan.topics.map(({ isMixed, name, partitions }) => ({ name, isMixed, partitions })),
      isOver: false,
      restUntilMicros: 0
    }
    this.admin = new WireClient(this.world, "setup")
  }

  /** All of it, in order. */
  readonly whole: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    const { admin, keeper, plan, world } = this
    if (!(yield* keeper.start)) return
    yield* this.makeTopics
    yield* Effect.forkChild(keeper.operate)
    yield* this.work
    if (!(yield* this.readAll("final-1"))) return
    if (plan.lastEnd === "Stop") yield* keeper.stop
    else world.crashBroker(plan.lastEnd === "PowerCut")
    if (plan.lastEnd === "Rot") {
      this.history.rotted = keeper.operator.rot(world.random("rot"), plan.topics.map(({ name }) => name))
    }
    if (!(yield* keeper.start)) return
    yield* Effect.sleep(IDLE_MS)
    const idle = world.current!
    const before = holdingsOf(world, idle)
    if (!(yield* this.readAll("final-2"))) return
    yield* this.readCommitted
    admin.close()
    yield* Effect.sleep(IDLE_MS)
    if (world.current === idle) this.compareHoldings(before, holdingsOf(world, idle))
    yield* keeper.stop
  })

  /** The standing topics, and the offsets topic, which rolls as often. */
  private readonly makeTopics: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    const { admin, plan, setting } = this
    const random = this.world.random("setup")
    const topics = plan.topics.map(({ indexIntervalBytes, name, partitions, segmentBytes }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: 1,
      assignments: [],
      configs: [
        { name: "internal.segment.bytes", value: String(segmentBytes) },
        { name: "index.interval.bytes", value: String(indexIntervalBytes) }
      ]
    }))
    yield* untilAnswered(
      setting,
      random,
      () => admin.request(apis.CreateTopics, 7, { topics }),
      (answer) => answer.topics.every(({ errorCode }) => errorCode === ErrorCode.NONE) ? true : undefined
    )
    yield* findCoordinator(setting, admin, random, "any")
    const configs = [{ name: "internal.segment.bytes", configOperation: 0, value: String(OFFSETS_SEGMENT_BYTES) }]
    yield* untilAnswered(
      setting,
      random,
      () =>
        admin.request(apis.IncrementalAlterConfigs, 1, {
          resources: [{ resourceType: 2, resourceName: "__consumer_offsets", configs }],
          validateOnly: false
        }),
      ({ responses }) => responses[0]!.errorCode === ErrorCode.NONE ? true : undefined
    )
  })

  /** Workloads and faults beside each other, then the time in which everything has to end. */
  private readonly work: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    const { keeper, plan, setting, world } = this
    const workloads = plan.workloads.map(({ kind, name, operations }) =>
      workloadKinds[kind].make(setting, name, world.random(name), operations)
    )
    const running = new Set(workloads.map(({ name }) => name))
    const clients = yield* Effect.forEach(
      workloads,
      ({ name, run }) => Effect.forkChild(Effect.ensuring(run, Effect.sync(() => running.delete(name))))
    )
    yield* new Inflictor(setting, keeper).inflict(plan.faults, plan.faultsEndMs)
    world.note("faults", "are over")
    const restMs = Math.max(0, (setting.restUntilMicros - world.loop.nowMicros) / 1000)
    const ended = yield* Effect.timeoutOption(Fiber.awaitAll(clients), PROGRESS_MS + restMs)
    if (Option.isSome(ended)) {
      for (const exit of ended.value) if (Exit.isFailure(exit)) this.keeper.violate("clients", Cause.pretty(exit.cause))
      return
    }
    this.keeper.violate("progress", `${[...running].join()} did not end within ${PROGRESS_MS} ms after the last fault`)
    setting.isOver = true
    yield* Effect.forEach(clients, (client) => Fiber.interrupt(client))
  })

  /** Reads every standing partition from its start to its end. False: it could not be read. */
  private readAll(reader: string): Effect.Effect<boolean> {
    return Effect.gen({ self: this }, function*() {
      const { history, setting, world } = this
      const random = world.random(reader)
      const client = new WireClient(world, reader)
      const readPartition = Effect.fnUntraced(function*(topic: string, partition: number): Effect.fn.Return<void> {
        const position = { topic, partition, offset: 0 }
        const partitionReader = new PartitionReader(setting, client, reader, random)
        yield* partitionReader.reset(position)
        while (true) {
          yield* partitionReader.fetch([position], { isFinal: true })
          const last = history.reads.at(-1)
          const isOwn = last?.reader === reader && last.partition === partition && last.topic === topic
          if (isOwn && position.offset >= last.highWatermark) return
        }
      })
      const rotSeen = Effect.gen(function*() {
        while (!history.isRotSeen) yield* Effect.sleep(1_000)
      })
      const read = Effect.gen(function*() {
        for (const { name, partitions } of setting.topics) {
          for (let partition = 0; partition < partitions; partition++) {
            const whole = readPartition(name, partition)
            yield* history.rotted === keyOf({ topic: name, partition }) ? Effect.raceFirst(whole, rotSeen) : whole
          }
        }
      })
      const ended = yield* Effect.timeoutOption(read, PROGRESS_MS)
      client.close()
      if (Option.isNone(ended)) this.keeper.violate("progress", `${reader} could not read everything`)
      return Option.isSome(ended)
    })
  }

  /** Asks for everything that any group committed. */
  private readonly readCommitted: Effect.Effect<void> = Effect.suspend(() => {
    const asked = new Map<string, { group: string; topic: string; partition: number }>()
    for (const { group, partition, topic } of this.history.commits) {
      asked.set(`${group} ${topic}-${partition}`, { group, topic, partition })
    }
    const random = this.world.random("committed")
    const all = Effect.forEach(
      [...asked.values()],
      ({ group, partition, topic }) => fetchCommitted(this.setting, this.admin, random, group, topic, [partition]),
      { discard: true }
    )
    return Effect.map(Effect.timeoutOption(all, PROGRESS_MS), (ended) => {
      if (Option.isNone(ended)) this.keeper.violate("progress", "committed offsets could not be read at the end")
    })
  })

  private compareHoldings(before: Holdings, after: Holdings): void {
    for (const name of ["fibers", "timers", "handles", "connections", "unsentBytes"] as const) {
      if (after[name] > before[name]) {
        this.keeper.violate(
          "holdings",
          `the broker holds ${after[name]} ${name} after it served and idled, and ${before[name]} before`
        )
      }
    }
  }
}

/** Runs a plan once, and judges it. */
export const runOnce = (plan: Plan): RunResult => {
  const run = new Run(plan)
  const { history, keeper: { operator, violations }, world } = run
  const exit = world.run(run.whole)
  if (exit === "AtRest") {
    violations.push({ checker: "progress", message: "nothing can happen any more, and clients still wait" })
  } else if (exit === "Endless") {
    violations.push({ checker: "progress", message: "the world turns for ever without any time passing" })
  } else if (Exit.isFailure(exit)) violations.push({ checker: "clients", message: Cause.pretty(exit.cause) })
  for (const death of world.deaths) violations.push({ checker: "deaths", message: death })
  for (const defect of world.loop.defects) {
    violations.push({
      checker: "defects",
      message: defect instanceof Error ? defect.stack ?? String(defect) : String(defect)
    })
  }
  violations.push(...checkHistory(history))
  return {
    plan,
    violations,
    trace: world.loop.trace,
    operations: history.operations,
    simulatedMs: world.loop.nowMicros / 1000,
    repairs: operator.repairs,
    warnings: world.warnings
  }
}

/** Runs a plan twice and compares both to the last bit: what is different is a violation too. */
export const runPlan = (plan: Plan): RunResult => {
  const result = runOnce(plan)
  const again = runOnce(plan)
  const difference = result.trace.firstDifference(again.trace)
  if (difference === undefined) return result
  const message = `two runs differ from event ${difference} on: "${result.trace.line(difference)}" and "${
    again.trace.line(difference)
  }"`
  return { ...result, violations: [...result.violations, { checker: "sameTrace", message }] }
}
