import type { MetadataImage, PartitionImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, partitionChange, type PartitionChangeRecord } from "../../metadata/MetadataRecord.ts"
import type { ControllerDecision } from "./Controller.ts"

/**
 * What the only broker of a cluster decides when it starts: every other broker is fenced, leaves the in-sync sets, and
 * partitions without a living leader are led by this broker when it holds a replica. Nothing is left of eligible leader
 * replicas: what leads is in sync, and a replica is never both. The reply names the partitions that this broker takes
 * over without having been in sync. Source: ReplicationControlManager.handleBrokerFenced, handleBrokerUnfenced.
 */
export const decideTakeOver = (image: MetadataImage, brokerId: number): ControllerDecision<ReadonlyArray<string>> => {
  const records: Array<MetadataRecord> = []
  const unclean: Array<string> = []
  for (const broker of image.brokers()) {
    if (broker.id === brokerId || broker.fenced) continue
    records.push({
      _tag: "BrokerRegistrationChange",
      brokerId: broker.id,
      brokerEpoch: broker.epoch,
      fenced: 1,
      inControlledShutdown: 0,
      logDirs: [],
      cordonedLogDirs: null
    })
  }
  for (const topic of image.topics()) {
    for (const partition of topic.partitions) {
      const change = electLocal(partition, brokerId)
      if (change === undefined) continue
      records.push(partitionChange({ topicId: topic.id, partitionId: partition.partition, ...change }))
      const { eligibleLeaderReplicas, isr, replicas } = partition
      if (replicas.includes(brokerId) && ![...isr, ...eligibleLeaderReplicas].includes(brokerId)) {
        unclean.push(`${topic.name}-${partition.partition}`)
      }
    }
  }
  return { records, reply: unclean }
}

type Change = Partial<
  Pick<PartitionChangeRecord, "isr" | "leader" | "leaderRecoveryState" | "eligibleLeaderReplicas" | "lastKnownElr">
>

const electLocal = (partition: PartitionImage, brokerId: number): Change | undefined => {
  const { eligibleLeaderReplicas, isr, lastKnownElr, leader, leaderRecoveryState, replicas } = partition
  if (!replicas.includes(brokerId)) return leader === -1 ? undefined : { leader: -1 }
  const change: Change = {
    ...(isr.length === 1 && isr[0] === brokerId ? {} : { isr: [brokerId] }),
    ...(leader === brokerId ? {} : { leader: brokerId }),
    ...(leaderRecoveryState === 0 ? {} : { leaderRecoveryState: 0 }),
    ...(eligibleLeaderReplicas.length === 0 ? {} : { eligibleLeaderReplicas: [] }),
    ...(lastKnownElr.length === 0 ? {} : { lastKnownElr: [] })
  }
  return Object.keys(change).length === 0 ? undefined : change
}
