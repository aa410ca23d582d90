import { Effect, FiberSet, Layer, Random } from "effect"
import type { Scope } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import { Metadata } from "../../metadata/Metadata.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { Compression } from "../../seams/Compression.ts"
import { Tick } from "../../seams/Tick.ts"
import { makeCoordinatorRuntime } from "../coordinator-runtime/CoordinatorRuntime.ts"
import type { PartitionLeaders } from "../partition-leader/PartitionLeaders.ts"
import { makeAdminOperations } from "./adminOperations.ts"
import { freshUuid } from "./freshUuid.ts"
import type { GroupAccess } from "./GroupAccess.ts"
import { GroupCoordinator } from "./GroupCoordinator.ts"
import { type GroupTopics, groupTopics } from "./GroupTopics.ts"
import { type GroupCoordination, groupMachine } from "./machine/groupMachine.ts"
import { makeMemberOperations } from "./memberOperations.ts"
import { makeOffsetOperations } from "./offsetOperations.ts"
import { settingsOfGroup } from "./settingsOfGroup.ts"
import { TopicMatches } from "./TopicMatches.ts"

/** The coordinator and its two fibers: one for deadlines, one for offsets whose time is over. */
const makeGroupCoordinator: Effect.Effect<
  GroupCoordinator["Service"],
  never,
  Scope.Scope | Metadata | PartitionLeaders | BrokerConfig | Compression | Tick
> = Effect.gen(function*() {
  const { group: settings } = yield* BrokerConfig
  const metadata = yield* Metadata
  const random = yield* Random.Random
  let image = metadata.current()
  const fibers = yield* FiberSet.make()
  const run = yield* FiberSet.runtime(fibers)()
  const matches = new TopicMatches(yield* Tick)
  let known = groupTopics(image, matches)
  const topics = (): GroupTopics => {
    const newest = metadata.current()
    if (newest !== image) {
      image = newest
      known = groupTopics(newest, matches)
    }
    return known
  }
  const runtime = yield* makeCoordinatorRuntime<GroupCoordination>({
    machine: groupMachine({
      settingsOf: (groupId) => settingsOfGroup(settings, metadata.current().configs("GROUP", groupId)),
      topics
    }),
    appendTimeoutMs: settings.offsetsCommitTimeoutMs,
    emit: (event) => event
  })
  const access: GroupAccess = {
    runtime,
    settings,
    topics,
    whenMatched: (regularExpression, then) => {
      if (regularExpression === null || regularExpression === "" || matches.isKnown(regularExpression, topics())) {
        return then()
      }
      run(Effect.andThen(matches.prepare(regularExpression, topics), Effect.sync(then)))
    },
    freshUuid: () => freshUuid(random)
  }
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(
    Effect.sleep(settings.offsetsRetentionCheckIntervalMs),
    Effect.sync(() => {
      for (const partition of runtime.partitions()) {
        partition.sweep((state) => [...state.groups.keys()].map((groupId) => ({ _tag: "ExpireOffsets", groupId })))
      }
    })
  )))
  runtime.loadAll()
  return {
    ...makeMemberOperations(access),
    ...makeOffsetOperations(access),
    ...makeAdminOperations(access),
    completeTransaction: (partition, end) =>
      Effect.callback((resume) =>
        runtime.at(partition).appendMarker(end, {
          complete: () => resume(Effect.succeed(ErrorCode.NONE)),
          fail: (errorCode) => resume(Effect.succeed(errorCode))
        })
      ),
    stopWaiting: runtime.stopWaiting,
    loadAll: runtime.loadAll
  }
})

/** Partitions are loaded when the layer is built and on first use; closing it answers whoever waits. */
export const layerGroupCoordinator: Layer.Layer<
  GroupCoordinator,
  never,
  Metadata | PartitionLeaders | BrokerConfig | Compression | Tick
> = Layer.effect(GroupCoordinator, makeGroupCoordinator)
