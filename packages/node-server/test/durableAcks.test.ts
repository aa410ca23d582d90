import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { Answers, lead, leadersOn } from "../../core/test/actors/partition-leader/heldSyncs.ts"
import { batchOf, leaderOf, partitionImage, topicImage } from "../../core/test/actors/partition-leader/testLeaders.ts"
import { NodeLogFiles } from "../src/NodeLogFiles.ts"
import { NodeTick } from "../src/NodeTick.ts"

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "durable-acks-"))),
  (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
)

describe("acks=all on files of this machine", () => {
  it.live("answers in order, each once its batch is synced, on many partitions at once", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const partitionCount = 8
      const appends = 100
      const partitions = Array.from({ length: partitionCount }, (_, partition) => partitionImage(partition))
      yield* Effect.gen(function*() {
        yield* lead(topicImage("t", { partitions }))
        const answersOf = partitions.map(() => new Answers())
        for (let i = 0; i < appends; i++) {
          for (const { partition } of partitions) {
            answersOf[partition]!.send(yield* leaderOf("t", partition), `n${i}`, batchOf([`${i}`]))
          }
          if (i % 10 === 0) yield* answersOf[0]!.of(`n${i}`)
        }
        for (const { partition } of partitions) {
          yield* answersOf[partition]!.of(`n${appends - 1}`)
          const expected = Array.from({ length: appends }, (_, i) => `n${i}@${i}`)
          assert.deepStrictEqual(answersOf[partition]!.all, expected)
          const leader = yield* leaderOf("t", partition)
          const ends = yield* leader.reading((log, view) => Effect.succeed([log.durableEndOffset, view.highWatermark]))
          assert.deepStrictEqual(ends, [appends, appends])
        }
      }).pipe(Effect.provide(leadersOn(NodeLogFiles.layer(directory), {}, NodeTick.layer)))
    })))

  it.live.skipIf(process.platform === "win32")(
    "a file that cannot be synced takes its partition out of service",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        // Takes every write and refuses every sync.
        Fs.mkdirSync(Path.join(directory, "t-0"))
        Fs.symlinkSync("/dev/null", Path.join(directory, "t-0", "00000000000000000000.log"))
        yield* Effect.gen(function*() {
          yield* lead(topicImage("t", { partitions: [partitionImage(0), partitionImage(1)] }))
          const answers = new Answers()
          const broken = yield* leaderOf("t", 0)
          answers.send(broken, "one", batchOf(["a"]), { acks: 1 })
          yield* answers.of("one")
          answers.send(broken, "all", batchOf(["b"]))
          yield* answers.of("all")
          answers.send(broken, "later", batchOf(["c"]), { acks: 1 })
          answers.send(yield* leaderOf("t", 1), "sound", batchOf(["d"]))
          yield* answers.of("sound")
          assert.deepStrictEqual(answers.all, ["one@0", "all:56", "later:56", "sound@0"])
        }).pipe(Effect.provide(leadersOn(NodeLogFiles.layer(directory), {}, NodeTick.layer)))
      }))
  )
})
