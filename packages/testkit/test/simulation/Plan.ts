import type { NetworkFaults } from "../../src/simulation/SimFaults.ts"
import type { SimDiskFaults } from "../../src/simulation/SimDiskFaults.ts"
import { SimRandom } from "../../src/simulation/SimRandom.ts"
import { type WorkloadKind, workloadKinds } from "./workloads/index.ts"

/** Something that goes wrong at a time, in milliseconds of simulated time. */
export type Fault =
  /** `atChange`: in the middle of what the broker does, before that change of the disk. */
  | {
    readonly _tag: "Crash"
    readonly atMs: number
    readonly isPowerCut: boolean
    readonly atChange: number
    readonly downMs: number
  }
  | { readonly _tag: "Restart"; readonly atMs: number; readonly downMs: number }
  | { readonly _tag: "Network"; readonly atMs: number; readonly untilMs: number; readonly network: NetworkFaults }
  | { readonly _tag: "Disk"; readonly atMs: number; readonly untilMs: number; readonly disk: Partial<SimDiskFaults> }
  | { readonly _tag: "Full"; readonly atMs: number; readonly untilMs: number; readonly freeBytes: number }
  | { readonly _tag: "Clock"; readonly atMs: number; readonly byMs: number }
  | { readonly _tag: "Idle"; readonly atMs: number; readonly forMs: number }

/** A client program of a plan. */
export interface PlannedWorkload {
  readonly kind: WorkloadKind
  readonly name: string
  readonly operations: number
}

/** A topic of a plan. */
export interface PlannedTopic {
  readonly name: string
  readonly isMixed: boolean
  readonly partitions: number
  readonly segmentBytes: number
  readonly indexIntervalBytes: number
}

/** All that a seed decides before the run: what is left is the order of things. */
export interface Plan {
  readonly seed: number
  readonly topics: ReadonlyArray<PlannedTopic>
  readonly workloads: ReadonlyArray<PlannedWorkload>
  readonly faults: ReadonlyArray<Fault>
  /** Operations of fibers between two forced pauses, on average; 0: none. */
  readonly operationsPerPause: number
  /** When all faults are over. */
  readonly faultsEndMs: number
  /** How the broker ends before everything is read for the last time; `Rot`: it is killed, and a bit of a log flips. */
  readonly lastEnd: "Stop" | "Kill" | "PowerCut" | "Rot"
}

/** What of a seed's plan is run; all when left out. */
export interface PlanCut {
  /** Places of workloads. */
  readonly workloads?: ReadonlyArray<number>
  /** Places of faults. */
  readonly faults?: ReadonlyArray<number>
  /** Most operations of each workload. */
  readonly operations?: number
}

/** Faults come within this time from the start of the workloads. */
const FAULTS_WITHIN_MS = 6_000
const IDLE_MS_MAX = 900_000
/** All jumps of a plan together stay below `message.timestamp.after.max.ms`, so that no batch comes from the future. */
const JUMP_MS_MAX = 590_000

const drawDisk = (random: SimRandom): Partial<SimDiskFaults> => {
  const slow = { syncMsMax: random.pick([0, 5, 100]), latencyMsMax: random.pick([0, 0, 1, 20]) }
  if (random.chance(0.5)) return slow
  const rate = random.pick([0.001, 0.01, 0.1])
  const failing = random.pick(["failedReads", "failedWrites", "failedSyncs", "failedOpens", "shortWrites"] as const)
  return { ...slow, [failing]: rate }
}

const drawFault = (random: SimRandom): Fault => {
  const atMs = random.below(FAULTS_WITHIN_MS)
  const kind = random.below(13)
  if (kind < 4) {
    return {
      _tag: "Crash",
      atMs,
      isPowerCut: random.chance(0.6),
      atChange: random.between(1, 12),
      downMs: random.between(1, 800)
    }
  }
  if (kind < 5) return { _tag: "Restart", atMs, downMs: random.between(0, 300) }
  if (kind < 8) {
    return {
      _tag: "Network",
      atMs,
      untilMs: atMs + random.between(200, 3_000),
      network: {
        latencyMsMax: random.pick([2, 20, 200]),
        lost: random.pick([0, 0.1, 0.4]),
        halfOpen: random.pick([0, 0.5]),
        cut: random.pick([0, 0.2, 0.8]),
        stalled: random.pick([0, 0.02, 0.1])
      }
    }
  }
  if (kind < 10) return { _tag: "Disk", atMs, untilMs: atMs + random.between(200, 3_000), disk: drawDisk(random) }
  if (kind < 11) {
    return { _tag: "Full", atMs, untilMs: atMs + random.between(200, 2_000), freeBytes: random.below(3_000) }
  }
  if (kind < 12) return { _tag: "Clock", atMs, byMs: random.between(-JUMP_MS_MAX, JUMP_MS_MAX) }
  return { _tag: "Idle", atMs, forMs: random.between(1_000, IDLE_MS_MAX) }
}

