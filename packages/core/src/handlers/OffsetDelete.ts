/**
 * OffsetDelete 0 (KIP-496): removes committed offsets of topics that nobody in the group subscribes to.
 *
 * Source: KafkaApis.handleOffsetDeleteRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { OffsetDelete } from "../protocol/apis/OffsetDelete.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

export const makeOffsetDelete = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const metadata = yield* Metadata
  const { mayGroup, mayTopic } = yield* groupPermissions
  return effectHandler(
    OffsetDelete,
    Effect.fnUntraced(function*(request, context) {
      if (!mayGroup(context, "DELETE", request.groupId)) {
        return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, topics: [] }
      }
      const image = metadata.current()
      const judged = request.topics.map((topic) => ({
        topic,
        partitions: topic.partitions.map(({ partitionIndex }) => partitionIndex),
        isKnown: (partitionIndex: number) => image.topic(topic.name)?.partitions[partitionIndex] !== undefined,
        errorCode: !mayTopic(context, "READ", topic.name)
          ? ErrorCode.TOPIC_AUTHORIZATION_FAILED
          : image.topic(topic.name) === undefined
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : ErrorCode.NONE
      }))
      const valid = judged.filter(({ errorCode }) => errorCode === ErrorCode.NONE)
      const reply = yield* coordinator.deleteOffsets(
        request.groupId,
        valid.map(({ isKnown, partitions, topic }) => ({ name: topic.name, partitions: partitions.filter(isKnown) }))
      )
      if (reply.errorCode !== ErrorCode.NONE) return { errorCode: reply.errorCode, topics: [] }
      let next = 0
      return {
        errorCode: ErrorCode.NONE,
        topics: judged.map(({ errorCode, isKnown, partitions, topic }) => {
          const unknown = partitions.filter((partitionIndex) =>
            errorCode !== ErrorCode.NONE || !isKnown(partitionIndex)
          )
          const refused = errorCode === ErrorCode.NONE ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : errorCode
          return {
            name: topic.name,
            partitions: [
              ...(errorCode === ErrorCode.NONE ? reply.topics[next++]!.partitions : []),
              ...unknown.map((partitionIndex) => ({ partitionIndex, errorCode: refused }))
            ]
          }
        })
      }
    })
  )
})
