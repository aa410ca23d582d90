import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { Machine } from "./machineKit.ts"
import { batchOf } from "./testLeaders.ts"

const nowMs = 1_000

const reasons = ["NoSpace", "Unavailable", "Unknown", "Fenced", "Storage"] as const

/** A partition whose one append with acks -1 is written and waits for the sync. */
const syncing = (): Machine => {
  const machine = Machine.open()
  machine.append("all", { acks: -1 })
  machine.tick()
  machine.written()
  return machine
}

const seesOf = ({ state: { view } }: Machine) => [view?.highWatermark, view?.lastStableOffset, view?.logEndOffset]

const idempotent = (baseSequence: number) => batchOf(["v"], { producerId: 7, producerEpoch: 0, baseSequence })

describe("the life of a partition", () => {
  it("a log opened under an epoch that has passed meanwhile is opened again", () => {
    const machine = new Machine()
    machine.append("a")
    machine.tick()
    machine.changeEpoch(4)
    assert.deepStrictEqual(machine.send({ _tag: "Opened", log: machine.log, producerExpirationMs: 1, nowMs }), [
      "Close"
    ])
    assert.deepStrictEqual(machine.logClosed(), ["Open"])
    assert.deepStrictEqual(machine.opened(), ["Write"])
    machine.written()
    assert.deepStrictEqual(machine.answers, ["a@0"])
    assert.strictEqual(machine.state.view?.leaderEpoch, 4)
  })

  it("the log is not closed under readers, a write or a sync, and what is queued meanwhile opens it again", () => {
    const machine = Machine.open()
    machine.append("w", { acks: -1 })
    machine.tick()
    machine.send({ _tag: "ReadBegun" })
    const { openLog } = machine
    machine.changeEpoch(1)
    machine.append("next")
    assert.deepStrictEqual(machine.written(), ["Deadline", "Show", "Sync"])
    assert.deepStrictEqual(machine.synced(), ["Answer", "Show", "Deadline"])
    assert.deepStrictEqual(machine.send({ _tag: "ReadEnded", log: openLog, nowMs }), ["Close"])
    assert.deepStrictEqual(machine.logClosed(), ["Open"])
    machine.opened()
    machine.written()
    assert.deepStrictEqual(machine.answers, ["w@0", "next@1"])
  })

  it("a partition that failed serves under a new epoch", () => {
    const machine = syncing()
    machine.syncFailed("Storage")
    machine.logClosed()
    machine.changeEpoch(1)
    machine.answers.length = 0
    machine.append("a")
    machine.tick()
    machine.opened()
    machine.written()
    assert.deepStrictEqual(machine.answers, ["a@1"])
  })
})

