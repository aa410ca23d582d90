/**
 * Produce 0-13 (KIP-98, KIP-467, KIP-951, KIP-516).
 *
 * The first failing check of a partition gives its code; the order of the checks is Kafka's. Of versions 0 to 2, which
 * Kafka 4 has dropped, the messages are converted to a magic-2 batch. A repeated partition is appended twice, in order,
 * where Kafka takes the last and drops the first silently. Topics without partitions are left out of the answer.
 *
 * A transactional batch is appended once the coordinator has its partition in the transaction: from version 12 on it is
 * added for the write, before it is only verified (KIP-890).
 *
 * Source: KafkaApis.handleProduceRequest, ReplicaManager.handleProduceAppend.
 */
import { Effect } from "effect"
import { type DirectHandler, directHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { type AppendOptions, PartitionLeaders } from "../actors/partition-leader/PartitionLeaders.ts"
import { failedAppend } from "../actors/partition-leader/AppendResult.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Produce, type ProduceRequest, type ProduceResponseInput } from "../protocol/apis/Produce.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { makeAppendTransactional, type TransactionalWrite } from "./produce/appendTransactional.ts"
import { checkRecords } from "./produce/checkRecords.ts"
import { checkRequest, hasSeveralProducers, type RequestRefusal } from "./produce/checkRequest.ts"
import { ProduceRound } from "./produce/ProduceRound.ts"

/** First version that names topics by id. Source: KIP-516. */
const topicIdVersion = 13
/** The client id with which Kafka's own tools may write internal topics. Source: AdminUtils.ADMIN_CLIENT_ID. */
const adminClientId = "__admin_client"

/** The answer that gives every partition the same code. Source: ProduceRequest.getErrorResponse. */
const allFailed = (request: ProduceRequest, { errorCode, errorMessage }: RequestRefusal): ProduceResponseInput => ({
  responses: request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => ({
      index,
      errorCode,
      baseOffset: -1,
      recordErrors: [],
      errorMessage
    }))
  })),
  throttleTimeMs: 0
})

/** The handler of Produce. */
export const makeProduce = Effect.gen(function*() {
  const leaders = yield* PartitionLeaders
  const metadata = yield* Metadata
  const authorizer = yield* Authorizer
  const appendTransactional = yield* makeAppendTransactional

  const topicName = (topic: ProduceRequest["topicData"][number], apiVersion: number, image: MetadataImage) =>
    apiVersion >= topicIdVersion ? image.topicById(topic.topicId)?.name : topic.name

  /** Gives each refused partition its result; the batches of the others, by position. Steps 2 of an append. */
  const admit = (
    request: ProduceRequest,
    context: RequestContext,
    image: MetadataImage,
    round: ProduceRound
  ): Array<Uint8Array | undefined> => {
    const batches: Array<Uint8Array | undefined> = []
    for (const topic of request.topicData) {
      const name = topicName(topic, context.apiVersion, image)
      const isAllowed = name !== undefined &&
        authorizer.authorize(context.principal, context.clientHost, "WRITE", "TOPIC", name)
      const partitionCount = isAllowed ? image.topic(name)?.partitions.length ?? 0 : 0
      for (const { index, records } of topic.partitionData) {
        const admitted = name === undefined
          ? ErrorCode.UNKNOWN_TOPIC_ID
          : !isAllowed
          ? ErrorCode.TOPIC_AUTHORIZATION_FAILED
          : index < 0 || index >= partitionCount
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : checkRecords(records, context.apiVersion)
        const position = batches.length
        if (admitted instanceof Uint8Array) batches.push(admitted)
        else {
          batches.push(undefined)
          round.done(position, failedAppend(admitted))
        }
      }
    }
    return batches
  }

  /** Hands the admitted batches to their leaders. Steps 4 and 5 of an append. */
  const appendAll = (
    request: ProduceRequest,
    context: RequestContext,
    image: MetadataImage,
    round: ProduceRound,
    batches: ReadonlyArray<Uint8Array | undefined>
  ): void => {
    const { acks, timeoutMs } = request
    const options: AppendOptions = { acks, timeoutMs, origin: "Client", request: { decompressedBytes: 0 } }
    const hasValidAcks = acks === -1 || acks === 0 || acks === 1
    let position = 0
    const writes: Array<TransactionalWrite> = []
    for (const topic of request.topicData) {
      const name = topicName(topic, context.apiVersion, image)
      const isForbidden = name !== undefined && TopicName.isInternal(name) && context.clientId !== adminClientId
      for (const { index } of topic.partitionData) {
        const at = position++
        const batch = batches[at]
        if (batch === undefined || name === undefined) continue
        if (!hasValidAcks) {
          round.done(at, failedAppend(ErrorCode.INVALID_REQUIRED_ACKS))
        } else if (isForbidden) {
          round.done(at, failedAppend(ErrorCode.INVALID_TOPIC_EXCEPTION))
        } else {
          const leader = leaders.find(name, index)
          if (leader === undefined) round.done(at, failedAppend(ErrorCode.NOT_LEADER_OR_FOLLOWER))
          else if (request.transactionalId !== null && RecordBatch.isTransactional(batch, 0)) {
            writes.push({ position: at, topic: name, partition: index, leader, batch })
          } else leader.append(batch, options, (result) => round.done(at, result))
        }
      }
    }
    if (writes.length > 0 && request.transactionalId !== null) {
      appendTransactional(
        request.transactionalId,
        context.apiVersion,
        options,
        writes,
        (at, result) => round.done(at, result)
      )
    }
  }

  const handle: DirectHandler<typeof Produce>["handle"] = (request, context, reply, disconnect) => {
    // Without an answer the client learns of an error by the end of its connection only.
    const answer = (response: ProduceResponseInput, hasError: boolean): void => {
      if (request.acks !== 0) reply(response)
      else if (hasError) disconnect("a Produce with acks=0 failed")
      else reply(undefined)
    }
    const refusal = checkRequest(
      request,
      (id) => authorizer.authorize(context.principal, context.clientHost, "WRITE", "TRANSACTIONAL_ID", id)
    )
    if (refusal !== undefined) return answer(allFailed(request, refusal), true)
    const image = metadata.current()
    const round = new ProduceRound(request, context, image, answer)
    if (round.partitionCount === 0) return round.finishEmpty()
    const batches = admit(request, context, image, round)
    if (request.transactionalId !== null && hasSeveralProducers(batches)) {
      return answer(
        allFailed(request, { errorCode: ErrorCode.INVALID_PRODUCER_ID_MAPPING, errorMessage: null }),
        true
      )
    }
    appendAll(request, context, image, round, batches)
  }
  // A leader copies or writes what it is given before it answers, and keeps the order of its mailbox.
  return directHandler(Produce, handle, { overlaps: true, lendsRequests: true })
})
