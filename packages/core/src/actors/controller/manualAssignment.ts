import { ErrorCode } from "../../model/ErrorCode.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"

/** The replicas that can lead now. Source: ClusterControlManager.isActive. */
export const activeReplicas = (image: MetadataImage, replicas: ReadonlyArray<number>): ReadonlyArray<number> =>
  replicas.filter((id) => image.broker(id)?.fenced === false)

const refuse = (message: string): OperationError => operationError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)

/**
 * Checks the replicas a client chose for one partition. `replicationFactor` is that of the partitions before it.
 * Source: ReplicationControlManager.validateManualPartitionAssignment.
 */
export const checkManualAssignment = (
  image: MetadataImage,
  replicas: ReadonlyArray<number>,
  replicationFactor: number | undefined
): OperationError | undefined => {
  if (replicas.length === 0) return refuse("The manual partition assignment includes an empty replica list.")
  const sorted = replicas.toSorted((a, b) => a - b)
  let previous: number | undefined
  for (const id of sorted) {
    if (image.broker(id) === undefined) {
      return refuse(`The manual partition assignment includes broker ${id}, but no such broker is registered.`)
    }
    if (id === previous) {
      return refuse(`The manual partition assignment includes the broker ${id} more than once.`)
    }
    previous = id
  }
  if (replicationFactor !== undefined && sorted.length !== replicationFactor) {
    return refuse(
      `The manual partition assignment includes a partition with ${sorted.length} replica(s), but this is not ` +
        `consistent with previous partitions, which have ${replicationFactor} replica(s).`
    )
  }
  return undefined
}

/** Nobody could lead the partition. */
export const allReplicasFenced = (partition: number): OperationError =>
  refuse(
    `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in ` +
      "controlled shutdown."
  )
