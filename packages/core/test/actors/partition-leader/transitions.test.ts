import { assert, describe, it } from "@effect/vitest"
import { PartitionLeaderLimits } from "../../../src/actors/partition-leader/PartitionLeaderLimits.ts"
import type { PartitionEvent } from "../../../src/actors/partition-leader/PartitionState.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { buildBatch } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import { Machine } from "./machineKit.ts"
import { testCodecs } from "./testLeaders.ts"

const nowMs = 1_000

/** A small batch that decompresses to more than is judged at once. */
const large = (): Uint8Array => {
  const value = new Uint8Array(PartitionLeaderLimits.decompressedAtOnceBytesMax + 1)
  return buildBatch([{ key: null, value, timestamp: 0 }], { compression: { codec: "lz4", codecs: testCodecs } })
}

/** Every place in which a partition can be, reached by events. */
const places = {
  "closed": () => new Machine(),
  "closed, an append queued": () => {
    const machine = new Machine()
    machine.append("q")
    return machine
  },
  "opening": () => {
    const machine = new Machine()
    machine.append("q")
    machine.tick()
    return machine
  },
  "open": () => Machine.open(),
  "open, an append queued": () => {
    const machine = Machine.open()
    machine.append("q")
    return machine
  },
  "open, writing": () => {
    const machine = Machine.open()
    machine.append("w")
    machine.tick()
    machine.append("q")
    return machine
  },
  "open, a task at work": () => {
    const machine = Machine.open()
    machine.task("t")
    machine.tick()
    return machine
  },
  "open, waiting for the next turn": () => {
    const machine = Machine.open()
    machine.turn.isSpent = true
    machine.append("q")
    machine.tick()
    machine.turn.isSpent = false
    return machine
  },
  "open, judging a large batch in slices": () => {
    const machine = Machine.open()
    machine.append("large", {}, large())
    machine.append("q")
    machine.tick()
    return machine
  },
  "open, syncing": () => {
    const machine = Machine.open()
    machine.append("all", { acks: -1 })
    machine.tick()
    machine.written()
    return machine
  },
  "open, a reader": () => {
    const machine = Machine.open()
    machine.send({ _tag: "ReadBegun" })
    return machine
  },
  "closing, a reader": () => {
    const machine = Machine.open()
    machine.send({ _tag: "ReadBegun" })
    machine.changeEpoch(1)
    return machine
  },
  "closing": () => {
    const machine = Machine.open()
    machine.send({ _tag: "Rest", nowMs })
    return machine
  },
  "failed, closing": () => {
    const machine = Machine.open()
    machine.append("w")
    machine.tick()
    machine.writeFailed("Storage")
    return machine
  },
  "failed": () => {
    const machine = Machine.open()
    machine.append("w")
    machine.tick()
    machine.writeFailed("Storage")
    machine.logClosed()
    return machine
  },
  "stopped, writing": () => {
    const machine = Machine.open()
    machine.append("w")
    machine.tick()
    machine.append("q")
    machine.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    return machine
  },
  "stopped, closing": () => {
    const machine = Machine.open()
    machine.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    return machine
  },
  "stopped": () => {
    const machine = new Machine()
    machine.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    return machine
  }
} as const satisfies Record<string, () => Machine>

const reasons = ["NoSpace", "Unavailable", "Unknown", "Fenced", "Storage"] as const

/** Every event, by name. */
const events: Record<string, (machine: Machine) => ReadonlyArray<string>> = {
  Append: (machine) => machine.append("new"),
  Task: (machine) => machine.task("new"),
  Tick: (machine) => machine.tick(),
  Opened: (machine) => machine.opened(),
  ...Object.fromEntries(reasons.map((reason) => [
    `OpenFailed ${reason}`,
    (machine: Machine) => machine.send({ _tag: "OpenFailed", reason, cause: reason, nowMs })
  ])),
  Written: (machine) => machine.send({ _tag: "Written", log: machine.log, nowMs }),
  ...Object.fromEntries(reasons.map((reason) => [
    `WriteFailed ${reason}`,
    (machine: Machine) => machine.writeFailed(reason)
  ])),
  Judged: (machine) => {
    const [append] = machine.state.queue
    if (append?._tag !== "Append") throw new Error("no append is queued")
    return machine.send({ _tag: "Judged", append, outcome: append.batch, nowMs })
  },
  NextTurn: (machine) => machine.send({ _tag: "NextTurn", nowMs }),
  TaskDone: (machine) => machine.send({ _tag: "TaskDone", log: machine.log, nowMs }),
  Synced: (machine) => machine.synced(),
  ...Object.fromEntries(reasons.map((reason) => [
    `SyncFailed ${reason}`,
    (machine: Machine) => machine.syncFailed(reason)
  ])),
  LogClosed: (machine) => machine.logClosed(),
  ...Object.fromEntries(reasons.map((reason) => [
    `CloseFailed ${reason}`,
    (machine: Machine) => machine.send({ _tag: "CloseFailed", reason, cause: reason, nowMs })
  ])),
  ReadBegun: (machine) => machine.send({ _tag: "ReadBegun" }),
  ReadEnded: (machine) => {
    if (machine.openLog.readers === 0) throw new Error("nothing is read")
    return machine.send({ _tag: "ReadEnded", log: machine.openLog, nowMs })
  },
  Rest: (machine) => machine.send({ _tag: "Rest", nowMs }),
  ChangeEpoch: (machine) => machine.changeEpoch(7),
  "Stop 6": (machine) => machine.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER),
  "Stop 3": (machine) => machine.stop(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
  Crash: (machine) => machine.send({ _tag: "Crash", cause: "a mistake" } satisfies PartitionEvent)
}

