import type { LogDescription } from "../../log/LogStore.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { directoryName } from "../../model/TopicPartition.ts"
import { type MetadataRecord, newPartition } from "../../metadata/MetadataRecord.ts"
import type { ControllerDecision } from "./Controller.ts"
import { directoriesOf } from "./placeReplicas.ts"

/**
 * Lifts the leader epochs of partitions above those in their logs: a log that lost its end in a power cut is not written to
 * again under the epoch of what was lost, so that offset and epoch together name one record for ever. Kafka raises the
 * epoch whenever a broker starts. It holds too where the metadata log is older than the logs, as in a directory put
 * together by hand: a whole partition record says so, as a change can only add one.
 * Source: ReplicationControlManager.handleBrokerFenced, handleBrokerUnfenced.
 */
export const decideRaiseEpochs = (
  image: MetadataImage,
  brokerId: number,
  logs: ReadonlyArray<LogDescription>
): ControllerDecision<void> => {
  const records: Array<MetadataRecord> = []
  const newest = new Map<string, LogDescription>()
  for (const log of logs) {
    const name = directoryName(log.topicPartition)
    if ((newest.get(name)?.latestEpoch ?? -2) < (log.latestEpoch ?? -1)) newest.set(name, log)
  }
  for (const { latestEpoch = -1, topicId, topicPartition } of newest.values()) {
    const topic = image.topic(topicPartition.topic)
    const partition = topic?.partitions[topicPartition.partition]
    if (topic === undefined || partition === undefined || (topicId !== undefined && topicId !== topic.id)) continue
    if (partition.leader !== brokerId || latestEpoch < partition.leaderEpoch) continue
    const { isr, leader, partitionEpoch, replicas } = partition
    records.push({
      ...newPartition({
        topicId: topic.id,
        partitionId: partition.partition,
        replicas,
        isr,
        directories: directoriesOf(image, replicas)
      }),
      leader,
      leaderEpoch: latestEpoch + 1,
      partitionEpoch: partitionEpoch + 1
    })
  }
  return { records, reply: undefined }
}
