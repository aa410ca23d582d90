import type { MetadataImage, PartitionImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, partitionChange } from "../../metadata/MetadataRecord.ts"
import type { ControllerDecision } from "./Controller.ts"

/**
 * What the only broker of a cluster decides when it starts: every other broker is fenced, leaves the in-sync sets, and
 * partitions without a living leader are led by this broker when it holds a replica. Its own registration stays out of
 * the log, so that Apache Kafka can register on the same directory at once.
 * Source: ReplicationControlManager.handleBrokerFenced, handleBrokerUnfenced.
 */
export const decideTakeOver = (image: MetadataImage): ControllerDecision<void> => {
  const local = image.localBrokerId
  const records: Array<MetadataRecord> = []
  for (const broker of image.brokers()) {
    if (broker.id === local || broker.fenced) continue
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
      const change = electLocal(partition, local)
      if (change !== undefined) {
        records.push(partitionChange({ topicId: topic.id, partitionId: partition.partition, ...change }))
      }
    }
  }
  return { records, reply: undefined }
}

const electLocal = (
  partition: PartitionImage,
  local: number
): { readonly isr?: ReadonlyArray<number>; readonly leader?: number } | undefined => {
  if (!partition.replicas.includes(local)) return partition.leader === -1 ? undefined : { leader: -1 }
  const alreadyAlone = partition.isr.length === 1 && partition.isr[0] === local
  if (alreadyAlone && partition.leader === local) return undefined
  return {
    ...(alreadyAlone ? {} : { isr: [local] }),
    ...(partition.leader === local ? {} : { leader: local })
  }
}
