/**
 * DescribeLogDirs 1-5 (KIP-113, KIP-827, KIP-1066).
 *
 * There is one log directory, never cordoned, and no replica moves or lags: `isFutureKey` is false and `offsetLag` 0.
 * Sizes are those of the stored logs, open or not; a partition whose log is not yet made, because nobody used it, has
 * size 0.
 *
 * Source: KafkaApis.handleDescribeLogDirsRequest, ReplicaManager.describeLogDirs.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { type LogDescription, LogStore } from "../log/LogStore.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { directoryName } from "../model/TopicPartition.ts"
import {
  DescribeLogDirs,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponseInput
} from "../protocol/apis/DescribeLogDirs.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"

type TopicResponse = DescribeLogDirsResponseInput["results"][number]["topics"][number]

type LogSize = Pick<LogDescription, "topicPartition" | "sizeBytes">

/** The asked partitions by directory name; undefined asks for all. */
const askedFor = (request: DescribeLogDirsRequest): ReadonlySet<string> | undefined =>
  request.topics === null ?
    undefined :
    new Set(request.topics.flatMap(({ partitions, topic }) =>
      partitions.map((partition) => directoryName({ topic, partition }))
    ))

/** The partitions of this broker whose logs are not made before their first use. */
const unused = (
  image: MetadataImage,
  nodeId: number,
  logs: ReadonlyArray<LogDescription>
): ReadonlyArray<LogSize> => {
  const stored = new Set(logs.map(({ topicPartition }) => directoryName(topicPartition)))
  return image.topics().flatMap(({ name, partitions }) =>
    partitions.flatMap(({ partition, replicas }) => {
      const topicPartition = { topic: name, partition }
      return replicas.includes(nodeId) && !stored.has(directoryName(topicPartition))
        ? [{ topicPartition, sizeBytes: 0 }]
        : []
    })
  )
}

const byTopic = (
  logs: ReadonlyArray<LogSize>,
  asked: ReadonlySet<string> | undefined
): ReadonlyArray<TopicResponse> => {
  const topics = new Map<string, Array<TopicResponse["partitions"][number]>>()
  for (const { sizeBytes, topicPartition } of logs) {
    if (asked !== undefined && !asked.has(directoryName(topicPartition))) continue
    const partitions = topics.get(topicPartition.topic) ?? []
    partitions.push({
      partitionIndex: topicPartition.partition,
      partitionSize: sizeBytes,
      offsetLag: 0,
      isFutureKey: false
    })
    topics.set(topicPartition.topic, partitions)
  }
  return Array.from(topics, ([name, partitions]) => ({ name, partitions }))
}

/** The handler of DescribeLogDirs. */
export const makeDescribeLogDirs = Effect.gen(function*() {
  const store = yield* LogStore
  const metadata = yield* Metadata
  const authorizer = yield* Authorizer

  return effectHandler(
    DescribeLogDirs,
    Effect.fnUntraced(function*(request: DescribeLogDirsRequest, context: RequestContext) {
      if (!authorizer.authorize(context.principal, context.clientHost, "DESCRIBE", "CLUSTER", clusterName)) {
        return { throttleTimeMs: 0, errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, results: [] }
      }
      const { totalBytes, usableBytes } = yield* store.volume
      const result = yield* Effect.match(store.describe, {
        onSuccess: (logs) => ({
          errorCode: ErrorCode.NONE as ErrorCode,
          topics: byTopic([...logs, ...unused(metadata.current(), context.nodeId, logs)], askedFor(request))
        }),
        onFailure: () => ({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR as ErrorCode, topics: [] })
      })
      return {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        results: [{ ...result, logDir: store.location, totalBytes, usableBytes }]
      }
    })
  )
})
