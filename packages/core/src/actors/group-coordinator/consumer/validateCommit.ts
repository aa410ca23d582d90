import type { CommitIdentity } from "../classic/validateCommit.ts"
import { ErrorCode } from "../../../model/ErrorCode.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import { assignmentEpochOf, type ConsumerGroup } from "./ConsumerGroup.ts"

/** Partitions a commit names. */
export type CommitPartitions = ReadonlyArray<{
  readonly name: string
  readonly partitions: ReadonlyArray<{ readonly partitionIndex: number }>
}>

/**
 * Whether a member may commit. An older epoch is good for partitions the member has owned since (so a commit that
 * crosses a rebalance is not lost), and for no others. Source: ConsumerGroup.validateOffsetCommit, KIP-1251.
 */
export const validateConsumerCommit = (
  group: ConsumerGroup,
  identity: CommitIdentity & {
    readonly apiVersion: number
  },
  partitions: CommitPartitions,
  topics: GroupTopics
): ErrorCode => {
  const { apiVersion, generation, groupInstanceId, isTransactional, memberId } = identity
  if (generation < 0 && group.members.size === 0) return ErrorCode.NONE
  if (isTransactional && generation < 0 && memberId === "" && groupInstanceId === null) return ErrorCode.NONE
  const member = group.members.get(memberId)
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  if (!isTransactional && member.classic === null && apiVersion < 9) return ErrorCode.UNSUPPORTED_VERSION
  if (generation === member.memberEpoch) return ErrorCode.NONE
  const stale = member.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION
  if (generation > member.memberEpoch) return stale
  for (const topic of partitions) {
    const id = topics.byName(topic.name)?.id
    for (const { partitionIndex } of topic.partitions) {
      const epoch = id === undefined ? undefined : assignmentEpochOf(member, id, partitionIndex)
      if (epoch === undefined || generation < epoch) return stale
    }
  }
  return ErrorCode.NONE
}

/** Whether a member may fetch; without a member id everybody may. Source: ConsumerGroup.validateOffsetFetch. */
export const validateConsumerFetch = (
  group: ConsumerGroup,
  memberId: string | null,
  memberEpoch: number
): ErrorCode => {
  if (memberId === null && memberEpoch < 0) return ErrorCode.NONE
  const member = group.members.get(memberId ?? "")
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  if (memberEpoch === member.memberEpoch) return ErrorCode.NONE
  return member.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION
}
