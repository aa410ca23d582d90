/**
 * DescribeTransactions 0 (KIP-664). Topics that the client may not describe are left out.
 *
 * Source: KafkaApis.handleDescribeTransactionsRequest, TransactionCoordinator.handleDescribeTransactions.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { TransactionCoordinator } from "../actors/transaction-coordinator/TransactionCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { DescribeTransactions } from "../protocol/apis/DescribeTransactions.ts"
import { Authorizer } from "../security/Authorizer.ts"

const unknown = (transactionalId: string, errorCode: ErrorCode) => ({
  errorCode,
  transactionalId,
  transactionState: "",
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0,
  producerId: 0,
  producerEpoch: 0,
  topics: []
})

export const makeDescribeTransactions = Effect.gen(function*() {
  const { authorize } = yield* Authorizer
  const coordinator = yield* TransactionCoordinator
  return effectHandler(
    DescribeTransactions,
    Effect.fnUntraced(function*({ transactionalIds }, { clientHost, principal }) {
      const transactionStates = yield* Effect.forEach(
        transactionalIds,
        Effect.fnUntraced(function*(id) {
          if (!authorize(principal, clientHost, "DESCRIBE", "TRANSACTIONAL_ID", id)) {
            return unknown(id, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
          }
          if (id === "") return unknown(id, ErrorCode.INVALID_REQUEST)
          const found = yield* coordinator.describe(id)
          if (typeof found === "number") return unknown(id, found)
          return {
            errorCode: ErrorCode.NONE,
            transactionalId: id,
            transactionState: found.state,
            transactionTimeoutMs: found.timeoutMs,
            transactionStartTimeMs: found.startMs,
            producerId: found.producerId,
            producerEpoch: found.producerEpoch,
            topics: found.topics.filter(({ topic }) => authorize(principal, clientHost, "DESCRIBE", "TOPIC", topic))
          }
        })
      )
      return { transactionStates }
    })
  )
})
