import { Context, Effect, Layer } from "effect"
import { makeEnsureInternalTopic } from "../controller/TopicCreation.ts"
import type { BrokerConfig } from "../../config/BrokerConfig.ts"
import type { ConfigRules } from "../../config/ConfigRules.ts"
import type { Controller } from "../controller/Controller.ts"
import { Metadata } from "../../metadata/Metadata.ts"
import type { BrokerImage } from "../../metadata/MetadataImage.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import { coordinatorPartition } from "../../model/coordinatorPartition.ts"

/** Who coordinates a key. Source: CoordinatorType; share groups are not among them. */
export type CoordinatorKind = "GROUP" | "TRANSACTION"

/** Finds the broker that coordinates a key; undefined while there is none. */
export class CoordinatorFinder extends Context.Service<CoordinatorFinder, {
  /** Whether there ever is a coordinator of the kind. */
  readonly serves: (kind: CoordinatorKind) => boolean
  readonly find: (kind: CoordinatorKind, key: string) => Effect.Effect<BrokerImage | undefined>
}>()("@kafka-broker/core/actors/coordinator-runtime/CoordinatorFinder") {
  /**
   * Coordinators of these kinds, found as the leaders of their internal topics, which are made when first needed. Of
   * any other kind there is none. Deliberate difference: the first answer waits for the topic, where Kafka's is
   * COORDINATOR_NOT_AVAILABLE. Source: KafkaApis.getCoordinator.
   */
  static readonly layer = (
    kinds: ReadonlyArray<CoordinatorKind>
  ): Layer.Layer<CoordinatorFinder, never, Metadata | Controller | ConfigRules | BrokerConfig> =>
    Layer.effect(
      CoordinatorFinder,
      Effect.gen(function*() {
        const metadata = yield* Metadata
        const ensureInternalTopic = yield* makeEnsureInternalTopic
        return {
          serves: (kind) => kinds.includes(kind),
          find: Effect.fnUntraced(function*(kind, key) {
            if (!kinds.includes(kind)) return undefined
            const name = kind === "GROUP" ? TopicName.groupMetadata : TopicName.transactionState
            const topic = yield* ensureInternalTopic(name)
            if (topic === undefined) return undefined
            const partition = topic.partitions[coordinatorPartition(key, topic.partitions.length)]
            const leader = partition === undefined ? undefined : metadata.current().broker(partition.leader)
            return leader?.fenced === false ? leader : undefined
          })
        }
      })
    )
}
