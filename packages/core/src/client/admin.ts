import { Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import { CreateTopics } from "../protocol/apis/CreateTopics.ts"
import { DeleteTopics } from "../protocol/apis/DeleteTopics.ts"
import { ListOffsets } from "../protocol/apis/ListOffsets.ts"
import { Metadata } from "../protocol/apis/Metadata.ts"
import type { NewTopic, PartitionOffsets, TopicDescription } from "./BrokerClient.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { type KafkaError, kafkaError } from "./KafkaError.ts"
import { retryTransient } from "./retryTransient.ts"

const requestTimeoutMs = 30_000
/** Special timestamps of ListOffsets. */
const earliestTimestamp = -2
const latestTimestamp = -1

/** Fails with the first error among `results`. */
const failOnError = (
  results: ReadonlyArray<{ readonly errorCode: number; readonly errorMessage?: string | null }>
): Effect.Effect<void, KafkaError> => {
  const failed = results.find((result) => result.errorCode !== ErrorCode.NONE)
  return failed === undefined ? Effect.void : Effect.fail(kafkaError(failed.errorCode, failed.errorMessage))
}

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
  }).pipe(Effect.flatMap((response) => failOnError(response.topics)))

export const deleteTopics = (connection: ClientConnection, names: ReadonlyArray<string>) =>
  connection.request(DeleteTopics, {
    topics: names.map((name) => ({ name, topicId: Uuid.zero })),
    topicNames: [],
    timeoutMs: requestTimeoutMs
  }).pipe(Effect.flatMap((response) => failOnError(response.responses)))

const metadata = (connection: ClientConnection, names: ReadonlyArray<string> | null) =>
  connection.request(Metadata, {
    topics: names === null ? null : names.map((name) => ({ topicId: Uuid.zero, name })),
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false
  })

export const listTopics = (connection: ClientConnection): Effect.Effect<ReadonlyArray<string>, KafkaError> =>
  metadata(connection, null).pipe(
    Effect.map((response) => response.topics.map((topic) => topic.name ?? "").sort())
  )

export const describeTopic = (
  connection: ClientConnection,
  name: string
): Effect.Effect<TopicDescription, KafkaError> =>
  metadata(connection, [name]).pipe(Effect.flatMap(({ topics }) => {
    const topic = topics[0]
    if (topic === undefined || topic.errorCode !== ErrorCode.NONE) {
      return Effect.fail(kafkaError(topic?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    }
    return Effect.succeed({
      name,
      id: topic.topicId,
      partitions: topic.partitions
        .map((partition) => ({ partition: partition.partitionIndex, leader: partition.leaderId }))
        .sort((a, b) => a.partition - b.partition)
    })
  }))

/**
 * Offsets of the given partitions for a point in time (milliseconds since the epoch) or one of both ends, in the order
 * asked; -1 when no record is that young.
 */
export const listOffsets = (
  connection: ClientConnection,
  topic: string,
  partitions: ReadonlyArray<number>,
  from: "earliest" | "latest" | number
): Effect.Effect<ReadonlyArray<number>, KafkaError> =>
  retryTransient(
    connection.request(ListOffsets, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{
        name: topic,
        partitions: partitions.map((partitionIndex) => ({
          partitionIndex,
          currentLeaderEpoch: -1,
          timestamp: from === "earliest" ? earliestTimestamp : from === "latest" ? latestTimestamp : from
        }))
      }],
      timeoutMs: requestTimeoutMs
    }).pipe(Effect.flatMap((response) => {
      const results = response.topics.flatMap((one) => one.partitions)
      const offsets = new Map(results.map((result) => [result.partitionIndex, result.offset]))
      return Effect.as(failOnError(results), partitions.map((partition) => offsets.get(partition) ?? -1))
    }))
  )

export const offsets = Effect.fnUntraced(function*(
  connection: ClientConnection,
  topic: string
): Effect.fn.Return<ReadonlyArray<PartitionOffsets>, KafkaError> {
  const partitions = (yield* describeTopic(connection, topic)).partitions.map(({ partition }) => partition)
  const earliest = yield* listOffsets(connection, topic, partitions, "earliest")
  const latest = yield* listOffsets(connection, topic, partitions, "latest")
  return partitions.map((partition, i) => ({ partition, earliest: earliest[i]!, latest: latest[i]! }))
})
