import type { LogDescription } from "../../log/LogStore.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, newPartition } from "../../metadata/MetadataRecord.ts"
import type { ControllerDecision } from "./Controller.ts"
import { directoriesOf } from "./placeReplicas.ts"

/**
 * Lifts the leader epochs of partitions above those in their logs, where the metadata log is older than the logs, as in
 * a directory put together by hand: a log refuses leaders older than its records. A whole partition record says so, as
 * a change can only add one.
 */
export const decideRaiseEpochs = (
  image: MetadataImage,
  brokerId: number,
  logs: ReadonlyArray<LogDescription>
): ControllerDecision<void> => {
  const records: Array<MetadataRecord> = []
  for (const { latestEpoch = -1, topicId, topicPartition } of logs) {
    const topic = image.topic(topicPartition.topic)
    const partition = topic?.partitions[topicPartition.partition]
    if (topic === undefined || partition === undefined || (topicId !== undefined && topicId !== topic.id)) continue
    if (partition.leader !== brokerId || latestEpoch <= partition.leaderEpoch) continue
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
