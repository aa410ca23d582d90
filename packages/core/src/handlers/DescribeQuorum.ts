/**
 * DescribeQuorum 0-2 (KIP-595, KIP-836, KIP-853): a quorum of one, this node, which leads it and is always caught up.
 *
 * The voter has no directory id, as in every quorum of `kraft.version` 0. Deliberate difference: it has no listeners,
 * as no controller listener is open.
 *
 * Source: KafkaRaftClient.handleDescribeQuorumRequest.
 */
import { Clock, Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { MetadataLog } from "../metadata/MetadataLog.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { operationError } from "../model/OperationError.ts"
import { Uuid } from "../model/Uuid.ts"
import {
  DescribeQuorum,
  type DescribeQuorumRequest,
  type DescribeQuorumResponseInput
} from "../protocol/apis/DescribeQuorum.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"

/** Success comes with an empty sentence. */
const noError = operationError(ErrorCode.NONE, "")

/** Whether the metadata log and nothing else is asked for. Source: RaftUtil.hasValidTopicPartition. */
const isMetadataLog = ({ topics: [topic, ...otherTopics] }: DescribeQuorumRequest): boolean => {
  if (topic === undefined || otherTopics.length > 0 || topic.topicName !== TopicName.clusterMetadata) return false
  return topic.partitions.length === 1 && topic.partitions[0]!.partitionIndex === 0
}

/** Source: DescribeQuorumRequest.getPartitionLevelErrorResponse. */
const refuseAll = (
  { topics }: DescribeQuorumRequest,
  errorCode: ErrorCode
): DescribeQuorumResponseInput => ({
  ...noError,
  topics: topics.map(({ partitions, topicName }) => ({
    topicName,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      ...operationError(errorCode),
      leaderId: 0,
      leaderEpoch: 0,
      highWatermark: 0,
      currentVoters: [],
      observers: []
    }))
  })),
  nodes: []
})

/** The handler of DescribeQuorum. */
export const makeDescribeQuorum = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const clock = yield* Clock.Clock
  const metadata = yield* Metadata
  const { leaderEpoch } = yield* MetadataLog

  const describe = (nodeId: number): DescribeQuorumResponseInput => {
    const { endOffset } = metadata.current()
    const nowMs = clock.currentTimeMillisUnsafe()
    return {
      ...noError,
      topics: [{
        topicName: TopicName.clusterMetadata,
        partitions: [{
          partitionIndex: 0,
          ...noError,
          leaderId: nodeId,
          leaderEpoch,
          highWatermark: endOffset,
          currentVoters: [{
            replicaId: nodeId,
            replicaDirectoryId: Uuid.zero,
            logEndOffset: endOffset,
            lastFetchTimestamp: nowMs,
            lastCaughtUpTimestamp: nowMs
          }],
          observers: []
        }]
      }],
      nodes: [{ nodeId, listeners: [] }]
    }
  }

  return directHandler(DescribeQuorum, (request, { clientHost, nodeId, principal }, reply) => {
    if (!authorizer.authorize(principal, clientHost, "DESCRIBE", "CLUSTER", clusterName)) {
      return reply({ ...operationError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED), topics: [], nodes: [] })
    }
    reply(isMetadataLog(request) ? describe(nodeId) : refuseAll(request, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
  })
})
