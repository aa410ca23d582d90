/**
 * OffsetDelete 0 (KIP-496): removes committed offsets of topics that nobody in the group subscribes to.
 *
 * Source: KafkaApis.handleOffsetDeleteRequest.
 */
import { Effect } from "effect"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { OffsetDelete } from "../protocol/apis/OffsetDelete.ts"
import { groupPermissions } from "./groups/groupAccess.ts"
import { effectHandler } from "./Handler.ts"

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
        errorCode: !mayTopic(context, "READ", topic.name)
          ? ErrorCode.TOPIC_AUTHORIZATION_FAILED
          : image.topic(topic.name) === undefined
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : ErrorCode.NONE
      }))
      const valid = judged.filter(({ errorCode }) => errorCode === ErrorCode.NONE)
      const reply = yield* coordinator.deleteOffsets(
        request.groupId,
        valid.map(({ partitions, topic }) => ({ name: topic.name, partitions }))
      )
      if (reply.errorCode !== ErrorCode.NONE) return { errorCode: reply.errorCode, topics: [] }
      let next = 0
      return {
        errorCode: ErrorCode.NONE,
        topics: judged.map(({ errorCode, partitions, topic }) =>
          errorCode === ErrorCode.NONE ? reply.topics[next++]! : {
            name: topic.name,
            partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode }))
          }
        )
      }
    })
  )
})
