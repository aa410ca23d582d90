import { Effect } from "effect"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { validateConsumerFetch } from "./consumer/validateCommit.ts"
import { type GroupAccess, take } from "./GroupAccess.ts"
import type { GroupCoordinator } from "./GroupCoordinator.ts"
import type { OffsetsReply } from "./machine/GroupDecision.ts"
import { type FetchedTopic, fetchOffsets } from "./offsets/fetch.ts"

interface FetchOffsetsReply {
  readonly errorCode: ErrorCode
  readonly topics: ReadonlyArray<FetchedTopic>
}

const refused = (errorCode: ErrorCode): OffsetsReply => ({ errorCode, topics: [] })

/** Operations on committed offsets. */
export const makeOffsetOperations = (access: GroupAccess): Pick<
  GroupCoordinator["Service"],
  "commitOffsets" | "fetchOffsets" | "deleteOffsets" | "topicsDeleted"
> => ({
  commitOffsets: (request, context) => {
    const { groupId, retentionTimeMs, topics, transaction } = request
    return access.runtime.ask(
      groupId,
      (replyTo) => ({
        _tag: "Commit",
        replyTo,
        groupId,
        identity: {
          memberId: request.memberId,
          groupInstanceId: request.groupInstanceId,
          generation: request.generationIdOrMemberEpoch,
          isTransactional: transaction !== undefined
        },
        apiVersion: context.apiVersion,
        retentionTimeMs,
        topics,
        transaction
      }),
      take.offsets,
      refused
    )
  },
  fetchOffsets: ({ groupId, memberEpoch, memberId, requireStable, topics }) =>
    access.runtime.read<FetchOffsetsReply>(
      groupId,
      (state) => {
        const group = state.groups.get(groupId)
        const errorCode = group?._tag === "Consumer"
          ? validateConsumerFetch(group, memberId, memberEpoch)
          : ErrorCode.NONE
        if (errorCode !== ErrorCode.NONE) return { errorCode, topics: [] }
        return { errorCode, topics: fetchOffsets(state.offsets, groupId, topics, requireStable) }
      },
      (errorCode) => ({ errorCode, topics: [] })
    ),
  deleteOffsets: (groupId, topics) => {
    if (groupId === "") return Effect.succeed(refused(ErrorCode.INVALID_GROUP_ID))
    return access.runtime.ask(
      groupId,
      (replyTo) => ({ _tag: "DeleteOffsets", replyTo, groupId, topics }),
      take.offsets,
      refused
    )
  },
  topicsDeleted: (topics) => {
    for (const partition of access.runtime.partitions()) {
      partition.sweep((state) =>
        [...state.offsets.committed.keys()].map((groupId) => ({ _tag: "TopicsDeleted", groupId, topics }))
      )
    }
  }
})
