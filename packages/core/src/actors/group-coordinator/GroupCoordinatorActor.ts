import { Clock, Effect, FiberSet, Layer, Random } from "effect"
import type { Scope } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import { Metadata } from "../../metadata/Metadata.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import { Compression } from "../../seams/Compression.ts"
import { PartitionLeaders } from "../partition-leader/PartitionLeaders.ts"
import { makeAdminOperations } from "./adminOperations.ts"
import type { CoordinatorServices } from "./CoordinatorPartition.ts"
import { CoordinatorPartitions } from "./CoordinatorPartitions.ts"
import { freshUuid } from "./freshUuid.ts"
import { makeGroupAccess } from "./GroupAccess.ts"
import { makeGroupClock } from "./GroupClock.ts"
import { GroupCoordinator } from "./GroupCoordinator.ts"
import { groupTopics } from "./GroupTopics.ts"
import { makeMemberOperations } from "./memberOperations.ts"
import { makeOffsetOperations } from "./offsetOperations.ts"

/** The coordinator and its two fibers: one for deadlines, one for offsets whose time is over. */
const makeGroupCoordinator: Effect.Effect<
  GroupCoordinator["Service"],
  never,
  Scope.Scope | Metadata | PartitionLeaders | BrokerConfig | Compression
> = Effect.gen(function*() {
  const { group: settings } = yield* BrokerConfig
  const metadata = yield* Metadata
  const leaders = yield* PartitionLeaders
  const codecs = yield* Compression
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const fibers = yield* FiberSet.make()
  const run = yield* FiberSet.runtime(fibers)()
  const groupClock = yield* makeGroupClock
  let image = metadata.current()
  let topics = groupTopics(image)
  const services: CoordinatorServices = {
    clock,
    codecs,
    metadata,
    settings,
    timers: groupClock.timers,
    wake: groupClock.wake,
    topics: () => {
      const newest = metadata.current()
      if (newest !== image) {
        image = newest
        topics = groupTopics(newest)
      }
      return topics
    },
    fork: (effect) => void run(effect),
    findLeader: (partition) => leaders.find(TopicName.groupMetadata, partition)
  }
  const partitions = new CoordinatorPartitions(services)
  const access = makeGroupAccess(partitions, services, () => freshUuid(random))
  const loadAll = (): void => {
    for (const partition of partitions.led()) partition.readiness()
  }
  yield* Effect.addFinalizer(() => Effect.sync(() => partitions.unloadAll()))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(
    Effect.sleep(settings.offsetsRetentionCheckIntervalMs),
    Effect.sync(() => {
      for (const partition of partitions.led()) partition.expireOffsets()
    })
  )))
  loadAll()
  return {
    ...makeMemberOperations(access),
    ...makeOffsetOperations(access),
    ...makeAdminOperations(access),
    completeTransaction: (partition, producerId, isCommit) =>
      partitions.at(partition).completeTransaction(producerId, isCommit),
    stopWaiting: () => partitions.stopWaiting(),
    loadAll
  }
})

/** Partitions are loaded when the layer is built and on first use; closing it answers whoever waits. */
export const layerGroupCoordinator: Layer.Layer<
  GroupCoordinator,
  never,
  Metadata | PartitionLeaders | BrokerConfig | Compression
> = Layer.effect(GroupCoordinator, makeGroupCoordinator)
