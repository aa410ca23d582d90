import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DelayedFetch } from "../../../src/handlers/fetch/DelayedFetch.ts"
import type { PartitionLeader, PartitionView } from "../../../src/actors/partition-leader/PartitionLeader.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import { Answers, lead, leadersOn, makeHeldSyncs } from "../../actors/partition-leader/heldSyncs.ts"
import { batchOf, topicImage } from "../../actors/partition-leader/testLeaders.ts"

interface Scene {
  readonly leader: PartitionLeader
  /** Appends a batch with acks -1, and waits for its write. */
  readonly write: (value: string) => Effect.Effect<void>
  /** Completes the next sync, and all that was told of it. */
  readonly sync: Effect.Effect<void>
}

/** Runs `use` with a partition that has record 0 on stable storage and whose syncs are held. */
const withPartition = <A>(use: (scene: Scene) => Effect.Effect<A, never, LeadershipChanges>) =>
  Effect.gen(function*() {
    const syncs = yield* makeHeldSyncs
    return yield* Effect.gen(function*() {
      const leader = yield* lead(topicImage("t"))
      const answers = new Answers()
      const write = (value: string): Effect.Effect<void> =>
        Effect.suspend(() => {
          answers.send(leader, value, batchOf([value]))
          // Runs behind the append.
          return Effect.orDie(leader.withLog(() => Effect.void))
        })
      const sync = Effect.gen(function*() {
        const held = yield* syncs.next
        held.succeed()
        yield* Effect.yieldNow
      })
      yield* write("first")
      yield* sync
      yield* answers.of("first")
      return yield* Effect.ensuring(use({ leader, write, sync }), syncs.release)
    }).pipe(Effect.provide(leadersOn(syncs.layer)))
  })

/** A fetch that has read up to the high watermark and waits for `minBytes` more; counts how often it was ready. */
const waitFor = (leader: PartitionLeader, minBytes: number) => {
  const endOffset = (view: PartitionView): number => view.highWatermark
  const wait = { readyCount: 0 }
  new DelayedFetch({
    minBytes,
    partitions: [{
      leader,
      fetchOffset: endOffset(leader.view!),
      maxBytes: 1_000_000,
      readableBytes: 0,
      endOffset: endOffset(leader.view!)
    }],
    endOffset,
    onReady: () => wait.readyCount++
  }).start()
  return wait
}

describe("DelayedFetch", () => {
  it.effect("what waited for stable storage when the wait began ends the wait once it may be read", () =>
    withPartition(({ leader, sync, write }) =>
      Effect.gen(function*() {
        yield* write("a")
        assert.deepStrictEqual([leader.view!.highWatermark, leader.view!.logEndOffset], [1, 2])
        const wait = waitFor(leader, 1)
        assert.strictEqual(wait.readyCount, 0)
        yield* sync
        assert.deepStrictEqual([leader.view!.highWatermark, wait.readyCount], [2, 1])
      })
    ))

  it.effect("what was hidden when the wait began is read again to be counted, however much is wanted", () =>
    withPartition(({ leader, sync, write }) =>
      Effect.gen(function*() {
        yield* write("a")
        const wait = waitFor(leader, 10_000)
        yield* sync
        assert.strictEqual(wait.readyCount, 1)
      })
    ))

  it.effect("what is appended during the wait counts when it may be read, and ends it when it is enough", () =>
    withPartition(({ leader, sync, write }) =>
      Effect.gen(function*() {
        const size = batchOf(["a"]).length
        const [enough, more] = [waitFor(leader, size), waitFor(leader, size + 1)]
        yield* write("a")
        assert.strictEqual(enough.readyCount, 0)
        yield* sync
        assert.deepStrictEqual([enough.readyCount, more.readyCount], [1, 0])
        yield* write("b")
        yield* sync
        assert.deepStrictEqual([enough.readyCount, more.readyCount], [1, 1])
      })
    ))

  it.effect("is ready at once when the partition moved since it was read", () =>
    withPartition(({ leader, sync, write }) =>
      Effect.gen(function*() {
        let readyCount = 0
        yield* write("a")
        yield* sync
        new DelayedFetch({
          minBytes: 10_000,
          partitions: [{ leader, fetchOffset: 1, maxBytes: 1_000_000, readableBytes: 0, endOffset: 1 }],
          endOffset: (view) => view.highWatermark,
          onReady: () => readyCount++
        }).start()
        assert.strictEqual(readyCount, 1)
      })
    ))
})
