/** A topic and one of its partitions, as in Kafka's `TopicPartition`. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The directory name of a partition, `<topic>-<partition>`. Source: LocalLog.logDirName. */
export const directoryName = (topicPartition: TopicPartition): string =>
  `${topicPartition.topic}-${topicPartition.partition}`
