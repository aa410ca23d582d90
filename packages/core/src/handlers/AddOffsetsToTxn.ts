/**
 * AddOffsetsToTxn 0-4 (KIP-98): adds the partition of `__consumer_offsets` that keeps a group's offsets to a transaction.
 * Before version 2 a fenced producer is answered INVALID_PRODUCER_EPOCH.
 *
 * Source: KafkaApis.handleAddOffsetsToTxnRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { TransactionCoordinator } from "../actors/transaction-coordinator/TransactionCoordinator.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { coordinatorPartition } from "../model/coordinatorPartition.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { AddOffsetsToTxn } from "../protocol/apis/AddOffsetsToTxn.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { fencedBefore } from "./transactions/fencedBefore.ts"

/** First version that knows PRODUCER_FENCED. Source: KIP-588. */
const producerFencedVersion = 2

export const makeAddOffsetsToTxn = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const coordinator = yield* TransactionCoordinator
  const metadata = yield* Metadata
  const { offsetsTopic } = yield* BrokerConfig
  return effectHandler(
    AddOffsetsToTxn,
    Effect.fnUntraced(function*(request, { apiVersion, clientHost, principal }) {
      const { groupId, producerEpoch, producerId, transactionalId } = request
      if (!authorizer.authorize(principal, clientHost, "WRITE", "TRANSACTIONAL_ID", transactionalId)) {
        return { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
      }
      if (!authorizer.authorize(principal, clientHost, "READ", "GROUP", groupId)) {
        return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }
      }
      if (transactionalId === "") return { errorCode: ErrorCode.INVALID_REQUEST }
      // The topic is made when a client asks for the coordinator of a group, which may be after this.
      const count = metadata.current().topic(TopicName.groupMetadata)?.partitions.length ?? offsetsTopic.partitions
      const errorCode = yield* coordinator.addPartitions({
        transactionalId,
        producerId,
        producerEpoch,
        topics: [{ topic: TopicName.groupMetadata, partitions: [coordinatorPartition(groupId, count)] }],
        clientTransactionVersion: 0
      })
      return { errorCode: fencedBefore(producerFencedVersion, apiVersion, errorCode) }
    })
  )
})
