/**
 * ListOffsets 1-11 (KIP-79, KIP-98, KIP-207, KIP-320, KIP-734, KIP-405, KIP-1005, KIP-1023).
 *
 * Nothing is tiered: the earliest local offset (-4) is the log start offset; the latest tiered one (-5) and the earliest
 * one still to be tiered (-6) are unknown. A single replica commits what it writes, so the high watermark
 * never lags behind the start of its epoch and OFFSET_NOT_AVAILABLE does not occur.
 *
 * Source: KafkaApis.handleListOffsetRequest, ReplicaManager.fetchOffset, Partition.fetchOffsetForTimestamp.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { PartitionLeaders, type PartitionView } from "../actors/partition-leader/PartitionLeaders.ts"
import { errorCodeOf, type PartitionLog } from "../log/LogStore.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { ListOffsets, type ListOffsetsRequest, type ListOffsetsResponseInput } from "../protocol/apis/ListOffsets.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { repeatedNames } from "./repeatedNames.ts"

type RequestedPartition = ListOffsetsRequest["topics"][number]["partitions"][number]
type PartitionResponse = ListOffsetsResponseInput["topics"][number]["partitions"][number]

const latest = -1
const earliest = -2
const maxTimestamp = -3
const earliestLocal = -4
const latestTiered = -5
const earliestPendingUpload = -6

/** First version that understands each special timestamp. Source: ReplicaManager.isListOffsetsTimestampUnsupported. */
const firstVersionOf = new Map([
  [latest, 1],
  [earliest, 1],
  [maxTimestamp, 7],
  [earliestLocal, 8],
  [latestTiered, 9],
  [earliestPendingUpload, 11]
])

const isUnsupported = (timestamp: number, apiVersion: number): boolean =>
  timestamp < 0 && apiVersion < (firstVersionOf.get(timestamp) ?? Infinity)

const answered = (partitionIndex: number, errorCode: ErrorCode): PartitionResponse => ({ partitionIndex, errorCode })

/** Replica id of those who read as clients. Source: ListOffsetsRequest.CONSUMER_REPLICA_ID. */
const consumerReplicaId = -1

/** Exclusive end of what the asker may see. */
const fetchableEnd = (request: ListOffsetsRequest, view: PartitionView): number =>
  request.replicaId !== consumerReplicaId
    ? view.logEndOffset
    : request.isolationLevel === 1
    ? view.lastStableOffset
    : view.highWatermark

/** The epoch of a log without records is that of its leader, under which the next record will be written. */
const earliestEpoch = (log: PartitionLog, view: PartitionView): number => {
  const epoch = log.epochForOffset(view.logStartOffset)
  return epoch < 0 ? view.leaderEpoch : epoch
}

const lookUp = Effect.fnUntraced(function*(
  requested: RequestedPartition,
  endOffset: number,
  log: PartitionLog,
  view: PartitionView
) {
  const { partitionIndex, timestamp } = requested
  const nothing = answered(partitionIndex, ErrorCode.NONE)
  switch (timestamp) {
    case latest:
      return { ...nothing, offset: endOffset, leaderEpoch: view.leaderEpoch }
    case earliest:
    case earliestLocal:
      return { ...nothing, offset: view.logStartOffset, leaderEpoch: earliestEpoch(log, view) }
    case latestTiered:
    case earliestPendingUpload:
      return nothing
  }
  const found = yield* Effect.mapError(
    timestamp === maxTimestamp ? log.maxTimestamp : log.offsetForTimestamp(timestamp),
    ({ reason }) => errorCodeOf(reason)
  )
  return found === undefined || found.offset >= endOffset ? nothing : {
    ...nothing,
    timestamp: found.timestamp,
    offset: found.offset,
    leaderEpoch: found.leaderEpoch
  }
})

