/**
 * EndTxn 0-5 (KIP-98; 5: the epoch is bumped at every end, KIP-890). Answers once the end is certain; the markers that
 * make it visible follow. Before version 2 a fenced producer is answered INVALID_PRODUCER_EPOCH.
 *
 * Source: KafkaApis.handleEndTxnRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { TransactionCoordinator } from "../actors/transaction-coordinator/TransactionCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { EndTxn } from "../protocol/apis/EndTxn.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { fencedBefore } from "./transactions/fencedBefore.ts"

/** First version whose ends bump the epoch. */
const epochBumpApiVersion = 5
/** First version that knows PRODUCER_FENCED. Source: KIP-588. */
const producerFencedVersion = 2

export const makeEndTxn = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const coordinator = yield* TransactionCoordinator
  return effectHandler(
    EndTxn,
    Effect.fnUntraced(function*(request, { apiVersion, clientHost, principal }) {
      const { committed, producerEpoch, producerId, transactionalId } = request
      if (!authorizer.authorize(principal, clientHost, "WRITE", "TRANSACTIONAL_ID", transactionalId)) {
        return { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
      }
      if (transactionalId === "") return { errorCode: ErrorCode.INVALID_REQUEST }
      const reply = yield* coordinator.endTransaction({
        transactionalId,
        producerId,
        producerEpoch,
        isCommit: committed,
        clientTransactionVersion: apiVersion >= epochBumpApiVersion ? 2 : 0
      })
      return {
        errorCode: fencedBefore(producerFencedVersion, apiVersion, reply.errorCode),
        producerId: reply.producerId,
        producerEpoch: reply.producerEpoch
      }
    })
  )
})
