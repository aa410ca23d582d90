import { Effect } from "effect"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { joinError, syncError } from "./classic/ClassicStep.ts"
import type { JoinCommand } from "./classic/JoinCommand.ts"
import type { SyncCommand } from "./classic/syncGroup.ts"
import {
  type ConsumerHeartbeatCommand,
  type ConsumerHeartbeatReply,
  type ConsumerHeartbeatRequest,
  heartbeatRefusal
} from "./consumer/heartbeat.ts"
import { validateHeartbeat } from "./consumer/validateHeartbeat.ts"
import { type GroupAccess, take } from "./GroupAccess.ts"
import type { GroupContext, GroupCoordinator, HeartbeatRequest, JoinRequest, SyncRequest } from "./GroupCoordinator.ts"
import type { ReplyTo } from "../coordinator-runtime/CoordinatorMachine.ts"
import { GroupLimits } from "./GroupLimits.ts"
import { Refusal } from "./Refusal.ts"

/** From this version on a dynamic member fetches its id with a first request. Source: KIP-394. */
const knownMemberIdVersion = 4
/** From this version on a returning static leader is told to skip the assignment. Source: KIP-814. */
const skipAssignmentVersion = 9

const sizeBytes = (parts: ReadonlyArray<Uint8Array>): number => parts.reduce((sum, part) => sum + part.length, 0)

/** What of a JoinGroup can be judged without its group. Source: GroupCoordinatorService.joinGroup. */
const joinProblem = (request: JoinRequest, access: GroupAccess): ErrorCode => {
  const { maxSessionTimeoutMs, minSessionTimeoutMs } = access.settings
  if (request.groupId === "") return ErrorCode.INVALID_GROUP_ID
  if (request.sessionTimeoutMs < minSessionTimeoutMs || request.sessionTimeoutMs > maxSessionTimeoutMs) {
    return ErrorCode.INVALID_SESSION_TIMEOUT
  }
  const isTooLarge = request.protocols.length > GroupLimits.protocolsMax ||
    sizeBytes(request.protocols.map((protocol) => protocol.metadata)) > GroupLimits.memberMetadataSizeBytesMax ||
    (request.groupInstanceId?.length ?? 0) > GroupLimits.idLengthMax
  return isTooLarge ? ErrorCode.INVALID_REQUEST : ErrorCode.NONE
}

const joinCommand = (
  request: JoinRequest,
  context: GroupContext,
  freshUuid: string
) =>
(replyTo: ReplyTo): JoinCommand => ({
  _tag: "Join",
  replyTo,
  groupId: request.groupId,
  memberId: request.memberId,
  groupInstanceId: request.groupInstanceId,
  clientId: context.clientId,
  clientHost: `/${context.clientHost}`,
  sessionTimeoutMs: request.sessionTimeoutMs,
  rebalanceTimeoutMs: request.rebalanceTimeoutMs,
  protocolType: request.protocolType,
  // Copies: the group keeps them longer than the request's buffer lives.
  protocols: request.protocols.map(({ metadata, name }) => ({ name, metadata: metadata.slice() })),
  requiresKnownMemberId: context.apiVersion >= knownMemberIdVersion && request.groupInstanceId === null,
  supportsSkippingAssignment: context.apiVersion >= skipAssignmentVersion,
  freshUuid
})

const syncCommand = (request: SyncRequest) => (replyTo: ReplyTo): SyncCommand => ({
  _tag: "Sync",
  replyTo,
  groupId: request.groupId,
  memberId: request.memberId,
  groupInstanceId: request.groupInstanceId,
  generationId: request.generationId,
  protocolType: request.protocolType,
  protocolName: request.protocolName,
  assignments: new Map(request.assignments.map(({ assignment, memberId }) => [memberId, assignment.slice()]))
})

