import { Uuid } from "../model/Uuid.ts"

/** Name of the file in a partition directory that holds its topic's id. */
export const PARTITION_METADATA_FILE = "partition.metadata"

/** The text of the file, without a newline at the end as Kafka writes it. Source: PartitionMetadata.encode. */
export const formatPartitionMetadata = (topicId: string): string => `version: 0\ntopic_id: ${topicId}`

/** The topic id of the file's text; undefined when it is damaged or of an unknown version. */
export const parsePartitionMetadata = (text: string): string | undefined => {
  const match = /^version: ?0\s*\ntopic_id: ?([A-Za-z0-9_=-]+)\s*$/.exec(text)
  const topicId = match === null ? undefined : Uuid.parse(match[1]!)
  return topicId === Uuid.zero ? undefined : topicId
}
