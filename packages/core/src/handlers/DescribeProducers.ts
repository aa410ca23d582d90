/**
 * DescribeProducers 0 (KIP-664): what the leaders of partitions know of their idempotent and transactional producers.
 *
 * A producer is known from its first batch until it has been silent for `producer.id.expiration.ms`. Only errors of a
 * whole topic come with a sentence, as in Kafka.
 *
 * Source: KafkaApis.handleDescribeProducersRequest, ReplicaManager.activeProducerState.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { PartitionLeaders } from "../actors/partition-leader/PartitionLeaders.ts"
import type { ProducerEntry } from "../log/ProducerStates.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { type OperationError, operationError } from "../model/OperationError.ts"
import {
  DescribeProducers,
  type DescribeProducersRequest,
  type DescribeProducersResponseInput
} from "../protocol/apis/DescribeProducers.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { Authorizer } from "../security/Authorizer.ts"

type ActiveProducer = DescribeProducersResponseInput["topics"][number]["partitions"][number]["activeProducers"][number]

const describeProducer = (entry: ProducerEntry): ActiveProducer => ({
  producerId: entry.producerId,
  producerEpoch: entry.producerEpoch,
  lastSequence: entry.batches.at(-1)?.lastSequence ?? RecordBatch.NO_SEQUENCE,
  lastTimestamp: entry.lastTimestamp,
  coordinatorEpoch: entry.coordinatorEpoch,
  currentTxnStartOffset: entry.transactionFirstOffset
})

/** The handler of DescribeProducers. */
export const makeDescribeProducers = Effect.gen(function*() {
  const leaders = yield* PartitionLeaders
  const metadata = yield* Metadata
  const authorizer = yield* Authorizer

  const refuseTopic = (name: string, { clientHost, principal }: RequestContext): OperationError | undefined => {
    const illegal = TopicName.validate(name)
    if (illegal !== undefined) return operationError(ErrorCode.INVALID_TOPIC_EXCEPTION, illegal)
    if (!authorizer.authorize(principal, clientHost, "READ", "TOPIC", name)) {
      return operationError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    }
    return metadata.current().topic(name) === undefined
      ? operationError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      : undefined
  }

  const producersOf = (
    topic: string,
    partition: number
  ): Effect.Effect<ReadonlyArray<ActiveProducer>, OperationError> => {
    const leader = leaders.find(topic, partition)
    if (leader === undefined) {
      return Effect.fail(operationError(
        metadata.current().topic(topic)?.partitions[partition] === undefined
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : ErrorCode.NOT_LEADER_OR_FOLLOWER,
        null
      ))
    }
    return Effect.mapError(
      leader.reading((log) => Effect.sync(() => Array.from(log.producers.entries(), describeProducer))),
      (code) => operationError(code, null)
    )
  }

  return effectHandler(
    DescribeProducers,
    Effect.fnUntraced(function*(request: DescribeProducersRequest, context: RequestContext) {
      const topics = yield* Effect.forEach(request.topics, ({ name, partitionIndexes }) => {
        const refusal = refuseTopic(name, context)
        const partitions = Effect.forEach(
          partitionIndexes,
          (partitionIndex) =>
            Effect.match(refusal === undefined ? producersOf(name, partitionIndex) : Effect.fail(refusal), {
              onSuccess: (activeProducers) => ({
                partitionIndex,
                errorCode: ErrorCode.NONE as ErrorCode,
                errorMessage: null,
                activeProducers
              }),
              onFailure: (error) => ({ partitionIndex, ...error, activeProducers: [] })
            })
        )
        return Effect.map(partitions, (partitions) => ({ name, partitions }))
      })
      return { throttleTimeMs: 0, topics }
    })
  )
})
