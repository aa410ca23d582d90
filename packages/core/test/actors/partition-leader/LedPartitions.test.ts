import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Semaphore } from "effect"
import { DeadlineTimer } from "../../../src/actors/partition-leader/DeadlineTimer.ts"
import { TurnWork } from "../../../src/actors/partition-leader/TurnWork.ts"
import { LedPartitions } from "../../../src/actors/partition-leader/LedPartitions.ts"
import type { ActorServices } from "../../../src/actors/partition-leader/PartitionActor.ts"
import { makeTopicSettingsOf } from "../../../src/config/TopicSettings.ts"
import type { TopicImage } from "../../../src/metadata/MetadataImage.ts"
import { appendTo, batchOf, idOf, imageOf, partitionImage, testCodecs, topicImage } from "./testLeaders.ts"
import { MemoryLogStore } from "./MemoryLogStore.ts"

const many = (count: number, leaderEpoch = 0) =>
  Array.from({ length: count }, (_, partition) => partitionImage(partition, { leaderEpoch }))

/** Led partitions of broker 1 that follow what a test says exists. */
const makeLed = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const logs = new MemoryLogStore()
  let forks = 0
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const services: ActorServices = {
    clock,
    logStore: logs.service,
    tick: { atEnd: (task) => queueMicrotask(task) },
    codecs: testCodecs,
    turn: new TurnWork({ atEnd: (task) => queueMicrotask(task) }),
    slices: Semaphore.makeUnsafe(1),
    producerExpirationMs: 1000,
    isAcksAllSynced: false,
    syncs: Semaphore.makeUnsafe(1),
    closes: Semaphore.makeUnsafe(1),
    deadlines: new DeadlineTimer(clock, run),
    fork: (effect) => {
      forks++
      run(effect)
    },
    onOpened: () => {},
    onClosed: () => {}
  }
  const led = new LedPartitions(services, { brokerId: 1, topicSettings: makeTopicSettingsOf(new Map()) })
  let current: TopicImage | undefined
  const become = (next: TopicImage | undefined) => {
    const before = current
    current = next
    const image = (topic: TopicImage | undefined) => topic === undefined ? imageOf() : imageOf(topic)
    return led.apply(image(before), image(next), [{ before, after: next }])
  }
  return { led, logs, become, forks: () => forks, actorCount: () => [...led.actors()].length }
})

describe("LedPartitions", () => {
  it.effect("a partition that nobody asked for has no actor, whatever happens to its topic", () =>
    Effect.gen(function*() {
      const { actorCount, become, forks, led, logs } = yield* makeLed
      yield* become(topicImage("t", { partitions: many(10_000) }))
      yield* become(topicImage("t", { partitions: many(10_000), configs: { "max.message.bytes": "70" } }))
      yield* become(topicImage("t", { partitions: many(10_000, 1) }))
      assert.strictEqual(actorCount(), 0)
      led.find("t", 9_999)
      assert.strictEqual(actorCount(), 1)
      yield* led.stopAll()
      assert.deepStrictEqual([actorCount(), forks(), logs.opens.length], [0, 0, 0])
    }))

  it.effect("the leader is one object as long as the partition is led", () =>
    Effect.gen(function*() {
      const { become, led } = yield* makeLed
      yield* become(topicImage("t"))
      const leader = led.find("t", 0)
      assert.isDefined(leader)
      yield* become(topicImage("t", { partitions: many(2, 1) }))
      assert.strictEqual(led.find("t", 0), leader)
      assert.strictEqual(leader?.leaderEpoch, 1)
    }))

  it.effect("a leader made late has the settings, the epoch and the id of now", () =>
    Effect.gen(function*() {
      const { become, led } = yield* makeLed
      yield* become(topicImage("t"))
      yield* become(topicImage("t", { id: idOf("other"), partitions: many(1) }))
      yield* become(
        topicImage("t", { id: idOf("other"), partitions: many(2, 7), configs: { "max.message.bytes": "70" } })
      )
      const leader = led.find("t", 1)
      assert.deepStrictEqual([leader?.leaderEpoch, leader?.topicId, leader?.settings.maxMessageBytes], [
        7,
        idOf("other"),
        70
      ])
    }))

  it.effect("only partitions that exist and are led here have a leader", () =>
    Effect.gen(function*() {
      const { become, led } = yield* makeLed
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leader: 2 }), partitionImage(1)] }))
      assert.isUndefined(led.find("t", 0))
      assert.isUndefined(led.find("t", 2))
      assert.isUndefined(led.find("t", -1))
      assert.isUndefined(led.find("u", 0))
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leaderEpoch: 1 }), partitionImage(1)] }))
      assert.isDefined(led.find("t", 0))
    }))

  it.effect("a deleted topic takes with it the logs of partitions that nobody asked for", () =>
    Effect.gen(function*() {
      const { become, led, logs } = yield* makeLed
      yield* become(topicImage("t", { partitions: many(3) }))
      yield* appendTo(led.find("t", 1)!, batchOf(["a"]))
      yield* become(undefined)
      assert.deepStrictEqual([...logs.removed].sort(), ["t-0", "t-1", "t-2"])
      assert.strictEqual(logs.openLogs.size, 0)
      assert.isUndefined(led.find("t", 0))
    }))

  it.effect("a leadership that moved away before anybody asked leaves nothing to stop", () =>
    Effect.gen(function*() {
      const { actorCount, become, led } = yield* makeLed
      yield* become(topicImage("t"))
      yield* become(topicImage("t", { partitions: [partitionImage(0, { leader: 2, leaderEpoch: 1 })] }))
      assert.isUndefined(led.find("t", 0))
      assert.strictEqual(actorCount(), 0)
    }))
})
