import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import type { ControllerDecision } from "./Controller.ts"
import { ControllerLimits } from "./ControllerLimits.ts"

/** Producer ids that one broker may hand out: `size` of them from `firstProducerId`. */
export interface ProducerIdBlock {
  readonly firstProducerId: number
  readonly size: number
}

/**
 * Decides the next block; ids are exact JavaScript integers for as long as anyone may live.
 * Source: ProducerIdControlManager.
 */
export const decideAllocateProducerIds = (
  image: MetadataImage,
  brokerId: number
): ControllerDecision<ProducerIdBlock> => {
  const size = ControllerLimits.producerIdsPerBlock
  const firstProducerId = image.nextProducerId
  return {
    records: [{
      _tag: "ProducerIds",
      brokerId,
      brokerEpoch: image.broker(brokerId)?.epoch ?? -1,
      nextProducerId: firstProducerId + size
    }],
    reply: { firstProducerId, size }
  }
}
