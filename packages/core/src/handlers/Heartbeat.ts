/**
 * Heartbeat 0-4 (KIP-345 static members): answered without a fiber, as thousands come every second.
 *
 * Source: KafkaApis.handleHeartbeatRequest.
 */
import { Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Heartbeat } from "../protocol/apis/Heartbeat.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

export const makeHeartbeat = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const { mayGroup } = yield* groupPermissions
  return directHandler(Heartbeat, (request, context, reply) => {
    if (!mayGroup(context, "READ", request.groupId)) {
      return reply({ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED })
    }
    coordinator.heartbeatDirect(request, (errorCode) => reply({ errorCode }))
  })
})