describe("the promises of acks", () => {
  it("0 and 1 are answered with the write, -1 with the sync that covers it", () => {
    const machine = Machine.open()
    machine.append("none", { acks: 0 })
    machine.append("leader", { acks: 1 })
    machine.append("all", { acks: -1 })
    machine.tick()
    machine.written()
    assert.deepStrictEqual(machine.answers, ["none@0", "leader@1"])
    machine.synced()
    assert.deepStrictEqual(machine.answers, ["none@0", "leader@1", "all@2"])
  })

  it("a sync that ends while a write begins another segment shows nothing of that write", () => {
    const machine = syncing()
    machine.append("next", { acks: -1 })
    machine.append("last", { acks: -1 })
    machine.tick()
    machine.log.logEndOffset = 2
    machine.synced(1)
    assert.deepStrictEqual(machine.answers, ["all@0"])
    assert.deepStrictEqual(seesOf(machine), [1, 1, 1])
  })

  it("-1 is answered with the write where durability is the page cache's", () => {
    const machine = Machine.open({ isAcksAllSynced: false })
    machine.append("all", { acks: -1 })
    machine.tick()
    assert.deepStrictEqual(machine.written(), ["Answer", "Show"])
    assert.deepStrictEqual(machine.answers, ["all@0"])
  })

  it("-1 is refused before the log is asked while too few replicas are in sync", () => {
    const machine = Machine.open()
    machine.send({ _tag: "Follow", settings: machine.state.settings, isUnderMinIsr: true })
    machine.append("all", { acks: -1 })
    assert.deepStrictEqual(machine.tick(), ["Answer"])
    assert.deepStrictEqual(machine.answers, ["all:19"])
  })

  it("the high watermark stops where acks -1 waits, whatever comes after it", () => {
    const machine = Machine.open()
    machine.append("one")
    machine.append("all", { acks: -1 })
    machine.append("behind")
    machine.tick()
    machine.written()
    assert.deepStrictEqual(seesOf(machine), [1, 1, 3])
    machine.append("later")
    machine.tick()
    machine.written()
    assert.deepStrictEqual(seesOf(machine), [1, 1, 4])
    // Begun before the last write: it covers what lay in the log then.
    machine.synced(3)
    assert.deepStrictEqual(seesOf(machine), [4, 4, 4])
  })

  it("what comes during a sync waits for the next one", () => {
    const machine = Machine.open()
    machine.append("a", { acks: -1 })
    machine.tick()
    assert.deepStrictEqual(machine.written(), ["Deadline", "Show", "Sync"])
    machine.append("b", { acks: -1 })
    machine.tick()
    assert.deepStrictEqual(machine.written(), ["Deadline", "Show"])
    assert.deepStrictEqual(machine.synced(1), ["Answer", "Show", "Sync"])
    assert.deepStrictEqual(seesOf(machine), [1, 1, 2])
    machine.synced(2)
    assert.deepStrictEqual(machine.answers, ["a@0", "b@1"])
  })

  it("a sync that does not cover what it was begun for is a defect, and answers nobody", () => {
    const machine = syncing()
    assert.throws(() => machine.synced(0), "a sync missed what it should cover")
    assert.deepStrictEqual(machine.answers, [])
  })

  it.each([["Storage", 56], ["Damaged", 56], ["Fenced", 6]] as const)(
    "a write that failed with %s fails everything that waits with %i and all that comes",
    (reason, code) => {
      const machine = syncing()
      machine.append("w", { acks: -1 })
      machine.tick()
      machine.append("queued")
      machine.task("work")
      machine.writeFailed(reason)
      machine.append("late")
      const failed = ["w", "all", "queued", "work", "late"].map((name) => `${name}:${code}`)
      assert.deepStrictEqual(machine.answers, failed)
      assert.isUndefined(machine.state.view)
    }
  )

  it.each(["NoSpace", "Unavailable"] as const)(
    "of a write that failed with %s what is in the log is answered, the rest refused with 56, and the log serves on",
    (reason) => {
      const machine = Machine.open()
      machine.append("in", { acks: -1 })
      machine.append("out", { acks: -1 })
      machine.tick()
      machine.append("next")
      machine.take(1)
      machine.writeFailed(reason)
      assert.deepStrictEqual(machine.answers, ["out:56"])
      assert.deepStrictEqual(seesOf(machine), [0, 0, 1])
      machine.written()
      machine.synced()
      assert.deepStrictEqual(machine.answers, ["out:56", "next@1", "in@0"])
    }
  )

  it("an unknown outcome answers 6 to all that waits, and the next use reads the log again under the same epoch", () => {
    const machine = syncing()
    machine.append("w", { acks: -1 }, idempotent(0))
    machine.tick()
    machine.append("queued")
    machine.take()
    machine.writeFailed("Unknown")
    assert.deepStrictEqual(machine.answers, ["w:6", "all:6", "queued:6"])
    assert.strictEqual(machine.place, "Closing Online")
    assert.deepStrictEqual(machine.synced(), ["Close"])
    machine.append("again", { acks: -1 }, idempotent(0))
    assert.deepStrictEqual(machine.logClosed(), ["Open"])
    // It was in the log after all, and is read back as durable: the client sends it again, and it is there once.
    machine.opened()
    assert.deepStrictEqual(machine.answers.slice(3), ["again@1"])
    assert.deepStrictEqual(seesOf(machine), [2, 2, 2])
  })

  it("a repeat of what is durable is answered though the write that follows it fails", () => {
    const machine = Machine.open()
    machine.append("first", { acks: -1 }, idempotent(0))
    machine.tick()
    machine.written()
    machine.synced()
    machine.append("repeat", { acks: -1 }, idempotent(0))
    machine.append("next", { acks: -1 }, idempotent(1))
    machine.append("next again", { acks: -1 }, idempotent(1))
    machine.tick()
    machine.writeFailed("Storage")
    assert.deepStrictEqual(machine.answers, ["first@0", "repeat@0", "next:56", "next again:56"])
  })

  it("what waits for too long is answered 7 once, stays hidden until it is durable, and holds no memory for each write", () => {
    const machine = Machine.open()
    for (let i = 0; i < 10; i++) {
      machine.append(`n${i}`, { acks: -1, timeoutMs: 100 })
      machine.tick()
      machine.written()
      machine.nowMs += 100
      machine.send({ _tag: "Expire", nowMs: machine.nowMs })
    }
    assert.deepStrictEqual(machine.answers, Array.from({ length: 10 }, (_, i) => `n${i}:7`))
    assert.deepStrictEqual(seesOf(machine), [0, 0, 10])
    assert.isAtMost(machine.openLog.waiting.length, 2)
    machine.synced()
    assert.deepStrictEqual(seesOf(machine), [10, 10, 10])
  })

  it("the last stable offset stops at an open transaction, and goes on when its marker is below the high watermark", () => {
    const machine = Machine.open()
    machine.append("plain")
    machine.append(
      "open",
      { origin: "Coordinator" },
      batchOf(["v"], { producerId: 9, producerEpoch: 0, isTransactional: true })
    )
    machine.append("behind")
    machine.tick()
    machine.written()
    assert.deepStrictEqual(seesOf(machine), [3, 1, 3])
  })
})

