import { Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import { CreateTopics } from "../protocol/apis/CreateTopics.ts"
import { DeleteTopics } from "../protocol/apis/DeleteTopics.ts"
import { Metadata } from "../protocol/apis/Metadata.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { failOnError, type KafkaError, kafkaError } from "./KafkaError.ts"

const requestTimeoutMs = 30_000

/** A topic to create. */
export interface NewTopic {
  readonly name: string
  /** The broker's `num.partitions` when left out. */
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

/** A topic as the metadata shows it. */
export interface TopicDescription {
  readonly name: string
  readonly id: string
  readonly partitions: ReadonlyArray<{ readonly partition: number; readonly leader: number }>
}

/** Creates topics, with the broker's defaults for what is left out; fails with the first topic's error. */
export const createTopics = (connection: ClientConnection, topics: ReadonlyArray<NewTopic>) =>
  connection.request(CreateTopics, {
    topics: topics.map((topic) => ({
      name: topic.name,
      numPartitions: topic.partitions ?? -1,
      replicationFactor: topic.replicationFactor ?? -1,
      assignments: [],
      configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }))
    })),
    timeoutMs: requestTimeoutMs,
    validateOnly: false
  }).pipe(
    Effect.flatMap((response) => failOnError(response.topics, ({ name }) => ({ api: "CreateTopics", topic: name })))
  )

/** Deletes topics by name; fails with the first error. */
export const deleteTopics = (connection: ClientConnection, names: ReadonlyArray<string>) =>
  connection.request(DeleteTopics, {
    topics: names.map((name) => ({ name, topicId: Uuid.zero })),
    topicNames: [],
    timeoutMs: requestTimeoutMs
  }).pipe(
    Effect.flatMap((response) =>
      failOnError(
        response.responses,
        ({ name }) => ({ api: "DeleteTopics", ...(name === null ? {} : { topic: name }) })
      )
    )
  )

const metadata = (connection: ClientConnection, names: ReadonlyArray<string> | null) =>
  connection.request(Metadata, {
    topics: names === null ? null : names.map((name) => ({ topicId: Uuid.zero, name })),
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false
  })

/** Names of all topics, sorted. */
export const listTopics = (connection: ClientConnection): Effect.Effect<ReadonlyArray<string>, KafkaError> =>
  metadata(connection, null).pipe(
    Effect.map((response) => response.topics.map((topic) => topic.name ?? "").sort())
  )

/** A topic with its partitions in order. */
export const describeTopic = (
  connection: ClientConnection,
  name: string
): Effect.Effect<TopicDescription, KafkaError> =>
  metadata(connection, [name]).pipe(Effect.flatMap(({ topics }) => {
    const topic = topics[0]
    if (topic === undefined || topic.errorCode !== ErrorCode.NONE) {
      return Effect.fail(
        kafkaError(topic?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null, { api: "Metadata", topic: name })
      )
    }
    return Effect.succeed({
      name,
      id: topic.topicId,
      partitions: topic.partitions
        .map((partition) => ({ partition: partition.partitionIndex, leader: partition.leaderId }))
        .sort((a, b) => a.partition - b.partition)
    })
  }))
