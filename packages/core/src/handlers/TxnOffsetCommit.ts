/**
 * TxnOffsetCommit 0-5 (KIP-98; 3: member and generation, KIP-447; 5: adds the group's partition of `__consumer_offsets` to
 * the transaction by itself, KIP-890). The offsets count once the transaction commits. Topics and partitions that do not
 * exist, or that the client may not read, are answered one by one; the rest is committed together.
 *
 * Source: KafkaApis.handleTxnOffsetCommitRequest, GroupCoordinatorService.commitTransactionalOffsets.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { VerificationGuards } from "../actors/transaction-coordinator/VerificationGuards.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { coordinatorPartition } from "../model/coordinatorPartition.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { TxnOffsetCommit, type TxnOffsetCommitRequest } from "../protocol/apis/TxnOffsetCommit.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { makeVerifyTransaction } from "./transactions/verifyTransaction.ts"

/** First version that adds the offsets' partition to the transaction. */
const addingVersion = 5
/** First version that knows TRANSACTION_ABORTABLE. */
const abortableVersion = 4
/** Versions before do not send a member: their commits are those of a simple group. */
const memberVersion = 3

type CodeOf = (topic: string, partition: number) => ErrorCode

const respond = (request: TxnOffsetCommitRequest, codeOf: CodeOf) => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codeOf(name, partitionIndex) }))
  }))
})

/** The group coordinator's codes as transactional clients know them. Source: OffsetCommitRequest, TxnOffsetCommitHandler. */
const commitError = (errorCode: ErrorCode): ErrorCode =>
  errorCode === ErrorCode.GROUP_ID_NOT_FOUND ? ErrorCode.ILLEGAL_GENERATION : errorCode

export const makeTxnOffsetCommit = Effect.gen(function*() {
  const { authorize } = yield* Authorizer
  const groups = yield* GroupCoordinator
  const guards = yield* VerificationGuards
  const metadata = yield* Metadata
  const verify = yield* makeVerifyTransaction

  /** NONE once the group's partition is in the transaction. */
  const verified = (request: TxnOffsetCommitRequest, apiVersion: number, partition: number): Effect.Effect<ErrorCode> =>
    Effect.callback((resume) =>
      verify({
        transactionalId: request.transactionalId,
        producerId: request.producerId,
        producerEpoch: request.producerEpoch,
        topics: [{ topic: TopicName.groupMetadata, partitions: [partition] }],
        mustAdd: apiVersion >= addingVersion,
        knowsAbortable: apiVersion >= abortableVersion
      }, (codeOf) => resume(Effect.succeed(codeOf(TopicName.groupMetadata, partition))))
    )

  const commit = Effect.fnUntraced(function*(
    request: TxnOffsetCommitRequest,
    topics: TxnOffsetCommitRequest["topics"],
    context: RequestContext
  ) {
    const count = metadata.current().topic(TopicName.groupMetadata)?.partitions.length ?? 0
    const unavailable = (errorCode: ErrorCode) => ({ errorCode, topics: [] })
    if (count === 0) return unavailable(ErrorCode.NOT_COORDINATOR)
    const partition = coordinatorPartition(request.groupId, count)
    const { producerEpoch, producerId } = request
    const guard = guards.begin(TopicName.groupMetadata, partition, producerId)
    const errorCode = yield* Effect.onInterrupt(
      verified(request, context.apiVersion, partition),
      () => Effect.sync(() => guards.end(guard))
    )
    const isValid = guards.end(guard)
    if (errorCode !== ErrorCode.NONE) return unavailable(errorCode)
    if (!isValid) return unavailable(ErrorCode.INVALID_TXN_STATE)
    return yield* groups.commitOffsets({
      groupId: request.groupId,
      generationIdOrMemberEpoch: context.apiVersion < memberVersion ? -1 : request.generationId,
      memberId: request.memberId,
      groupInstanceId: request.groupInstanceId,
      retentionTimeMs: -1,
      topics,
      transaction: { producerId, producerEpoch }
    }, context)
  })

  return effectHandler(
    TxnOffsetCommit,
    Effect.fnUntraced(function*(request, context) {
      const { clientHost, principal } = context
      if (!authorize(principal, clientHost, "WRITE", "TRANSACTIONAL_ID", request.transactionalId)) {
        return respond(request, () => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
      }
      if (!authorize(principal, clientHost, "READ", "GROUP", request.groupId)) {
        return respond(request, () => ErrorCode.GROUP_AUTHORIZATION_FAILED)
      }
      const problem: CodeOf = (topic, partition) =>
        !authorize(principal, clientHost, "READ", "TOPIC", topic)
          ? ErrorCode.TOPIC_AUTHORIZATION_FAILED
          : metadata.current().topic(topic)?.partitions[partition] === undefined
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : ErrorCode.NONE
      const valid = request.topics
        .map((topic) => ({
          ...topic,
          partitions: topic.partitions.filter(({ partitionIndex }) =>
            problem(topic.name, partitionIndex) === ErrorCode.NONE
          )
        }))
        .filter(({ partitions }) => partitions.length > 0)
      if (valid.length === 0) return respond(request, problem)
      const reply = yield* commit(request, valid, context)
      const committed = new Map<string, ErrorCode>()
      for (const { name, partitions } of reply.topics) {
        for (const { errorCode, partitionIndex } of partitions) committed.set(`${name}/${partitionIndex}`, errorCode)
      }
      return respond(request, (topic, partition) => {
        const errorCode = problem(topic, partition)
        if (errorCode !== ErrorCode.NONE) return errorCode
        return commitError(committed.get(`${topic}/${partition}`) ?? reply.errorCode)
      })
    })
  )
})
