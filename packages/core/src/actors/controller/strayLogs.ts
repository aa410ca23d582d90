import type { LogDescription } from "../../log/LogStore.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { directoryName, type TopicPartition } from "../../model/TopicPartition.ts"
import { Uuid } from "../../model/Uuid.ts"

/** A log that is not to be led here, and why in words. */
export interface StrayLog {
  readonly topicPartition: TopicPartition
  readonly reason: string
}

/** What a start finds in the log store that differs from the metadata log. */
export interface FoundLogs {
  /** Logs that the metadata log knows nothing of, or gives to other brokers. */
  readonly strays: ReadonlyArray<StrayLog>
  /** Partitions of this broker whose logs cannot be opened, in words. */
  readonly offline: ReadonlyArray<string>
}

const strayReason = (
  image: MetadataImage,
  brokerId: number,
  { topicId, topicPartition: { partition, topic } }: LogDescription
): string | undefined => {
  const id = topicId === undefined ? undefined : Uuid.parse(topicId)
  // A crash may come between the directory and the file with its id: the log is empty then, and is this topic's.
  const known = id === undefined || id === Uuid.zero ? image.topic(topic) : image.topicById(id)
  if (known === undefined) {
    return id === undefined ? "no topic has its name, and it has no topic id" : `no topic has the id ${id}`
  }
  if (known.name !== topic) return `the topic id ${known.id} is that of ${known.name}`
  const replicas = known.partitions[partition]?.replicas
  if (replicas === undefined) return `${topic} has ${known.partitions.length} partitions`
  return replicas.includes(brokerId) ? undefined : `its replicas are on brokers ${replicas.join(", ")}`
}

/**
 * Compares the logs of a store with the image of a metadata log that is whole. Deliberate difference: a log without a
 * topic id is taken for the topic of its name, where Kafka calls it a stray. Source: LogManager.isStrayReplica.
 */
export const compareLogs = (
  image: MetadataImage,
  brokerId: number,
  logs: ReadonlyArray<LogDescription>
): FoundLogs => {
  const strays: Array<StrayLog> = []
  const offline: Array<string> = []
  for (const log of logs) {
    const { topicPartition } = log
    const reason = strayReason(image, brokerId, log)
    if (reason !== undefined) strays.push({ topicPartition, reason: log.failure ?? reason })
    else if (log.failure !== undefined) offline.push(`${directoryName(topicPartition)} is offline: ${log.failure}`)
  }
  return { strays, offline }
}