const consumerCommand = (
  request: ConsumerHeartbeatRequest,
  context: GroupContext,
  mayDescribe: (topic: string) => boolean,
  freshUuid: () => string
) =>
(replyTo: ReplyTo): ConsumerHeartbeatCommand => ({
  ...request,
  _tag: "ConsumerHeartbeat",
  replyTo,
  memberId: request.memberId === "" ? freshUuid() : request.memberId,
  clientId: context.clientId,
  clientHost: `/${context.clientHost}`,
  mayDescribe
})

/** Operations by which members live in groups. */
export const makeMemberOperations = (access: GroupAccess): Pick<
  GroupCoordinator["Service"],
  | "joinGroup"
  | "syncGroup"
  | "heartbeat"
  | "heartbeatDirect"
  | "leaveGroup"
  | "consumerGroupHeartbeat"
  | "consumerGroupHeartbeatDirect"
> => {
  const heartbeatDirect = (request: HeartbeatRequest, reply: (errorCode: ErrorCode) => void): void => {
    if (request.groupId === "") return reply(ErrorCode.INVALID_GROUP_ID)
    access.runtime.submit(request.groupId, (replyTo) => ({ _tag: "Heartbeat", replyTo, ...request }), {
      complete: (answer) => reply(answer._tag === "Code" ? answer.response.errorCode : ErrorCode.UNKNOWN_SERVER_ERROR),
      // Members keep calm while their group is loaded. Source: GroupCoordinatorService.heartbeat.
      fail: (errorCode) => reply(errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : errorCode)
    })
  }
  const consumerDirect = (
    request: ConsumerHeartbeatRequest,
    context: GroupContext,
    mayDescribe: (topic: string) => boolean,
    reply: (response: ConsumerHeartbeatReply) => void
  ): void => {
    const refusal = validateHeartbeat(request, context.apiVersion)
    if (refusal !== undefined) return reply(heartbeatRefusal(refusal))
    const failed = (errorCode: ErrorCode): void =>
      reply({ ...heartbeatRefusal(new Refusal(errorCode, "")), errorMessage: null })
    access.whenMatched(request.subscribedTopicRegex, () => {
      access.runtime.submit(request.groupId, consumerCommand(request, context, mayDescribe, access.freshUuid), {
        complete: (answer) =>
          answer._tag === "ConsumerHeartbeat" ? reply(answer.response) : failed(ErrorCode.UNKNOWN_SERVER_ERROR),
        fail: failed
      })
    })
  }
  return {
    joinGroup: (request, context) => {
      const problem = joinProblem(request, access)
      if (problem !== ErrorCode.NONE) return Effect.succeed(joinError(problem, request.memberId))
      return access.runtime.ask(
        request.groupId,
        joinCommand(request, context, access.freshUuid()),
        take.join,
        (errorCode) => joinError(errorCode, request.memberId)
      )
    },
    syncGroup: (request) => {
      if (request.groupId === "") return Effect.succeed(syncError(ErrorCode.INVALID_GROUP_ID))
      if (sizeBytes(request.assignments.map((one) => one.assignment)) > GroupLimits.assignmentsSizeBytesMax) {
        return Effect.succeed(syncError(ErrorCode.INVALID_REQUEST))
      }
      return access.runtime.ask(request.groupId, syncCommand(request), take.sync, syncError)
    },
    heartbeat: (request) =>
      Effect.callback((resume) => heartbeatDirect(request, (errorCode) => resume(Effect.succeed(errorCode)))),
    heartbeatDirect,
    leaveGroup: (groupId, members) => {
      if (groupId === "") return Effect.succeed({ errorCode: ErrorCode.INVALID_GROUP_ID, members: [] })
      return access.runtime.ask(
        groupId,
        (replyTo) => ({ _tag: "Leave", replyTo, groupId, members }),
        take.leave,
        (errorCode) => ({ errorCode, members: [] })
      )
    },
    consumerGroupHeartbeat: (request, context, mayDescribe) =>
      Effect.callback((resume) =>
        consumerDirect(request, context, mayDescribe, (response) => resume(Effect.succeed(response)))
      ),
    consumerGroupHeartbeatDirect: consumerDirect
  }
}
