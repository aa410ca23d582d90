/**
 * WriteTxnMarkers 1-2 (KIP-98; 2: the transaction's protocol, KIP-1228), sent by transaction coordinators and by
 * `kafka-transactions abort`. A marker for `__consumer_offsets` is appended by the group coordinator, whose state it
 * changes. Answers once every marker is on stable storage.
 *
 * Source: KafkaApis.handleWriteTxnMarkersRequest.
 */
import { Clock, Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { type AppendOptions, PartitionLeaders } from "../actors/partition-leader/PartitionLeaders.ts"
import { VerificationGuards } from "../actors/transaction-coordinator/VerificationGuards.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { WriteTxnMarkers, type WriteTxnMarkersRequest } from "../protocol/apis/WriteTxnMarkers.ts"
import { buildEndTransactionMarker } from "../protocol/records/ControlRecord.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { isBroker } from "../security/Principal.ts"

type Marker = WriteTxnMarkersRequest["markers"][number]

/** From this protocol on the epoch of a marker is above that of its transaction. */
const epochBumpVersion = 2

/** The group coordinator's codes as the transaction coordinator understands them. */
const groupError = (errorCode: ErrorCode): ErrorCode =>
  errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE || errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ||
    errorCode === ErrorCode.NOT_COORDINATOR
    ? ErrorCode.NOT_LEADER_OR_FOLLOWER
    : errorCode

export const makeWriteTxnMarkers = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const clock = yield* Clock.Clock
  const groups = yield* GroupCoordinator
  const guards = yield* VerificationGuards
  const leaders = yield* PartitionLeaders
  const metadata = yield* Metadata
  const { group: settings } = yield* BrokerConfig

  const append = (marker: Marker, topic: string, partition: number): Effect.Effect<ErrorCode> => {
    const { coordinatorEpoch, producerEpoch, producerId, transactionResult, transactionVersion } = marker
    if (metadata.current().topic(topic)?.partitions[partition] === undefined) {
      return Effect.succeed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }
    const leader = leaders.find(topic, partition)
    if (leader === undefined) return Effect.succeed(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    const batch = buildEndTransactionMarker({
      type: transactionResult ? "Commit" : "Abort",
      coordinatorEpoch,
      producerId,
      producerEpoch,
      timestamp: clock.currentTimeMillisUnsafe()
    })
    const options: AppendOptions = {
      acks: -1,
      timeoutMs: settings.offsetsCommitTimeoutMs,
      origin: transactionVersion >= epochBumpVersion ? "BumpedMarker" : "Coordinator"
    }
    return Effect.suspend(() => {
      guards.markerQueued(topic, partition, producerId)
      if (topic === TopicName.groupMetadata) {
        return Effect.map(
          groups.completeTransaction(partition, { batch, options, producerId, isCommit: transactionResult }),
          groupError
        )
      }
      return Effect.callback<ErrorCode>((resume) =>
        leader.append(batch, options, ({ errorCode }) => resume(Effect.succeed(errorCode)))
      )
    })
  }

  return effectHandler(
    WriteTxnMarkers,
    Effect.fnUntraced(function*(request, { clientHost, principal }) {
      const isAllowed = isBroker(principal) ||
        authorizer.authorize(principal, clientHost, "ALTER", "CLUSTER", clusterName) ||
        authorizer.authorize(principal, clientHost, "CLUSTER_ACTION", "CLUSTER", clusterName)
      const markers = yield* Effect.forEach(
        request.markers,
        (marker) =>
          Effect.map(
            Effect.forEach(
              marker.topics,
              ({ name, partitionIndexes }) =>
                Effect.map(
                  Effect.forEach(
                    partitionIndexes,
                    (partitionIndex) =>
                      Effect.map(
                        isAllowed
                          ? append(marker, name, partitionIndex)
                          : Effect.succeed(ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
                        (errorCode) => ({ partitionIndex, errorCode })
                      ),
                    { concurrency: "unbounded" }
                  ),
                  (partitions) => ({ name, partitions })
                ),
              { concurrency: "unbounded" }
            ),
            (topics) => ({ producerId: marker.producerId, topics })
          ),
        { concurrency: "unbounded" }
      )
      return { markers }
    })
  )
})
