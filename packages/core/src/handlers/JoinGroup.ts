/**
 * JoinGroup 0-9 (KIP-62 rebalance timeout, KIP-345 static members, KIP-394 known member id, KIP-559 protocol in the
 * answer, KIP-800 reason, KIP-814 skip assignment). The answer waits for the end of the join phase.
 *
 * Source: KafkaApis.handleJoinGroupRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { joinError } from "../actors/group-coordinator/classic/ClassicStep.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { JoinGroup } from "../protocol/apis/JoinGroup.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

/** From this version on the protocol name may be null. */
const nullableProtocolVersion = 7

export const makeJoinGroup = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const { mayGroup } = yield* groupPermissions
  return effectHandler(
    JoinGroup,
    Effect.fnUntraced(function*(request, context) {
      const reply = mayGroup(context, "READ", request.groupId)
        ? yield* coordinator.joinGroup({
          ...request,
          // Version 0 knows one timeout for both.
          rebalanceTimeoutMs: context.apiVersion === 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
        }, context)
        : joinError(ErrorCode.GROUP_AUTHORIZATION_FAILED, "")
      return {
        ...reply,
        protocolName: reply.protocolName ?? (context.apiVersion >= nullableProtocolVersion ? null : "")
      }
    })
  )
})
