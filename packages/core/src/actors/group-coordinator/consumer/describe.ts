import type { Uuid } from "../../../model/Uuid.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import { type ConsumerGroup, consumerGroupState, type ConsumerMember } from "./ConsumerGroup.ts"
import { preferredAssignor } from "./targetAssignment.ts"

/** Partitions with both id and name of their topic. */
export interface DescribedAssignment {
  readonly topicPartitions: ReadonlyArray<{
    readonly topicId: Uuid
    readonly topicName: string
    readonly partitions: ReadonlyArray<number>
  }>
}

/** A consumer group as ConsumerGroupDescribe shows it. */
export interface ConsumerDescription {
  readonly groupId: string
  readonly groupState: string
  readonly groupEpoch: number
  readonly assignmentEpoch: number
  readonly assignorName: string
  readonly members: ReadonlyArray<{
    readonly memberId: string
    readonly instanceId: string | null
    readonly rackId: string | null
    readonly memberEpoch: number
    readonly clientId: string
    readonly clientHost: string
    readonly subscribedTopicNames: ReadonlyArray<string>
    /** Empty when the member has none. */
    readonly subscribedTopicRegex: string
    readonly assignment: DescribedAssignment
    readonly targetAssignment: DescribedAssignment
    /** 0 speaks the classic protocol, 1 the consumer protocol. */
    readonly memberType: number
  }>
}

/** What is shown in place of a group that is not there, or not to be seen. */
export const noConsumerGroup = (groupId: string): ConsumerDescription => ({
  groupId,
  groupState: "",
  groupEpoch: 0,
  assignmentEpoch: 0,
  assignorName: "",
  members: []
})

const described = (
  partitions: Iterable<readonly [Uuid, Iterable<number>]>,
  topics: GroupTopics
): DescribedAssignment => ({
  topicPartitions: [...partitions].flatMap(([topicId, numbers]) => {
    const topic = topics.byId(topicId)
    return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions: [...numbers] }]
  })
})

const owned = (member: ConsumerMember): ReadonlyArray<readonly [Uuid, Iterable<number>]> =>
  [...member.assigned].map(([topicId, partitions]) => [topicId, partitions.keys()])

/** Source: ConsumerGroup.asDescribedGroup. */
export const describeConsumerGroup = (
  group: ConsumerGroup,
  topics: GroupTopics,
  defaultAssignor: string
): ConsumerDescription => ({
  groupId: group.groupId,
  groupState: consumerGroupState(group),
  groupEpoch: group.groupEpoch,
  assignmentEpoch: group.targetEpoch,
  assignorName: preferredAssignor(group.members.values(), defaultAssignor),
  members: [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.memberEpoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: member.subscribedTopicNames,
    subscribedTopicRegex: member.subscribedTopicRegex ?? "",
    assignment: described(owned(member), topics),
    targetAssignment: described(group.target.get(member.memberId) ?? [], topics),
    memberType: member.classic === null ? 1 : 0
  }))
})
