/**
 * LeaveGroup 0-5 (KIP-345 several members, KIP-800 reason). Up to version 2 one member leaves, and its code is that of
 * the whole answer.
 *
 * Source: KafkaApis.handleLeaveGroupRequest, LeaveGroupResponse.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { LeaveGroup } from "../protocol/apis/LeaveGroup.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

/** The last version with a single member. */
const singleMemberVersionMax = 2

export const makeLeaveGroup = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const { mayGroup } = yield* groupPermissions
  return effectHandler(
    LeaveGroup,
    Effect.fnUntraced(function*(request, context) {
      if (!mayGroup(context, "READ", request.groupId)) {
        return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, members: [] }
      }
      const isSingle = context.apiVersion <= singleMemberVersionMax
      const leaving = isSingle ? [{ memberId: request.memberId, groupInstanceId: null }] : request.members
      const reply = yield* coordinator.leaveGroup(
        request.groupId,
        leaving.map(({ groupInstanceId, memberId }) => ({ groupInstanceId, memberId }))
      )
      const [first] = reply.members
      return isSingle && reply.errorCode === ErrorCode.NONE && first !== undefined
        ? { ...reply, errorCode: first.errorCode }
        : reply
    })
  )
})
