/**
 * DeleteGroups 0-2 (KIP-229): only groups without members, with all their offsets.
 *
 * Source: KafkaApis.handleDeleteGroupsRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { DeleteGroups } from "../protocol/apis/DeleteGroups.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

export const makeDeleteGroups = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const { mayGroup } = yield* groupPermissions
  return effectHandler(
    DeleteGroups,
    Effect.fnUntraced(function*(request, context) {
      const results = yield* Effect.forEach(
        [...new Set(request.groupsNames)],
        Effect.fnUntraced(function*(groupId) {
          const errorCode: ErrorCode = mayGroup(context, "DELETE", groupId)
            ? yield* coordinator.deleteGroup(groupId)
            : ErrorCode.GROUP_AUTHORIZATION_FAILED
          return { groupId, errorCode }
        })
      )
      return { results }
    })
  )
})
