/**
 * What a Fetch request asks for once its session is taken into account, and what of the results the client is told.
 *
 * Source: KIP-227, FetchManager.newContext, FullFetchContext, IncrementalFetchContext.
 */
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { FetchRequest, FetchResponseInput } from "../../protocol/apis/Fetch.ts"
import {
  type FetchPartition,
  type FetchSession,
  finalEpoch,
  initialEpoch,
  nextEpoch,
  noSessionId,
  partitionKey
} from "./FetchSession.ts"
import type { FetchSessionCache } from "./FetchSessionCache.ts"

export type PartitionResponse = FetchResponseInput["responses"][number]["partitions"][number]

/** The answer about one partition. */
export interface FetchedPartition {
  readonly of: FetchPartition
  readonly response: PartitionResponse
}

/** First version that names topics by id. Source: KIP-516. */
const topicIdVersion = 13

export interface FetchContextOptions {
  readonly request: FetchRequest
  readonly apiVersion: number
  readonly image: MetadataImage
  readonly cache: FetchSessionCache
  readonly isFollower: boolean
  readonly nowMs: number
}

/** What to read, and what to make of it. */
export interface FetchContext {
  readonly partitions: Iterable<FetchPartition>
  /** The answer from the results of all partitions, in the order in which they were read. */
  readonly answer: (results: ReadonlyArray<FetchedPartition>, nowMs: number) => FetchResponseInput
}

/** A response without partitions. */
const errorAnswer = (errorCode: ErrorCode, sessionId: number): FetchResponseInput => ({
  throttleTimeMs: 0,
  errorCode,
  sessionId,
  responses: []
})

/** Neighbours of one topic go into one entry. Source: FetchResponse.toMessage. */
const answerOf = (results: ReadonlyArray<FetchedPartition>, sessionId: number): FetchResponseInput => {
  const responses: Array<{ topic: string; topicId: FetchPartition["topicId"]; partitions: Array<PartitionResponse> }> =
    []
  for (const { of, response } of results) {
    const last = responses[responses.length - 1]
    const topic = of.topic ?? ""
    if (last !== undefined && last.topicId === of.topicId && last.topic === topic) last.partitions.push(response)
    else responses.push({ topic, topicId: of.topicId, partitions: [response] })
  }
  return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, sessionId, responses }
}

/** The partitions named by a request; one that is repeated counts once, as it is named last. */
const requestedPartitions = (options: FetchContextOptions): Map<string, FetchPartition> => {
  const usesTopicIds = options.apiVersion >= topicIdVersion
  const partitions = new Map<string, FetchPartition>()
  for (const topic of options.request.topics) {
    const name = usesTopicIds ? options.image.topicById(topic.topicId)?.name : topic.topic
    for (const requested of topic.partitions) {
      partitions.set(partitionKey(usesTopicIds, name, topic.topicId, requested.partition), {
        topic: name,
        topicId: topic.topicId,
        partition: requested.partition,
        fetchOffset: requested.fetchOffset,
        maxBytes: requested.partitionMaxBytes,
        currentLeaderEpoch: requested.currentLeaderEpoch,
        lastFetchedEpoch: requested.lastFetchedEpoch,
        highWatermark: -1,
        logStartOffset: -1
      })
    }
  }
  return partitions
}

const fullContext = (options: FetchContextOptions): FetchContext => {
  const { apiVersion, cache, isFollower, request } = options
  if (request.sessionId !== noSessionId) cache.remove(request.sessionId)
  const partitions = requestedPartitions(options)
  return {
    partitions: partitions.values(),
    answer: (results, nowMs) => {
      if (request.sessionEpoch === finalEpoch) return answerOf(results, noSessionId)
      for (const { of, response } of results) remember(of, response)
      const usesTopicIds = apiVersion >= topicIdVersion
      return answerOf(results, cache.create({ nowMs, isPrivileged: isFollower, usesTopicIds, partitions }))
    }
  }
}

