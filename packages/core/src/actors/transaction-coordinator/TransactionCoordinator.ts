import { Context } from "effect"
import type { Effect } from "effect"
import type { ErrorCode } from "../../model/ErrorCode.ts"
import type { Transaction, TransactionTopic } from "./Transaction.ts"
import type { MarkersWanted, ProducerReply } from "./TransactionCommand.ts"

/** A producer of a transactional id, as it speaks. */
export interface TransactionalProducer {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** An InitProducerId with a transactional id. */
export interface InitTransactionsRequest {
  readonly transactionalId: string
  readonly timeoutMs: number
  /** Undefined for a producer that starts. */
  readonly expected: { readonly producerId: number; readonly producerEpoch: number } | undefined
}

/** An AddPartitionsToTxn of one transaction; from version 2 of the protocol on, writes add partitions by themselves. */
export interface AddToTransactionRequest extends TransactionalProducer {
  readonly topics: ReadonlyArray<TransactionTopic>
  readonly clientTransactionVersion: number
}

/** An EndTxn. */
export interface EndTransactionRequest extends TransactionalProducer {
  readonly isCommit: boolean
  readonly clientTransactionVersion: number
}

/** Markers that a partition leader is to be sent, under the epoch of the coordinator. */
export interface MarkersToWrite extends MarkersWanted {
  readonly coordinatorEpoch: number
}

/** Codes of the partitions of a transaction: one for all, or one for each. */
export type VerifiedPartitions = (topic: string, partition: number) => ErrorCode

/**
 * Transactional ids on the partitions of `__transaction_state` that this broker leads. Every method answers with Kafka's
 * codes and never fails; NOT_COORDINATOR (16) when the id is coordinated elsewhere, COORDINATOR_LOAD_IN_PROGRESS (14)
 * while its partition is read. The handlers check rights. Source: TransactionCoordinator.
 */
export class TransactionCoordinator extends Context.Service<TransactionCoordinator, {
  readonly initProducerId: (request: InitTransactionsRequest) => Effect.Effect<ProducerReply>
  readonly addPartitions: (request: AddToTransactionRequest) => Effect.Effect<ErrorCode>
  /** As `addPartitions`, without a fiber: `reply` is called once, now or later. */
  readonly addPartitionsDirect: (request: AddToTransactionRequest, reply: (errorCode: ErrorCode) => void) => void
  /** Tells for each partition whether it is in the transaction, without adding it; `reply` is called once. */
  readonly verifyPartitionsDirect: (
    producer: TransactionalProducer,
    reply: (codeOf: VerifiedPartitions) => void
  ) => void
  /** Answers once the end is certain; the markers follow. */
  readonly endTransaction: (request: EndTransactionRequest) => Effect.Effect<ProducerReply>
  /** TRANSACTIONAL_ID_NOT_FOUND (105) for an id that is not known. */
  readonly describe: (transactionalId: string) => Effect.Effect<Transaction | ErrorCode>
  /** All ids of the partitions led here; a code while one of them is read. */
  readonly list: Effect.Effect<ReadonlyArray<Transaction> | ErrorCode>
  /**
   * Runs `write` for every transaction whose end is certain, until the scope of the coordinator ends. `write` succeeds
   * with true once all partitions have their marker, and with false when the coordinator is fenced: then the transaction
   * stays as it is until the coordinator is loaded again. Source: TransactionMarkerChannelManager.
   */
  readonly writeMarkersWith: (write: (markers: MarkersToWrite) => Effect.Effect<boolean>) => Effect.Effect<void>
}>()("@kafka-broker/core/actors/transaction-coordinator/TransactionCoordinator") {}
