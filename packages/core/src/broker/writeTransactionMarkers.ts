import { Effect } from "effect"
import type { Scope } from "effect"
import {
  type MarkersToWrite,
  TransactionCoordinator
} from "../actors/transaction-coordinator/TransactionCoordinator.ts"
import type { TransactionTopic } from "../actors/transaction-coordinator/Transaction.ts"
import { type ClientConnection, type ClientEndpoint, makeClientConnection } from "../client/ClientConnection.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { WriteTxnMarkers } from "../protocol/apis/WriteTxnMarkers.ts"

/** Pause before the markers of partitions that could not take them are sent again. */
const retryBackoffMs = 100

/** What a leader's code means for the marker. Source: TransactionMarkerRequestCompletionHandler. */
type Outcome = "Done" | "Retry" | "Fenced"

const outcomeOf = (errorCode: number): Outcome => {
  switch (errorCode) {
    case ErrorCode.NONE:
    case ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case ErrorCode.UNSUPPORTED_VERSION:
      return "Done"
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.REQUEST_TIMED_OUT:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return "Retry"
    default:
      return "Fenced"
  }
}

/** Sends the markers for partitions; their codes by topic and partition, undefined when nothing was answered. */
const send = (
  connection: ClientConnection,
  markers: MarkersToWrite,
  topics: ReadonlyArray<TransactionTopic>
): Effect.Effect<ReadonlyMap<string, number> | undefined> =>
  connection.request(WriteTxnMarkers, {
    markers: [{
      producerId: markers.producerId,
      producerEpoch: markers.producerEpoch,
      transactionResult: markers.isCommit,
      topics: topics.map(({ partitions, topic }) => ({ name: topic, partitionIndexes: partitions })),
      coordinatorEpoch: markers.coordinatorEpoch,
      transactionVersion: markers.clientTransactionVersion
    }]
  }).pipe(Effect.match({
    onFailure: () => undefined,
    onSuccess: (response) =>
      new Map(response.markers.flatMap((marker) =>
        marker.topics.flatMap(({ name, partitions }) =>
          partitions.map(({ errorCode, partitionIndex }) => [`${name}/${partitionIndex}`, errorCode] as const)
        )
      ))
  }))

/**
 * Sends the markers of ended transactions to the leaders of their partitions, over a connection inside the process and by
 * the same request that another broker's leader would be sent. A partition that was deleted needs none. Source:
 * TransactionMarkerChannelManager.
 */
export const writeTransactionMarkers = (
  endpoint: ClientEndpoint
): Effect.Effect<void, never, TransactionCoordinator | Metadata | Scope.Scope> =>
  Effect.gen(function*() {
    const coordinator = yield* TransactionCoordinator
    const metadata = yield* Metadata
    const connection = yield* makeClientConnection(endpoint, "kafka-broker-in-process-markers")
    const exists = (topic: string, partition: number): boolean =>
      metadata.current().topic(topic)?.partitions[partition] !== undefined
    yield* coordinator.writeMarkersWith(Effect.fnUntraced(function*(markers) {
      let left = markers.topics
      for (;;) {
        left = left
          .map(({ partitions, topic }) => ({ topic, partitions: partitions.filter((each) => exists(topic, each)) }))
          .filter(({ partitions }) => partitions.length > 0)
        if (left.length === 0) return true
        const codes = yield* send(connection, markers, left)
        const outcome = (topic: string, partition: number): Outcome => {
          const errorCode = codes?.get(`${topic}/${partition}`)
          return errorCode === undefined ? "Retry" : outcomeOf(errorCode)
        }
        if (left.some(({ partitions, topic }) => partitions.some((each) => outcome(topic, each) === "Fenced"))) {
          yield* Effect.logWarning(`Markers of ${markers.transactionalId} are refused`, codes)
          return false
        }
        left = left.map(({ partitions, topic }) => ({
          topic,
          partitions: partitions.filter((each) => outcome(topic, each) === "Retry")
        })).filter(({ partitions }) => partitions.length > 0)
        if (left.length === 0) return true
        yield* Effect.sleep(retryBackoffMs)
      }
    }))
  })
