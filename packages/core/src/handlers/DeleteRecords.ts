/**
 * DeleteRecords 0-2 (KIP-107, KIP-204).
 *
 * With a single replica the low watermark is the log start offset, so nothing waits for followers. Offset -1 is the
 * high watermark. An offset at or below the log start offset succeeds and changes nothing. Topics without partitions
 * are left out of the answer.
 *
 * Source: KafkaApis.handleDeleteRecordsRequest, ReplicaManager.deleteRecordsOnLocalLog, Partition.deleteRecordsOnLeader.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { type PartitionLeader, PartitionLeaders } from "../actors/partition-leader/PartitionLeaders.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { DeleteRecords, type DeleteRecordsRequest } from "../protocol/apis/DeleteRecords.ts"
import { Authorizer } from "../security/Authorizer.ts"

/** "Up to the high watermark". Source: DeleteRecordsRequest.HIGH_WATERMARK. */
const highWatermarkOffset = -1
/** Source: DeleteRecordsResponse.INVALID_LOW_WATERMARK. */
const noLowWatermark = -1

const trim = (leader: PartitionLeader, offset: number): Effect.Effect<number, ErrorCode> =>
  leader.withLog((log, view) => {
    const { isCompacted, isDeleted } = leader.settings
    if (isCompacted && !isDeleted) return Effect.fail(ErrorCode.POLICY_VIOLATION)
    const upTo = offset === highWatermarkOffset ? view.highWatermark : offset
    if (upTo < 0 || upTo > view.highWatermark) return Effect.fail(ErrorCode.OFFSET_OUT_OF_RANGE)
    if (upTo <= log.logStartOffset) return Effect.succeed(log.logStartOffset)
    return Effect.mapBoth(log.trim(upTo), {
      onSuccess: () => log.logStartOffset,
      onFailure: () => ErrorCode.KAFKA_STORAGE_ERROR
    })
  })

/** The handler of DeleteRecords. */
export const makeDeleteRecords = Effect.gen(function*() {
  const leaders = yield* PartitionLeaders
  const metadata = yield* Metadata
  const authorizer = yield* Authorizer

  const deletePartition = (topic: string, partition: number, offset: number): Effect.Effect<number, ErrorCode> => {
    if (metadata.current().topic(topic)?.partitions[partition] === undefined) {
      return Effect.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }
    if (TopicName.isInternal(topic)) return Effect.fail(ErrorCode.INVALID_TOPIC_EXCEPTION)
    const leader = leaders.find(topic, partition)
    return leader === undefined ? Effect.fail(ErrorCode.NOT_LEADER_OR_FOLLOWER) : trim(leader, offset)
  }

  return effectHandler(
    DeleteRecords,
    Effect.fnUntraced(function*(request: DeleteRecordsRequest, context: RequestContext) {
      const asked = request.topics.filter(({ partitions }) => partitions.length > 0)
      const topics = yield* Effect.forEach(asked, ({ name, partitions }) => {
        const isAllowed = authorizer.authorize(context.principal, context.clientHost, "DELETE", "TOPIC", name)
        const answers = Effect.forEach(partitions, ({ offset, partitionIndex }) =>
          Effect.match(
            isAllowed
              ? deletePartition(name, partitionIndex, offset)
              : Effect.fail(ErrorCode.TOPIC_AUTHORIZATION_FAILED),
            {
              onSuccess: (lowWatermark) => ({ partitionIndex, lowWatermark, errorCode: ErrorCode.NONE as ErrorCode }),
              onFailure: (errorCode) => ({ partitionIndex, lowWatermark: noLowWatermark, errorCode })
            }
          ))
        return Effect.map(answers, (partitions) => ({ name, partitions }))
      })
      return { throttleTimeMs: 0, topics }
    })
  )
})
