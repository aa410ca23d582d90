/**
 * ListGroups 0-5 (KIP-518 state filter, KIP-848 type filter). Who may not describe the cluster sees the groups it may
 * describe.
 *
 * Source: KafkaApis.handleListGroupsRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { ListGroups } from "../protocol/apis/ListGroups.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

export const makeListGroups = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const { mayCluster, mayGroup } = yield* groupPermissions
  return effectHandler(
    ListGroups,
    Effect.fnUntraced(function*(request, context) {
      const { errorCode, groups } = yield* coordinator.listGroups(request.statesFilter, request.typesFilter)
      const seesAll = mayCluster(context, "DESCRIBE")
      return {
        errorCode,
        groups: seesAll ? groups : groups.filter((group) => mayGroup(context, "DESCRIBE", group.groupId))
      }
    })
  )
})
