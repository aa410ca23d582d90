import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { PartitionLeader, PartitionLeaders } from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { PartitionLeaderLimits } from "../../../src/actors/partition-leader/PartitionLeaderLimits.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import { makeMemoryVolume, MemoryLogFiles } from "../../../src/seams/MemoryLogFiles.ts"
import { Tick } from "../../../src/seams/Tick.ts"
import { Answers, type HeldSyncs, lead, leadersOn, makeHeldSyncs } from "./heldSyncs.ts"
import { batchOf, imageOf, leaderOf, partitionImage, topicImage } from "./testLeaders.ts"

/** Runs `use` with leaders whose syncs are held, and an opened partition that has record 0 on stable storage. */
const withHeldSyncs = <A, E>(
  use: (
    leader: PartitionLeader,
    syncs: HeldSyncs,
    answers: Answers
  ) => Effect.Effect<A, E, LeadershipChanges | PartitionLeaders>,
  properties: Readonly<Record<string, string>> = {}
) =>
  Effect.gen(function*() {
    const syncs = yield* makeHeldSyncs
    return yield* Effect.gen(function*() {
      const leader = yield* lead(topicImage("t"))
      const answers = new Answers()
      answers.send(leader, "first", batchOf(["first"]))
      if (properties["kafka.broker.acks.all.durability"] !== "page-cache") (yield* syncs.next).succeed()
      yield* answers.of("first")
      answers.all.length = 0
      // What a test leaves waiting must not keep the leaders from closing.
      return yield* Effect.ensuring(use(leader, syncs, answers), syncs.release)
    }).pipe(Effect.provide(leadersOn(syncs.layer, properties)))
  })

const idempotent = (baseSequence: number, value: string) =>
  batchOf([value], { producerId: 7, producerEpoch: 0, baseSequence })

