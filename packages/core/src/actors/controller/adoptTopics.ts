import type { LogDescription } from "../../log/LogStore.ts"
import { Uuid } from "../../model/Uuid.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, newPartition } from "../../metadata/MetadataRecord.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import { ControllerLimits } from "./ControllerLimits.ts"
import type { ControllerDecision } from "./Controller.ts"

/**
 * Decides records for topics that have logs here but that the metadata log does not mention, so that a directory whose
 * `__cluster_metadata-0` is missing is served all the same. A topic keeps the id its logs carry; logs without an id, or
 * with an id known under another name, are left alone; partitions missing in between are made anew. Leadership begins
 * above every epoch in the logs.
 */
export const decideAdoptTopics = (
  image: MetadataImage,
  /** What the log store holds. */
  logs: ReadonlyArray<LogDescription>
): ControllerDecision<ReadonlyArray<string>> => {
  const found = new Map<string, { readonly id: Uuid; readonly epochs: Array<number> }>()
  for (const log of logs) {
    const { partition, topic } = log.topicPartition
    const id = log.topicId === undefined ? undefined : Uuid.parse(log.topicId)
    if (id === undefined || id === Uuid.zero || topic === TopicName.clusterMetadata) continue
    if (TopicName.validate(topic) !== undefined || partition >= ControllerLimits.partitionsPerRequestMax) continue
    if (image.topic(topic) !== undefined || image.topicById(id) !== undefined) continue
    const known = found.get(topic) ?? { id, epochs: [] }
    found.set(topic, known)
    if (known.id !== id) continue
    while (known.epochs.length <= partition) known.epochs.push(0)
    known.epochs[partition] = (log.latestEpoch ?? -1) + 1
  }
  const names = Array.from(found.keys()).sort()
  const records = names.flatMap((name): ReadonlyArray<MetadataRecord> => {
    const { epochs, id } = found.get(name)!
    return [
      { _tag: "Topic", name, topicId: id },
      ...epochs.map((leaderEpoch, partitionId) => ({
        ...newPartition({
          topicId: id,
          partitionId,
          replicas: [image.localBrokerId],
          isr: [image.localBrokerId],
          directories: [image.localDirectoryId]
        }),
        leaderEpoch
      }))
    ]
  })
  return { records, reply: names }
}
