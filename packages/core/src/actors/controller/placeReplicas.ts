import { Result } from "effect"
import { Uuid } from "../../model/Uuid.ts"
import type { BrokerImage, MetadataImage } from "../../metadata/MetadataImage.ts"

/** How many partitions to place, and how often each. */
export interface PlacementRequest {
  readonly partitionCount: number
  readonly replicationFactor: number
  /** Where in the list of brokers to begin; any whole number from 0. */
  readonly seed: number
}

/**
 * The replicas of each new partition, leader first: striped over the unfenced brokers, then over the fenced ones. Fails
 * with Kafka's sentence. Source: StripedReplicaPlacer (racks are not considered here).
 */
export const placeReplicas = (
  image: MetadataImage,
  request: PlacementRequest
): Result.Result<ReadonlyArray<ReadonlyArray<number>>, string> => {
  const { partitionCount, replicationFactor, seed } = request
  const brokers = image.brokers()
  const unfenced = brokers.filter((broker) => !broker.fenced)
  if (unfenced.length === 0) {
    return Result.fail("All brokers are currently fenced, or have all their log directories cordoned.")
  }
  if (replicationFactor > brokers.length) {
    return Result.fail(
      `The target replication factor of ${replicationFactor} cannot be reached because only ` +
        `${brokers.length} broker(s) are registered or some brokers have all their log directories cordoned.`
    )
  }
  const fenced = brokers.filter((broker) => broker.fenced)
  return Result.succeed(
    Array.from({ length: partitionCount }, (_, partition) => {
      const striped = [...rotate(unfenced, seed + partition), ...rotate(fenced, seed + partition)]
      return striped.slice(0, replicationFactor).map((broker) => broker.id)
    })
  )
}

/** The log directory of each replica: the only one of its broker, else unknown until that broker tells. */
export const directoriesOf = (image: MetadataImage, replicas: ReadonlyArray<number>): ReadonlyArray<Uuid> =>
  replicas.map((id) => {
    const logDirs = image.broker(id)?.logDirs ?? []
    return logDirs.length === 1 ? logDirs[0]! : Uuid.zero
  })

const rotate = (brokers: ReadonlyArray<BrokerImage>, by: number): ReadonlyArray<BrokerImage> => {
  const at = brokers.length === 0 ? 0 : by % brokers.length
  return [...brokers.slice(at), ...brokers.slice(0, at)]
}