const failsSyncs = (fault: Fault): boolean => fault._tag === "Disk" && (fault.disk.failedSyncs ?? 0) > 0

/**
 * After a failed sync the system may show what the disk does not have, so only a start of the whole machine mends it, as
 * the page on durability says: the broker alone is not started again.
 */
const onlyMachines = (fault: Fault): Fault => {
  if (fault._tag === "Crash") return { ...fault, isPowerCut: true }
  return fault._tag === "Restart"
    ? { _tag: "Crash", atMs: fault.atMs, isPowerCut: true, atChange: 1, downMs: fault.downMs }
    : fault
}

const drawTopics = (random: SimRandom): ReadonlyArray<PlannedTopic> =>
  [false, true].map((isMixed) => ({
    name: isMixed ? "mixed" : "durable",
    isMixed,
    partitions: random.between(1, 3),
    segmentBytes: random.pick([700, 700, 1_500, 100_000]),
    indexIntervalBytes: random.pick([0, 100, 4_096])
  }))

const drawWorkloads = (random: SimRandom): ReadonlyArray<PlannedWorkload> => {
  const workloads: Array<PlannedWorkload> = []
  for (const [kind, { operations, weight }] of Object.entries(workloadKinds)) {
    for (let i = 0; i < weight.length; i++) {
      if (!random.chance(weight[i]!)) continue
      workloads.push({ kind: kind as WorkloadKind, name: `${kind}_${i}`, operations: random.between(4, operations) })
    }
  }
  return workloads
}

/** The plan of a seed. */
export const drawPlan = (seed: number): Plan => {
  const random = new SimRandom(seed, "plan")
  const topics = drawTopics(random)
  const workloads = drawWorkloads(random)
  const drawn = Array.from({ length: random.below(7) }, () => drawFault(random))
  const faults = drawn.some(failsSyncs) ? drawn.map(onlyMachines) : drawn
  const last = Math.max(0, ...faults.map((fault) => "untilMs" in fault ? fault.untilMs : fault.atMs))
  return {
    seed,
    topics,
    workloads,
    faults,
    operationsPerPause: random.pick([0, 0, 30, 300]),
    faultsEndMs: last + 1_000,
    lastEnd: random.pick(["Stop", "Kill", "PowerCut", "Rot"] as const)
  }
}

/** A part of a plan: fewer clients, fewer faults, fewer operations; all else stays as it was. */
export const cutPlan = (plan: Plan, cut: PlanCut): Plan => ({
  ...plan,
  workloads: plan.workloads.filter((_, place) => cut.workloads?.includes(place) ?? true)
    .map((workload) => ({ ...workload, operations: Math.min(workload.operations, cut.operations ?? Infinity) })),
  faults: plan.faults.filter((_, place) => cut.faults?.includes(place) ?? true)
})

/** One line for a fault. */
export const describeFault = (fault: Fault): string => {
  switch (fault._tag) {
    case "Crash":
      return `${
        fault.isPowerCut ? "power cut" : "kill"
      } at ${fault.atMs} ms, before change ${fault.atChange} of the disk, down ${fault.downMs} ms`
    case "Restart":
      return `restart at ${fault.atMs} ms, down ${fault.downMs} ms`
    case "Network":
      return `network from ${fault.atMs} to ${fault.untilMs} ms: ${JSON.stringify(fault.network)}`
    case "Disk":
      return `disk from ${fault.atMs} to ${fault.untilMs} ms: ${JSON.stringify(fault.disk)}`
    case "Full":
      return `disk full but for ${fault.freeBytes} bytes from ${fault.atMs} to ${fault.untilMs} ms`
    case "Clock":
      return `wall clock set by ${fault.byMs} ms at ${fault.atMs} ms`
    case "Idle":
      return `idle for ${fault.forMs} ms from ${fault.atMs} ms`
  }
}
