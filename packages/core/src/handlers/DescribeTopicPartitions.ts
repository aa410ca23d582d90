/**
 * DescribeTopicPartitions 0 (KIP-966): topics by name, at most so many partitions, and where to go on.
 *
 * Source: DescribeTopicPartitionsRequestHandler, KRaftMetadataCache.describeTopicResponse.
 */
import { Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage, TopicImage } from "../metadata/MetadataImage.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponseInput
} from "../protocol/apis/DescribeTopicPartitions.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { authorizedOperations } from "./authorizedOperations.ts"
import { describePartition } from "./describePartition.ts"

type TopicAnswer = DescribeTopicPartitionsResponseInput["topics"][number]

export const makeDescribeTopicPartitions = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const config = yield* BrokerConfig
  const metadata = yield* Metadata
  return directHandler(DescribeTopicPartitions, (request, context, reply) => {
    const image = metadata.current()
    const names = namesFrom(image, request)
    if (names === undefined) {
      return reply({ topics: request.topics.map(({ name }) => failed(name, ErrorCode.INVALID_REQUEST, false)) })
    }
    const all = request.topics.length === 0
    const visible: Array<string> = []
    const hidden: Array<TopicAnswer> = []
    for (const name of names) {
      if (authorizer.authorize(context.principal, context.clientHost, "DESCRIBE", "TOPIC", name)) visible.push(name)
      else if (!all) hidden.push(failed(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED, false))
    }
    const limit = Math.max(1, Math.min(config.maxRequestPartitionSizeLimit, request.responsePartitionLimit))
    const { nextCursor, topics } = describeTopics(image, visible, limit, request.cursor, all)
    reply({
      topics: [
        ...topics.map((topic) => ({
          ...topic,
          topicAuthorizedOperations: authorizedOperations(authorizer, context, "TOPIC", topic.name ?? "")
        })),
        ...hidden
      ],
      nextCursor
    })
  })
})

/** Names in order from the cursor's on; undefined when the cursor does not fit the request. */
const namesFrom = (
  image: MetadataImage,
  request: DescribeTopicPartitionsRequest
): ReadonlyArray<string> | undefined => {
  const { cursor } = request
  const all = request.topics.length === 0
  const first = cursor?.topicName ?? ""
  const names = new Set(
    (all ? image.topics() : request.topics).map(({ name }) => name).filter((name) => name >= first)
  )
  if (cursor !== null && (cursor.partitionIndex < 0 || (!all && !names.has(first)))) return undefined
  return Array.from(names).sort()
}

const describeTopics = (
  image: MetadataImage,
  names: ReadonlyArray<string>,
  limit: number,
  cursor: DescribeTopicPartitionsRequest["cursor"],
  all: boolean
): Pick<DescribeTopicPartitionsResponseInput, "topics" | "nextCursor"> => {
  const topics: Array<TopicAnswer> = []
  let remaining = limit
  for (const topicName of names) {
    // A topic of which nothing fits is where the next request begins.
    if (remaining === 0) return { topics, nextCursor: { topicName, partitionIndex: 0 } }
    const topic = image.topic(topicName)
    if (topic === undefined) {
      const invalid = TopicName.validate(topicName) !== undefined
      const code = invalid ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      if (!all) topics.push(failed(topicName, code))
      continue
    }
    const from = cursor?.topicName === topicName ? cursor.partitionIndex : 0
    const to = Math.min(topic.partitions.length, from + remaining)
    topics.push(described(image, topic, from, to))
    if (to < topic.partitions.length) return { topics, nextCursor: { topicName, partitionIndex: to } }
    remaining -= Math.max(0, to - from)
  }
  return { topics, nextCursor: null }
}

const described = (image: MetadataImage, topic: TopicImage, from: number, to: number): TopicAnswer => ({
  errorCode: ErrorCode.NONE,
  name: topic.name,
  topicId: topic.id,
  isInternal: TopicName.isInternal(topic.name),
  partitions: topic.partitions.slice(from, Math.max(from, to)).map((partition) => ({
    ...describePartition(image, partition, false),
    errorCode: ErrorCode.NONE,
    eligibleLeaderReplicas: [],
    lastKnownElr: []
  }))
})

const failed = (name: string, errorCode: ErrorCode, isInternal = TopicName.isInternal(name)): TopicAnswer => ({
  errorCode,
  name,
  topicId: Uuid.zero,
  isInternal,
  partitions: []
})
