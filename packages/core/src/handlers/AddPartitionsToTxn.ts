/**
 * AddPartitionsToTxn 0-5 (KIP-98). To version 3 a client adds partitions of one transaction: when one of them cannot be
 * added none is, and the others are answered OPERATION_NOT_ATTEMPTED. From version 4 on brokers add or verify partitions
 * of several transactions (KIP-890). Before version 2 a fenced producer is answered INVALID_PRODUCER_EPOCH.
 *
 * Source: KafkaApis.handleAddPartitionsToTxnRequest.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import {
  type TransactionalProducer,
  TransactionCoordinator,
  type VerifiedPartitions
} from "../actors/transaction-coordinator/TransactionCoordinator.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { AddPartitionsToTxn, type AddPartitionsToTxnRequest } from "../protocol/apis/AddPartitionsToTxn.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { isBroker } from "../security/Principal.ts"
import { fencedBefore } from "./transactions/fencedBefore.ts"

/** First version of brokers, for several transactions. Source: KIP-890. */
const batchedVersion = 4
/** First version that knows PRODUCER_FENCED. Source: KIP-588. */
const producerFencedVersion = 2

type Topics = AddPartitionsToTxnRequest["v3AndBelowTopics"]

const results = (topics: Topics, codeOf: VerifiedPartitions) =>
  topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: codeOf(name, partitionIndex)
    }))
  }))

export const makeAddPartitionsToTxn = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const coordinator = yield* TransactionCoordinator
  const metadata = yield* Metadata

  /** Why one partition keeps all of a client's request from being added; NONE for none of it. */
  const problem = ({ clientHost, principal }: RequestContext, topic: string, partition: number): ErrorCode =>
    TopicName.isInternal(topic) || !authorizer.authorize(principal, clientHost, "WRITE", "TOPIC", topic)
      ? ErrorCode.TOPIC_AUTHORIZATION_FAILED
      : metadata.current().topic(topic)?.partitions[partition] === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.NONE

  const add = (producer: TransactionalProducer, topics: Topics, clientTransactionVersion: number) =>
    coordinator.addPartitions({
      ...producer,
      topics: topics.map(({ name, partitions }) => ({ topic: name, partitions })),
      clientTransactionVersion
    })

  const ofClient = Effect.fnUntraced(function*(request: AddPartitionsToTxnRequest, context: RequestContext) {
    const { v3AndBelowTopics: topics, v3AndBelowTransactionalId: transactionalId } = request
    const answer = (codeOf: VerifiedPartitions) => ({
      errorCode: ErrorCode.NONE,
      resultsByTransaction: [],
      resultsByTopicV3AndBelow: results(topics, codeOf)
    })
    if (!authorizer.authorize(context.principal, context.clientHost, "WRITE", "TRANSACTIONAL_ID", transactionalId)) {
      return answer(() => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    }
    const codeOf: VerifiedPartitions = (topic, partition) => problem(context, topic, partition)
    const isRefused = topics.some(({ name, partitions }) =>
      partitions.some((partition) => codeOf(name, partition) !== ErrorCode.NONE)
    )
    if (isRefused) {
      return answer((topic, partition) => {
        const errorCode = codeOf(topic, partition)
        return errorCode === ErrorCode.NONE ? ErrorCode.OPERATION_NOT_ATTEMPTED : errorCode
      })
    }
    if (transactionalId === "") return answer(() => ErrorCode.INVALID_REQUEST)
    const errorCode = yield* add(
      {
        transactionalId,
        producerId: request.v3AndBelowProducerId,
        producerEpoch: request.v3AndBelowProducerEpoch
      },
      topics,
      0
    )
    return answer(() => fencedBefore(producerFencedVersion, context.apiVersion, errorCode))
  })

  const ofBroker = Effect.fnUntraced(function*({ transactions }: AddPartitionsToTxnRequest) {
    const resultsByTransaction = yield* Effect.forEach(
      transactions,
      Effect.fnUntraced(function*({ producerEpoch, producerId, topics, transactionalId, verifyOnly }) {
        const producer = { transactionalId, producerId, producerEpoch }
        const isUnknown: VerifiedPartitions | undefined = transactionalId === ""
          ? () => ErrorCode.INVALID_REQUEST
          : undefined
        const codeOf = isUnknown ?? (verifyOnly
          ? yield* Effect.callback<VerifiedPartitions>((resume) =>
            coordinator.verifyPartitionsDirect(producer, (codeOf) => resume(Effect.succeed(codeOf)))
          )
          : yield* Effect.map(add(producer, topics, 2), (errorCode): VerifiedPartitions => () => errorCode))
        return { transactionalId, topicResults: results(topics, codeOf) }
      })
    )
    return { errorCode: ErrorCode.NONE, resultsByTransaction, resultsByTopicV3AndBelow: [] }
  })

  return effectHandler(
    AddPartitionsToTxn,
    Effect.fnUntraced(function*(request, context) {
      if (context.apiVersion < batchedVersion) return yield* ofClient(request, context)
      const { clientHost, principal } = context
      const isAllowed = isBroker(principal) ||
        authorizer.authorize(principal, clientHost, "CLUSTER_ACTION", "CLUSTER", clusterName)
      return isAllowed
        ? yield* ofBroker(request)
        : { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, resultsByTransaction: [], resultsByTopicV3AndBelow: [] }
    })
  )
})
