/**
 * Fetch 4-18 (KIP-74, KIP-98, KIP-227, KIP-320, KIP-516, KIP-595, KIP-951).
 *
 * Errors found while reading end the wait of the whole request; errors found before (29, 3, 100) do not, as in Kafka.
 * A waiting fetch is answered when the bytes it asks for can really be read: where Kafka's estimate is too high and it
 * would answer with less, this broker goes on waiting. There is no preferred read replica: every reader reads here.
 * Records in zstd are sent to every version, as Kafka 4 does: clients that do not know zstd notice when they read them.
 *
 * A replica id is believed only of principals that may act for the cluster (CVE-2018-1288).
 *
 * Source: KafkaApis.handleFetchRequest, ReplicaManager.fetchMessages.
 */
import { Clock, Effect, FiberSet, Random } from "effect"
import { SharedBufferPool } from "../actors/connection/BufferPool.ts"
import { directHandler, type Reply, type RequestContext } from "../actors/connection/Handler.ts"
import { SharedResponseMemory } from "../actors/connection/ResponseMemory.ts"
import { DeadlineTimer } from "../actors/partition-leader/DeadlineTimer.ts"
import { PartitionLeaders } from "../actors/partition-leader/PartitionLeaders.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Fetch, type FetchRequest, type FetchResponseInput } from "../protocol/apis/Fetch.ts"
import { Tick } from "../seams/Tick.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { fetchContext, type FetchedPartition, type PartitionResponse } from "./fetch/FetchContext.ts"
import { FetchDeadlines } from "./fetch/FetchDeadlines.ts"
import { type FetchPartition, noSessionId } from "./fetch/FetchSession.ts"
import { FetchSessionCache } from "./fetch/FetchSessionCache.ts"
import { type FetchServices, FetchWait } from "./fetch/FetchWait.ts"
import {
  failedPartition,
  type FetchIsolation,
  type PartitionRead,
  type PartitionToRead
} from "./fetch/readPartition.ts"
import { withLeaders } from "./fetch/withLeaders.ts"

/** First version in which clients understand KAFKA_STORAGE_ERROR. */
const storageErrorVersion = 6
/** First version whose replica id is in `replicaState`. Source: KIP-903. */
const replicaStateVersion = 15
/** First version that tells where the leader is. Source: KIP-951. */
const currentLeaderVersion = 16

/** Read uncommitted and read committed. Kafka fails on any other with an unknown error. Source: IsolationLevel. */
const isolationLevels = [0, 1]

/** The same error for the request and for every partition. Source: FetchRequest.getErrorResponse. */
const refusal = (
  partitions: ReadonlyArray<{ readonly of: FetchPartition }>,
  errorCode: ErrorCode
): FetchResponseInput => ({
  throttleTimeMs: 0,
  errorCode,
  sessionId: noSessionId,
  responses: partitions.map(({ of: { partition, topic, topicId } }) => ({
    topic: topic ?? "",
    topicId,
    partitions: [failedPartition(partition, errorCode)]
  }))
})

const isolationOf = (request: FetchRequest, isFollower: boolean): FetchIsolation =>
  isFollower ? "LogEnd" : request.isolationLevel === 1 ? "CommittedTransactions" : "HighWatermark"

/** The handler of Fetch, with the broker's fetch sessions. */
export const makeFetch = Effect.gen(function*() {
  const leaders = yield* PartitionLeaders
  const metadata = yield* Metadata
  const authorizer = yield* Authorizer
  const config = yield* BrokerConfig
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const buffers = yield* SharedBufferPool
  const memory = yield* SharedResponseMemory
  const run = yield* FiberSet.runtime(yield* FiberSet.make())()
  const services: FetchServices = {
    clock,
    tick: yield* Tick,
    deadlines: new FetchDeadlines(new DeadlineTimer(clock, run)),
    runFork: (effect) => run(effect)
  }
  const cache = new FetchSessionCache(
    config.fetchSessionCacheSlots,
    () => 1 + Math.floor(random.nextDoubleUnsafe() * 0x7fff_ffff)
  )

  /** The code that keeps the partition from being read at all. */
  const check = (of: FetchPartition, context: RequestContext, image: MetadataImage, isFollower: boolean): ErrorCode => {
    if (of.topic === undefined) return ErrorCode.UNKNOWN_TOPIC_ID
    if (!isFollower && !authorizer.authorize(context.principal, context.clientHost, "READ", "TOPIC", of.topic)) {
      return ErrorCode.TOPIC_AUTHORIZATION_FAILED
    }
    return image.topic(of.topic)?.partitions[of.partition] === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.NONE
  }

  /** Codes that clients of old versions would not understand. */
  const forVersion = (response: PartitionResponse, apiVersion: number): PartitionResponse =>
    apiVersion < storageErrorVersion && response.errorCode === ErrorCode.KAFKA_STORAGE_ERROR
      ? { ...response, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }
      : response

  const handle = (
    request: FetchRequest,
    context: RequestContext,
    reply: Reply<FetchResponseInput>,
    disconnect: (why: string) => void
  ): (() => void) | undefined => {
    const { apiVersion } = context
    const image = metadata.current()
    const replicaId = apiVersion >= replicaStateVersion ? request.replicaState.replicaId : request.replicaId
    const isFollower = replicaId >= 0
    const nowMs = clock.currentTimeMillisUnsafe()
    const fetch = fetchContext({ request, apiVersion, image, cache, isFollower, nowMs })
    if (!("answer" in fetch)) {
      reply(fetch)
      return undefined
    }
    const isRefused = isFollower &&
      !authorizer.authorize(context.principal, context.clientHost, "CLUSTER_ACTION", "CLUSTER", clusterName)

    const failed: Array<FetchedPartition> = []
    const readable: Array<PartitionToRead> = []
    for (const of of fetch.partitions) {
      const errorCode = isRefused ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : check(of, context, image, isFollower)
      if (errorCode !== ErrorCode.NONE) failed.push({ of, response: failedPartition(of.partition, errorCode) })
      else readable.push({ of, leader: leaders.find(of.topic!, of.partition) })
    }
    if (readable.length > 0 && !isolationLevels.includes(request.isolationLevel)) {
      reply(refusal([...readable, ...failed], ErrorCode.UNKNOWN_SERVER_ERROR))
      return undefined
    }
    const answer = (reads: ReadonlyArray<PartitionRead>, onTaken?: (isSent: boolean) => void): void => {
      const results = reads.map(({ response }, i): FetchedPartition => {
        const of = readable[i]!.of
        return { of, response: forVersion(response, apiVersion) }
      })
      const response: FetchResponseInput = fetch.answer([...results, ...failed], clock.currentTimeMillisUnsafe())
      reply(apiVersion >= currentLeaderVersion ? withLeaders(response, metadata.current(), context) : response, onTaken)
    }
    if (readable.length === 0) {
      answer([])
      return undefined
    }
    const maxBytes = Math.min(request.maxBytes, config.fetchMaxBytes)
    const wait = new FetchWait({
      partitions: readable,
      isolation: isolationOf(request, isFollower),
      maxBytes,
      buffers,
      memory,
      minBytes: Math.min(request.minBytes, maxBytes),
      maxWaitMs: request.maxWaitMs,
      onRead: answer,
      // The client must not wait for ever.
      onDefect: (cause) => {
        run(Effect.logError("Fetch failed", cause))
        disconnect("Fetch failed")
      }
    }, services)
    return wait.start() ? () => wait.abandon() : undefined
  }

  return directHandler(Fetch, handle)
})
