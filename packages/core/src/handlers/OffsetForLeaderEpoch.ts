/**
 * OffsetForLeaderEpoch 2-4 (KIP-101, KIP-279, KIP-320).
 *
 * Who may act for the cluster may ask about every topic, others about those they may describe. The end offset of an
 * epoch that is not known is -1, without an error.
 *
 * Source: KafkaApis.handleOffsetForLeaderEpochRequest, ReplicaManager.lastOffsetForLeaderEpoch.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { PartitionLeaders } from "../actors/partition-leader/PartitionLeaders.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import {
  OffsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponseInput
} from "../protocol/apis/OffsetForLeaderEpoch.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"

type RequestedPartition = OffsetForLeaderEpochRequest["topics"][number]["partitions"][number]
type PartitionResponse = OffsetForLeaderEpochResponseInput["topics"][number]["partitions"][number]

/** The handler of OffsetForLeaderEpoch. */
export const makeOffsetForLeaderEpoch = Effect.gen(function*() {
  const leaders = yield* PartitionLeaders
  const metadata = yield* Metadata
  const authorizer = yield* Authorizer

  const endOffset = (topic: string, requested: RequestedPartition): Effect.Effect<PartitionResponse, ErrorCode> => {
    const { currentLeaderEpoch, leaderEpoch, partition } = requested
    const leader = leaders.find(topic, partition)
    if (leader === undefined) {
      return Effect.fail(
        metadata.current().topic(topic)?.partitions[partition] === undefined
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : ErrorCode.NOT_LEADER_OR_FOLLOWER
      )
    }
    if (currentLeaderEpoch >= 0 && currentLeaderEpoch !== leader.leaderEpoch) {
      return Effect.fail(
        currentLeaderEpoch < leader.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
      )
    }
    return leader.reading((log) =>
      Effect.sync(() => ({ errorCode: ErrorCode.NONE, partition, ...log.endOffsetForEpoch(leaderEpoch) }))
    )
  }

  return effectHandler(
    OffsetForLeaderEpoch,
    Effect.fnUntraced(function*(request: OffsetForLeaderEpochRequest, context: RequestContext) {
      const { clientHost, principal } = context
      const mayAskAll = authorizer.authorize(principal, clientHost, "CLUSTER_ACTION", "CLUSTER", clusterName)
      const topics: Array<OffsetForLeaderEpochResponseInput["topics"][number]> = []
      for (const { partitions, topic } of request.topics) {
        const isAllowed = mayAskAll || authorizer.authorize(principal, clientHost, "DESCRIBE", "TOPIC", topic)
        const answers: Array<PartitionResponse> = []
        for (const requested of partitions) {
          const answer = isAllowed ? endOffset(topic, requested) : Effect.fail(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
          answers.push(
            yield* Effect.catch(answer, (errorCode) => Effect.succeed({ errorCode, partition: requested.partition }))
          )
        }
        topics.push({ topic, partitions: answers })
      }
      return { throttleTimeMs: 0, topics }
    })
  )
})
