/**
 * ListTransactions 0-2 (KIP-664; 1: by duration, KIP-994; 2: by a regular expression, KIP-1152). Ids that the client may
 * not describe are left out. The expression must match the whole id, as in Kafka; it is matched in linear time.
 *
 * Source: KafkaApis.handleListTransactionsRequest, TransactionStateManager.listTransactionStates.
 */
import { Clock, Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { parseRegex, Regex } from "../model/regex/Regex.ts"
import { type Transaction, transactionStates } from "../actors/transaction-coordinator/Transaction.ts"
import { TransactionCoordinator } from "../actors/transaction-coordinator/TransactionCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { ListTransactions, type ListTransactionsRequest } from "../protocol/apis/ListTransactions.ts"
import { Authorizer } from "../security/Authorizer.ts"

/** States that Kafka knows and that are never listed are no unknown filters. Source: TransactionState. */
const knownStates: ReadonlyArray<string> = [...transactionStates, "Dead", "PrepareEpochFence"]

/** A transaction that is not over runs, for durations, since its start. */
const isRunning = ({ state }: Transaction): boolean =>
  state === "Ongoing" || state === "PrepareCommit" || state === "PrepareAbort"

const isChosen = (transaction: Transaction, request: ListTransactionsRequest, nowMs: number): boolean => {
  const { durationFilter, producerIdFilters, stateFilters } = request
  if (producerIdFilters.length > 0 && !producerIdFilters.includes(transaction.producerId)) return false
  if (stateFilters.length > 0 && !stateFilters.includes(transaction.state)) return false
  return durationFilter < 0 || (isRunning(transaction) && nowMs - transaction.startMs > durationFilter)
}

export const makeListTransactions = Effect.gen(function*() {
  const { authorize } = yield* Authorizer
  const clock = yield* Clock.Clock
  const coordinator = yield* TransactionCoordinator
  const refused = (errorCode: ErrorCode) => ({ errorCode, unknownStateFilters: [], transactionStates: [] })
  return effectHandler(
    ListTransactions,
    Effect.fnUntraced(function*(request, { clientHost, principal }) {
      const pattern = request.transactionalIdPattern ?? ""
      const regex = pattern === "" ? undefined : parseRegex(pattern)
      if (regex !== undefined && !(regex instanceof Regex)) return refused(ErrorCode.INVALID_REGULAR_EXPRESSION)
      const found = yield* coordinator.list
      if (typeof found === "number") return refused(found)
      const nowMs = clock.currentTimeMillisUnsafe()
      return {
        errorCode: ErrorCode.NONE,
        unknownStateFilters: request.stateFilters.filter((state) => !knownStates.includes(state)),
        transactionStates: found
          .filter((transaction) =>
            isChosen(transaction, request, nowMs) &&
            (regex === undefined || regex.matches(transaction.transactionalId)) &&
            authorize(principal, clientHost, "DESCRIBE", "TRANSACTIONAL_ID", transaction.transactionalId)
          )
          .map(({ producerId, state, transactionalId }) => ({ transactionalId, producerId, transactionState: state }))
      }
    })
  )
})