describe("a partition under any sequence of events", () => {
  const reasonOf = fc.constantFrom(...reasons)
  const moves = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ move: fc.constant("append" as const), acks: fc.constantFrom(0, 1, -1) }) },
      { weight: 6, arbitrary: fc.record({ move: fc.constant("succeed" as const) }) },
      { weight: 2, arbitrary: fc.record({ move: fc.constant("fail" as const), reason: reasonOf, count: fc.nat(2) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          move: fc.constantFrom("tick" as const, "sync" as const, "late" as const, "epoch" as const, "rest" as const)
        })
      },
      { weight: 1, arbitrary: fc.record({ move: fc.constant("syncFails" as const), reason: reasonOf }) }
    ),
    { maxLength: 80 }
  )
  type Move = typeof moves extends fc.Arbitrary<Array<infer A>> ? A : never

  /** Does what the machine waits for. */
  const finish = (machine: Machine): boolean => {
    const { life } = machine.state
    if (life._tag === "Opening") machine.opened()
    else if (life._tag === "Closed") return false
    else if (life.log.work !== undefined) machine.written()
    else if (life.log.syncEndOffset >= 0) machine.synced()
    else if (life._tag === "Closing") machine.logClosed()
    else return false
    return true
  }

  const act = (machine: Machine, move: Move, n: number): void => {
    const { life } = machine.state
    switch (move.move) {
      case "append":
        return void machine.append(`a${n}`, { acks: move.acks, timeoutMs: 5 })
      case "succeed":
        return void finish(machine)
      case "tick":
        return void machine.tick()
      case "late":
        machine.nowMs += 3
        return void machine.send({ _tag: "Expire", nowMs: machine.nowMs })
      case "epoch":
        return void machine.changeEpoch(machine.state.leaderEpoch + 1)
      case "rest":
        return void machine.send({ _tag: "Rest", nowMs: machine.nowMs })
      case "sync":
        if ("log" in life && life.log.syncEndOffset >= 0) machine.synced()
        return
      case "syncFails":
        if ("log" in life && life.log.syncEndOffset >= 0) machine.syncFailed(move.reason)
        return
      case "fail":
        if (life._tag === "Opening") {
          machine.send({ _tag: "OpenFailed", reason: move.reason, cause: "", nowMs: machine.nowMs })
        } else if ("log" in life && life.log.work !== undefined) {
          machine.take(move.count)
          machine.writeFailed(move.reason)
        }
        return
    }
  }

  it("answers every append once, hides what acks -1 waits for, and never takes back what it showed of one log", () => {
    fc.assert(
      fc.property(moves, (all) => {
        const machine = new Machine()
        let sent = 0
        let shown = { epoch: -1, highWatermark: 0, lastStableOffset: 0 }
        const check = (): void => {
          const { life, view } = machine.state
          if (view === undefined) return
          assert.isAtMost(view.lastStableOffset, view.highWatermark)
          assert.isAtMost(view.highWatermark, view.logEndOffset)
          if (view.leaderEpoch === shown.epoch) {
            assert.isAtLeast(view.highWatermark, shown.highWatermark)
            assert.isAtLeast(view.lastStableOffset, shown.lastStableOffset)
          }
          shown = { ...view, epoch: view.leaderEpoch }
          if (!("log" in life)) return
          for (const { heldFromOffset } of life.log.waiting) {
            if (heldFromOffset >= 0) {
              assert.isAtMost(view.highWatermark, Math.max(heldFromOffset, life.log.durableEndOffset))
            }
          }
        }
        for (const [n, move] of all.entries()) {
          if (move.move === "append") sent++
          act(machine, move, n)
          check()
        }
        machine.stop(ErrorCode.NOT_LEADER_OR_FOLLOWER)
        while (finish(machine)) check()
        assert.strictEqual(machine.place, "Closed Stopped(6)")
        assert.strictEqual(machine.answers.length, sent)
        assert.strictEqual(new Set(machine.answers.map((answer) => answer.split(/[@:]/)[0])).size, sent)
      }),
      { numRuns: 500 }
    )
  })
})
