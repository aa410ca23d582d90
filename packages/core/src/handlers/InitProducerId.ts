/**
 * InitProducerId 0-5 (KIP-98, KIP-360): without a transactional id every request gets a fresh id, whatever id and epoch
 * it carries. With one, the transaction coordinator gives the next epoch. Before version 4 a fenced producer is answered
 * INVALID_PRODUCER_EPOCH.
 *
 * Source: KafkaApis.handleInitProducerIdRequest, TransactionCoordinator.handleInitProducerId.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { ProducerIds } from "../actors/controller/ProducerIds.ts"
import { TransactionCoordinator } from "../actors/transaction-coordinator/TransactionCoordinator.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { InitProducerId, type InitProducerIdRequest } from "../protocol/apis/InitProducerId.ts"
import { NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from "../protocol/records/RecordBatch.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { fencedBefore } from "./transactions/fencedBefore.ts"

/** First version that knows PRODUCER_FENCED. Source: KIP-588. */
const producerFencedVersion = 4

export const makeInitProducerId = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const { transactions } = yield* BrokerConfig
  const coordinator = yield* TransactionCoordinator
  const producerIds = yield* ProducerIds

  const refusalOf = (
    { producerEpoch, producerId, transactionTimeoutMs, transactionalId }: InitProducerIdRequest,
    { clientHost, principal }: RequestContext
  ): ErrorCode | undefined => {
    if (transactionalId !== null) {
      if (!authorizer.authorize(principal, clientHost, "WRITE", "TRANSACTIONAL_ID", transactionalId)) {
        return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      }
    } else if (
      !authorizer.authorize(principal, clientHost, "IDEMPOTENT_WRITE", "CLUSTER", clusterName) &&
      !authorizer.authorizeByResourceType(principal, clientHost, "WRITE", "TOPIC")
    ) {
      return ErrorCode.CLUSTER_AUTHORIZATION_FAILED
    }
    if ((producerId === NO_PRODUCER_ID) !== (producerEpoch === NO_PRODUCER_EPOCH)) return ErrorCode.INVALID_REQUEST
    if (transactionalId === null) return undefined
    if (transactionalId === "") return ErrorCode.INVALID_REQUEST
    return transactionTimeoutMs <= 0 || transactionTimeoutMs > transactions.maxTimeoutMs
      ? ErrorCode.INVALID_TRANSACTION_TIMEOUT
      : undefined
  }

  return effectHandler(
    InitProducerId,
    Effect.fnUntraced(function*(request, context) {
      const errorCode = refusalOf(request, context)
      if (errorCode !== undefined) {
        return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH }
      }
      const { producerEpoch, producerId, transactionTimeoutMs, transactionalId } = request
      if (transactionalId !== null) {
        const reply = yield* coordinator.initProducerId({
          transactionalId,
          timeoutMs: transactionTimeoutMs,
          expected: producerId === NO_PRODUCER_ID ? undefined : { producerId, producerEpoch }
        })
        return {
          errorCode: fencedBefore(producerFencedVersion, context.apiVersion, reply.errorCode),
          producerId: reply.producerId,
          producerEpoch: reply.producerEpoch
        }
      }
      return yield* Effect.match(producerIds.next, {
        // The client tries again. Source: RPCProducerIdManager.
        onFailure: () => ({
          errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
          producerId: NO_PRODUCER_ID,
          producerEpoch: NO_PRODUCER_EPOCH
        }),
        onSuccess: (producerId) => ({ errorCode: ErrorCode.NONE, producerId, producerEpoch: 0 })
      })
    })
  )
})
