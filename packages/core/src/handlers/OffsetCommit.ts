/**
 * OffsetCommit 2-10 (KIP-320 leader epoch, KIP-345 static members, KIP-848 member epoch, version 10 topic ids). Topics
 * and partitions that do not exist, or that the client may not read, are answered one by one; the rest is committed
 * together.
 *
 * Source: KafkaApis.handleOffsetCommitRequest.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import type { CommitTopic } from "../actors/group-coordinator/offsets/commit.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { TopicImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { OffsetCommit, type OffsetCommitRequest } from "../protocol/apis/OffsetCommit.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

/** From this version on topics are named by id. */
const topicIdVersion = 10

type RequestTopic = OffsetCommitRequest["topics"][number]

/** A topic of the request: its code when none of it can be committed, and what can. */
interface JudgedTopic {
  readonly request: RequestTopic
  readonly errorCode: ErrorCode
  readonly commit: CommitTopic
}

export const makeOffsetCommit = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const metadata = yield* Metadata
  const { mayGroup, mayTopic } = yield* groupPermissions

  const judge = (topic: RequestTopic, context: RequestContext): JudgedTopic => {
    const image = metadata.current()
    const usesIds = context.apiVersion >= topicIdVersion
    const found: TopicImage | undefined = usesIds ? image.topicById(topic.topicId) : image.topic(topic.name)
    const refused = (errorCode: ErrorCode): JudgedTopic => ({
      request: topic,
      errorCode,
      commit: { name: topic.name, partitions: [] }
    })
    if (usesIds && found === undefined) return refused(ErrorCode.UNKNOWN_TOPIC_ID)
    if (!mayTopic(context, "READ", found?.name ?? topic.name)) return refused(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    if (found === undefined) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const partitions = topic.partitions.filter(({ partitionIndex }) => found.partitions[partitionIndex] !== undefined)
    return { request: topic, errorCode: ErrorCode.NONE, commit: { name: found.name, partitions } }
  }

  const respond = (topics: ReadonlyArray<JudgedTopic>, codeOf: (topic: string, partition: number) => ErrorCode) => ({
    topics: topics.map(({ commit, errorCode, request }) => ({
      name: request.name,
      topicId: request.topicId,
      partitions: request.partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: errorCode === ErrorCode.NONE ? codeOf(commit.name, partitionIndex) : errorCode
      }))
    }))
  })

  return effectHandler(
    OffsetCommit,
    Effect.fnUntraced(function*(request, context) {
      if (!mayGroup(context, "READ", request.groupId)) {
        const forbidden = request.topics.map((topic): JudgedTopic => ({
          request: topic,
          errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
          commit: { name: topic.name, partitions: [] }
        }))
        return respond(forbidden, () => ErrorCode.GROUP_AUTHORIZATION_FAILED)
      }
      const topics = request.topics.map((topic) => judge(topic, context))
      const valid = topics.map((topic) => topic.commit).filter((topic) => topic.partitions.length > 0)
      const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      if (valid.length === 0) return respond(topics, () => unknown)
      const reply = yield* coordinator.commitOffsets({ ...request, topics: valid }, context)
      const isRefused = reply.errorCode !== ErrorCode.NONE
      // A topic may come several times, each time with other partitions.
      const codes = new Map<string, Map<number, ErrorCode>>()
      for (const { name, partitions } of isRefused ? valid : reply.topics) {
        const own = codes.get(name) ?? new Map<number, ErrorCode>()
        codes.set(name, own)
        for (const partition of partitions) {
          own.set(partition.partitionIndex, "errorCode" in partition ? partition.errorCode : reply.errorCode)
        }
      }
      return respond(topics, (topic, partition) => codes.get(topic)?.get(partition) ?? unknown)
    })
  )
})
