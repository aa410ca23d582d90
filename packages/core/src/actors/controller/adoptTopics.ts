import type { LogDescription } from "../../log/LogStore.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, newPartition } from "../../metadata/MetadataRecord.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import { Uuid } from "../../model/Uuid.ts"
import type { ControllerDecision } from "./Controller.ts"
import { ControllerLimits } from "./ControllerLimits.ts"
import { directoriesOf } from "./placeReplicas.ts"

/** A topic as its logs tell of it; what only the metadata log knew is lost. */
export interface AdoptedTopic {
  readonly name: string
  readonly topicId: Uuid
  readonly partitionCount: number
  /** Leader epochs by partition, each above those in the log. */
  readonly leaderEpochs: ReadonlyArray<number>
}

/** What adoption comes to. */
export interface Adoption {
  readonly topics: ReadonlyArray<AdoptedTopic>
  /** One line for each topic and each log that was found, with what was done about it. */
  readonly lines: ReadonlyArray<string>
  /** Why nothing can be adopted: an internal topic whose number of partitions is not known. */
  readonly refusal: string | undefined
}

interface FoundTopic {
  readonly id: Uuid
  readonly epochs: Array<number>
  readonly partitions: Array<number>
}

const listed = (numbers: ReadonlyArray<number>): string => numbers.toSorted((a, b) => a - b).join(", ")

/**
 * Topics that have logs here while there is no metadata log. A topic keeps the id its logs carry; it has as many partitions as
 * the highest log shows, or as `partitionCounts` says. Keys of an internal topic are spread by its number of partitions,
 * so that one is never guessed.
 */
export const findAdoptions = (
  logs: ReadonlyArray<LogDescription>,
  partitionCounts: ReadonlyMap<string, number>
): Adoption => {
  const found = new Map<string, FoundTopic>()
  const lines: Array<string> = []
  for (const { failure, latestEpoch = -1, topicId, topicPartition: { partition, topic } } of logs) {
    const id = topicId === undefined ? undefined : Uuid.parse(topicId)
    const known = found.get(topic)
    const problem = failure ??
      (id === undefined || id === Uuid.zero ? "it has no topic id" : TopicName.validate(topic)) ??
      (partition >= ControllerLimits.partitionsPerRequestMax ? "its partition is too high" : undefined) ??
      (known !== undefined && known.id !== id
        ? `another partition of ${topic} has the topic id ${known.id}`
        : undefined)
    if (topic === TopicName.clusterMetadata) continue
    if (problem !== undefined) {
      lines.push(`${topic}-${partition} is left alone: ${problem}`)
      continue
    }
    const entry = known ?? { id: id!, epochs: [], partitions: [] }
    found.set(topic, entry)
    while (entry.epochs.length <= partition) entry.epochs.push(0)
    entry.epochs[partition] = latestEpoch + 1
    entry.partitions.push(partition)
  }
  const topics: Array<AdoptedTopic> = []
  for (const name of Array.from(found.keys()).sort()) {
    const { epochs, id, partitions } = found.get(name)!
    const given = partitionCounts.get(name)
    if (given === undefined && TopicName.isInternal(name)) {
      return { topics: [], lines, refusal: `the number of partitions of ${name} is not known` }
    }
    if (given !== undefined && given < epochs.length) {
      return {
        topics: [],
        lines,
        refusal: `${name} has ${given} partitions, but there is ${name}-${epochs.length - 1}`
      }
    }
    const partitionCount = given ?? epochs.length
    while (epochs.length < partitionCount) epochs.push(0)
    topics.push({ name, topicId: id, partitionCount, leaderEpochs: epochs })
    const count = given === undefined
      ? `${partitionCount} partitions by the highest log found, there may have been more`
      : `${partitionCount} partitions as given`
    lines.push(
      `${name} is adopted with id ${id} and ${count}; logs of partitions ${listed(partitions)} are there; ` +
        "its configs are not known and begin as the defaults"
    )
  }
  return { topics, lines, refusal: undefined }
}

/** The records of adopted topics: this broker is the only replica, and leads above every epoch in the logs. */
export const decideAdoptTopics = (
  image: MetadataImage,
  brokerId: number,
  topics: ReadonlyArray<AdoptedTopic>
): ControllerDecision<void> => ({
  records: topics.flatMap(({ leaderEpochs, name, topicId }): ReadonlyArray<MetadataRecord> => [
    { _tag: "Topic", name, topicId },
    ...leaderEpochs.map((leaderEpoch, partitionId) => ({
      ...newPartition({
        topicId,
        partitionId,
        replicas: [brokerId],
        isr: [brokerId],
        directories: directoriesOf(image, [brokerId])
      }),
      leaderEpoch
    }))
  ]),
  reply: undefined
})
