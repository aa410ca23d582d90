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
import { OpenPartitionSweep } from "./OpenPartitionSweep.ts"
import type { PartitionLeader } from "./PartitionLeader.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { TurnWork } from "./TurnWork.ts"

export type { AppendOptions, AppendResult, PartitionLeader, PartitionView, ViewWatcher } from "./PartitionLeader.ts"

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
    const deadlines = new DeadlineTimer(clock, run)
    const { idleRestMs, restSweepMs } = PartitionLeaderLimits
    const rest = new OpenPartitionSweep(
      deadlines,
      restSweepMs,
      (actor, nowMs) => actor.restIfUnused(nowMs - idleRestMs, nowMs)
    )
    // A log that is opened forgets its producers by itself.
    const expiry = new OpenPartitionSweep(
      deadlines,
      config.transactions.producerIdExpirationCheckIntervalMs,
      (actor, nowMs) => actor.expireProducers(nowMs)
    )
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
      closes: Semaphore.makeUnsafe(PartitionLeaderLimits.closesMax),
      deadlines,
      fork,
      onOpened: (actor) => {
        const nowMs = clock.currentTimeMillisUnsafe()
        rest.add(actor, nowMs)
        expiry.add(actor, nowMs)
      },
      onClosed: (actor) => {
        rest.delete(actor)
        expiry.delete(actor)
      }
    }, { brokerId: config.nodeId, topicSettings: makeTopicSettingsOf(config.properties) })
    yield* Effect.addFinalizer(() => partitions.stopAll())
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
