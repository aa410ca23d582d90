import { Clock, Context, Effect, FiberSet, Layer, Semaphore } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import type { BrokerSettings } from "../../config/BrokerSettings.ts"
import { settingsInForce } from "../../config/settingsInForce.ts"
import { makeTopicSettingsOf } from "../../config/TopicSettings.ts"
import { LogStore } from "../../log/LogStore.ts"
import { LeadershipChanges } from "../../metadata/LeadershipChanges.ts"
import { Compression } from "../../seams/Compression.ts"
import { Tick } from "../../seams/Tick.ts"
import { DeadlineTimer } from "./DeadlineTimer.ts"
import { LedPartitions } from "./LedPartitions.ts"
import type { PartitionLeader } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { TurnWork } from "./TurnWork.ts"

export type { AppendOptions, AppendResult, PartitionLeader, PartitionView } from "./PartitionLeader.ts"

/** Puts idle partitions to rest, now and then. */
const restIdle = (partitions: LedPartitions, clock: Clock.Clock): Effect.Effect<void> =>
  Effect.sync(() => {
    const unusedSinceMs = clock.currentTimeMillisUnsafe() - PartitionLeaderLimits.idleRestMs
    for (const actor of partitions.actors()) actor.restIfUnused(unusedSinceMs)
  })

/** A log that is opened forgets its producers by itself. */
const expireProducers = (partitions: LedPartitions): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const actor of partitions.actors()) actor.expireProducers()
  })

const every = (intervalMs: number, task: Effect.Effect<void>): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(Effect.sleep(intervalMs), task))

/** The partition leaders that live in this broker. */
export class PartitionLeaders extends Context.Service<PartitionLeaders, {
  /**
   * The leader, or undefined when this broker does not lead the partition. A plain look-up, which makes the leader when
   * nobody asked for it before; it stays the same object as long as the partition is led.
   */
  readonly find: (topic: string, partition: number) => PartitionLeader | undefined
}>()("@kafka-broker/core/actors/partition-leader/PartitionLeaders") {
  /**
   * Leaders that follow the images told to `LeadershipChanges`; none before the first. Closing the scope answers what is
   * queued, then closes every log.
   */
  static readonly layer: Layer.Layer<
    PartitionLeaders | LeadershipChanges,
    never,
    LogStore | Tick | Compression | BrokerConfig
  > = Layer.effectContext(Effect.gen(function*() {
    const config = yield* BrokerConfig
    const inForce = settingsInForce(config)
    let settings: BrokerSettings = config
    const clock = yield* Clock.Clock
    const fibers = yield* FiberSet.make()
    const run = yield* FiberSet.runtime(fibers)()
    const fork = (effect: Effect.Effect<void>) => void run(effect)
    const tick = yield* Tick
    const partitions = new LedPartitions({
      logStore: yield* LogStore,
      tick,
      turn: new TurnWork(tick),
      slices: Semaphore.makeUnsafe(1),
      clock,
      codecs: yield* Compression,
      get producerExpirationMs() {
        return settings.transactions.producerIdExpirationMs
      },
      isAcksAllSynced: config.acksAllDurability === "sync",
      syncs: Semaphore.makeUnsafe(PartitionLeaderLimits.syncsMax),
      deadlines: new DeadlineTimer(clock, run),
      fork
    }, { brokerId: config.nodeId, topicSettings: makeTopicSettingsOf(config.properties) })
    yield* Effect.addFinalizer(() => partitions.stopAll())
    yield* Effect.forkScoped(every(PartitionLeaderLimits.restSweepMs, restIdle(partitions, clock)))
    yield* Effect.forkScoped(
      every(config.transactions.producerIdExpirationCheckIntervalMs, expireProducers(partitions))
    )
    return Context.make(PartitionLeaders, { find: partitions.find }).pipe(
      Context.add(LeadershipChanges, {
        apply: (previous, next, topics) =>
          Effect.suspend(() => {
            settings = inForce(next)
            return partitions.apply(previous, next, topics)
          })
      })
    )
  }))
}
