import type { LogDescription } from "../../log/LogStore.ts"
import { Uuid } from "../../model/Uuid.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, newPartition } from "../../metadata/MetadataRecord.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import type { ControllerDecision } from "./Controller.ts"

/**
 * Decides records for topics that have logs here but that the metadata log does not mention, so that a directory whose
 * `__cluster_metadata-0` is missing is served all the same. A topic keeps the id its logs carry; logs without an id, or
 * with an id known under another name, are left alone, as are gaps: partitions in between are made anew.
 */
export const decideAdoptTopics = (
  image: MetadataImage,
  /** What the log store holds. */
  logs: ReadonlyArray<LogDescription>
): ControllerDecision<ReadonlyArray<string>> => {
  const counts = new Map<string, { readonly id: Uuid; count: number }>()
  for (const log of logs) {
    const { partition, topic } = log.topicPartition
    const id = log.topicId === undefined ? undefined : Uuid.parse(log.topicId)
    if (id === undefined || id === Uuid.zero || topic === TopicName.clusterMetadata) continue
    if (TopicName.validate(topic) !== undefined) continue
    if (image.topic(topic) !== undefined || image.topicById(id) !== undefined) continue
    const known = counts.get(topic)
    if (known === undefined) counts.set(topic, { id, count: partition + 1 })
    else if (known.id === id) known.count = Math.max(known.count, partition + 1)
  }
  const names = Array.from(counts.keys()).sort()
  const records = names.flatMap((name): ReadonlyArray<MetadataRecord> => {
    const { count, id } = counts.get(name)!
    return [
      { _tag: "Topic", name, topicId: id },
      ...Array.from({ length: count }, (_, partitionId) =>
        newPartition({
          topicId: id,
          partitionId,
          replicas: [image.localBrokerId],
          isr: [image.localBrokerId],
          directories: [image.localDirectoryId]
        }))
    ]
  })
  return { records, reply: names }
}
