import { Effect } from "effect"
import type { AppendOptions, PartitionLeader } from "../../actors/partition-leader/PartitionLeader.ts"
import { type AppendResult, failedAppend } from "../../actors/partition-leader/AppendResult.ts"
import { VerificationGuards } from "../../actors/transaction-coordinator/VerificationGuards.ts"
import { mergeTopics } from "../../actors/transaction-coordinator/Transaction.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { makeVerifyTransaction } from "../transactions/verifyTransaction.ts"

/** First version whose writes add their partitions to the transaction. Source: KIP-890. */
const addingVersion = 12
/** First version that knows TRANSACTION_ABORTABLE. */
const abortableVersion = 11

/** A transactional batch of a request and where it goes. */
export interface TransactionalWrite {
  /** Of the partition in the request. */
  readonly position: number
  readonly topic: string
  readonly partition: number
  readonly leader: PartitionLeader
  readonly batch: Uint8Array
}

/**
 * Appends the transactional batches of one request, which are of one producer, once the coordinator has their partitions
 * in the transaction. A marker that passes them meanwhile keeps them out. Source: ReplicaManager.handleProduceAppend.
 */
export const makeAppendTransactional = Effect.gen(function*() {
  const guards = yield* VerificationGuards
  const verify = yield* makeVerifyTransaction
  return (
    transactionalId: string,
    apiVersion: number,
    options: AppendOptions,
    writes: ReadonlyArray<TransactionalWrite>,
    done: (position: number, result: AppendResult) => void
  ): void => {
    const { batch } = writes[0]!
    const producerId = RecordBatch.producerId(batch, 0)
    const guarded = writes.map((write) => ({ write, guard: guards.begin(write.topic, write.partition, producerId) }))
    const mustAdd = apiVersion >= addingVersion
    const appendOptions: AppendOptions = { ...options, origin: mustAdd ? "AddedClient" : "VerifiedClient" }
    verify({
      transactionalId,
      producerId,
      producerEpoch: RecordBatch.producerEpoch(batch, 0),
      topics: mergeTopics([], writes.map(({ partition, topic }) => ({ topic, partitions: [partition] }))),
      mustAdd,
      knowsAbortable: apiVersion >= abortableVersion
    }, (codeOf) => {
      for (const { guard, write } of guarded) {
        const isValid = guards.end(guard)
        const errorCode = codeOf(write.topic, write.partition)
        if (errorCode !== ErrorCode.NONE) done(write.position, failedAppend(errorCode))
        else if (!isValid) done(write.position, failedAppend(ErrorCode.INVALID_TXN_STATE))
        else write.leader.append(write.batch, appendOptions, (result) => done(write.position, result))
      }
    })
  }
})
