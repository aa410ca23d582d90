import { Effect } from "effect"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { consumerProtocolType } from "./classic/ClassicGroup.ts"
import { type ClassicDescription, describeClassicGroup, noClassicGroup } from "./classic/describe.ts"
import { consumerGroupState } from "./consumer/ConsumerGroup.ts"
import { type ConsumerDescription, describeConsumerGroup, noConsumerGroup } from "./consumer/describe.ts"
import { defaultAssignor } from "./consumer/targetAssignment.ts"
import type { CoordinatorPartition } from "../coordinator-runtime/CoordinatorPartition.ts"
import { type GroupAccess, take } from "./GroupAccess.ts"
import type { Described, GroupCoordinator, ListedGroup } from "./GroupCoordinator.ts"
import type { GroupCoordination } from "./machine/groupMachine.ts"
import type { Group } from "./machine/PartitionState.ts"

const listed = (group: Group): ListedGroup =>
  group._tag === "Classic"
    ? {
      groupId: group.groupId,
      protocolType: group.protocolType ?? "",
      groupState: group.state,
      groupType: "classic"
    }
    : {
      groupId: group.groupId,
      protocolType: consumerProtocolType,
      groupState: consumerGroupState(group),
      groupType: "consumer"
    }

const matches = (filter: ReadonlyArray<string>, value: string): boolean =>
  filter.length === 0 || filter.some((one) => one.trim().toLowerCase() === value.toLowerCase())

const groupsOf = (
  partition: CoordinatorPartition<GroupCoordination>
): Effect.Effect<ReadonlyArray<Group> | ErrorCode> =>
  Effect.callback((resume) =>
    partition.read((state) => [...state.groups.values()], {
      complete: (groups) => resume(Effect.succeed(groups)),
      fail: (errorCode) => resume(Effect.succeed(errorCode))
    })
  )

/** Operations of administrators. */
export const makeAdminOperations = (access: GroupAccess): Pick<
  GroupCoordinator["Service"],
  "deleteGroup" | "describeClassic" | "describeConsumer" | "listGroups"
> => ({
  deleteGroup: (groupId) =>
    Effect.map(
      access.runtime.ask(
        groupId,
        (replyTo) => ({ _tag: "DeleteGroup", replyTo, groupId }),
        take.code,
        (errorCode) => ({ errorCode })
      ),
      (reply) => reply.errorCode
    ),
  describeClassic: (groupId) =>
    access.runtime.read<Described<ClassicDescription>>(
      groupId,
      (state) => {
        const group = state.groups.get(groupId)
        if (group?._tag === "Classic") {
          return { ...describeClassicGroup(group), errorCode: ErrorCode.NONE, errorMessage: null }
        }
        const message = group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`
        return {
          ...noClassicGroup(groupId, "Dead"),
          errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
          errorMessage: message
        }
      },
      (errorCode) => ({ ...noClassicGroup(groupId, ""), errorCode, errorMessage: null })
    ),
  describeConsumer: (groupId) =>
    access.runtime.read<Described<ConsumerDescription>>(
      groupId,
      (state) => {
        const group = state.groups.get(groupId)
        if (group?._tag === "Consumer") {
          const description = describeConsumerGroup(
            group,
            access.topics(),
            defaultAssignor(access.settings.consumerAssignors)
          )
          return { ...description, errorCode: ErrorCode.NONE, errorMessage: null }
        }
        const message = group === undefined
          ? `Group ${groupId} not found.`
          : `Group ${groupId} is not a consumer group.`
        return { ...noConsumerGroup(groupId), errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage: message }
      },
      (errorCode) => ({ ...noConsumerGroup(groupId), errorCode, errorMessage: null })
    ),
  listGroups: Effect.fnUntraced(function*(statesFilter, typesFilter) {
    const groups: Array<ListedGroup> = []
    for (const partition of access.runtime.partitions()) {
      const found = yield* groupsOf(partition)
      if (typeof found !== "number") groups.push(...found.map(listed))
      else if (found !== ErrorCode.NOT_COORDINATOR) return { errorCode: found, groups: [] }
    }
    const chosen = groups.filter((group) =>
      matches(statesFilter, group.groupState) && matches(typesFilter, group.groupType)
    )
    return { errorCode: ErrorCode.NONE, groups: chosen }
  })
})