const remember = (partition: FetchPartition, response: PartitionResponse): void => {
  partition.highWatermark = response.highWatermark
  partition.logStartOffset = response.logStartOffset ?? -1
}

/** Whether the client must hear of the partition, and notes what it hears. Source: CachedPartition.maybeUpdateResponseData. */
const mustTell = (partition: FetchPartition, response: PartitionResponse): boolean => {
  const hasError = response.errorCode !== ErrorCode.NONE
  const tells = (response.records?.length ?? 0) > 0 || hasError ||
    partition.highWatermark !== response.highWatermark ||
    partition.logStartOffset !== response.logStartOffset ||
    response.divergingEpoch !== undefined
  remember(partition, response)
  // When the error goes away the partition is told of again.
  if (hasError) partition.highWatermark = -1
  return tells
}

const incrementalAnswer = (
  session: FetchSession,
  expectedEpoch: number,
  results: ReadonlyArray<FetchedPartition>
): FetchResponseInput => {
  if (session.epoch !== expectedEpoch) return errorAnswer(ErrorCode.INVALID_FETCH_SESSION_EPOCH, session.id)
  const told: Array<FetchedPartition> = []
  for (const result of results) {
    if (!mustTell(result.of, result.response)) continue
    told.push(result)
    if ((result.response.records?.length ?? 0) === 0) continue
    const { partition, topic, topicId } = result.of
    const key = partitionKey(session.usesTopicIds, topic, topicId, partition)
    if (session.partitions.delete(key)) session.partitions.set(key, result.of)
  }
  return answerOf(told, session.id)
}

const updateSession = (session: FetchSession, options: FetchContextOptions): void => {
  for (const [key, requested] of requestedPartitions(options)) {
    const known = session.partitions.get(key)
    if (known === undefined) session.partitions.set(key, requested)
    else {
      known.fetchOffset = requested.fetchOffset
      known.maxBytes = requested.maxBytes
      known.currentLeaderEpoch = requested.currentLeaderEpoch
      known.lastFetchedEpoch = requested.lastFetchedEpoch
    }
  }
  for (const { partitions, topic, topicId } of options.request.forgottenTopicsData) {
    for (const partition of partitions) {
      session.partitions.delete(partitionKey(session.usesTopicIds, topic, topicId, partition))
    }
  }
}

const incrementalContext = (options: FetchContextOptions): FetchContext | FetchResponseInput => {
  const { apiVersion, cache, image, nowMs, request } = options
  const session = cache.get(request.sessionId)
  if (session === undefined) return errorAnswer(ErrorCode.FETCH_SESSION_ID_NOT_FOUND, noSessionId)
  if (session.epoch !== request.sessionEpoch) return errorAnswer(ErrorCode.INVALID_FETCH_SESSION_EPOCH, noSessionId)
  if (session.usesTopicIds !== apiVersion >= topicIdVersion) {
    return errorAnswer(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR, noSessionId)
  }
  updateSession(session, options)
  if (session.partitions.size === 0) {
    cache.remove(session.id)
    return { partitions: [], answer: (results) => answerOf(results, noSessionId) }
  }
  cache.touch(session, nowMs)
  const expectedEpoch = nextEpoch(session.epoch)
  session.epoch = expectedEpoch
  if (session.usesTopicIds) {
    for (const partition of session.partitions.values()) partition.topic ??= image.topicById(partition.topicId)?.name
  }
  return {
    partitions: session.partitions.values(),
    answer: (results) => incrementalAnswer(session, expectedEpoch, results)
  }
}

/** What the request asks for, or at once the answer to a request whose session is not what it thinks. */
export const fetchContext = (options: FetchContextOptions): FetchContext | FetchResponseInput => {
  const { sessionEpoch } = options.request
  return sessionEpoch === initialEpoch || sessionEpoch === finalEpoch
    ? fullContext(options)
    : incrementalContext(options)
}