describe("acks=all", () => {
  it.effect("an append with acks=all is answered after the sync, one with acks=1 after the write", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        answers.send(leader, "all", batchOf(["a"]))
        answers.send(leader, "one", batchOf(["b"]), { acks: 1 })
        const sync = yield* syncs.next
        assert.deepStrictEqual(answers.all, ["one@2"])
        sync.succeed()
        yield* answers.of("all")
        assert.deepStrictEqual(answers.all, ["one@2", "all@1"])
      })
    ))

  it.effect("one sync answers all that wait, in order, while the next group gathers", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        const before = syncs.begun.length
        for (const name of ["a", "b", "c"]) answers.send(leader, name, batchOf([name]))
        const sync = yield* syncs.next
        for (const name of ["d", "e"]) answers.send(leader, name, batchOf([name]))
        // Answered after the write, and so after the write of those before it.
        answers.send(leader, "written", batchOf(["written"]), { acks: 1 })
        yield* answers.of("written")
        assert.strictEqual(syncs.begun.length, before + 1)
        sync.succeed()
        const next = yield* syncs.next
        assert.deepStrictEqual(answers.all, ["written@6", "a@1", "b@2", "c@3"])
        next.succeed()
        yield* answers.of("e")
        assert.deepStrictEqual(answers.all.slice(4), ["d@4", "e@5"])
        assert.strictEqual(syncs.begun.length, before + 2)
      })
    ))

  it.effect("readers see data with acks=1 at once, and nothing with acks=all before it is durable", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        const watermarks: Array<number> = []
        leader.watch({ onViewChange: (_, view) => watermarks.push(view?.highWatermark ?? -1) })
        answers.send(leader, "one", batchOf(["a"]), { acks: 1 })
        yield* answers.of("one")
        answers.send(leader, "behind one", batchOf(["b"]), { acks: 1 })
        answers.send(leader, "all", batchOf(["c"]))
        answers.send(leader, "behind all", batchOf(["d"]), { acks: 1 })
        const sync = yield* syncs.next
        assert.deepStrictEqual(watermarks, [2, 3])
        assert.strictEqual(leader.view?.logEndOffset, 5)
        answers.send(leader, "all again", batchOf(["e"]))
        answers.send(leader, "written", batchOf(["f"]), { acks: 1 })
        yield* answers.of("written")
        sync.succeed()
        const next = yield* syncs.next
        assert.strictEqual(leader.view?.highWatermark, 5)
        next.succeed()
        yield* answers.of("all again")
        assert.strictEqual(leader.view?.highWatermark, 7)
        assert.isTrue(watermarks.every((each, i) => i === 0 || each >= watermarks[i - 1]!), String(watermarks))
      })
    ))

  it.effect("a failed sync answers 56 to all that wait and all that come, and is not tried again", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        answers.send(leader, "a", batchOf(["a"]))
        const sync = yield* syncs.next
        answers.send(leader, "b", batchOf(["b"]))
        answers.send(leader, "written", batchOf(["c"]), { acks: 1 })
        yield* answers.of("written")
        const begun = syncs.begun.length
        sync.fail()
        yield* answers.of("b")
        assert.isUndefined(leader.view)
        answers.send(leader, "later", batchOf(["d"]))
        answers.send(leader, "later one", batchOf(["e"]), { acks: 1 })
        yield* answers.of("later one")
        assert.deepStrictEqual(answers.all, ["written@3", "a:56", "b:56", "later:56", "later one:56"])
        const read = yield* Effect.flip(leader.reading(() => Effect.void))
        assert.strictEqual(read, 56)
        const changes = yield* LeadershipChanges
        const topic = topicImage("t")
        yield* changes.apply(imageOf(topic), imageOf(), [{ before: topic, after: undefined }])
        assert.strictEqual(syncs.begun.length, begun)
      })
    ))

  it.effect("what is not durable within timeoutMs is answered 7, stays in the log and is shown once it is durable", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        answers.send(leader, "patient", batchOf(["a"]), { timeoutMs: 30_000 })
        answers.send(leader, "hasty", batchOf(["b"]), { timeoutMs: 1_000 })
        const sync = yield* syncs.next
        yield* TestClock.adjust(999)
        assert.deepStrictEqual(answers.all, [])
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(answers.all, ["hasty:7"])
        answers.send(leader, "later", batchOf(["c"]), { timeoutMs: 500 })
        answers.send(leader, "written", batchOf(["d"]), { acks: 1 })
        yield* answers.of("written")
        yield* TestClock.adjust(500)
        assert.deepStrictEqual(answers.all.slice(1), ["written@4", "later:7"])
        assert.strictEqual(leader.view?.highWatermark, 1)
        assert.strictEqual(leader.view?.logEndOffset, 5)
        sync.succeed()
        const next = yield* syncs.next
        assert.strictEqual(leader.view?.highWatermark, 3)
        next.succeed()
        yield* answers.of("patient")
        assert.strictEqual(leader.view?.highWatermark, 5)
        yield* TestClock.adjust(60_000)
        assert.deepStrictEqual(answers.all.slice(3), ["patient@1"])
      })
    ))

  it.effect("a disk that hangs answers 7 to everybody, again and again, and readers see nothing of it", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        for (let round = 0; round < 5; round++) {
          answers.send(leader, `n${round}`, batchOf(["x"]), { timeoutMs: 100 })
          answers.send(leader, `w${round}`, batchOf(["y"]), { acks: 1 })
          yield* answers.of(`w${round}`)
          yield* TestClock.adjust(100)
        }
        assert.deepStrictEqual(answers.all.filter((answer) => answer.startsWith("n")), [
          "n0:7",
          "n1:7",
          "n2:7",
          "n3:7",
          "n4:7"
        ])
        assert.strictEqual(leader.view?.highWatermark, 1)
        ;(yield* syncs.next).succeed()
        ;(yield* syncs.next).succeed()
        answers.send(leader, "end", batchOf(["z"]))
        ;(yield* syncs.next).succeed()
        yield* answers.of("end")
        assert.strictEqual(leader.view?.highWatermark, 12)
      })
    ))

  it.effect("the end of the leadership is not waited for; the sync under way answers what it covers, then the log closes", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        answers.send(leader, "a", batchOf(["a"]))
        const sync = yield* syncs.next
        const changes = yield* LeadershipChanges
        const topic = topicImage("t")
        const elsewhere = topicImage("t", { partitions: [partitionImage(0, { leader: 2, leaderEpoch: 1 })] })
        yield* changes.apply(imageOf(topic), imageOf(elsewhere), [{ before: topic, after: elsewhere }])
        answers.send(leader, "refused", batchOf(["b"]))
        assert.deepStrictEqual(answers.all, ["refused:6"])
        const back = topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 2 })] })
        yield* changes.apply(imageOf(elsewhere), imageOf(back), [{ before: elsewhere, after: back }])
        const next = yield* leaderOf("t")
        assert.notStrictEqual(next, leader)
        assert.isUndefined(next.readableLog, "opened only after the log of the earlier leadership is closed")
        answers.send(next, "again", batchOf(["c"]))
        yield* Effect.yieldNow
        assert.deepStrictEqual(answers.all, ["refused:6"])
        yield* syncs.release
        sync.succeed()
        yield* answers.of("again")
        assert.deepStrictEqual(answers.all, ["refused:6", "a@1", "again@2"])
      })
    ))

  it.effect("a repeat of a batch that is not durable yet waits with it", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        answers.send(leader, "one", idempotent(0, "a"), { acks: 1 })
        yield* answers.of("one")
        answers.send(leader, "repeat", idempotent(0, "a"))
        const sync = yield* syncs.next
        assert.deepStrictEqual(answers.all, ["one@1"])
        assert.strictEqual(leader.view?.highWatermark, 2)
        sync.succeed()
        yield* answers.of("repeat")
        answers.send(leader, "durable", idempotent(0, "a"))
        yield* answers.of("durable")
        assert.deepStrictEqual(answers.all, ["one@1", "repeat@1", "durable@1"])
      })
    ))

  it.effect("a refused batch is answered without a sync", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        const begun = syncs.begun.length
        const broken = batchOf(["a"])
        broken[40]! ^= 1
        answers.send(leader, "broken", broken)
        yield* answers.of("broken")
        assert.deepStrictEqual(answers.all, ["broken:2"])
        assert.strictEqual(syncs.begun.length, begun)
      })
    ))

  it.effect("with page-cache, acks=all is answered after the write and nothing is synced", () =>
    withHeldSyncs((leader, syncs, answers) =>
      Effect.gen(function*() {
        answers.send(leader, "a", batchOf(["a"]))
        yield* answers.of("a")
        assert.strictEqual(leader.view?.highWatermark, 2)
        assert.deepStrictEqual(syncs.begun, [])
      }), { "kafka.broker.acks.all.durability": "page-cache" }))

  it.effect("flush.messages holds as well: acks=1 waits for its sync too, and acks=all for no second one", () =>
    Effect.gen(function*() {
      const syncs = yield* makeHeldSyncs
      yield* Effect.gen(function*() {
        const leader = yield* lead(topicImage("t"))
        const answers = new Answers()
        answers.send(leader, "all", batchOf(["a"]))
        answers.send(leader, "one", batchOf(["b"]), { acks: 1 })
        const sync = yield* syncs.next
        assert.deepStrictEqual(answers.all, [])
        sync.succeed()
        yield* answers.of("one")
        assert.deepStrictEqual(answers.all, ["all@0", "one@1"])
        assert.strictEqual(syncs.begun.length, 1)
      }).pipe(
        Effect.ensuring(syncs.release),
        Effect.provide(leadersOn(syncs.layer, { "log.flush.interval.messages": "1" }))
      )
    }))

  it.effect("syncs of several partitions overlap up to the bound, and each gets its turn", () =>
    Effect.gen(function*() {
      const syncs = yield* makeHeldSyncs
      yield* Effect.gen(function*() {
        const count = PartitionLeaderLimits.syncsMax + 2
        const partitions = Array.from({ length: count }, (_, partition) => partitionImage(partition))
        yield* lead(topicImage("t", { partitions }))
        const answers = new Answers()
        for (let partition = 0; partition < count; partition++) {
          answers.send(yield* leaderOf("t", partition), `p${partition}`, batchOf(["a"]))
          answers.send(yield* leaderOf("t", partition), `w${partition}`, batchOf(["a"]), { acks: 1 })
          yield* answers.of(`w${partition}`)
          // The answer comes before the sync of the same write is asked for.
          yield* Effect.yieldNow
        }
        assert.strictEqual(syncs.begun.length, PartitionLeaderLimits.syncsMax)
        // The first partition asks again, behind those that have waited longer.
        answers.send(yield* leaderOf("t", 0), "again", batchOf(["b"]))
        for (let i = 0; i <= count; i++) (yield* syncs.next).succeed()
        yield* answers.of("again")
        assert.strictEqual(syncs.begun.at(-1)?.startsWith("t-0/"), true)
        assert.strictEqual(syncs.begun.length, count + 1)
      }).pipe(Effect.ensuring(syncs.release), Effect.provide(leadersOn(syncs.layer)))
    }))

  it.effect("files in memory need no second tick", () => {
    const tasks: Array<() => void> = []
    const tick = Layer.succeed(Tick, { atEnd: (task) => void tasks.push(task) })
    return Effect.gen(function*() {
      const leader = yield* lead(topicImage("t"))
      const answers = new Answers()
      answers.send(leader, "first", batchOf(["a"]))
      tasks.pop()!()
      assert.deepStrictEqual(answers.all, ["first@0"])
      answers.send(leader, "second", batchOf(["b"]))
      tasks.pop()!()
      assert.deepStrictEqual(answers.all, ["first@0", "second@1"])
      assert.strictEqual(leader.view?.highWatermark, 2)
    }).pipe(Effect.provide(leadersOn(MemoryLogFiles.layer(makeMemoryVolume()), {}, tick)))
  })
})
