import type { MetadataImage, PartitionImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"

/** A partition as Metadata and DescribeTopicPartitions show it. */
export interface DescribedPartition {
  readonly errorCode: ErrorCode
  readonly partitionIndex: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicaNodes: ReadonlyArray<number>
  readonly isrNodes: ReadonlyArray<number>
  readonly offlineReplicas: ReadonlyArray<number>
}

const isAlive = (image: MetadataImage, brokerId: number): boolean => image.broker(brokerId)?.fenced === false

/** Source: KRaftMetadataCache.getPartitionMetadata. */
export const describePartition = (
  image: MetadataImage,
  partition: PartitionImage,
  /** Metadata version 0 shows only living replicas, and says so. */
  livingReplicasOnly: boolean
): DescribedPartition => {
  const alive = (id: number): boolean => isAlive(image, id)
  const allAlive = partition.replicas.every(alive)
  const replicas = livingReplicasOnly && !allAlive ? partition.replicas.filter(alive) : partition.replicas
  const isr = livingReplicasOnly && !allAlive ? partition.isr.filter(alive) : partition.isr
  const hasLeader = alive(partition.leader)
  const missing = replicas.length < partition.replicas.length || isr.length < partition.isr.length
  return {
    errorCode: !hasLeader
      ? ErrorCode.LEADER_NOT_AVAILABLE
      : missing
      ? ErrorCode.REPLICA_NOT_AVAILABLE
      : ErrorCode.NONE,
    partitionIndex: partition.partition,
    leaderId: hasLeader ? partition.leader : -1,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: replicas,
    isrNodes: isr,
    offlineReplicas: allAlive ? [] : partition.replicas.filter((id) => !alive(id))
  }
}