/**
 * The table: for each place the events that do something there, with where they lead unless the partition stays, the effects
 * in order, and the answers given. An event that is not named changes nothing, or cannot happen and is a defect.
 */
const transitions: Readonly<Record<keyof typeof places, ReadonlyArray<string>>> = {
  "closed": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "Opened: Open Online []",
    "Stop 6: Closed Stopped(6) [Show Ended]",
    "Stop 3: Closed Stopped(3) [Show Ended]",
    "Crash: Closed Failed(-1) [Show Drop Report]"
  ],
  "closed, an append queued": [
    "Tick: Opening Online [Open]",
    "Opened: Open Online [Write]",
    "ChangeEpoch: Opening Online [Open]",
    "Stop 6: Opening Stopped(6) [Show Open]",
    "Stop 3: Opening Stopped(3) [Show Open]",
    "Crash: Closed Failed(-1) [Show Drop Report] q:-1"
  ],
  "opening": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "Opened: Open Online [Write]",
    "OpenFailed NoSpace: Closed Online [] q:56",
    "OpenFailed Unavailable: Closed Online [] q:56",
    "OpenFailed Unknown: Closed Online [] q:6",
    "OpenFailed Fenced: Closed Failed(6) [Show Report] q:6",
    "OpenFailed Storage: Closed Failed(56) [Show Report] q:56",
    "Stop 6: Opening Stopped(6) [Show]",
    "Stop 3: Opening Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report] q:-1"
  ],
  "open": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "Rest: Closing Online [Close]",
    "ChangeEpoch: Closing Online [Close]",
    "Stop 6: Closing Stopped(6) [Show Close]",
    "Stop 3: Closed Stopped(3) [Show Drop Ended]",
    "Crash: Closed Failed(-1) [Show Drop Report]"
  ],
  "open, an append queued": [
    "Tick: [Write]",
    "ChangeEpoch: Closing Online [Close]",
    "Stop 6: Open Stopped(6) [Show Write]",
    "Stop 3: Open Stopped(3) [Show Write]",
    "Crash: Closed Failed(-1) [Show Drop Report] q:-1"
  ],
  "open, writing": [
    "Written: [Show Write] w@0",
    "WriteFailed NoSpace: [Write] w:56",
    "WriteFailed Unavailable: [Write] w:56",
    "WriteFailed Unknown: Closing Online [Show Report Close] w:6 q:6",
    "WriteFailed Fenced: Closing Failed(6) [Show Report Close] w:6 q:6",
    "WriteFailed Storage: Closing Failed(56) [Show Report Close] w:56 q:56",
    "ChangeEpoch: Closing Online []",
    "Stop 6: Open Stopped(6) [Show]",
    "Stop 3: Open Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report] w:-1 q:-1"
  ],
  "open, a task at work": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "TaskDone: [Show] t done",
    "ChangeEpoch: Closing Online []",
    "Stop 6: Open Stopped(6) [Show]",
    "Stop 3: Open Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report] t:-1"
  ],
  "open, waiting for the next turn": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "NextTurn: [Write]",
    "ChangeEpoch: Closing Online []",
    "Stop 6: Open Stopped(6) [Show]",
    "Stop 3: Open Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report] q:-1"
  ],
  "open, judging a large batch in slices": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "Judged: [Write]",
    "ChangeEpoch: Closing Online []",
    "Stop 6: Open Stopped(6) [Show]",
    "Stop 3: Open Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report] large:-1 q:-1"
  ],
  "open, syncing": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "Synced: [Show Deadline] all@0",
    "SyncFailed NoSpace: Closing Failed(56) [Deadline Show Report Close] all:56",
    "SyncFailed Unavailable: Closing Online [Deadline Show Report Close] all:6",
    "SyncFailed Unknown: Closing Online [Deadline Show Report Close] all:6",
    "SyncFailed Fenced: Closing Failed(6) [Deadline Show Report Close] all:6",
    "SyncFailed Storage: Closing Failed(56) [Deadline Show Report Close] all:56",
    "ChangeEpoch: Closing Online []",
    "Stop 6: Closing Stopped(6) [Show]",
    "Stop 3: Closing Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Deadline Show Drop Report] all:-1"
  ],
  "open, a reader": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "ChangeEpoch: Closing Online []",
    "Stop 6: Closing Stopped(6) [Show]",
    "Stop 3: Closing Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report]"
  ],
  "closing, a reader": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "ReadEnded: [Close]",
    "Stop 6: Closing Stopped(6) [Show]",
    "Stop 3: Closing Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report]"
  ],
  "closing": [
    "Append: [AskTick]",
    "Task: [AskTick]",
    "LogClosed: Closed Online []",
    "CloseFailed NoSpace: Closed Failed(56) [Show Report]",
    "CloseFailed Unavailable: Closed Online []",
    "CloseFailed Unknown: Closed Online []",
    "CloseFailed Fenced: Closed Failed(6) [Show Report]",
    "CloseFailed Storage: Closed Failed(56) [Show Report]",
    "Stop 6: Closing Stopped(6) [Show]",
    "Stop 3: Closing Stopped(3) [Show]",
    "Crash: Closed Failed(-1) [Show Drop Report]"
  ],
  "failed, closing": [
    "Append: [] new:56",
    "Task: [] new:56",
    "LogClosed: Closed Failed(56) []",
    "CloseFailed NoSpace: Closed Failed(56) []",
    "CloseFailed Unavailable: Closed Failed(56) []",
    "CloseFailed Unknown: Closed Failed(56) []",
    "CloseFailed Fenced: Closed Failed(56) []",
    "CloseFailed Storage: Closed Failed(56) []",
    "ChangeEpoch: Closing Online []",
    "Stop 6: Closing Stopped(6) [Show]",
    "Stop 3: Closing Stopped(3) [Show]",
    "Crash: Closed Failed(56) [Show Drop Report]"
  ],
  "failed": [
    "Append: [] new:56",
    "Task: [] new:56",
    "ChangeEpoch: Closed Online []",
    "Stop 6: Closed Stopped(6) [Show Ended]",
    "Stop 3: Closed Stopped(3) [Show Ended]",
    "Crash: [Show Drop Report]"
  ],
  "stopped, writing": [
    "Append: [] new:6",
    "Task: [] new:6",
    "Written: [Write] w@0",
    "WriteFailed NoSpace: [Write] w:56",
    "WriteFailed Unavailable: [Write] w:56",
    "WriteFailed Unknown: Closing Stopped(6) [Show Report Close] w:6 q:6",
    "WriteFailed Fenced: Closing Stopped(6) [Show Report Close] w:6 q:6",
    "WriteFailed Storage: Closing Stopped(6) [Show Report Close] w:56 q:56",
    "ChangeEpoch: Closing Stopped(6) []",
    "Stop 6: [Show]",
    "Stop 3: Open Stopped(3) [Show]",
    "Crash: Closed Stopped(6) [Show Drop Report Ended] w:-1 q:-1"
  ],
  "stopped, closing": [
    "Append: [] new:6",
    "Task: [] new:6",
    "LogClosed: Closed Stopped(6) [Ended]",
    "CloseFailed NoSpace: Closed Stopped(6) [Show Report Ended]",
    "CloseFailed Unavailable: Closed Stopped(6) [Ended]",
    "CloseFailed Unknown: Closed Stopped(6) [Ended]",
    "CloseFailed Fenced: Closed Stopped(6) [Show Report Ended]",
    "CloseFailed Storage: Closed Stopped(6) [Show Report Ended]",
    "Stop 6: [Show]",
    "Stop 3: Closing Stopped(3) [Show]",
    "Crash: Closed Stopped(6) [Show Drop Report Ended]"
  ],
  "stopped": [
    "Append: [] new:6",
    "Task: [] new:6",
    "Tick: [Ended]",
    "ChangeEpoch: [Ended]",
    "Stop 6: [Show Ended]",
    "Stop 3: Closed Stopped(3) [Show Ended]",
    "Crash: [Show Drop Report Ended]"
  ]
}

const transitionsOf = (make: () => Machine): ReadonlyArray<string> =>
  Object.entries(events).flatMap(([name, send]) => {
    const machine = make()
    const before = machine.place
    machine.answers.length = 0
    let effects: ReadonlyArray<string>
    try {
      effects = send(machine)
    } catch {
      return []
    }
    const { answers, place } = machine
    if (effects.length === 0 && place === before) return []
    const done = effects.filter((tag) => !tag.startsWith("Answer")).join(" ")
    return [
      `${name}: ${place === before ? "" : `${place} `}[${done}]${answers.length === 0 ? "" : ` ${answers.join(" ")}`}`
    ]
  })

describe("the life of a partition", () => {
  it.each(Object.keys(places) as ReadonlyArray<keyof typeof places>)("transitions: %s", (place) => {
    assert.deepStrictEqual(transitionsOf(places[place]), transitions[place])
  })
})
