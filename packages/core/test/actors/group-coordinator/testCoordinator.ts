import { Effect, Layer } from "effect"
import type { Tick } from "../../../src/seams/Tick.ts"
import type { Scope } from "effect"
import { TestClock } from "effect/testing"
import { GroupCoordinator, type JoinRequest } from "../../../src/actors/group-coordinator/GroupCoordinator.ts"
import { layerGroupCoordinator } from "../../../src/actors/group-coordinator/GroupCoordinatorActor.ts"
import type { PartitionLeaders } from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { BrokerConfig } from "../../../src/config/BrokerConfig.ts"
import type { Metadata } from "../../../src/metadata/Metadata.ts"
import type { Compression } from "../../../src/seams/Compression.ts"
import { partitionImage, topicImage, World } from "../partition-leader/testLeaders.ts"
import { subscription } from "./commands.ts"

/** Who speaks in these tests. */
export const context = { apiVersion: 9, clientId: "client", clientHost: "127.0.0.1" }

/** What exists: the internal topic and two topics, led under this epoch. */
export const someTopicsAtEpoch = Effect.fnUntraced(function*(leaderEpoch: number) {
  const { become } = yield* World
  const partitions = (count: number) => Array.from({ length: count }, (_, i) => partitionImage(i, { leaderEpoch }))
  yield* become(
    topicImage("__consumer_offsets", { partitions: partitions(4), configs: { "cleanup.policy": "compact" } }),
    topicImage("orders", { partitions: partitions(4) }),
    topicImage("payments", { partitions: partitions(2) })
  )
})

/** What exists at first. */
export const someTopics = someTopicsAtEpoch(0)

/** A coordinator of its own over the leaders of the test, loaded; it ends with the scope. */
export const startCoordinator = (
  properties: Readonly<Record<string, string>> = {}
): Effect.Effect<
  GroupCoordinator["Service"],
  never,
  Scope.Scope | Metadata | PartitionLeaders | Compression | Tick
> =>
  Effect.gen(function*() {
    const config = Layer.orDie(BrokerConfig.layer({ "group.initial.rebalance.delay.ms": "0", ...properties }))
    const services = yield* Layer.build(Layer.fresh(Layer.provide(layerGroupCoordinator, config)))
    const coordinator = yield* Effect.provide(GroupCoordinator, services)
    coordinator.loadAll()
    yield* settle
    return coordinator
  })

/** Lets everything that is due happen. */
export const settle = TestClock.adjust(1)

/** A JoinGroup with everything filled in. */
export const joinRequest = (change: Partial<JoinRequest> = {}): JoinRequest => ({
  groupId: "g",
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  memberId: "",
  groupInstanceId: null,
  protocolType: "consumer",
  protocols: [{ name: "range", metadata: subscription("orders") }],
  ...change
})
