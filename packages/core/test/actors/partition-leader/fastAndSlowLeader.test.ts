import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Layer, Random, Schema } from "effect"
import {
  type AppendResult,
  type PartitionLeader,
  PartitionLeaders
} from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { BrokerConfig } from "../../../src/config/BrokerConfig.ts"
import { FileLogStore } from "../../../src/log/FileLogStore.ts"
import { LogDirectory } from "../../../src/log/LogDirectory.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import { Compression } from "../../../src/seams/Compression.ts"
import { makeMemoryVolume, MemoryLogFiles } from "../../../src/seams/MemoryLogFiles.ts"
import { microtaskTick } from "../../support/microtaskTick.ts"
import { slowFiles, slowStore } from "../../support/slowForms.ts"
import { filesOf } from "../../support/volumeFiles.ts"
import { batchOf, imageOf, partitionImage, testCodecs, topicImage } from "./testLeaders.ts"

const int = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Send = Schema.Struct({
  partition: int(0, 1),
  /** 0 has no id. */
  producer: int(0, 2),
  /** Added to the producer's next sequence: a repeated batch, the next one, or one out of order. */
  sequenceOffset: Schema.Literals([-1, 0, 0, 0, 0, 1]),
  acks: Schema.Literals([0, 1, -1]),
  records: int(1, 3),
  valueBytes: int(0, 900),
  isLarge: int(0, 30),
  isDamaged: int(0, 20)
})
const Burst = Schema.Struct({
  sends: Schema.Array(Send).check(Schema.isMinLength(1), Schema.isMaxLength(6)),
  after: Schema.Literals(["Nothing", "Nothing", "Nothing", "Trim", "Flush", "Watch"])
})
type Burst = typeof Burst.Type
const bursts = Arbitrary.schema(Schema.Array(Burst).check(Schema.isMinLength(1), Schema.isMaxLength(15)))

/** The same names for every store. */
const seeded = () => {
  let state = 1
  const uint32 = () => (state = Math.imul(state, 1_664_525) + 1_013_904_223 >>> 0)
  return Layer.succeed(Random.Random, { nextIntUnsafe: uint32, nextDoubleUnsafe: () => uint32() / 0x1_0000_0000 })
}

/** Lets a producer's sequences run as one that sends on whatever it is answered. */
const makeSends = () => {
  const sequences = new Map<string, number>()
  return ({ isDamaged, isLarge, partition, producer, records, sequenceOffset, valueBytes }: typeof Send.Type) => {
    const key = `${producer}-${partition}`
    const next = sequences.get(key) ?? 0
    const baseSequence = Math.max(0, next + sequenceOffset)
    sequences.set(key, Math.max(next, baseSequence + records))
    const value = "v".repeat(isLarge === 0 ? 20_000 : valueBytes)
    const batch = batchOf(
      Array.from({ length: records }, () => value),
      producer === 0 ? {} : { producerId: producer, producerEpoch: 0, baseSequence }
    )
    if (isDamaged === 0) batch[17] = batch[17]! ^ 1
    return batch
  }
}

const sendAll = (leaders: ReadonlyArray<PartitionLeader>, burst: Burst, batches: ReadonlyArray<Uint8Array>) =>
  Effect.callback<ReadonlyArray<AppendResult>>((resume) => {
    const answers: Array<AppendResult> = []
    let open = burst.sends.length
    for (const [index, send] of burst.sends.entries()) {
      leaders[send.partition]!.append(
        batches[index]!,
        { acks: send.acks, timeoutMs: 30_000, origin: "Client" },
        (answer) => {
          answers[index] = answer
          if (--open === 0) resume(Effect.succeed(answers))
        }
      )
    }
  })

const live = Effect.fnUntraced(function*(all: ReadonlyArray<Burst>) {
  const topic = topicImage("t", {
    partitions: [partitionImage(0), partitionImage(1)],
    configs: { "segment.bytes": "9000", "index.interval.bytes": "700" }
  })
  const changes = yield* LeadershipChanges
  yield* changes.apply(imageOf(), imageOf(topic), [{ before: undefined, after: topic }])
  const { find } = yield* PartitionLeaders
  const leaders = [find("t", 0)!, find("t", 1)!]
  const next = makeSends()
  const seen: Array<unknown> = []
  for (const burst of all) {
    const answers = yield* sendAll(leaders, burst, burst.sends.map(next))
    for (const leader of leaders) {
      if (burst.after === "Trim") {
        yield* leader.withLog((log) => Effect.orDie(log.trim(Math.floor(log.logEndOffset / 2))))
      } else if (burst.after === "Flush") {
        yield* leader.withLog((log) => Effect.orDie(log.flush))
      }
    }
    // A leader may have no view before its log was asked for.
    const views = yield* Effect.forEach(
      leaders,
      (leader) =>
        burst.after === "Watch" ? leader.reading((_, view) => Effect.succeed({ ...view })) : Effect.succeed(undefined)
    )
    seen.push({ answers, views })
  }
  return seen
})

const lived = Effect.fnUntraced(function*(
  all: ReadonlyArray<Burst>,
  slow: { readonly store: boolean; readonly files: boolean }
) {
  const volume = makeMemoryVolume()
  const memory = MemoryLogFiles.layer(volume)
  const codecs = Layer.succeed(Compression, testCodecs)
  const logs = FileLogStore.layer().pipe(
    Layer.provide(LogDirectory.layer({ nodeId: 1 })),
    Layer.provide(slow.files ? slowFiles(memory) : memory),
    Layer.provide(codecs)
  )
  const leaders = PartitionLeaders.layer.pipe(
    Layer.provide(slow.store ? slowStore(logs) : logs),
    Layer.provide(Layer.mergeAll(codecs, Layer.orDie(BrokerConfig.layer()), microtaskTick)),
    Layer.provide(seeded())
  )
  const seen = yield* Effect.scoped(Effect.provide(live(all), leaders, { local: true }))
  return { seen, files: filesOf(volume) }
})

describe("a leader whose log does all at once, and one whose log needs a fiber for it", () => {
  it.effect.prop("answer alike and leave equal files, whatever is sent", [bursts], ([all]) =>
    Effect.gen(function*() {
      const byTick = yield* lived(all, { store: false, files: false })
      assert.deepStrictEqual(yield* lived(all, { store: true, files: false }), byTick)
      assert.deepStrictEqual(yield* lived(all, { store: false, files: true }), byTick)
    }), { arbitrary: { runs: 50 } })
})
