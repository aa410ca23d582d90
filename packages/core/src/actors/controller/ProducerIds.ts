import { Context, Effect, Layer, Semaphore } from "effect"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import type { OperationError } from "../../model/OperationError.ts"
import type { ProducerIdBlock } from "./allocateProducerIds.ts"
import { Controller } from "./Controller.ts"

/** Hands out producer ids that no producer of the cluster ever had. Source: RPCProducerIdManager. */
export class ProducerIds extends Context.Service<ProducerIds, {
  /** A fresh id; now and then waits for the controller to give this broker another block, and fails as that does. */
  readonly next: Effect.Effect<number, OperationError>
}>()("@kafka-broker/core/actors/controller/ProducerIds") {
  /** Ids left in the block when the broker stops are lost, as in Kafka. */
  static readonly layer: Layer.Layer<ProducerIds, never, Controller | BrokerConfig> = Layer.effect(
    ProducerIds,
    Effect.gen(function*() {
      const controller = yield* Controller
      const { nodeId } = yield* BrokerConfig
      const oneAtATime = yield* Semaphore.make(1)
      let block: ProducerIdBlock = { firstProducerId: 0, size: 0 }
      let used = 0
      const next = Effect.gen(function*() {
        if (used === block.size) {
          block = yield* controller.run({ _tag: "AllocateProducerIds", brokerId: nodeId })
          used = 0
        }
        return block.firstProducerId + used++
      })
      return { next: oneAtATime.withPermit(next) }
    })
  )
}
