/**
 * InitProducerId 0-5 for idempotent producers (KIP-98, KIP-360): without a transactional id every request gets a fresh
 * id, whatever id and epoch it carries. With one, the client is told that there is no transaction coordinator.
 *
 * Source: KafkaApis.handleInitProducerIdRequest, TransactionCoordinator.handleInitProducerId.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { ProducerIds } from "../actors/controller/ProducerIds.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { InitProducerId, type InitProducerIdRequest } from "../protocol/apis/InitProducerId.ts"
import { NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from "../protocol/records/RecordBatch.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"

export const makeInitProducerId = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const { transactions } = yield* BrokerConfig
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
      : ErrorCode.COORDINATOR_NOT_AVAILABLE
  }

  return effectHandler(
    InitProducerId,
    Effect.fnUntraced(function*(request, context) {
      const errorCode = refusalOf(request, context)
      if (errorCode !== undefined) {
        return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH }
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
