/**
 * SyncGroup 0-5 (KIP-345 static members, KIP-559 protocol type and name, mandatory from version 5 on).
 *
 * Source: KafkaApis.handleSyncGroupRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { syncError } from "../actors/group-coordinator/classic/ClassicStep.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { SyncGroup } from "../protocol/apis/SyncGroup.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

/** From this version on a client must tell protocol type and name. */
const mandatoryProtocolVersion = 5

export const makeSyncGroup = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const { mayGroup } = yield* groupPermissions
  return effectHandler(SyncGroup, (request, context) => {
    const isIncomplete = context.apiVersion >= mandatoryProtocolVersion &&
      (request.protocolType === null || request.protocolName === null)
    if (isIncomplete) return Effect.succeed(syncError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
    if (!mayGroup(context, "READ", request.groupId)) {
      return Effect.succeed(syncError(ErrorCode.GROUP_AUTHORIZATION_FAILED))
    }
    return coordinator.syncGroup(request, context)
  })
})
