import { Clock, Effect, FiberSet } from "effect"
import type { Scope } from "effect"
import {
  type TransactionalProducer,
  TransactionCoordinator,
  type VerifiedPartitions
} from "../../actors/transaction-coordinator/TransactionCoordinator.ts"
import type { TransactionTopic } from "../../actors/transaction-coordinator/Transaction.ts"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"

/** Partitions that a write needs to be in its transaction. */
export interface VerifyRequest extends TransactionalProducer {
  readonly topics: ReadonlyArray<TransactionTopic>
  /** The client leaves it to the broker to add them (KIP-890). */
  readonly mustAdd: boolean
  /** Whether the client knows TRANSACTION_ABORTABLE (120). */
  readonly knowsAbortable: boolean
}

/** The coordinator's code as a producer knows it. Source: ReplicaManager.handleProduceAppend. */
const writeError = (errorCode: ErrorCode, { knowsAbortable, mustAdd }: VerifyRequest): ErrorCode => {
  switch (errorCode) {
    case ErrorCode.PRODUCER_FENCED:
      return ErrorCode.INVALID_PRODUCER_EPOCH
    case ErrorCode.TRANSACTION_ABORTABLE:
      return knowsAbortable ? errorCode : ErrorCode.INVALID_TXN_STATE
    case ErrorCode.NETWORK_EXCEPTION:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return ErrorCode.NOT_ENOUGH_REPLICAS
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      return mustAdd ? errorCode : ErrorCode.NOT_ENOUGH_REPLICAS
    default:
      return errorCode
  }
}

/**
 * Asks the coordinator whether partitions are in a transaction, or to add them; `reply` is called once. Source:
 * AddPartitionsToTxnManager.
 */
export const makeVerifyTransaction: Effect.Effect<
  (request: VerifyRequest, reply: (codeOf: VerifiedPartitions) => void) => void,
  never,
  Scope.Scope | TransactionCoordinator | BrokerConfig
> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const { transactions: settings } = yield* BrokerConfig
  const coordinator = yield* TransactionCoordinator
  const run = yield* FiberSet.makeRuntime<never>()
  return (request, reply) => {
    if (!request.mustAdd) {
      return coordinator.verifyPartitionsDirect(
        request,
        (codeOf) => reply((topic, partition) => writeError(codeOf(topic, partition), request))
      )
    }
    const giveUpMs = clock.currentTimeMillisUnsafe() + settings.addRetryMaxMs
    const { producerEpoch, producerId, topics, transactionalId } = request
    const attempt = (): void =>
      coordinator.addPartitionsDirect(
        { transactionalId, producerId, producerEpoch, topics, clientTransactionVersion: 2 },
        (errorCode) => {
          if (errorCode === ErrorCode.CONCURRENT_TRANSACTIONS && clock.currentTimeMillisUnsafe() < giveUpMs) {
            run(Effect.andThen(Effect.sleep(settings.addRetryBackoffMs), Effect.sync(attempt)))
          } else reply(() => writeError(errorCode, request))
        }
      )
    attempt()
  }
})
