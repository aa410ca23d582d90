/**
 * OffsetFetch 1-10 (KIP-88 all topics, KIP-320 leader epoch, KIP-447 stable offsets, KIP-709 several groups, KIP-848
 * member epoch, version 10 topic ids). What is not committed is answered with offset -1 and no error.
 *
 * Source: KafkaApis.handleOffsetFetchRequest, OffsetFetchResponse.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import type { FetchedTopic } from "../actors/group-coordinator/offsets/fetch.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import { OffsetFetch, type OffsetFetchRequest } from "../protocol/apis/OffsetFetch.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

/** From this version on several groups are asked for. */
const severalGroupsVersion = 8
/** From this version on topics are named by id. */
const topicIdVersion = 10
/** Before this version only partitions carry a code. */
const topLevelErrorVersion = 2

type RequestGroup = OffsetFetchRequest["groups"][number]

interface AnsweredTopic extends FetchedTopic {
  readonly topicId: Uuid
}

interface AnsweredGroup {
  readonly groupId: string
  readonly errorCode: ErrorCode
  readonly topics: ReadonlyArray<AnsweredTopic>
}

/** One topic of which every partition has the same code. */
const failedTopic = (
  topic: { readonly name: string; readonly topicId: Uuid; readonly partitionIndexes: ReadonlyArray<number> },
  errorCode: ErrorCode
): AnsweredTopic => ({
  name: topic.name,
  topicId: topic.topicId,
  partitions: topic.partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: "",
    errorCode
  }))
})

/** The one group of versions before 8 in the shape of the later ones. */
const singleGroup = (request: OffsetFetchRequest): RequestGroup => ({
  groupId: request.groupId,
  memberId: null,
  memberEpoch: -1,
  topics: request.topics?.map(({ name, partitionIndexes }) => ({ name, topicId: Uuid.zero, partitionIndexes })) ?? null
})

export const makeOffsetFetch = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const metadata = yield* Metadata
  const { mayGroup, mayTopic } = yield* groupPermissions

  const fetchAll = Effect.fnUntraced(function*(group: RequestGroup, requireStable: boolean, context: RequestContext) {
    const reply = yield* coordinator.fetchOffsets({ ...group, topics: null, requireStable })
    const image = metadata.current()
    const topics = reply.topics.flatMap((topic): ReadonlyArray<AnsweredTopic> => {
      const topicId = image.topic(topic.name)?.id ?? Uuid.zero
      // A topic that is gone has no id to be told by.
      if (context.apiVersion >= topicIdVersion && topicId === Uuid.zero) return []
      return mayTopic(context, "DESCRIBE", topic.name) ? [{ ...topic, topicId }] : []
    })
    return { groupId: group.groupId, errorCode: reply.errorCode, topics } satisfies AnsweredGroup
  })

  const fetchSome = Effect.fnUntraced(function*(
    group: RequestGroup,
    requested: NonNullable<RequestGroup["topics"]>,
    requireStable: boolean,
    context: RequestContext
  ) {
    const image = metadata.current()
    const usesIds = context.apiVersion >= topicIdVersion
    const judged = requested.map((topic) => {
      const name = usesIds ? image.topicById(topic.topicId)?.name : topic.name
      const errorCode = name === undefined
        ? ErrorCode.UNKNOWN_TOPIC_ID
        : mayTopic(context, "DESCRIBE", name)
        ? ErrorCode.NONE
        : ErrorCode.TOPIC_AUTHORIZATION_FAILED
      return { topic, name: name ?? "", errorCode }
    })
    const valid = judged.filter(({ errorCode }) => errorCode === ErrorCode.NONE)
    const reply = yield* coordinator.fetchOffsets({
      ...group,
      topics: valid.map(({ name, topic }) => ({ name, partitionIndexes: topic.partitionIndexes })),
      requireStable
    })
    if (reply.errorCode !== ErrorCode.NONE) {
      return { groupId: group.groupId, errorCode: reply.errorCode, topics: [] } satisfies AnsweredGroup
    }
    let next = 0
    const topics = judged.map(({ errorCode, topic }): AnsweredTopic =>
      errorCode === ErrorCode.NONE
        ? { ...reply.topics[next++]!, name: topic.name, topicId: topic.topicId }
        : failedTopic(topic, errorCode)
    )
    return { groupId: group.groupId, errorCode: ErrorCode.NONE, topics } satisfies AnsweredGroup
  })

  const fetchGroup = (
    group: RequestGroup,
    requireStable: boolean,
    context: RequestContext
  ): Effect.Effect<AnsweredGroup> => {
    if (!mayGroup(context, "DESCRIBE", group.groupId)) {
      return Effect.succeed({ groupId: group.groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, topics: [] })
    }
    return group.topics === null
      ? fetchAll(group, requireStable, context)
      : fetchSome(group, group.topics, requireStable, context)
  }

  return effectHandler(
    OffsetFetch,
    Effect.fnUntraced(function*(request, context) {
      if (context.apiVersion >= severalGroupsVersion) {
        const groups = yield* Effect.forEach(
          request.groups,
          (group) => fetchGroup(group, request.requireStable, context)
        )
        return { topics: [], errorCode: ErrorCode.NONE, groups }
      }
      const group = singleGroup(request)
      const answer = yield* fetchGroup(group, request.requireStable, context)
      const isFailed = answer.errorCode !== ErrorCode.NONE && context.apiVersion < topLevelErrorVersion
      const topics = isFailed
        ? (group.topics ?? []).map((topic) => failedTopic(topic, answer.errorCode))
        : answer.topics
      return { topics, errorCode: answer.errorCode, groups: [] }
    })
  )
})