/** Kafka fails on an isolation level that does not exist. Source: ListOffsetsRequest.getErrorResponse. */
const refusal = (request: ListOffsetsRequest): ListOffsetsResponseInput => ({
  throttleTimeMs: 0,
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => answered(partitionIndex, ErrorCode.UNKNOWN_SERVER_ERROR))
  }))
})

/** The keys of partitions that the request names more than once; they are answered once. */
const repeatedPartitions = (request: ListOffsetsRequest): ReadonlySet<string> =>
  repeatedNames(
    request.topics.flatMap((topic) => topic.partitions.map(({ partitionIndex }) => `${topic.name}-${partitionIndex}`))
  ).repeated

/** Logs that one request opens at a time. */
const opensMax = 64

/** The handler of ListOffsets. */
export const makeListOffsets = Effect.gen(function*() {
  const leaders = yield* PartitionLeaders
  const metadata = yield* Metadata
  const authorizer = yield* Authorizer

  const answerPartition = Effect.fnUntraced(function*(
    request: ListOffsetsRequest,
    topic: string,
    requested: RequestedPartition
  ) {
    const { currentLeaderEpoch, partitionIndex } = requested
    if (metadata.current().topic(topic)?.partitions[partitionIndex] === undefined) {
      return answered(partitionIndex, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }
    const leader = leaders.find(topic, partitionIndex)
    if (leader === undefined) return answered(partitionIndex, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    if (currentLeaderEpoch >= 0 && currentLeaderEpoch !== leader.leaderEpoch) {
      return answered(
        partitionIndex,
        currentLeaderEpoch < leader.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
      )
    }
    return yield* Effect.catch(
      leader.reading((log, view) => lookUp(requested, fetchableEnd(request, view), log, view)),
      (errorCode) => Effect.succeed(answered(partitionIndex, errorCode))
    )
  })

  const isClosed = (topic: string, partition: number): boolean => {
    const leader = leaders.find(topic, partition)
    return leader !== undefined && leader.readableLog === undefined
  }

  return effectHandler(
    ListOffsets,
    Effect.fnUntraced(function*(request: ListOffsetsRequest, context: RequestContext) {
      if (request.isolationLevel !== 0 && request.isolationLevel !== 1) return refusal(request)
      const repeated = repeatedPartitions(request)
      const refused = new Set<string>()
      const topics: Array<ListOffsetsResponseInput["topics"][number]> = []
      for (const { name, partitions } of request.topics) {
        const isAllowed = authorizer.authorize(context.principal, context.clientHost, "DESCRIBE", "TOPIC", name)
        const answers: Array<PartitionResponse> = []
        const closed: Array<{ readonly at: number; readonly requested: RequestedPartition }> = []
        for (const requested of partitions) {
          const { partitionIndex, timestamp } = requested
          if (!isAllowed) answers.push(answered(partitionIndex, ErrorCode.TOPIC_AUTHORIZATION_FAILED))
          else if (repeated.has(`${name}-${partitionIndex}`)) {
            if (!refused.has(`${name}-${partitionIndex}`)) {
              answers.push(answered(partitionIndex, ErrorCode.INVALID_REQUEST))
            }
            refused.add(`${name}-${partitionIndex}`)
          } else if (isUnsupported(timestamp, context.apiVersion)) {
            answers.push(answered(partitionIndex, ErrorCode.UNSUPPORTED_VERSION))
          } else if (isClosed(name, partitionIndex)) {
            closed.push({ at: answers.length, requested })
            answers.push(answered(partitionIndex, ErrorCode.NONE))
          } else answers.push(yield* answerPartition(request, name, requested))
        }
        // Opening a log waits for the disk, which does much of that at a time.
        yield* Effect.forEach(
          closed,
          ({ at, requested }) =>
            Effect.map(answerPartition(request, name, requested), (answer) => {
              answers[at] = answer
            }),
          { concurrency: opensMax, discard: true }
        )
        topics.push({ name, partitions: answers })
      }
      return { throttleTimeMs: 0, topics }
    })
  )
})
